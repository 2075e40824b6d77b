package notebooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"wavescore/internal/wholefile"
)

// A Suite runs notebooks and publishes what they show as each ends: html/ holds them as pages and
// as executed notebooks, figures/ the files of their figures, index.html is the gallery of both.
type Suite struct {
	Root    string        // the module's
	Out     string        // gets html/, figures/ and index.html
	Jobs    int           // how many notebooks run at a time
	Timeout time.Duration // for one notebook
	Env     []string      // NAME=VALUE for the kernels, besides this process's own
	Apart   bool          // run each cell as a program of its own
	Try     bool          // also make the tweaks of each notebook that has run
	Write   bool          // also put static outputs into the notebooks themselves
	Measure bool          // run one at a time, each with an empty cache, and keep the seconds in notebooks/times.csv
	Slow    int           // log so many of the slowest cells of each notebook
	Library string        // the HTML that brings ECharts to a page
	Log     io.Writer     // gets what will run, a line for each notebook that has ended, and what went wrong in it
}

// Run runs the notebooks, the others too when one fails. A notebook that fails leaves what was
// published of it before. When ctx ends, no process is left.
func (s Suite) Run(ctx context.Context, entries []Entry) error {
	for _, dir := range []string{"html", "figures"} {
		if err := os.MkdirAll(filepath.Join(s.Out, dir), 0o755); err != nil {
			return err
		}
	}
	mathJax, err := s.mathJax()
	if err != nil {
		return err
	}
	times, err := ReadTimes(s.Root)
	if err != nil {
		return err
	}
	if s.Measure {
		s.Jobs = 1
	}
	r := &running{Suite: s, mathJax: mathJax, shared: sharedNumbers(entries), times: times, of: len(entries)}
	entries = times.schedule(entries)
	fmt.Fprintln(s.Log, r.plan(entries))
	slots := make(chan struct{}, s.Jobs)
	var jobs sync.WaitGroup
	for _, e := range entries {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		jobs.Go(func() {
			r.runAndLog(ctx, e)
			<-slots
		})
	}
	jobs.Wait()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%d of %d notebooks ended before %w", r.ended, r.of, context.Cause(ctx))
	case len(r.failed) > 0:
		slices.Sort(r.failed)
		return errors.Join(r.err, fmt.Errorf("%d of %d notebooks failed: %s", len(r.failed), r.of, strings.Join(r.failed, ", ")))
	}
	return r.err
}

// running is a suite as it runs.
type running struct {
	Suite
	mathJax string
	shared  map[string]bool // the numbers that several notebooks have
	of      int             // notebooks

	sync.Mutex // of what follows, and of index.html and the log
	times      Times
	ended      int
	failed     []string
	err        error // of what all notebooks share
}

// plan says what will run and how long it takes.
func (r *running) plan(entries []Entry) string {
	var names []string
	known := false
	for _, e := range entries {
		names = append(names, figureFolder(e.Name, r.shared[e.Number]))
		known = known || r.times[e.Name] > 0
	}
	plan := "1 notebook"
	if r.of > 1 {
		plan = fmt.Sprintf("%d notebooks, %d at a time", r.of, min(r.Jobs, r.of))
	}
	if known {
		least, most := r.times.span(entries, r.Jobs)
		plan += fmt.Sprintf(", %s where nothing is cached", about(least, most))
	}
	return plan + ": " + strings.Join(names, ", ")
}

// about says a span of time in words.
func about(least, most time.Duration) string {
	unit, name := time.Minute, "minutes"
	if most < 2*time.Minute {
		unit, name = time.Second, "seconds"
	}
	from, to := int(math.Round(float64(least)/float64(unit))), int(math.Round(float64(most)/float64(unit)))
	if from == to {
		return fmt.Sprintf("about %d %s", to, name)
	}
	return fmt.Sprintf("%d to %d %s", from, to, name)
}

// runAndLog runs and publishes a notebook, and logs how it ended.
func (r *running) runAndLog(ctx context.Context, e Entry) {
	start := time.Now()
	shown, timings, err := r.run(ctx, e)
	took := time.Since(start)
	r.Lock()
	defer r.Unlock()
	line := fmt.Sprintf("%-40s%7.1f s   ", e.Name, took.Seconds())
	if ctx.Err() != nil {
		fmt.Fprintf(r.Log, "%sinterrupted\n", line)
		return
	}
	r.ended++
	if err != nil {
		r.failed = append(r.failed, e.Name)
		fmt.Fprintf(r.Log, "%sfailed        %d of %d\n%v\n", line, r.ended, r.of, err)
	} else {
		fmt.Fprintf(r.Log, "%s%s    %d of %d\n", line, shown, r.ended, r.of)
	}
	slices.SortStableFunc(timings, func(a, b Timing) int { return cmp.Compare(b.Took, a.Took) })
	for _, t := range timings[:min(r.Slow, len(timings))] {
		fmt.Fprintf(r.Log, "%40s%7.1f s\n", t.cells(), t.Took.Seconds())
	}
	if err != nil {
		return
	}
	index, err := Gallery(r.Out, "html/"+r.mathJax)
	if err == nil {
		err = wholefile.Write(filepath.Join(r.Out, "index.html"), index)
	}
	if r.Measure {
		r.times[e.Name] = took
		err = errors.Join(err, r.times.Write(r.Root, machine()))
	}
	r.err = errors.Join(r.err, err)
}

// run runs and publishes a notebook and makes its tweaks, and returns how many figures and tweaks
// there were, in words, and the times of its cells.
func (r *running) run(ctx context.Context, e Entry) (string, []Timing, error) {
	n, err := ReadNotebook(e.Path)
	if err != nil {
		return "", nil, err
	}
	figures, err := os.MkdirTemp(filepath.Join(r.Out, "figures"), ".new-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(figures) // there is none any more once it has its name
	env := r.Env
	if r.Measure {
		cache, err := os.MkdirTemp("", "wavescore-cache-")
		if err != nil {
			return "", nil, err
		}
		defer os.RemoveAll(cache)
		env = append(slices.Clip(env), "WAVESCORE_CACHE="+cache)
	}
	options := Options{Root: r.Root, Path: e.Path, Figures: figures, Timeout: r.Timeout, Env: env, Apart: r.Apart}
	timings, err := Run(ctx, n, options)
	if err != nil {
		return "", timings, err
	}
	count := 0
	for _, c := range n.Cells {
		count += len(c.Figures())
	}
	shown := fmt.Sprintf("%2d figures", count)
	if r.Try {
		options.Apart = false
		tweaks, err := Try(ctx, n, options)
		if shown += fmt.Sprintf(", %2d tweaks", tweaks); err != nil {
			return shown, timings, err
		}
	}
	return shown, timings, r.publish(e, n, figures)
}

// publish puts the files of an executed notebook into their places.
func (r *running) publish(e Entry, n *Notebook, figures string) error {
	page, err := n.Page(r.Library, r.mathJax)
	if err != nil {
		return err
	}
	executed, err := n.Encode()
	if err != nil {
		return err
	}
	place := filepath.Join(r.Out, "figures", figureFolder(e.Name, r.shared[e.Number]))
	own := filepath.Join(r.Out, "figures", e.Name) // of an earlier run, when others had its number
	err = errors.Join(os.Chmod(figures, 0o755), os.RemoveAll(place), os.RemoveAll(own), os.Rename(figures, place),
		wholefile.Write(filepath.Join(r.Out, "html", e.Name+".html"), page),
		wholefile.Write(filepath.Join(r.Out, "html", e.Name+".ipynb"), executed))
	if err != nil || !r.Write {
		return err
	}
	n.MakeStatic()
	static, err := n.Encode()
	if err != nil {
		return err
	}
	return wholefile.Write(e.Path, static)
}

// mathJax copies MathJax to html/, as environment/setup installed it, and returns its address
// from there; where it is not installed, that on its CDN.
func (s Suite) mathJax() (string, error) {
	script, err := os.ReadFile(filepath.Join(s.Root, "environment/node_modules/mathjax/es5/tex-svg.js"))
	if os.IsNotExist(err) {
		return "https://cdn.jsdelivr.net/npm/mathjax@3.2.2/es5/tex-svg.js", nil
	}
	if err != nil {
		return "", err
	}
	const name = "mathjax.js"
	return name, wholefile.Write(filepath.Join(s.Out, "html", name), script)
}
