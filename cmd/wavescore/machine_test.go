package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wavescore runs a command line and returns what it printed on standard output.
func wavescore(t *testing.T, args ...string) (string, error) {
	t.Helper()
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = write
	printed := make(chan string)
	go func() {
		all, _ := io.ReadAll(read)
		printed <- string(all)
	}()
	parser, err := newParser(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	command, err := parser.Parse(args)
	if err == nil {
		err = command.Run()
	}
	write.Close()
	return <-printed, err
}

// blobs writes a folder of 8-bit grey pictures, one bright blob each, and returns it.
func blobs(t *testing.T, n, side int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 0))
	for i := range n {
		picture := image.NewGray(image.Rect(0, 0, side, side))
		x, y := rnd.Float64()*float64(side), rnd.Float64()*float64(side)
		for p := range picture.Pix {
			d := math.Hypot(float64(p%side)-x, float64(p/side)-y)
			picture.Pix[p] = uint8(255 * math.Exp(-d*d/8))
		}
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, picture); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	return dir
}

// TestFitEvalDenoise is the life of a machine on a folder of one's own pictures: the risk that
// eval prints is between 0 and the noise's and falls with richer families, and denoise brings a
// picture nearer to what it was.
func TestFitEvalDenoise(t *testing.T) {
	dir := blobs(t, 200, 28)
	file := filepath.Join(t.TempDir(), "machine")
	risks := func(args ...string) map[float64]float64 {
		if _, err := wavescore(t, append([]string{"fit", "--data", dir, "-o", file}, args...)...); err != nil {
			t.Fatal(err)
		}
		out, err := wavescore(t, "eval", file, "--data", dir, "--split", "train", "--sigma", "0.1,0.5", "--json")
		if err != nil {
			t.Fatal(err)
		}
		risks := make(map[float64]float64)
		for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
			var line evaluation
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if line.Method != "exact" {
				t.Errorf("method %q", line.Method)
			}
			risks[line.Sigma] = line.MSE
		}
		return risks
	}
	small := risks("--family", "independent", "--degree", "1")
	large := risks("--family", "local-coupled")
	for _, sigma := range []float64{0.1, 0.5} {
		if !(0 < large[sigma] && large[sigma] < small[sigma] && small[sigma] < sigma*sigma) {
			t.Errorf("sigma %v: local-coupled %v, independent linear %v", sigma, large[sigma], small[sigma])
		}
	}
	if out, err := wavescore(t, "eval", file, "--data", dir, "--split", "train"); err != nil || !strings.Contains(out, "local-coupled, radius 1; gated, degree 3") {
		t.Errorf("eval without --json: %v\n%s", err, out)
	}

	in, out := filepath.Join(dir, "000.png"), filepath.Join(t.TempDir(), "out.png")
	if _, err := wavescore(t, "denoise", file, in, "--sigma", "0.3", "--seed", "1", "-o", out); err != nil {
		t.Fatal(err)
	}
	clean, denoised := readGrey(t, in), readGrey(t, out)
	if denoised.Bounds() != clean.Bounds() {
		t.Fatalf("a picture of %v became one of %v", clean.Bounds(), denoised.Bounds())
	}
	var sum float64
	for p := range clean.Pix {
		d := (float64(clean.Pix[p]) - float64(denoised.Pix[p])) / 127.5
		sum += d * d / float64(len(clean.Pix))
	}
	if sum > 0.3*0.3/2 {
		t.Errorf("the denoised picture is %v from the clean one, the noise was %v", sum, 0.3*0.3)
	}
}

func readGrey(t *testing.T, path string) *image.Gray {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(picture.Bounds())
	for y := range grey.Rect.Dy() {
		for x := range grey.Rect.Dx() {
			grey.SetGray(x, y, color.GrayModel.Convert(picture.At(x, y)).(color.Gray))
		}
	}
	return grey
}

// TestMachineCommandErrors: bad input is an error that names it, and nothing is written.
func TestMachineCommandErrors(t *testing.T) {
	dir := blobs(t, 20, 12)
	good, bad := filepath.Join(t.TempDir(), "good"), filepath.Join(t.TempDir(), "bad")
	if _, err := wavescore(t, "fit", "--data", dir, "--family", "independent", "-o", good); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, says string }{
		{"fit --data " + dir + " --wavelet walsh -o " + bad, "walsh"},
		{"fit --data " + dir + " --levels 9 -o " + bad, "levels"},
		{"fit --data " + dir + " --degree 7 -o " + bad, "degree 7"},
		{"fit --data " + dir + " --radius -1 -o " + bad, "radius"},
		{"fit --data " + dir + " --ridge -1 -o " + bad, "ridge"},
		{"fit --data " + dir + " --ridge NaN -o " + bad, "ridge"},
		{"fit --data " + dir + " --images 1000 -o " + bad, "1000"},
		{"fit --data " + dir + " --family all -o " + bad, "independent"},
		{"fit --data nowhere -o " + bad, "nowhere"},
		{"fit --data " + dir + " -o " + filepath.Join(bad, "deeper"), "deeper"},
		{"eval " + good + " --data " + dir + " --sigma 0", "sigma"},
		{"eval " + good + " --data " + dir + " --sigma -1", "sigma"},
		{"eval " + cut + " --data " + dir, cut},
		{"eval " + filepath.Join(dir, "none") + " --data " + dir, "none"},
		{"denoise " + good + " " + cut + " --sigma 1 -o " + bad + ".png", cut},
		{"denoise " + good + " " + good + " --sigma 1 -o " + bad + ".png", good},
	} {
		if _, err := wavescore(t, strings.Fields(test.args)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("wavescore %s: %v", test.args, err)
		}
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("a failed command wrote its file")
	}
}

// A flag that a family has no use for is an error, as is one that no family takes.
func TestFitFlags(t *testing.T) {
	dir, out := blobs(t, 30, 28), filepath.Join(t.TempDir(), "m")
	for _, test := range []struct{ flags, says string }{
		{"--family cross-scale --parents=-1", "negative"},
		{"--context=-1", "negative"},
		{"--context 9", "5 levels"},
		{"--family linear --context 2", "--context has no effect"},
		{"--family linear --degree 3", "--degree has no effect"},
		{"--family linear --terms full", "--terms has no effect"},
		{"--family independent --radius 2", "--radius has no effect"},
		{"--family local-coupled --parents 2", "--parents has no effect"},
		{"--window 4", "--window has no effect"},
		{"--sites shared", "--sites has no effect"},
		{"--seed 2", "--seed has no effect"},
		{"--family conditional --radius 2", "--radius has no effect"},
		{"--family conditional --levels 2", "--levels has no effect"},
		{"--family conditional --sites some", "own or shared"},
		{"--terms cubic", "powers"},
		{"--share row", "coefficient"},
		{"--target noise", "clean"},
		{"--images=-1", "not negative"},
	} {
		if _, err := wavescore(t, strings.Fields("fit --data "+dir+" -o "+out+" "+test.flags)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("fit %s: %v; want %q", test.flags, err, test.says)
		}
	}
	for _, test := range []struct{ args, says string }{
		{"eval FILE --data " + dir + " --sigma=", "no noise level"},
		{"sample FILE --steps 1000000000 -o x.npy", "at most"},
		{"sample FILE -n 1000000000000 -o x.npy", "memory holds"},
	} {
		file := filepath.Join(t.TempDir(), "machine")
		if _, err := wavescore(t, "fit", "--data", dir, "--family", "independent", "-o", file); err != nil {
			t.Fatal(err)
		}
		args := strings.ReplaceAll(strings.ReplaceAll(test.args, "FILE", file), "x.npy", filepath.Join(t.TempDir(), "x.npy"))
		if _, err := wavescore(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", test.args, err, test.says)
		}
	}
}
