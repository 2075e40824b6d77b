package model_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
	"wavescore/pkg/wavelet"
)

var shape = diffusion.Shape{C: 1, H: 8, W: 8}

// marshaler is a denoiser that marshals itself.
type marshaler interface {
	diffusion.Denoiser
	MarshalBinary() ([]byte, error)
}

func small(t testing.TB) *dataset.Images { return dataset.Digits(60, 1).Resize(8, 8) }

func machine(t testing.TB) *analytic.Machine {
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1, Context: 1}, Terms: moments.Gated, Degree: 2, Sharing: moments.PerBand}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 2}}
	table, err := moments.Collect(context.Background(), spec, small(t), "digits", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := analytic.NewMachine(table, analytic.Default())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mixtures(t testing.TB) *conditional.Machine {
	family := conditional.Family{Block: 4, Window: 4, Rank: 4, Axes: 2, Components: 3}
	m, err := conditional.Fit(context.Background(), family, shape, small(t), conditional.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func network(t testing.TB) *neural.Network {
	arch := neural.Architecture{Kind: neural.CNN, Padding: neural.Zero, Channels: []int{4}, Blocks: 1, Embedding: 4}
	n, err := neural.New(arch, shape, 1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A model of every kind is opened as what it is, and denoises as it did.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	noisy := dataset.Digits(3, 2).Resize(8, 8).Batch(nil, 0, 3)
	for _, m := range []marshaler{machine(t), mixtures(t), network(t)} {
		if err := model.Save(path, m); err != nil {
			t.Fatal(err)
		}
		d, err := model.Open(path)
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if reflect.TypeOf(d) != reflect.TypeOf(m) || d.Shape() != shape {
			t.Errorf("a %T was opened as a %T of %v", m, d, d.Shape())
		}
		a, b := make([]float64, len(noisy)), make([]float64, len(noisy))
		if err := errors.Join(m.Denoise(t.Context(), a, noisy, 0.5), d.Denoise(t.Context(), b, noisy, 0.5)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a, b) {
			t.Errorf("the %T that was opened denoises otherwise", m)
		}
	}
	if _, err := model.Load[neural.Network](path); err != nil {
		t.Error(err)
	}
	if _, err := model.Load[analytic.Machine](path); err == nil || !strings.Contains(err.Error(), "not a machine") || !strings.Contains(err.Error(), path) {
		t.Errorf("a network was loaded as a machine: %v", err)
	}
}

// Errors name the file and what is wrong with it.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	other, err := tensorfile.Encode(tensorfile.Tensors{Text: map[string]string{"moments": "{}"}})
	if err != nil {
		t.Fatal(err)
	}
	for says, content := range map[string][]byte{"neither a machine nor a network": other, "damaged": []byte("text"), "not a wavescore file": nil} {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := model.Open(path); !errors.Is(err, tensorfile.ErrDamaged) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := model.Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "cnn")
	arch := neural.Architecture{Kind: neural.CNN, Padding: neural.Zero, Channels: []int{4}, Blocks: 1, Embedding: 4}
	network, _ := neural.New(arch, shape, 1)
	if err := model.Save(path, network); err != nil {
		fmt.Println(err)
	}
	denoiser, err := model.Open(path)
	fmt.Printf("%T of %v images, %v\n", denoiser, denoiser.Shape(), err)
	// Output: *neural.Network of 1x8x8 images, <nil>
}
