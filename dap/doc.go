// Package dap speaks the Debug Adapter Protocol: it frames messages, gives every
// message its number, reads the arguments of requests into types, and answers. It
// knows nothing of debugging; package adapter does.
//
// A Conn is one connection to a client. Receive returns its requests one by one, each as a
// Call, which must be answered once, with Succeed or Fail; both, and Send for events,
// may be called by any goroutine. What is no request is answered here: content that
// is no JSON, that is too long, headers without a length. So a client that errs gets an
// error for each message, and the connection goes on.
//
// The types of the protocol are those of github.com/google/go-dap. It is of the
// protocol's version 1.65, and its reader allows 4 MiB, so the framing is our own, and
// extend.go has fields that are newer. custom.go has Stepback's own messages,
// whose names begin with "stepback/".
package dap
