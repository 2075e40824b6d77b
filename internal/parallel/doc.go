// Package parallel runs the iterations of a loop on all cores. It is the one place of wavescore
// that starts workers: contexts stop them, errors and panics travel to the caller, and what a
// loop returns does not depend on how many cores there are.
package parallel
