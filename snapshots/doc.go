// Package snapshots decides when replay makes save points, which of them it
// keeps, and how many the machine has memory for. A save point is a copy of
// the replay tasks, made by fork and kept stopped; package replayer makes them.
//
// Places on the timeline are measured in Work: how long it takes to replay up
// to there. Policy says where save points belong and which to give up, Memory
// how much memory is left, Statistics what the user is told.
package snapshots
