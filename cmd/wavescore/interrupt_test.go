package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Every long command ends soon after Ctrl-C, says so, has status 130, and leaves no file but the
// checkpoint that it speaks of.
func TestCommandsEndOnSignals(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for eight commands to compute")
	}
	machine := filepath.Join(t.TempDir(), "machine")
	if _, err := wavescore(t, "fit", "--data", "digits", "-n", "400", "--family", "combined", "-o", machine); err != nil {
		t.Fatal(err)
	}
	var sigmas []string
	for i := range 500 {
		sigmas = append(sigmas, fmt.Sprint(0.1+float64(i)/100))
	}
	for name, test := range map[string]struct {
		args string
		says string   // of what it leaves
		left []string // files beside the output's place
	}{
		"moments":     {args: "fit --data digits -n 20000 --family combined -o OUT"},
		"axes":        {args: "fit --data digits -n 3000 --family linear --levels 1 -o OUT"},
		"mixtures":    {args: "fit --data digits -n 20000 --family conditional -o OUT"},
		"levels":      {args: "eval " + machine + " --data digits -n 300 --sigma " + strings.Join(sigmas, ",")},
		"samples":     {args: "sample " + machine + " -n 4000 --steps 400 -o OUT.npy"},
		"classifier":  {args: "classifier --data digits -o OUT"},
		"U-Net":       {args: "train --data digits -o OUT", says: "; go on with --resume", left: []string{"out.part"}},
		"measurement": {args: "eval data/networks/unet-digits.safetensors --data digits --sigma 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			var out bytes.Buffer
			root, err := filepath.Abs("../..")
			if err != nil {
				t.Fatal(err)
			}
			c := command(t, root, strings.Fields(strings.ReplaceAll(test.args, "OUT", filepath.Join(folder, "out")))...)
			c.Stdout, c.Stderr = &out, &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2500 * time.Millisecond) // by then all are computing
			c.Process.Signal(os.Interrupt)
			sent := time.Now()
			err = c.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 130 || !strings.Contains(out.String(), "wavescore: interrupted") {
				t.Errorf("%v, and it said %q", err, out.String())
			}
			if took := time.Since(sent); took > 10*time.Second { // a second on a machine that does nothing else
				t.Errorf("it went on for %v", took)
			}
			if !strings.Contains(out.String(), "interrupted"+test.says) { // before there was anything to save
				test.left = nil
			}
			var left []string
			entries, _ := os.ReadDir(folder)
			for _, e := range entries {
				left = append(left, e.Name())
			}
			if !slices.Equal(left, test.left) {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// A command that does not look at its context is ended when its grace is over, and at once by a
// second signal.
func TestWatchEndsWhatGoesOn(t *testing.T) {
	for _, second := range []bool{false, true} {
		signals, status := make(chan os.Signal, 2), make(chan int)
		ctx, cancel := context.WithCancelCause(t.Context())
		var said bytes.Buffer
		go watch(signals, cancel, graceOf(nil), &said, func(s int) { status <- s })
		start := time.Now()
		signals <- syscall.SIGTERM
		<-ctx.Done()
		if second {
			signals <- syscall.SIGTERM
		}
		if got := <-status; got != 143 || !strings.Contains(said.String(), "interrupted") {
			t.Errorf("status %d, said %q", got, said.String())
		}
		if took := time.Since(start); !second && took < grace/2 || took > grace+4*time.Second {
			t.Errorf("second signal %v: ended after %v", second, took)
		}
	}
}

// What a command says of its error, and its exit status.
func TestReport(t *testing.T) {
	ended := func() context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(signalled{syscall.SIGINT})
		return ctx
	}()
	for _, test := range []struct {
		ctx    context.Context
		err    error
		status int
		says   string
	}{
		{t.Context(), nil, 0, ""},
		{t.Context(), errors.New("no such set"), 1, "wavescore: no such set\n"},
		{t.Context(), context.Canceled, 1, "wavescore: context canceled\n"}, // nobody has interrupted it
		{ended, fmt.Errorf("images 0 to 9: %w", context.Canceled), 130, "wavescore: interrupted; nothing was written\n"},
		{ended, fmt.Errorf("the kernel: %w", context.Cause(ended)), 130, "wavescore: interrupted; nothing was written\n"},
		{ended, interrupted{"interrupted; half is there"}, 130, "wavescore: interrupted; half is there\n"},
		{ended, errors.New("the disk is full"), 1, "wavescore: the disk is full\n"},
	} {
		var said bytes.Buffer
		if status := report(test.ctx, test.err, &said); status != test.status || said.String() != test.says {
			t.Errorf("%v: status %d, said %q", test.err, status, said.String())
		}
	}
}
