package lab

import (
	"fmt"
	"html"
	"os"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// Progress returns a function that shows how far a long computation has come, as moments.Collect
// and others call it: with the parts done and the parts in all. In an open notebook a bar moves
// and goes away at the end; elsewhere a line appears on standard error, every ten seconds at
// most. A computation of less than a second shows nothing. Headless runs, whose outputs are kept,
// show nothing at all.
//
// The function is not safe for concurrent use.
func Progress(label string) func(done, total int) {
	if headless() {
		return func(done, total int) {}
	}
	p := &progress{label: label, start: time.Now(), show: printProgress, every: 10 * time.Second}
	if gonbui.IsNotebook {
		p.show, p.every = barProgress("progress-"+gonbui.UniqueId()), time.Second/5
	}
	p.last = p.start.Add(time.Second - p.every)
	return p.update
}

type progress struct {
	label       string
	start, last time.Time
	every       time.Duration
	shown       bool
	show        func(label string, done, total int, elapsed time.Duration)
}

func (p *progress) update(done, total int) {
	now := time.Now()
	if done < total && now.Sub(p.last) < p.every || done >= total && !p.shown {
		return
	}
	p.last, p.shown = now, true
	p.show(p.label, done, total, now.Sub(p.start))
}

func printProgress(label string, done, total int, elapsed time.Duration) {
	fmt.Fprintf(os.Stderr, "%s: %d of %d after %v\n", label, done, total, elapsed.Round(time.Second))
}

// barProgress draws a bar in one block of output, and empties the block at the end.
func barProgress(block string) func(label string, done, total int, elapsed time.Duration) {
	return func(label string, done, total int, elapsed time.Duration) {
		bar := fmt.Sprintf(`<progress max="%d" value="%d"></progress> %s: %d of %d, %v`,
			total, done, html.EscapeString(label), done, total, elapsed.Round(time.Second))
		if done >= total {
			bar = ""
		}
		gonbui.UpdateHTML(block, bar)
		gonbui.Sync()
	}
}
