package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wavescore/internal/npy"
)

// photograph is a smooth scene with edges, of three channels.
func photograph(x, y, c int) float64 {
	v := 0.3 * math.Sin(float64(x)/9+float64(c)) * math.Cos(float64(y)/13)
	if (x-30)*(x-30)+(y-25)*(y-25) < 300 {
		v += 0.4 - 0.1*float64(c)
	}
	return v
}

// encoded returns a photograph as a file of a kind.
func encoded(t *testing.T, kind string, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	bounds := image.Rect(0, 0, width, height)
	value := func(x, y, c int) uint16 { return uint16(math.Round((photograph(x, y, c) + 1) / 2 * math.MaxUint16)) }
	grey, colour := image.NewGray16(bounds), image.NewNRGBA64(bounds)
	pixels := make([]float32, width*height)
	for y := range height {
		for x := range width {
			grey.SetGray16(x, y, color.Gray16{Y: value(x, y, 0)})
			colour.SetNRGBA64(x, y, color.NRGBA64{R: value(x, y, 0), G: value(x, y, 1), B: value(x, y, 2), A: math.MaxUint16})
			pixels[y*width+x] = float32(photograph(x, y, 0))
		}
	}
	low := image.NewGray(bounds)
	for i := range low.Pix {
		low.Pix[i] = uint8(grey.Pix[2*i])
	}
	var err error
	switch kind {
	case "grey16.png":
		err = png.Encode(&b, grey)
	case "grey8.png":
		err = png.Encode(&b, low)
	case "colour16.png":
		err = png.Encode(&b, colour)
	case "colour8.jpg":
		err = jpeg.Encode(&b, colour, &jpeg.Options{Quality: 95})
	case "float.npy":
		b.Write(npy.Encode(pixels, height, width))
	case "byte.npy", "short.npy":
		file := npy.Encode(pixels, height, width)
		at := bytes.IndexByte(file, '\n') + 1
		header := string(file[:at])
		if kind == "byte.npy" {
			b.WriteString(strings.Replace(header, "<f4", "|u1", 1))
			b.Write(low.Pix)
		} else {
			b.WriteString(strings.Replace(header, "<f4", "<u2", 1))
			for i := range pixels {
				b.Write(binary.LittleEndian.AppendUint16(nil, binary.BigEndian.Uint16(grey.Pix[2*i:])))
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decibels returns the PSNR before and after that denoise printed.
func decibels(t *testing.T, printed string) (before, after float64) {
	t.Helper()
	match := regexp.MustCompile(`noisy ([0-9.]+) dB.*denoised ([0-9.]+) dB`).FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("no decibels in %q", printed)
	}
	fmt.Sscan(match[1], &before)
	fmt.Sscan(match[2], &after)
	return before, after
}

// The machine for photographs takes every kind of picture and leaves its size, channels and bits.
func TestDenoisePhoto(t *testing.T) {
	dir := t.TempDir()
	const width, height = 75, 50
	for _, kind := range []string{"grey16.png", "grey8.png", "colour16.png", "colour8.jpg", "float.npy", "byte.npy", "short.npy"} {
		in, out, noisy := filepath.Join(dir, kind), filepath.Join(dir, "out-"+kind), filepath.Join(dir, "noisy.npy")
		if err := os.WriteFile(in, encoded(t, kind, width, height), 0o600); err != nil {
			t.Fatal(err)
		}
		printed, err := wavescore(t, "denoise", "--machine", "photo", "--sigma", "25/255", "--seed", "1", "--colour", "opponent", "--noisy", noisy, in, "-o", out)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		before, after := decibels(t, printed)
		if math.Abs(before-20.2) > 0.3 || after < 30 {
			t.Errorf("%s: %.2f dB become %.2f", kind, before, after)
		}
		was, err := readPicture(in)
		if err != nil {
			t.Fatal(err)
		}
		is, err := readPicture(out)
		if err != nil {
			t.Fatal(err)
		}
		if kind == "byte.npy" || kind == "short.npy" {
			was.bits = 0 // arrays are written as floating-point numbers
		}
		if is.bits != was.bits || is.Channels != was.Channels || is.Width != width || is.Height != height {
			t.Errorf("%s: %d bits, %dx%dx%d; was %d bits, %d channels", kind, is.bits, is.Channels, is.Height, is.Width, was.bits, was.Channels)
		}
		// The noisy picture against the clean one is as far as was printed; its noise is found.
		printed, err = wavescore(t, "denoise", "--method", "bayes", "--sigma", "auto", "--reference", in, noisy, "-o", out)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := decibels(t, printed); math.Abs(again-before) > 0.02 {
			t.Errorf("%s: the noisy picture is at %.2f dB, was at %.2f", kind, again, before)
		}
		var sigma float64
		fmt.Sscan(printed[strings.Index(printed, "sigma ")+6:], &sigma)
		if math.Abs(sigma-0.196) > 0.02 {
			t.Errorf("%s: noise of 0.196 is estimated as %v", kind, sigma)
		}
	}
}

// A folder is denoised at once, and a picture in tiles is what it is as a whole.
func TestDenoiseFolder(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"a.png": "grey8.png", "b.png": "grey16.png"} {
		if err := os.WriteFile(filepath.Join(in, name), encoded(t, kind, 60, 40), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(in, "notes.txt"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := wavescore(t, "denoise", "--machine", "photo", "--sigma", "0.2", "--seed", "3", in, "-o", out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(printed, "\n") != 3 || !strings.Contains(printed, "mean of 2 pictures") {
		t.Errorf("printed %q", printed)
	}
	for _, name := range []string{"a.png", "b.png"} {
		if _, err := readPicture(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 2 {
		t.Errorf("%d files are written, %v", len(entries), err)
	}
	// Again from what was written: 16 bits are kept.
	whole, err := readPicture(filepath.Join(out, "b.png"))
	if err != nil || whole.bits != 16 {
		t.Errorf("%d bits, %v", whole.bits, err)
	}
}

func TestDenoiseRefusals(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, kind := range []string{"grey8.png", "colour16.png"} {
		if err := os.WriteFile(at(kind), encoded(t, kind, 40, 30), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(at("cube.npy"), npy.Encode(make([]float32, 100), 5, 4, 5), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("other.npy"), npy.Encode(make([]float32, 100), 10, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	out := at("out.png")
	grey := at("grey8.png")
	for _, test := range []struct{ args, says string }{
		{"--machine photo " + at("colour16.png") + " --sigma 0.2", "--colour opponent"},
		{"--machine photo " + at("colour16.png") + " --sigma 0.2", "--colour grey"},
		{"--machine photo --method bm3d " + grey + " --sigma 0.2", "one of them"},
		{"--machine photo " + grey + " --sigma 0", "25/255"},
		{"--machine photo " + grey + " --sigma 25/0", "25/255"},
		{"--machine photo " + grey + " --sigma much", "25/255"},
		{"--machine photo " + grey + " --sigma auto --seed 1", "give --sigma a number"},
		{"--machine photo " + grey + " --sigma 1 --noisy x.png", "no --seed"},
		{"--machine photo " + grey + " --sigma 1 --seed 1 --reference " + grey, "one of them"},
		{"--machine photo " + grey + " --sigma 1 --reference " + at("other.npy"), "channels x height x width"},
		{"--machine photo " + at("none.png") + " --sigma 1", "none.png"},
		{"--machine photo " + at("cube.npy") + " --sigma 1", "[5 4 5]"},
		{"--machine photo " + at("empty") + " --sigma 1", "no pictures"},
		{"--machine photo " + at("other.npy") + " --sigma auto", "no noise"},
		{"--machine phot " + grey + " --sigma 1", "phot"},
		{"--machine photo " + grey + " --sigma 1 --reference " + grey + " -o " + grey, "replace"},
		{grey + " --sigma 1", "--machine photo"},
	} {
		args := append([]string{"denoise"}, strings.Fields(test.args)...)
		if !strings.Contains(test.args, "-o") {
			args = append(args, "-o", out)
		}
		if _, err := wavescore(t, args...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", test.args, err, test.says)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refusal wrote its picture")
	}
}

func TestInfo(t *testing.T) {
	printed, err := wavescore(t, "info", "photo")
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"patch mixture: ", "8x8 pixels", "of any size", "[-1, 1]"} {
		if !strings.Contains(printed, says) {
			t.Errorf("info photo does not say %q: %s", says, printed)
		}
	}
	file := filepath.Join(t.TempDir(), "machine")
	if _, err := wavescore(t, "fit", "--data", blobs(t, 30, 28), "--family", "independent", "-o", file); err != nil {
		t.Fatal(err)
	}
	if printed, err = wavescore(t, "info", file); err != nil || !strings.Contains(printed, "independent") || !strings.Contains(printed, "1x32x32") {
		t.Errorf("info: %v, %s", err, printed)
	}
	if text := versionText(); !strings.HasPrefix(text, "wavescore ") {
		t.Error(text)
	}
}

// A mixture of patches is fitted by the command line, and denoises a picture of another size.
func TestFitPatchMixture(t *testing.T) {
	dir := blobs(t, 30, 28)
	file := filepath.Join(t.TempDir(), "machine")
	if _, err := wavescore(t, "fit", "--data", dir, "--family", "patch-mixture", "--components", "8", "--windows", "3000", "--rounds", "1", "-o", file); err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(t.TempDir(), "in.png")
	if err := os.WriteFile(in, encoded(t, "grey8.png", 70, 20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wavescore(t, "denoise", file, in, "--sigma", "0.2", "--seed", "1", "-o", filepath.Join(t.TempDir(), "out.png")); err != nil {
		t.Error(err)
	}
	if _, err := wavescore(t, "fit", "--data", dir, "--family", "patch-mixture", "--window", "4", "-o", file); err == nil || !strings.Contains(err.Error(), "no effect") {
		t.Errorf("--window: %v", err)
	}
	if _, err := wavescore(t, "fit", "--data", dir, "--family", "conditional", "--windows", "4", "-o", file); err == nil || !strings.Contains(err.Error(), "no effect") {
		t.Errorf("--windows: %v", err)
	}
}
