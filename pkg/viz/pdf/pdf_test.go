package pdf

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"

	"wavescore/pkg/viz"
)

var pdfStream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)

// pdfStreams returns the unpacked streams of a PDF.
func pdfStreams(t *testing.T, pdf []byte) []string {
	var streams []string
	for _, match := range pdfStream.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(match[1]))
		if err != nil {
			continue // a stream that is not packed
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, string(text))
	}
	return streams
}

// TestWrite looks for a whole document, and for the error of a figure that cannot be drawn.
func TestWrite(t *testing.T) {
	var b bytes.Buffer
	figure := viz.Lines{Title: "Error", X: viz.Axis{Label: "sigma"}, Y: viz.Axis{Label: "error"},
		Series: []viz.Series{{X: []float64{1, 2}, Y: []float64{3, 4}}}}
	if err := Write(&b, figure); err != nil {
		t.Fatal(err)
	}
	page := bytes.TrimSpace(b.Bytes())
	if !bytes.HasPrefix(page, []byte("%PDF-")) || !bytes.HasSuffix(page, []byte("%%EOF")) {
		t.Errorf("the PDF starts with %q and ends with %q", page[:8], page[len(page)-8:])
	}
	figure.Series[0].Y[1] = math.NaN()
	b.Reset()
	if err := Write(&b, figure); err == nil || b.Len() > 0 {
		t.Errorf("a figure that cannot be drawn: error %v, %d bytes", err, b.Len())
	}
}

// TestImage draws an image whose upper half is red, follows the page's transformations to where
// the image is drawn, and checks that the red half ends on top.
func TestImage(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2, 2))
	red, blue := color.RGBA{R: 255, A: 255}, color.RGBA{B: 255, A: 255}
	for x := range 2 {
		img.SetRGBA(x, 0, red)
		img.SetRGBA(x, 1, blue)
	}
	c := canvas{vgpdf.New(100, 100)}
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: 10, Y: 10}, Max: vg.Point{X: 50, Y: 50}}, img)
	var pdf bytes.Buffer
	if _, err := c.WriteTo(&pdf); err != nil {
		t.Fatal(err)
	}

	upright, firstRed := false, false
	for _, stream := range pdfStreams(t, pdf.Bytes()) {
		if strings.Contains(stream, " Do") {
			upright = imageUpright(t, stream)
			continue
		}
		// Rows of an image begin with their PNG filter; with the filters 0 to 4 the first pixel of
		// the first row is plain.
		firstRed = len(stream) > 3 && stream[1:4] == "\xff\x00\x00"
	}
	if upright != firstRed {
		t.Errorf("the red half is first in the image: %v; the image is drawn upright: %v; want both or none", firstRed, upright)
	}
}

// imageUpright multiplies the transformations that are in force where the page draws its image and
// says whether the product keeps up above.
func imageUpright(t *testing.T, content string) bool {
	scale := 1.0 // the vertical one; nothing here turns
	var stack []float64
	fields := strings.Fields(content)
	for i, field := range fields {
		switch field {
		case "q":
			stack = append(stack, scale)
		case "Q":
			scale, stack = stack[len(stack)-1], stack[:len(stack)-1]
		case "cm":
			d, err := strconv.ParseFloat(fields[i-3], 64)
			if err != nil {
				t.Fatal(err)
			}
			scale *= d
		case "Do":
			return scale > 0
		}
	}
	t.Fatal("the page draws no image")
	return false
}

// TestColour checks that a faint colour keeps its hue: PDF wants colour and opacity apart.
func TestColour(t *testing.T) {
	c := canvas{vgpdf.New(100, 100)}
	c.SetColor(color.NRGBA{R: 255, G: 51, A: 51})
	c.Fill(vg.Rectangle{Max: vg.Point{X: 10, Y: 10}}.Path())
	var pdf bytes.Buffer
	if _, err := c.WriteTo(&pdf); err != nil {
		t.Fatal(err)
	}
	if streams := strings.Join(pdfStreams(t, pdf.Bytes()), "\n"); !strings.Contains(streams, "1.000 0.200 0.000 rg") {
		t.Errorf("the fill colour is not (1, 0.2, 0) in\n%s", streams)
	}
}
