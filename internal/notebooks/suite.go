package notebooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wavescore/internal/wholefile"
)

// A Suite runs notebooks one after another and publishes what they show: html/ holds them as pages and as executed notebooks,
// figures/ the files of their figures, index.html is the gallery of both.
type Suite struct {
	Root    string        // the module's
	Out     string        // gets html/, figures/ and index.html
	Timeout time.Duration // for one notebook
	Write   bool          // also put static outputs into the notebooks themselves
	Library string        // the HTML that brings ECharts to a page
	Log     io.Writer     // gets a line for each notebook, and what went wrong in it
}

// Run runs the notebooks, the others too when one fails. A notebook that fails leaves what was published of it before.
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
	var failed []string
	for _, e := range entries {
		fmt.Fprintf(s.Log, "%-40s", e.Name)
		start := time.Now()
		figures, err := s.run(ctx, e, mathJax)
		switch seconds := time.Since(start).Seconds(); {
		case ctx.Err() != nil:
			fmt.Fprintf(s.Log, "%7.1f s   interrupted\n", seconds)
			return fmt.Errorf("%s: %w", e.Name, context.Cause(ctx))
		case err != nil:
			fmt.Fprintf(s.Log, "%7.1f s   failed\n%v\n", seconds, err)
			failed = append(failed, e.Name)
		default:
			fmt.Fprintf(s.Log, "%7.1f s   %2d figures\n", seconds, figures)
		}
	}
	index, err := Gallery(s.Out, "html/"+mathJax)
	if err == nil {
		err = wholefile.Write(filepath.Join(s.Out, "index.html"), index)
	}
	if len(failed) > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d notebooks failed: %s", len(failed), len(entries), strings.Join(failed, ", ")))
	}
	return err
}

// run runs and publishes one notebook, and returns the number of its figures.
func (s Suite) run(ctx context.Context, e Entry, mathJax string) (int, error) {
	n, err := ReadNotebook(e.Path)
	if err != nil {
		return 0, err
	}
	figures, err := os.MkdirTemp(filepath.Join(s.Out, "figures"), ".new-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(figures) // there is none any more once it has its name
	if _, err := Run(ctx, n, Options{Root: s.Root, Path: e.Path, Figures: figures, Timeout: s.Timeout}); err != nil {
		return 0, err
	}
	shown := 0
	for _, c := range n.Cells {
		shown += len(c.Figures())
	}
	return shown, s.publish(e, n, figures, mathJax)
}

// publish puts the files of an executed notebook into their places.
func (s Suite) publish(e Entry, n *Notebook, figures, mathJax string) error {
	page, err := n.Page(s.Library, mathJax)
	if err != nil {
		return err
	}
	executed, err := n.Encode()
	if err != nil {
		return err
	}
	place := filepath.Join(s.Out, "figures", figureFolder(e.Name))
	err = errors.Join(os.Chmod(figures, 0o755), os.RemoveAll(place), os.Rename(figures, place),
		wholefile.Write(filepath.Join(s.Out, "html", e.Name+".html"), page),
		wholefile.Write(filepath.Join(s.Out, "html", e.Name+".ipynb"), executed))
	if err != nil || !s.Write {
		return err
	}
	n.MakeStatic()
	static, err := n.Encode()
	if err != nil {
		return err
	}
	return wholefile.Write(e.Path, static)
}

// mathJax copies MathJax to html/, as environment/setup installed it, and returns its address from there; where it is not
// installed, that on its CDN.
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
