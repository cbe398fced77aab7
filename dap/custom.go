package dap

// The messages that plain DAP lacks. Their names begin with "stepback/"; each
// request is a command of the debug console as well. Times are EVENT+STEPS.

// Prefix begins the names of our own requests and events.
const Prefix = "stepback/"

// None are arguments or a body without fields.
type None struct{}

// TimeBody is the answer to stepback/time: the present.
type TimeBody struct {
	Time string `json:"time"`
	// Events is how many events the history has; Start and End are where it begins
	// and ends.
	Events uint64 `json:"events"`
	Start  string `json:"start"`
	End    string `json:"end"`
}

// GotoArguments are those of stepback/goto: a Time, "start", "end", or the name of a bookmark.
type GotoArguments struct {
	Time string `json:"time"`
}

// ThreadArguments are those of stepback/reverseStepIn and stepback/reverseStepOut.
type ThreadArguments struct {
	ThreadID    int    `json:"threadId"`
	Granularity string `json:"granularity,omitempty"`
}

// LastWriteArguments are those of stepback/lastWrite: it goes back to the last
// instruction before the present that wrote there, in the thread's process.
type LastWriteArguments struct {
	Expression string `json:"expression"` // an address, a symbol, or a register
	Bytes      uint64 `json:"bytes,omitempty"`
	FrameID    int    `json:"frameId,omitempty"`
}

// BookmarksArguments are those of stepback/bookmarks: with a name, the present gets it;
// with remove, the name is forgotten.
type BookmarksArguments struct {
	Name   string `json:"name,omitempty"`
	Remove bool   `json:"remove,omitempty"`
}

// BookmarksBody are the bookmarks, in the order of their Times.
type BookmarksBody struct {
	Bookmarks []Bookmark `json:"bookmarks"`
}

// Bookmark is a Time with a name.
type Bookmark struct {
	Name string `json:"name"`
	Time string `json:"time"`
}

// TimelineArguments are those of stepback/timeline.
type TimelineArguments struct {
	// Most is how many slices and how many markers can be drawn; 0 for 1000.
	Most int `json:"most,omitempty"`
}

// TimelineBody is the history, thinned to what can be drawn. Positions are
// numbers of events, of all threads.
type TimelineBody struct {
	Events  uint64   `json:"events"`
	Present string   `json:"present"`
	Slices  []Slice  `json:"slices"`
	Markers []Marker `json:"markers"`
	// Thinned says that slices were joined or markers left out.
	Thinned bool `json:"thinned"`
}

// Slice is a stretch of events of one thread: [From, To).
type Slice struct {
	ThreadID int    `json:"threadId"`
	From     uint64 `json:"from"`
	To       uint64 `json:"to"`
}

// Marker is something to see on the timeline.
type Marker struct {
	Time string `json:"time"`
	// Kind is output, signal, bookmark, thread or exit.
	Kind     string `json:"kind"`
	ThreadID int    `json:"threadId,omitempty"`
	Text     string `json:"text"`
}

// LogArguments are those of stepback/log: log points that are looked for in all of
// history. Without Points, they are the log points that are set.
type LogArguments struct {
	Points []LogPoint `json:"points,omitempty"`
	Most   int        `json:"most,omitempty"` // messages; 0 for 1000
}

// LogPoint is where a message is to be logged.
type LogPoint struct {
	// Location is the name of a function or an address.
	Location  string `json:"location"`
	Condition string `json:"condition,omitempty"`
	Message   string `json:"message"` // with expressions in braces
}

// LogBody are the messages, in the order of their Times.
type LogBody struct {
	Messages []LogMessage `json:"messages"`
	// Hits is how many there are in all.
	Hits uint64 `json:"hits"`
}

// LogMessage is what a log point said.
type LogMessage struct {
	Time     string `json:"time"`
	ThreadID int    `json:"threadId"`
	Message  string `json:"message"`
}

// Output is the data of an output event: when the program printed it.
type Output struct {
	Time string `json:"time"`
}
