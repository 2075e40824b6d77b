package external

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
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

// A Denoiser is a program. It is a diffusion.Denoiser, safe for concurrent use: the program is
// given one batch after another.
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

// New returns the denoiser of a command, for images of a shape. It returns an error where there is
// no such program, and for settings that are negative.
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
	if len(src) == 0 {
		return nil
	}
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
	talk := d.talk(dst, src, sigma)
	err := talk.listen(ctx, d.settings.Timeout)
	if err != nil {
		d.stop() // which ends what is still under way
	}
	talk.under.Wait()
	return err
}

// A talk is images that a program is to denoise, batch by batch. A batch is sent while the one
// before is denoised, so that the program need not wait for it.
type talk struct {
	run      *run
	shape    diffusion.Shape
	sigma    float64
	dst, src []float64
	step     int // pixels of a batch

	under   sync.WaitGroup // of the two that send and receive
	sent    chan error     // for each batch, once it has been sent
	answers chan answer    // for each batch
	over    chan struct{}  // closed when nobody listens any more
}

// answer is a batch of denoised images, or what went wrong.
type answer struct {
	pixels []float64
	err    error
}

// talk begins to send batches and to receive answers.
func (d *Denoiser) talk(dst, src []float64, sigma float64) *talk {
	t := &talk{run: d.run, shape: d.shape, sigma: sigma, dst: dst, src: src, step: d.settings.Batch * d.shape.Size(),
		sent: make(chan error), answers: make(chan answer), over: make(chan struct{})}
	t.under.Go(func() {
		for batch := range slices.Chunk(src, t.step) {
			select {
			case t.sent <- t.run.send(batch, sigma, t.shape):
			case <-t.over:
				return
			}
		}
	})
	t.under.Go(func() {
		for batch := range slices.Chunk(dst, t.step) {
			pixels, err := t.run.receive(len(batch), t.shape)
			select {
			case t.answers <- answer{pixels, err}:
			case <-t.over:
				return
			}
		}
	})
	return t
}

// listen takes the answer to each batch, and returns an error where one is not in time or none.
func (t *talk) listen(ctx context.Context, timeout time.Duration) error {
	defer close(t.over)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for batch := range slices.Chunk(t.dst, t.step) {
		timer.Reset(timeout)
		sent, answers, pixels := t.sent, t.answers, []float64(nil)
		for sent != nil || answers != nil {
			select {
			case err := <-sent:
				if err != nil {
					return t.run.explain(err)
				}
				sent = nil
			case answer := <-answers:
				if answer.err != nil {
					return t.run.explain(answer.err)
				}
				pixels, answers = answer.pixels, nil
			case <-ctx.Done():
				return ctx.Err()
			case <-timer.C:
				t.run.end()
				return t.run.explain(fmt.Errorf("no answer in %v", timeout))
			}
		}
		copy(batch, pixels) // dst may be src, whose batch has been sent
		if err := diffusion.CheckFinite(t.shape, batch, t.sigma); err != nil {
			return err
		}
	}
	return nil
}

// stop ends the program, if one runs.
func (d *Denoiser) stop() {
	if d.run != nil {
		d.run.end()
		d.run = nil
	}
}
