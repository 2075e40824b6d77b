package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressBar shows on standard error how much of some long work is done: as a bar on a terminal,
// elsewhere as a line at the end, and as a line whenever nothing was reported for long. The work
// calls report; whoever began it calls done once, however it ended.
func progressBar(what, unit string) (done func(), report func(done, total int)) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		var mu sync.Mutex
		last, of := 0, 0
		stop := working(what)
		return func() {
				stop()
				mu.Lock()
				defer mu.Unlock()
				if of > 0 {
					fmt.Fprintf(os.Stderr, "%s: %d of %d %s\n", what, last, of, unit)
				}
			},
			func(done, total int) {
				mu.Lock()
				defer mu.Unlock()
				last, of = done, total
			}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetItsString(unit), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14))
	return func() { _ = bar.Exit(); fmt.Fprintln(os.Stderr) },
		func(done, total int) { bar.ChangeMax(total); _ = bar.Set(done) }
}

// Work that takes longer than patience says so, and again each time it has taken twice as long.
const patience = 2 * time.Second

// working says on standard error that some work of unknown length goes on, if it does so for
// long, until stop is called.
func working(what string) (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		start := time.Now()
		for wait := patience; ; wait = time.Since(start) {
			select {
			case <-over:
				return
			case <-time.After(wait):
				fmt.Fprintf(os.Stderr, "%s: working for %v\n", what, time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() { close(over); <-ended }
}
