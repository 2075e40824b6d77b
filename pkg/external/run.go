package external

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"wavescore/internal/npy"
	"wavescore/pkg/diffusion"
)

// A run is a program that runs.
type run struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  tail
	ended   sync.Once
	status  error // of the program, once it has ended
}

// start starts a program, in a process group of its own.
func start(command []string, folder string) (*run, error) {
	r := &run{command: exec.Command(command[0], command[1:]...)}
	r.command.Dir, r.command.Stderr = folder, &r.errors
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.command.WaitDelay = time.Second
	var err error
	if r.in, err = r.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReaderSize(out, 1<<16)
	if err := r.command.Start(); err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	for _, pipe := range []any{r.in, out} {
		enlarge(pipe)
	}
	return r, nil
}

// send sends a batch.
func (r *run) send(batch []float64, sigma float64, shape diffusion.Shape) error {
	pixels := make([]float32, len(batch))
	for i, v := range batch {
		pixels[i] = float32(v)
	}
	images := npy.Encode(pixels, len(batch)/shape.Size(), shape.C, shape.H, shape.W)
	_, err := r.in.Write(append(npy.Encode([]float32{float32(sigma)}), images...))
	return err
}

// receive reads the answer to a batch of so many pixels.
func (r *run) receive(n int, shape diffusion.Shape) ([]float64, error) {
	pixels, got, err := npy.Read(r.out, n)
	if err != nil {
		return nil, err
	}
	if want := []int{n / shape.Size(), shape.C, shape.H, shape.W}; !slices.Equal(got, want) {
		return nil, fmt.Errorf("an answer of the shape %v: want %v", got, want)
	}
	return pixels, nil
}

// end ends the program and what it has started, and waits for it.
func (r *run) end() {
	r.ended.Do(func() {
		r.in.Close()
		_ = syscall.Kill(-r.command.Process.Pid, syscall.SIGKILL)
		r.status = r.command.Wait()
	})
}

// explain ends the program, and returns why it was of no use: the error that was met, or how the
// program had ended by itself, and what it wrote to its standard error.
func (r *run) explain(met error) error {
	if errors.Is(met, io.EOF) || errors.Is(met, io.ErrUnexpectedEOF) || errors.Is(met, syscall.EPIPE) {
		r.in.Close()
		done := make(chan struct{})
		go func() {
			r.ended.Do(func() { r.status = r.command.Wait() })
			close(done)
		}()
		select {
		case <-done:
			within := ""
			if errors.Is(met, io.ErrUnexpectedEOF) {
				within = " within an answer"
			}
			met = fmt.Errorf("it ended%s (%s)", within, r.command.ProcessState)
		case <-time.After(time.Second):
			_ = syscall.Kill(-r.command.Process.Pid, syscall.SIGKILL)
			<-done
			met = errors.New("it closed its output")
		}
	}
	r.end()
	text := ""
	if written := r.errors.String(); written != "" {
		text = "; it wrote: " + written
	}
	return fmt.Errorf("external: %s: %w%s", strings.Join(r.command.Args, " "), met, text)
}

// tail is the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 2000

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-tailBytes):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
