package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"wavescore/pkg/dataset"
)

type dataCommand struct {
	List  dataListCommand  `cmd:"" help:"List the image sets and where they lie."`
	Get   dataGetCommand   `cmd:"" help:"Download a set, checking size and SHA-256."`
	Check dataCheckCommand `cmd:"" help:"Check the files that are there against the manifest, and read them."`
}

type dataListCommand struct{}

func (dataListCommand) Run() error { return listSets(os.Stdout) }

// listSets prints a line for every set.
func listSets(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tIMAGES\tDOWNLOAD\tLICENCE\tWHERE")
	for _, set := range dataset.Sets() {
		where, found := set.Find()
		switch {
		case where == "":
			where = "not found"
		case !found:
			where += " (incomplete)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", set.Name, set.About, megabytes(set.Size()), set.Licence, where)
	}
	fmt.Fprintf(table, "digits\tprocedural digits, 28x28 grey, %d + %d\t-\t-\tmade when asked for\n",
		dataset.DigitsTrain, dataset.DigitsTest)
	return table.Flush()
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

type dataGetCommand struct {
	Name    string        `arg:"" help:"A set, as 'wavescore data list' has it."`
	Dir     string        `type:"path" placeholder:"DIR" help:"The data folder to put it in, rather than the project's."`
	Timeout time.Duration `default:"10m" help:"The longest to wait for the whole set."`
}

func (dataGetCommand) Help() string {
	return `The set goes to the project's data folder, or to --dir. A file that is there and right is left alone; another is taken
from the first mirror that delivers it whole. MNIST's first mirror is a Go module, which the go command
downloads from the proxy that it is configured for; nothing of it is compiled.

With WAVESCORE_OFFLINE=1 nothing is fetched, whatever can be reached: a set that is not there is an error.`
}

func (c *dataGetCommand) Run(ctx context.Context) error {
	set, err := findSet(c.Name)
	if err != nil {
		return err
	}
	dir := c.Dir
	if dir == "" {
		dir = dataset.DefaultFolder()
	}
	folder := filepath.Join(dir, filepath.FromSlash(set.Folder))
	if !dataset.Offline() {
		fmt.Fprintf(os.Stderr, "%s: %s to %s; licence: %s\n", set.Name, megabytes(set.Size()), folder, set.Licence)
		_, found := set.Find()
		if _, err := exec.LookPath("apt-get"); err == nil && !found && set.Debian != "" {
			fmt.Fprintf(os.Stderr, "%s: Debian has it as a package too: apt-get install %s\n", set.Name, set.Debian)
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("not done within %v (--timeout)", c.Timeout))
	defer cancel()
	done, report := byteProgress(set.Name, set.Size())
	err = set.Download(ctx, dir, report)
	done()
	if errors.Is(err, context.Canceled) {
		return interrupted{"interrupted; the files that are whole stay in " + folder + ", and 'data get' fetches the others"}
	}
	if err != nil {
		return err
	}
	fmt.Println(folder)
	if !slices.Contains(dataset.Folders(), dir) {
		fmt.Fprintf(os.Stderr, "set WAVESCORE_DATA to %s for it to be found there\n", dir)
	}
	return nil
}

// findSet returns a set that can be downloaded.
func findSet(name string) (dataset.Set, error) {
	set, ok := dataset.FindSet(name)
	switch {
	case name == "digits":
		return set, errors.New("digits are made when asked for: there is no file of them")
	case !ok:
		return set, fmt.Errorf("no set %q: 'wavescore data list' lists them", name)
	}
	return set, nil
}

// byteProgress shows on standard error how much has been downloaded: as a bar on a terminal,
// elsewhere as a line for every tenth. Whoever began it calls done once, however it ended.
func byteProgress(what string, size int64) (done func(), report func(done, total int64)) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		tenths := int64(0)
		return func() {}, func(done, total int64) {
			if now := done * 10 / total; now > tenths {
				tenths = now
				fmt.Fprintf(os.Stderr, "%s: %s of %s\n", what, megabytes(done), megabytes(total))
			}
		}
	}
	bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond))
	return func() { _ = bar.Exit(); fmt.Fprintln(os.Stderr) },
		func(done, _ int64) { _ = bar.Set64(done) }
}

type dataCheckCommand struct {
	Name string `arg:"" optional:"" help:"A set, as 'wavescore data list' has it; all that are there, without it."`
}

func (c *dataCheckCommand) Run() error {
	if c.Name == "" {
		return checkSets(os.Stdout, dataset.Sets())
	}
	set, err := findSet(c.Name)
	if err != nil {
		return err
	}
	if folder, _ := set.Find(); folder == "" {
		_, err := dataset.Open(set.Name, dataset.Train) // its error says where and what to do
		return err
	}
	return checkSets(os.Stdout, []dataset.Set{set})
}

// checkSets prints, for each set, the files that are missing, damaged, gzipped anew or unknown to
// the manifest, how many are right, and what the files hold. The error is for sets that are
// damaged or lack a split.
func checkSets(w io.Writer, sets []dataset.Set) error {
	var unusable []error
	for _, set := range sets {
		folder, found := set.Find()
		if folder == "" {
			fmt.Fprintf(w, "%s: not found\n", set.Name)
			continue
		}
		fmt.Fprintf(w, "%s: %s\n", set.Name, folder)
		err := errors.Join(checkFiles(w, set, folder), checkSplits(w, folder))
		if err != nil || !found {
			state := "damaged"
			if err == nil {
				state = "incomplete"
			}
			remedy := fmt.Sprintf("'wavescore data get %s' mends it in the project's data folder, with --dir elsewhere", set.Name)
			if slices.Contains(set.Places, folder) {
				remedy = fmt.Sprintf("'apt-get install --reinstall %s' mends it; "+
					"after 'wavescore data get %s' the project's data folder goes before it", set.Debian, set.Name)
			}
			unusable = append(unusable, fmt.Errorf("%s is %s: %s", folder, state, remedy))
		}
	}
	return errors.Join(unusable...)
}

// checkFiles compares the files of a folder with the manifest. The error is for damaged ones.
func checkFiles(w io.Writer, set dataset.Set, folder string) (damaged error) {
	contents := set.Contents()
	right := 0
	for _, f := range contents {
		anew, err := f.Verify(filepath.Join(folder, f.Name))
		switch {
		case err == nil:
			right++
			if anew {
				fmt.Fprintf(w, "  anew     %s: gzipped anew, its content is right\n", f.Name)
			}
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(w, "  missing  %s\n", f.Name)
		default:
			fmt.Fprintf(w, "  damaged  %v\n", err)
			damaged = err
		}
	}
	there, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range there {
		if !slices.ContainsFunc(contents, func(f dataset.File) bool { return f.Name == entry.Name() }) {
			fmt.Fprintf(w, "  unknown  %s: not in the manifest\n", entry.Name())
		}
	}
	fmt.Fprintf(w, "  ok       %d of %d files\n", right, len(contents))
	return damaged
}

// checkSplits reads the images of a folder. The error is for damaged ones.
func checkSplits(w io.Writer, folder string) (damaged error) {
	for _, split := range []dataset.Split{dataset.Train, dataset.Test} {
		images, err := dataset.Open(folder, split)
		switch {
		case err == nil:
			fmt.Fprintf(w, "  %-7v  %d images of %dx%dx%d (channels x height x width)\n", split, images.Len(), images.Channels, images.Height, images.Width)
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(w, "  %-7v  no images\n", split)
		default:
			fmt.Fprintf(w, "  damaged  %v: %v\n", split, err)
			damaged = err
		}
	}
	return damaged
}
