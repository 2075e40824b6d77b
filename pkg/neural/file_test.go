package neural

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wavescore/internal/tensorfile"
)

func TestMarshal(t *testing.T) {
	trainer := newTestTrainer(t, fewSettings)
	steps(t, trainer, 30)
	n := trainer.Network()
	if err := n.Validate(t.Context(), newFew(5), []float64{0.5}, 1); err != nil {
		t.Fatal(err)
	}
	file, err := n.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	got := new(Network)
	if err := got.UnmarshalBinary(file); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Architecture(), n.Architecture()) || !reflect.DeepEqual(got.Training(), n.Training()) ||
		got.Shape() != n.Shape() || got.mean != n.mean || got.deviation != n.deviation {
		t.Errorf("read %+v, wrote %+v", got.Training(), n.Training())
	}
	src := noisy(1, 3*fewShape.Size())
	a, b := slices.Clone(src), slices.Clone(src)
	if err := errors.Join(n.Denoise(t.Context(), a, a, 0.3), got.Denoise(t.Context(), b, b, 0.3)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Error("the network that was read denoises otherwise")
	}
}

// TestDamagedFiles: what is not wholly a network is refused, and so is what is not wholly a
// checkpoint.
func TestDamagedFiles(t *testing.T) {
	trainer := newTestTrainer(t, fewSettings)
	steps(t, trainer, 2)
	network, err := trainer.Network().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := trainer.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	// changed returns the bytes of a file with a change in it, and a digest that fits.
	changed := func(b []byte, change func(f tensorfile.Tensors)) []byte {
		f, err := tensorfile.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		if b, err = tensorfile.Encode(f); err != nil {
			t.Fatal(err)
		}
		return b
	}
	replace := func(text, old, new string) func(f tensorfile.Tensors) {
		return func(f tensorfile.Tensors) {
			if !strings.Contains(f.Text[text], old) {
				t.Fatalf("no %s in %s", old, f.Text[text])
			}
			f.Text[text] = strings.Replace(f.Text[text], old, new, 1)
		}
	}
	flipped := bytes.Clone(network)
	flipped[len(flipped)-9] ^= 1
	dir := t.TempDir()
	for says, b := range map[string][]byte{
		"0 bytes":         {},
		"damaged":         network[:len(network)/2],
		"SHA-256":         flipped,
		"not a network":   checkpoint,
		"deviation 0":     changed(network, replace("network", `"deviation":0.`, `"deviation":0,"x":0.`)),
		"no kind":         changed(network, replace("network", `"unet"`, `"mlp"`)),
		"shape [8 16]":    changed(network, replace("network", `"embedding":8`, `"embedding":7`)),
		"has 6149 param":  changed(network, replace("network", `"blocks":1`, `"blocks":2`)),
		"working memory":  changed(network, replace("network", `"H":8,"W":8`, `"H":4096,"W":4096`)),
		"holds NaN":       changed(network, func(f tensorfile.Tensors) { f.Values["stem.bias"].Data[0] = math.NaN() }),
		"images of 0x8x8": changed(network, replace("network", `"C":1`, `"C":0`)),
	} {
		if err := new(Network).UnmarshalBinary(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("network, %s: %v", says, err)
		}
	}
	for says, b := range map[string][]byte{
		"damaged":             checkpoint[:len(checkpoint)-1],
		"not a checkpoint":    network,
		"12 images of bars":   changed(checkpoint, replace("trainer", `"images":13`, `"images":12`)),
		"13 images of others": changed(checkpoint, replace("trainer", `"bars"`, `"others"`)),
		"step 2000 of 45":     changed(checkpoint, replace("trainer", `"step":2`, `"step":2000`)),
		"batches":             changed(checkpoint, replace("trainer", `"batch":20`, `"batch":0`)),
		"tensor first":        changed(checkpoint, func(f tensorfile.Tensors) { delete(f.Values, "first") }),
	} {
		path := filepath.Join(dir, "part")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadTrainer(path, newFew(13), "bars"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("checkpoint, %s: %v", says, err)
		}
	}
	if _, err := LoadTrainer(filepath.Join(dir, "none"), newFew(13), "bars"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
