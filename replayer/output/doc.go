// Package output finds what a recorded program wrote to its standard output
// and standard error, as its replay passes by.
//
// # Descriptors
//
// The first process of a recording has the streams as descriptors 1 and 2.
// From there the Tracker follows them through dup, fcntl, close, close_range,
// fork, exec and unshare (files.go). It keeps only descriptors that lead to a
// stream; all others are nothing to it, and so are the pipes and files to
// which a shell redirects its commands. A stream may also be opened: by the
// names of its descriptor, /dev/stdout and the like, or as /dev/tty, which
// counts as standard error in the session of the first process.
//
// # Content
//
// The content of a write is in the program's memory (calls.go). A Syscall
// event tells at once how much of it was written. A write that let other
// threads run has an Enter, at which its content is kept, since these threads
// may change it, and a Return, which tells how much of it was written, and
// which is its place in the order.
//
// # Passes
//
// A replay may begin anew, when it has taken a place inside a computation for
// another and that shows later. What was shown is not shown again; Differs
// tells that it was wrong.
//
// # What is left out
//
// The kernel copies from file to file with sendfile, splice, tee and
// copy_file_range: no recording holds what it copied. Omitted counts these
// bytes. Nothing tells of these, so they are missing without being counted:
//
//   - what somebody writes to a stream through a descriptor that came by a
//     socket or by pidfd_getfd, or opened by another name (a symbolic link, the
//     terminal's own name), or through a mapping of the file, or to the
//     standard input, if that is a terminal
//   - what a call had written when its thread was killed in it
//   - places: content is shown in the order in which it was written, also where the
//     program wrote to a file at other places than its end
package output
