package external

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/npy"
	"wavescore/pkg/diffusion"
)

var (
	_     diffusion.Denoiser = (*Denoiser)(nil)
	shape                    = diffusion.Shape{C: 2, H: 3, W: 4}
)

// TestMain is the program, where the first argument says how it behaves, or else the tests.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && strings.HasPrefix(os.Args[1], "behave=") {
		behave(strings.TrimPrefix(os.Args[1], "behave="))
		return
	}
	os.Exit(m.Run())
}

// behave halves images, unless it is to misbehave.
func behave(how string) {
	in := bufio.NewReader(os.Stdin)
	for n := 1; ; n++ {
		sigma, _, err := npy.Read(in, 1)
		if err != nil {
			return
		}
		values, shape, err := npy.Read(in, 1<<20)
		if err != nil {
			return
		}
		answer := make([]float32, len(values))
		for i, v := range values {
			answer[i] = float32(v/2 + sigma[0])
		}
		switch how {
		case "dies":
			if n == 2 {
				fmt.Fprintln(os.Stderr, "out of memory")
				os.Exit(3)
			}
		case "hangs":
			time.Sleep(time.Hour)
		case "prints":
			fmt.Println("hello")
		case "cuts":
			os.Stdout.Write(npy.Encode(answer, shape...)[:100])
			return
		case "is killed":
			os.Stdout.Write(npy.Encode(answer, shape...)[:100])
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "wrong shape":
			shape = []int{len(values)}
		case "nan":
			answer[5] = float32(math.NaN())
		case "closes":
			os.Stdout.Close()
			time.Sleep(time.Hour)
		}
		os.Stdout.Write(npy.Encode(answer, shape...))
	}
}

func program(t *testing.T, how string, s Settings) *Denoiser {
	t.Helper()
	d, err := New(shape, s, os.Args[0], "behave="+how)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func images(n int) []float64 {
	rnd := rand.New(rand.NewPCG(1, 0))
	y := make([]float64, n*shape.Size())
	for i := range y {
		y[i] = float64(float32(rnd.NormFloat64()))
	}
	return y
}

// TestDenoise: images go to the program and come back, batch by batch and call after call.
func TestDenoise(t *testing.T) {
	d := program(t, "well", Settings{Batch: 3})
	for _, n := range []int{1, 3, 10, 0} {
		y := images(n)
		want := make([]float64, len(y))
		for i, v := range y {
			want[i] = v/2 + 0.25
		}
		if err := d.Denoise(t.Context(), y, y, 0.25); err != nil {
			t.Fatal(err)
		}
		if n > 0 && floats.Distance(y, want, math.Inf(1)) > 1e-6 {
			t.Errorf("%d images come back otherwise", n)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := d.Denoise(t.Context(), images(1), images(1), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestMisbehaviour: a program that is of no use is an error that says why, in time, and the next
// call starts it again.
func TestMisbehaviour(t *testing.T) {
	for how, says := range map[string]string{
		"dies": "exit status 3); it wrote: out of memory", "hangs": "no answer in", "prints": "hello", "cuts": "ended within an answer (exit status 0)",
		"is killed":   "ended within an answer (signal: killed)",
		"wrong shape": "want [2 2 3 4]", "nan": "finite", "closes": "closed its output",
	} {
		d := program(t, how, Settings{Batch: 2, Timeout: 2 * time.Second})
		begin := time.Now()
		err := d.Denoise(t.Context(), images(4), images(4), 0.5)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", how, err)
		}
		if taken := time.Since(begin); taken > 20*time.Second {
			t.Errorf("%s: %v", how, taken)
		}
		if how == "dies" {
			if err := d.Denoise(t.Context(), images(2), images(2), 0.5); err != nil {
				t.Errorf("it does not start again: %v", err)
			}
		}
	}
}

// TestCancelled: a cancelled context ends the program at once.
func TestCancelled(t *testing.T) {
	d := program(t, "hangs", Settings{})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := d.Denoise(ctx, images(1), images(1), 0.5); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if d.run != nil {
		t.Error("the program still runs")
	}
}

func TestMistakes(t *testing.T) {
	if _, err := New(shape, Settings{}, "no-such-program"); !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
	if _, err := New(diffusion.Shape{C: 1}, Settings{}, os.Args[0]); err == nil {
		t.Error("images of no pixels are taken")
	}
	if _, err := New(shape, Settings{Batch: -1}, os.Args[0]); err == nil {
		t.Error("batches of -1 are taken")
	}
	if err := program(t, "well", Settings{}).Denoise(t.Context(), images(1), images(1), 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Error(err)
	}
	d, err := New(shape, Settings{Folder: "/no/such/folder"}, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Denoise(t.Context(), images(1), images(1), 1); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

// python returns a Python that has a module, or skips the test.
func python(t testing.TB, module string) string {
	p, found := Python(module, "../../environment/.venv/bin/python3")
	if !found {
		t.Skip("no Python with " + module)
	}
	return p
}

// TestNumPy: a Wiener filter in NumPy, served by environment/denoiser.py, is the closed form. What
// it prints is in nobody's way.
func TestNumPy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wiener.py")
	text := "import numpy as np\n" +
		"mean, variance = 0.25, np.linspace(0.1, 2.4, 24).reshape(2, 3, 4)\n" +
		"def wiener(noisy, sigma):\n" +
		"    print('denoising', len(noisy))\n" +
		"    return mean + variance / (variance + sigma**2) * (np.asarray(noisy) - mean)\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := New(shape, Settings{}, python(t, "numpy"), "../../environment/denoiser.py", file, "wiener")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, sigma := range []float64{0.1, 2} {
		y := images(5)
		want := make([]float64, len(y))
		for i, v := range y {
			variance := 0.1 * float64(1+i%24)
			want[i] = 0.25 + variance/(variance+sigma*sigma)*(v-0.25)
		}
		if err := d.Denoise(t.Context(), y, y, sigma); err != nil {
			t.Fatal(err)
		}
		if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-5 {
			t.Errorf("sigma %v: off by %v", sigma, worst)
		}
	}
	broken, err := New(shape, Settings{}, python(t, "numpy"), "../../environment/denoiser.py", file, "winer")
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	if err := broken.Denoise(t.Context(), images(1), images(1), 1); err == nil || !strings.Contains(err.Error(), "KeyError: 'winer'") {
		t.Errorf("a name that is not there: %v", err)
	}
}

// TestTorch: a module of PyTorch in evaluation mode, and a function that returns an array.
func TestTorch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "network.py")
	text := "import torch\n" +
		"class Network(torch.nn.Module):\n" +
		"    def __init__(self):\n" +
		"        super().__init__()\n" +
		"        self.drop = torch.nn.Dropout(0.5)\n" +
		"        self.scale = torch.nn.Parameter(torch.tensor(0.5))\n" +
		"    def forward(self, noisy, sigma):\n" +
		"        return self.drop(noisy * self.scale + sigma)\n" +
		"denoise = Network()\n" +
		"def array(noisy, sigma):\n" +
		"    return noisy.numpy() / 2 + sigma\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"denoise", "array"} {
		d, err := New(shape, Settings{}, python(t, "numpy, torch"), "../../environment/denoiser.py", file, name)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		y := images(3)
		want := make([]float64, len(y))
		for i, v := range y {
			want[i] = v/2 + 0.25
		}
		if err := d.Denoise(t.Context(), y, y, 0.25); err != nil {
			t.Fatal(err)
		}
		if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-6 {
			t.Errorf("%s: off by %v", name, worst)
		}
	}
}

// TestServe: what a Denoiser asks is answered, and what is no question is an error.
func TestServe(t *testing.T) {
	halve := func(dst, noisy []float64, s diffusion.Shape, sigma float64) error {
		if s != shape {
			t.Errorf("images of %v", s)
		}
		for i, v := range noisy {
			dst[i] = v/2 + sigma
		}
		return nil
	}
	sigma, noisy := npy.Encode([]float32{0.25}), npy.Encode(make([]float32, 48), 2, 2, 3, 4)
	var out bytes.Buffer
	if err := Serve(bytes.NewReader(slices.Concat(sigma, noisy, sigma, noisy)), &out, halve); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		values, sides, err := npy.Read(&out, 48)
		if err != nil || !slices.Equal(sides, []int{2, 2, 3, 4}) || values[0] != 0.25 {
			t.Errorf("%v of %v: %v", values, sides, err)
		}
	}
	if out.Len() > 0 {
		t.Errorf("%d bytes too much", out.Len())
	}
	for _, in := range [][]byte{[]byte("hello, what is this?"), sigma, slices.Concat(sigma, sigma), slices.Concat(npy.Encode(nil, 0), noisy), slices.Concat(sigma, noisy[:150])} {
		if err := Serve(bytes.NewReader(in), io.Discard, halve); err == nil {
			t.Errorf("%.20q is taken", in)
		}
	}
	failed := errors.New("failed")
	if err := Serve(bytes.NewReader(slices.Concat(sigma, noisy)), io.Discard, func(_, _ []float64, _ diffusion.Shape, _ float64) error { return failed }); err != failed {
		t.Error(err)
	}
}

// TestPython: what is there is found, and what is not is not.
func TestPython(t *testing.T) {
	if p, found := Python("no_such_module"); found {
		t.Errorf("%s imports what there is not", p)
	}
	if p, found := Python("sys", "no-such-program"); found && !imports(p, "sys") {
		t.Errorf("%s was found", p)
	}
}
