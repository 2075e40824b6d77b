package model

import (
	"context"
	"encoding"
	"encoding/json"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
	"wavescore/pkg/patchmixture"
	"wavescore/pkg/wavelet"
)

// seeds returns the bytes of a small model of every kind.
func seeds(f testing.TB) [][]byte {
	images := dataset.Digits(40, 1).Resize(4, 4)
	for i, p := range images.Pixels { // as those of pictures, which scores of a training set keep as bytes
		images.Pixels[i] = float32(float64(byte((p+1)*127.5))/127.5 - 1)
	}
	shape := diffusion.Shape{C: 1, H: 4, W: 4}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1, Context: 1}, Terms: moments.Gated, Degree: 2, Sharing: moments.PerBand}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}}
	table, err := moments.Collect(context.Background(), spec, images, "digits", nil)
	if err != nil {
		f.Fatal(err)
	}
	machine, err := analytic.NewMachine(table, analytic.Default())
	if err != nil {
		f.Fatal(err)
	}
	mixtures, err := conditional.Fit(context.Background(), conditional.Family{Block: 2, Window: 4, Rank: 3, Components: 2}, shape, images, conditional.Default(), nil)
	if err != nil {
		f.Fatal(err)
	}
	arch := neural.Architecture{Kind: neural.UNet, Padding: neural.Zero, Channels: []int{2, 4}, Blocks: 1, Group: 2, Embedding: 4}
	network, err := neural.New(arch, shape, 1)
	if err != nil {
		f.Fatal(err)
	}
	local, err := empirical.NewLocal(shape, images, empirical.Side(3))
	if err != nil {
		f.Fatal(err)
	}
	principal, err := empirical.NewPrincipal(context.Background(), shape, images, empirical.Locality{Threshold: 0.1})
	if err != nil {
		f.Fatal(err)
	}
	preselected, err := empirical.NewPreselected(local, empirical.Select(5, 2))
	if err != nil {
		f.Fatal(err)
	}
	var all [][]byte
	patches, err := patchmixture.Fit(context.Background(), shape, images, patchmixture.Settings{Side: 2, Components: 3, Windows: 200, Floor: 1e-3}, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []encoding.BinaryMarshaler{machine, mixtures, network, local, principal, preselected, patches} {
		b, err := m.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// FuzzParse changes what stands behind the digest of a file: one of its texts and one of its
// tensors, with the digest made right. Whatever they hold, the file is refused with an error or
// read as a denoiser that works, and no more memory is taken than a small multiple of what the
// file holds.
func FuzzParse(f *testing.F) {
	files := seeds(f)
	for kind, file := range files {
		t, err := tensorfile.Decode(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, text := range t.Text {
			f.Add(uint8(kind), text, uint8(0), uint16(0), 1.0, uint16(0))
		}
	}
	f.Add(uint8(1), `{"Shape":{"C":1,"H":4,"W":4},"Locals":[{"Family":{"Block":2,"Window":4,"Rank":3,"Components":1000000},"Components":[1000000]}]}`, uint8(0), uint16(0), 1.0, uint16(0))
	f.Fuzz(func(t *testing.T, kind uint8, text string, tensor uint8, index uint16, value float64, cut uint16) {
		file, err := tensorfile.Decode(files[int(kind)%len(files)])
		if err != nil {
			t.Fatal(err)
		}
		for name := range file.Text { // a machine has two texts, of which only the longer may be its moments
			if name == []string{"machine", "conditional", "network", empirical.LocalText, empirical.PrincipalText, empirical.PreselectedText, patchmixture.FileText}[int(kind)%len(files)] || name == "moments" && json.Valid([]byte(text)) && len(text) > 60 {
				file.Text[name] = text
			}
		}
		names := slices.Sorted(maps.Keys(file.Values))
		name := names[int(tensor)%len(names)]
		if v := file.Values[name]; len(v.Bytes) > 0 {
			v.Bytes = slices.Clone(v.Bytes)
			v.Bytes[int(index)%len(v.Bytes)] = byte(cut)
			file.Values[name] = v
		} else if len(v.Data) > 0 {
			v.Data[int(index)%len(v.Data)] = value
			if n := len(v.Data) - int(cut)%len(v.Data); n < len(v.Data) {
				v = tensorfile.Tensor{Shape: []int{n}, Data: v.Data[:n], Single: v.Single}
			}
			file.Values[name] = v
		}
		changed, err := tensorfile.Encode(file)
		if err != nil {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d, err := parse(changed)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 64<<20 {
			t.Fatalf("%d bytes were taken for a file of %d: %v", taken, len(changed), err)
		}
		if err != nil || d.Shape().Size() > 1<<16 {
			return
		}
		images := make([]float64, d.Shape().Size())
		if err := d.Denoise(context.Background(), images, images, 0.5); err != nil {
			return
		}
		for i, v := range images {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("pixel %d is %v without an error", i, v)
			}
		}
	})
}

// TestModelsKeepNoBytes: a model that was read does not change when the bytes that it was read from
// do, as encoding.BinaryUnmarshaler asks.
func TestModelsKeepNoBytes(t *testing.T) {
	for kind, file := range seeds(t) {
		d, err := parse(file)
		if err != nil {
			t.Fatal(err)
		}
		denoised := func() []float64 {
			pixels := make([]float64, d.Shape().Size())
			if err := d.Denoise(t.Context(), pixels, pixels, 0.5); err != nil {
				t.Fatal(err)
			}
			return pixels
		}
		before := denoised()
		clear(file)
		if !slices.Equal(denoised(), before) {
			t.Errorf("model %d (%T) changes with the bytes of its file", kind, d)
		}
	}
}
