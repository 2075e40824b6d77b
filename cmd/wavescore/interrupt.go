package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"wavescore/internal/wholefile"
)

// grace is how long an interrupted command has to end by itself. Every long computation looks at
// its context far more often; reading and writing files does not. A command with something to
// save has a method saving, which says how long that may take.
const grace = 800 * time.Millisecond

// graceOf returns how long a command has to end by itself once it is interrupted.
func graceOf(command any) func() time.Duration {
	if c, ok := command.(interface{ saving() time.Duration }); ok {
		return c.saving
	}
	return func() time.Duration { return grace }
}

// watch cancels the command's context at the first signal. It ends the program at the second, or
// when the grace is over, without leaving half a file.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc, grace func() time.Duration, stderr io.Writer, exit func(status int)) {
	first := <-signals
	cause := signalled{first.(syscall.Signal)}
	cancel(cause)
	select {
	case <-signals:
	case <-time.After(grace()):
	}
	wholefile.Abandon()
	fmt.Fprintln(stderr, "wavescore: interrupted")
	exit(cause.status())
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal syscall.Signal }

func (s signalled) Error() string { return "ended by the signal " + s.signal.String() }

// Is makes it what a cancelled context's error is.
func (s signalled) Is(target error) bool { return target == context.Canceled }

// status is the exit status of a program that a signal ended, as shells have it: 130 after Ctrl-C.
func (s signalled) status() int { return 128 + int(s.signal) }

// interrupted is the error of a command that has more to say about its interruption than that
// nothing was written.
type interrupted struct{ message string }

func (e interrupted) Error() string { return e.message }

// Is makes it an error of a cancelled context.
func (e interrupted) Is(target error) bool { return target == context.Canceled }

// report writes what a command's error says to stderr and returns the exit status.
func report(ctx context.Context, err error, stderr io.Writer) int {
	var cause signalled
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, context.Canceled) || !errors.As(context.Cause(ctx), &cause):
		fmt.Fprintln(stderr, "wavescore:", err)
		return 1
	}
	if said := (interrupted{}); errors.As(err, &said) {
		fmt.Fprintln(stderr, "wavescore:", said.message)
	} else {
		fmt.Fprintln(stderr, "wavescore: interrupted; nothing was written")
	}
	return cause.status()
}
