// Package e2e tests Stepback whole: it builds the command, records real programs with it and holds the
// recordings against what the design promises. It has no code of its own, only tests.
//
// The tests, one idea a file:
//
//   - programs: Debian's programs and small ones of testdata/programs behave the same recorded as native,
//     and every recording verifies, three times in a row.
//   - debuggees: the same for every small program of tests/debuggees.
//   - replay: replay prints what the program printed, stops when it is asked to, and leaves nothing behind. The
//     tests of programs and debuggees compare its output, too.
//   - walk: travel there and back in twenty programs, with few snapshots and little memory too; long, so only on demand.
//   - redis: a recorded server under load from clients that are not recorded.
//   - killed, fulldisk: nothing is lost when the recorder dies or its disk fills.
//   - damage: a recording with flipped or missing bytes gives an error, never a false "ok".
//   - portable: a packed recording verifies where nothing of the original machine is left.
//   - terminal: an interactive program on a terminal of its own, and ^C.
//   - script: the command line, as scripts in testdata/script (see script_test.go for their words).
//
// What they stand on:
//
//   - build: stepback itself, the debuggees of tests/debuggees and the files they read, each built once.
//   - command: runs one command in a session of its own under a deadline. Nothing outlives a test: all
//     processes of a command carry a mark in their environment, and what is found with it is killed.
//   - recording: record, verify, info and events as Go functions.
//
// No test sleeps: where something happens later, the test waits for it with a deadline (await).
package e2e
