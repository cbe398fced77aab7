package dap

import "github.com/google/go-dap"

// What follows extends types of go-dap by what is newer than it.

// Capabilities are what the adapter can do.
type Capabilities struct {
	dap.Capabilities
	SupportsDataBreakpointBytes bool `json:"supportsDataBreakpointBytes,omitempty"`
}

// DataBreakpointInfoArguments ask for what can be watched.
type DataBreakpointInfoArguments struct {
	dap.DataBreakpointInfoArguments
	Bytes     *uint64 `json:"bytes,omitempty"`
	AsAddress bool    `json:"asAddress,omitempty"`
}

// Breakpoint is a breakpoint as the adapter sees it.
type Breakpoint struct {
	dap.Breakpoint
	Reason string `json:"reason,omitempty"` // pending or failed
}

// Breakpoints are the answer to all requests that set some.
type Breakpoints struct {
	Breakpoints []Breakpoint `json:"breakpoints"`
}

// StoppedEventBody is go-dap's; it always says that all threads stopped.
type StoppedEventBody = dap.StoppedEventBody
