package main

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/shrinkage"
)

// TestDenoiseByMethod: every method takes a colour picture whose sides no wavelet divides, takes
// off more than half of its noise, and leaves its size.
func TestDenoiseByMethod(t *testing.T) {
	folder := t.TempDir()
	const width, height, sigma = 45, 37, 30
	noisy := image.NewRGBA(image.Rect(0, 0, width, height))
	clean := func(x, y, c int) float64 {
		if (x-20)*(x-20)+(y-15)*(y-15) < 150 {
			return float64(180 - 40*c)
		}
		return float64(70 + 20*c)
	}
	rnd := rand.New(rand.NewPCG(1, 0))
	for y := range height {
		for x := range width {
			value := func(c int) uint8 { return uint8(max(0, min(255, clean(x, y, c)+sigma*rnd.NormFloat64()))) }
			noisy.Set(x, y, color.RGBA{value(0), value(1), value(2), 255})
		}
	}
	in, out := filepath.Join(folder, "in.png"), filepath.Join(folder, "out.png")
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, noisy); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, method := range shrinkage.Methods() {
		if _, err := wavescore(t, "denoise", "--method", method, in, "--sigma", "0.235", "-o", out); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		denoised, err := png.Decode(f)
		f.Close()
		if err != nil || denoised.Bounds() != noisy.Bounds() {
			t.Fatalf("%s: %v, %v", method, denoised.Bounds(), err)
		}
		var square float64
		for y := range height {
			for x := range width {
				r, g, b, _ := denoised.At(x, y).RGBA()
				for c, v := range []uint32{r, g, b} {
					square += math.Pow(float64(v>>8)-clean(x, y, c), 2) / (3 * width * height)
				}
			}
		}
		if square > sigma*sigma/2 {
			t.Errorf("%s leaves an error of %.0f, the noise had %d", method, square, sigma*sigma)
		}
	}
	for _, test := range []struct{ args, says string }{
		{"--method median " + in, "want one of"},
		{"--method bm3d " + in + " " + in, "a folder for 2 pictures"},
		{in, "an image"},
		{"--method bm3d " + in + " -o " + in, "replace"},
	} {
		args := append(strings.Fields("denoise --sigma 0.2 "+test.args), "-o", out)
		if strings.Contains(test.args, "-o") {
			args = args[:len(args)-2]
		}
		if _, err := wavescore(t, args...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.args, err)
		}
	}
}

// TestEvalByMethod: a method is measured on images of any size, and not beside a machine.
func TestEvalByMethod(t *testing.T) {
	dir := blobs(t, 12, 20)
	out, err := wavescore(t, "eval", "--method", "bayes", "--data", dir, "-n", "2", "--sigma", "0.2", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var e evaluation
	if err := json.Unmarshal([]byte(out), &e); err != nil || !(e.MSE > 0 && e.MSE < 0.04) {
		t.Errorf("at sigma 0.2 its error is %v: %v", e.MSE, err)
	}
	for _, args := range [][]string{{"eval"}, {"eval", "--method", "median"}, {"eval", "--method", "bm3d", filepath.Join(dir, "file")}} {
		if _, err := wavescore(t, args...); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
