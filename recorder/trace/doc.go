// Package trace is the recording's format on disk: a Writer for the recorder,
// Recording and Cursor for the replayer, Pack and Unpack to send a recording
// as one file.
//
// # The directory
//
// A recording is a directory that only its owner can enter (mode 0700, files
// 0600), since it holds all that the program read:
//
//	manifest.json       the Manifest: what was recorded, where and when
//	events.log          the events
//	blobs/ab/abcd…      contents of files and of large writes, one file for
//	                    each, named by its SHA-256; not compressed, so that
//	                    replay can map them
//
// The manifest is JSON for people to read, and a last line with the SHA-256
// of all before it. Files with names that begin with "tmp-" are unfinished;
// nobody reads them.
//
// # The log
//
// The log begins with a header of 16 bytes: magic number, format version,
// checksum. After that come frames. A frame is a header of 44 bytes
// (frameHeader) and a payload, compressed with zstd. Every frame can be
// decoded without the others. A frame of events is cut as soon as it has
// 256 KiB before compression; only a single event can make it larger, up to
// 64 MiB. The header has a CRC-32C of the payload and one of itself. With the
// latter, a reader can go from header to header without reading payloads.
//
// A complete log ends with a frame that is the index (the offset and the
// first event of every frame), a frame that is the Footer in JSON, and a
// trailer of fixed length that says where these two are. All three are for
// speed and for telling that the log is complete: when any of them is missing
// or damaged, readers go through the frames.
//
// # Events
//
// An event is a byte for its kind, two bytes of flags, and the parts that the
// flags announce (coding.go). What differs little is coded as a difference,
// in zigzag varints, to what encoder and decoder both remember of the thread
// since the start of the frame (threads.go):
//
//   - Before: a mask of the registers that differ from the thread's previous
//     After, and the differences. Most events are system calls; for these Rax
//     is -ENOSYS and Rcx and R11 repeat Rip and Eflags, which a flag says.
//   - After: the same against Before; but nothing if they are equal, and only
//     Rax if that alone differs, as after nearly all system calls.
//   - Vector: a flag if it is as in the thread's latest event that had one.
//   - The address of a Write: the difference to the thread's write before it
//     or to a register, whichever is nearest. Often it is an argument itself.
//
// zstd finds the repetitions that remain. The calls of a loop that reads and
// writes single bytes take less than one byte each on disk.
//
// Contents over 1 MiB do not go to the log but become blobs, with the same
// meaning: Data is nil and Blob is set.
//
// # Why nothing is lost
//
// The recorder may be killed at any instruction, and the disk may become full
// at any write. In all cases the directory holds a valid recording of
// everything up to some event:
//
//   - The manifest and every blob are written under a temporary name and
//     renamed when complete. A file with a final name has all of its content.
//   - The log file exists before the manifest. So where there is a manifest,
//     there is a log; where there is none, there is no recording.
//   - Append and AddBlob return only when the blobs of an event have their
//     names, and the event is written after that. So every blob that the log
//     names is there.
//   - A frame is one write at the end of the log, and nothing before the end is
//     ever written again. When the write is torn, lengths or checksums do not
//     match, and readers take the frames before it (Recording.Damage tells).
//     When it fails, the Writer cuts the log back to its last whole frame.
//   - An event is written at most 200 ms after Append (flushInterval), unless
//     the disk is slower than the program. Then up to 8 frames wait, and after
//     that Append does. A write that the kernel has accepted survives the death
//     of the recorder. It is not synced to the disk: a crash of the machine
//     can lose the last seconds, and readers drop frames at the end of an
//     incomplete log whose checksum does not match.
//
// The first error is final: no event is recorded after it, since the events
// that follow mean nothing without the one that is missing. The recorder sees
// it in Writer.Err.
//
// # Trust
//
// Recordings come from strangers. Readers check every length against what is
// there and against fixed bounds before they allocate, follow no symbolic
// links, check blobs against their names, and answer with an error, never a
// panic. Unpack accepts nothing but the members of a recording.
//
// # Changing the format
//
// Version is in manifest and log. A reader refuses versions that are newer
// than its own (ErrNewer) and goes on reading older ones down to MinVersion;
// testdata/v1, v2 and v3 are recordings that must remain readable. Any change of the
// meaning of a byte needs a new Version and a decoder for the old one.
//
// # Concurrency
//
// Writer.mu guards the frame that is being filled and the queue of full ones;
// no file is touched with it held. The Writer's goroutine (flush.go) alone
// uses the log. Recording.mu guards the set of verified blobs.
package trace
