package viz

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var regen = flag.Bool("regen", false, "write the golden pictures anew; look at every one before committing it")

// TestGolden compares the picture of every kind of figure, drawn small, with the one that was last
// looked at.
func TestGolden(t *testing.T) {
	for _, s := range gallery() {
		t.Run(s.name, func(t *testing.T) {
			got := rasterise(planOf(t, s.Figure), 400*px, 96)
			path := filepath.Join("testdata", s.name+".png")
			if *regen {
				writeGolden(t, path, got)
			}
			want := readPicture(t, path)
			if got.Bounds() != want.Bounds() {
				t.Fatalf("the picture is %v, the golden one %v", got.Bounds(), want.Bounds())
			}
			// Another processor may round the edge of a letter otherwise; nothing may be in another
			// place.
			if d, x, y := difference(got, want); d > 24 {
				t.Errorf("at dot (%d, %d) the picture differs from the golden one by %d of 255; -regen writes it anew", x, y, d)
			}
		})
	}
}

func writeGolden(t *testing.T, path string, img image.Image) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readPicture(t *testing.T, path string) image.Image {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// difference returns the largest difference of a colour channel, and where it is.
func difference(a, b image.Image) (most, x, y int) {
	for v := a.Bounds().Min.Y; v < a.Bounds().Max.Y; v++ {
		for u := a.Bounds().Min.X; u < a.Bounds().Max.X; u++ {
			r1, g1, b1, _ := a.At(u, v).RGBA()
			r2, g2, b2, _ := b.At(u, v).RGBA()
			for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}} {
				if d := max(pair[0], pair[1])>>8 - min(pair[0], pair[1])>>8; int(d) > most {
					most, x, y = int(d), u, v
				}
			}
		}
	}
	return most, x, y
}

// TestDeterministic writes every figure twice: committed outputs must not change without reason.
func TestDeterministic(t *testing.T) {
	for _, s := range gallery() {
		for name, write := range map[string]func() []byte{
			"SVG":  func() []byte { return written(t, s.Figure, WriteSVG) },
			"HTML": func() []byte { return []byte(liveHTML(t, s.Figure)) },
		} {
			if !bytes.Equal(write(), write()) {
				t.Errorf("%s: two %s outputs of the same figure differ", s.name, name)
			}
		}
	}
}
