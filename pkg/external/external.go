package external

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"wavescore/pkg/diffusion"
)

// Settings say how a program is used.
type Settings struct {
	// Batch is how many images it is given at a time; 0 is 64.
	Batch int
	// Timeout is how long it may take for a batch, and the first time to start too; 0 is a minute.
	Timeout time.Duration
	// Folder is where it runs; "" is the working folder.
	Folder string
}

// A Denoiser is a program. It is a diffusion.Denoiser, safe for concurrent use: the program is given
// one batch after another.
//
// The program starts with the first image. Where it ends, answers what is no answer, or is not in
// time, Denoise returns an error that tells what it wrote to its standard error, and the program is
// ended; the next call starts another. A cancelled context ends it too.
type Denoiser struct {
	shape    diffusion.Shape
	settings Settings
	command  []string

	mu     sync.Mutex
	closed bool
	run    *run // nil while no program runs
}

// New returns the denoiser of a command, for images of a shape. It returns an error where there is no
// such program, and for settings that are negative.
func New(shape diffusion.Shape, s Settings, program string, arguments ...string) (*Denoiser, error) {
	if shape.C < 1 || shape.H < 1 || shape.W < 1 {
		return nil, fmt.Errorf("external: images of %v: want one channel, row and column or more", shape)
	}
	if s.Batch < 0 || s.Timeout < 0 {
		return nil, fmt.Errorf("external: batches of %d images in %v: want neither to be negative", s.Batch, s.Timeout)
	}
	if s.Batch == 0 {
		s.Batch = 64
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	return &Denoiser{shape: shape, settings: s, command: append([]string{path}, arguments...)}, nil
}

// Shape implements diffusion.Denoiser.
func (d *Denoiser) Shape() diffusion.Shape { return d.shape }

// Close ends the program. A closed Denoiser denoises no more.
func (d *Denoiser) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.stop()
	return nil
}

// ErrClosed is the error of a Denoiser that has been closed.
var ErrClosed = errors.New("external: the denoiser is closed")

// Denoise implements diffusion.Denoiser. Pixels are sent as float32.
func (d *Denoiser) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(d.shape, dst, src, sigma); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	step := d.settings.Batch * d.shape.Size()
	for from := 0; from < len(src); from += step {
		to := min(from+step, len(src))
		if err := d.batch(ctx, dst[from:to], src[from:to], sigma); err != nil {
			d.stop()
			return err
		}
	}
	return nil
}

// batch has one batch denoised.
func (d *Denoiser) batch(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.run == nil {
		run, err := start(d.command, d.settings.Folder)
		if err != nil {
			return err
		}
		d.run = run
	}
	answer := make(chan error, 1)
	go func() { answer <- d.run.ask(dst, src, sigma, d.shape) }()
	timer := time.NewTimer(d.settings.Timeout)
	defer timer.Stop()
	select {
	case err := <-answer:
		if err != nil {
			return d.run.explain(err)
		}
		return diffusion.CheckFinite(d.shape, dst, sigma)
	case <-ctx.Done():
		d.stop() // which ends ask
		<-answer
		return ctx.Err()
	case <-timer.C:
		run := d.run
		d.stop()
		<-answer
		return run.explain(fmt.Errorf("no answer in %v", d.settings.Timeout))
	}
}

// stop ends the program, if one runs.
func (d *Denoiser) stop() {
	if d.run != nil {
		d.run.end()
		d.run = nil
	}
}
