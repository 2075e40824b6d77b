package main

import (
	"fmt"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressBar shows on standard error how much of some long work is done: as a bar on a terminal, elsewhere as a line at the end. The
// work calls report; whoever began it calls done once, however it ended.
func progressBar(what, unit string) (done func(), report func(done, total int)) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		last, of := 0, 0
		return func() {
				if of > 0 {
					fmt.Fprintf(os.Stderr, "%s: %d of %d %s\n", what, last, of, unit)
				}
			},
			func(done, total int) { last, of = done, total }
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetItsString(unit), progressbar.OptionClearOnFinish())
	return func() { _ = bar.Exit(); fmt.Fprintln(os.Stderr) },
		func(done, total int) { bar.ChangeMax(total); _ = bar.Set(done) }
}
