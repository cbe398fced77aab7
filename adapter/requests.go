package adapter

import (
	"encoding/json"
	"errors"
	"fmt"

	godap "github.com/google/go-dap"

	"stepback/dap"
)

// requests are all requests that are answered; disconnect is answered by the loop itself.
var requests map[string]request

func init() { // some look into it
	requests = map[string]request{
		// The session.
		"initialize":        now(fresh, (*session).initialize),
		"launch":            {ready, doLaunch},
		"attach":            refused[dap.None]("attaching to a running program is not possible yet; launch it, or open a recording with launch and mode \"replay\""),
		"configurationDone": now(ready|begun, (*session).configurationDone),
		"disconnect":        {states: anytime},
		"terminate":         {begun | over, doTerminate},
		"restart":           {stopped, doRestart},
		"cancel":            now(anytime, (*session).cancel),
		"pause":             now(begun, (*session).pause),
		"threads":           now(begun, (*session).threadList),

		// Breakpoints.
		"setBreakpoints":            setter((*session).setBreakpoints),
		"setFunctionBreakpoints":    setter((*session).setFunctionBreakpoints),
		"setInstructionBreakpoints": setter((*session).setInstructionBreakpoints),
		"setDataBreakpoints":        setter((*session).setDataBreakpoints),
		"setExceptionBreakpoints":   setter((*session).setExceptionBreakpoints),
		"breakpointLocations":       query((*session).breakpointLocations),
		"dataBreakpointInfo":        query((*session).dataBreakpointInfo),
		"exceptionInfo":             query((*session).exceptionInfo),

		// Looking at the present.
		"stackTrace":    query((*session).stackTrace),
		"scopes":        query((*session).scopes),
		"variables":     query((*session).variables),
		"evaluate":      command((*session).evaluate),
		"completions":   query((*session).completions),
		"readMemory":    query((*session).readMemory),
		"disassemble":   query((*session).disassemble),
		"modules":       query((*session).modules),
		"source":        now(anytime, (*session).sourceText),
		"loadedSources": query((*session).loadedSources),

		// Moving it.
		"continue":        move(false, (*session).continueOn),
		"reverseContinue": move(false, (*session).reverseContinue),
		"next":            move(false, (*session).next),
		"stepIn":          move(false, (*session).stepIn),
		"stepOut":         move(false, (*session).stepOut),
		"stepBack":        move(false, (*session).stepBack),
		"restartFrame":    move(true, (*session).restartFrame),

		// Changing it.
		"setVariable":   refused[godap.SetVariableArguments](errHistory),
		"setExpression": refused[godap.SetExpressionArguments](errHistory),
		"writeMemory":   refused[godap.WriteMemoryArguments](errHistory),
		"goto":          refused[godap.GotoArguments](`the program cannot skip code, since its history is what it is; the console's "goto TIME" travels`),

		// What plain DAP lacks.
		dap.Prefix + "time":           query((*session).time),
		dap.Prefix + "snapshots":      query((*session).snapshots),
		dap.Prefix + "timeline":       query((*session).timeline),
		dap.Prefix + "bookmarks":      query((*session).editBookmarks),
		dap.Prefix + "log":            command((*session).logAll),
		dap.Prefix + "goto":           move(true, (*session).travel),
		dap.Prefix + "lastWrite":      move(true, (*session).lastWrite),
		dap.Prefix + "reverseStepIn":  move(true, (*session).reverseStepIn),
		dap.Prefix + "reverseStepOut": move(true, (*session).reverseStepOut),
	}
}

const errHistory = "history cannot be changed: what is shown has happened already"

// refused is a request that is never possible.
func refused[A any](why string) request {
	return now(anytime, func(*session, *A) (*dap.None, error) {
		return nil, &dap.Error{ID: dap.Unsupported, ShowUser: true, Err: errors.New(why)}
	})
}

// capabilities are what holds.
func capabilities() dap.Capabilities {
	c := dap.Capabilities{Capabilities: godap.Capabilities{
		SupportsConfigurationDoneRequest:   true,
		SupportsFunctionBreakpoints:        true,
		SupportsConditionalBreakpoints:     true,
		SupportsHitConditionalBreakpoints:  true,
		SupportsLogPoints:                  true,
		SupportsInstructionBreakpoints:     true,
		SupportsBreakpointLocationsRequest: true,
		SupportsDataBreakpoints:            true,
		SupportsExceptionInfoRequest:       true,
		SupportsExceptionFilterOptions:     true,
		SupportsStepBack:                   true,
		SupportsSteppingGranularity:        true,
		SupportsRestartFrame:               true,
		SupportsRestartRequest:             true,
		SupportsTerminateRequest:           true,
		SupportTerminateDebuggee:           true,
		SupportsCancelRequest:              true,
		SupportsEvaluateForHovers:          true,
		SupportsClipboardContext:           true,
		SupportsCompletionsRequest:         true,
		CompletionTriggerCharacters:        []string{"$"},
		SupportsModulesRequest:             true,
		SupportsLoadedSourcesRequest:       true,
		SupportsReadMemoryRequest:          true,
		SupportsDisassembleRequest:         true,
		SupportsDelayedStackTraceLoading:   true,
	}, SupportsDataBreakpointBytes: true}
	for _, f := range signalFilters {
		c.ExceptionBreakpointFilters = append(c.ExceptionBreakpointFilters, godap.ExceptionBreakpointsFilter{
			Filter: f.name, Label: f.label, Description: f.description, Default: f.byDefault,
			SupportsCondition: true, ConditionDescription: "names of signals, such as SIGUSR1 SIGCHLD",
		})
	}
	return c
}

func (s *session) initialize(a *godap.InitializeRequestArguments) (dap.Capabilities, error) {
	s.client, s.state = *a, ready
	return capabilities(), nil
}

func (s *session) configurationDone(*dap.None) (*dap.None, error) {
	s.configured = true
	s.afterwards(s.open)
	return nil, nil
}

// afterwards lets the loop execute f when it has answered the request.
func (s *session) afterwards(f func()) { go s.post(f) }

// pause stops what goes on. A recording ends with it, and so does the program.
func (s *session) pause(*godap.PauseArguments) (*dap.None, error) {
	switch {
	case s.state == recording && s.program != nil:
		s.program.stopped = true
		s.program.stop()
	case s.job != nil:
		s.job.cancel(errPaused)
	case s.state == stopped:
		s.afterwards(func() {
			if s.state == stopped && s.job == nil { // who pauses waits for it
				s.sendStopped(&stop{reason: "pause", thread: s.current})
			}
		})
	}
	return nil, nil
}

// cancel gives up a request or what shows progress: the present is then as before.
func (s *session) cancel(a *godap.CancelArguments) (*dap.None, error) {
	named := func(j *job) bool {
		return j.call != nil && a.RequestId == j.call.Seq || a.ProgressId != "" && a.ProgressId == j.progressID
	}
	if j := s.job; j != nil && named(j) {
		j.cancel(nil)
		return nil, nil
	}
	for i, j := range s.queue {
		if named(j) {
			s.queue = append(s.queue[:i:i], s.queue[i+1:]...)
			j.call.Fail(errCancelled)
			return nil, nil
		}
	}
	return nil, fmt.Errorf("there is nothing to cancel: it is done already")
}

// doTerminate ends the program and its history.
func doTerminate(s *session, c *dap.Call) {
	c.Succeed(nil)
	s.shut()
	s.conn.Send("terminated", nil)
}

// doRestart records the program anew, or goes to the beginning of a recording.
func doRestart(s *session, c *dap.Call) {
	if s.launch.Mode == "replay" || s.job != nil {
		requests[dap.Prefix+"goto"].serve(s, c.With([]byte(`{"time":"start"}`)))
		return
	}
	if a, err := restartArguments(c, s.config); err != nil {
		c.Fail(err)
		return
	} else if a != nil {
		s.launch = a
	}
	s.shut()
	s.program, s.printed, s.listed, s.present = nil, nil, nil, present{}
	s.begins(func(err error) {
		c.Fail(err)
		s.state = over
		s.conn.Send("terminated", nil)
	}, func() { c.Succeed(nil) })
}

// restartArguments are the new launch arguments, nil if there are none.
func restartArguments(c *dap.Call, config *Config) (*launchArguments, error) {
	outer, err := dap.Arguments[struct {
		Arguments *json.RawMessage `json:"arguments,omitempty"`
	}](c)
	if err != nil || outer.Arguments == nil {
		return nil, err
	}
	return parseLaunch(*outer.Arguments, config)
}
