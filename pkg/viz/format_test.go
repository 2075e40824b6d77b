package viz

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/xml"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wavescore/pkg/wavelet"
)

const echartsFile = "../../environment/node_modules/echarts/dist/echarts.min.js"

func written(t *testing.T, f Figure, write func(io.Writer, Figure) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func planOf(t *testing.T, f Figure) plan {
	t.Helper()
	p, err := planned(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func liveHTML(t *testing.T, f Figure) string {
	t.Helper()
	s, err := LiveHTML(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFormats(t *testing.T) {
	for _, s := range gallery() {
		t.Run(s.name, func(t *testing.T) {
			picture, err := png.Decode(bytes.NewReader(written(t, s.Figure, WritePNG)))
			if err != nil {
				t.Fatal(err)
			}
			size := planOf(t, s.Figure).size(pageWidth)
			if got, want := picture.Bounds().Dx(), 2*pixels(size.X); got != want {
				t.Errorf("the PNG is %d dots wide, want two a CSS pixel, %d", got, want)
			}
			decoder := xml.NewDecoder(bytes.NewReader(written(t, s.Figure, WriteSVG)))
			for err == nil {
				_, err = decoder.Token()
			}
			if err != io.EOF {
				t.Errorf("the SVG is no XML: %v", err)
			}
		})
	}
}

// TestHTML looks for what must and must not be in a fragment: the picture itself, the caption, no
// script in the static form, and nothing of a title that a browser could take for a tag.
func TestHTML(t *testing.T) {
	f := linesSpecimen()
	f.Title, f.Caption = `</script><b>bold & "quoted"`, "a < b"
	f.Series[0].Name = "</script><i>"
	static, err := StaticHTML(f)
	if err != nil {
		t.Fatal(err)
	}
	live := liveHTML(t, f)
	if strings.Contains(static, "<script") {
		t.Error("the static form holds a script")
	}
	if !strings.Contains(static, "a &lt; b</figcaption>") {
		t.Error("the caption is missing")
	}
	if n := strings.Count(live, "</script>"); n != 1 {
		t.Errorf("the live form ends a script %d times", n)
	}
	for _, tag := range []string{"<b>", "<i>"} {
		if strings.Contains(live, tag) || strings.Contains(static, tag) {
			t.Errorf("a title's %s came through as a tag", tag)
		}
	}
	_, rest, _ := strings.Cut(static, "data:image/png;base64,")
	encoded, _, _ := strings.Cut(rest, `"`)
	picture, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(picture, written(t, f, WritePNG)) {
		t.Error("the picture in the HTML is not what WritePNG writes")
	}
}

// TestCSV reads every table back: as many rows as there are observations, and the numbers to the
// last bit.
func TestCSV(t *testing.T) {
	lines, scatter, hist := linesSpecimen(), scatterSpecimen(), histogramSpecimen(false)
	bars, heat, jointFigure := barsSpecimen(), heatMapSpecimen(), jointSpecimen(false)
	grid, mosaic := gridSpecimen(), mosaicSpecimen()
	var y, xs, heights, cells []float64
	for _, s := range lines.Series {
		y = append(y, s.Y...)
	}
	for _, s := range append(scatter.Series, scatter.Curves...) {
		xs = append(xs, s.X...)
	}
	for j := range bars.Categories {
		for _, g := range bars.Groups {
			heights = append(heights, g.Values[j])
		}
	}
	for _, row := range heat.Values {
		cells = append(cells, row...)
	}
	for _, c := range []struct {
		Figure
		column string
		want   []float64
	}{
		{lines, lines.Y.Label, y},
		{scatter, scatter.X.Label, xs},
		{bars, bars.Y.Label, heights},
		{heat, heat.Colour.Label, cells},
		{jointFigure, "count", planOf(t, jointFigure).(joint).counts.values},
		{mosaic, "coefficient", mosaic.Coefficients},
		{Histogram{Title: "h", X: hist.X, Bins: 7, Samples: hist.Samples[:1]}, "density",
			count(hist.Samples[0].Values, hist.X.scale(0), 7).density},
	} {
		got := column(t, c.Figure, c.column)
		if !equal(got, c.want) {
			t.Errorf("%v: column %q reads back as %v, want %v", c.heading(), c.column, got, c.want)
		}
	}

	records := readCSV(t, grid)
	var pixels []float64
	for _, record := range records[1:] {
		for _, field := range record[2:] {
			pixels = append(pixels, parse(t, field))
		}
	}
	if !equal(pixels, grid.Images) {
		t.Errorf("the grid's pixels read back otherwise")
	}
	if got, want := records[1][:2], []string{"small", "0"}; got[0] != want[0] || got[1] != want[1] {
		t.Errorf("the grid's first row is labelled %q, want %q", got, want)
	}
}

// TestPanelsCSV checks that each panel's numbers stay in their columns, with the panel's name.
func TestPanelsCSV(t *testing.T) {
	bars, lines := barsSpecimen(), linesSpecimen()
	records := readCSV(t, Panels{Columns: 2, Figures: []Figure{bars, lines}})
	for i, record := range records {
		if len(record) != len(records[0]) {
			t.Fatalf("row %d has %d fields, the header %d", i, len(record), len(records[0]))
		}
	}
	if want := 1 + 15 + 4*13; len(records) != want {
		t.Errorf("there are %d rows, want %d", len(records), want)
	}
	if got := records[len(records)-1][0]; got != lines.Title {
		t.Errorf("the last row is of panel %q, want %q", got, lines.Title)
	}
	last := lines.Series[3].Y[12]
	for j, name := range records[0] {
		if name == lines.Y.Label && parse(t, records[len(records)-1][j]) != last {
			t.Errorf("the last error is %s, want %v", records[len(records)-1][j], last)
		}
	}
}

func readCSV(t *testing.T, f Figure) [][]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(written(t, f, WriteCSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func column(t *testing.T, f Figure, name string) []float64 {
	t.Helper()
	records := readCSV(t, f)
	for j, header := range records[0] {
		if header != name {
			continue
		}
		var values []float64
		for _, record := range records[1:] {
			values = append(values, parse(t, record[j]))
		}
		return values
	}
	t.Fatalf("%v: no column %q in %q", f.heading(), name, records[0])
	return nil
}

func parse(t *testing.T, field string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(field, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func equal(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := Save(dir, "errors", linesSpecimen(), nil); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if got, want := strings.Join(names, " "), "errors.csv errors.html errors.png errors.svg"; got != want {
		t.Errorf("Save left %q, want %q", got, want)
	}
}

// TestMosaicPlaces marks one coefficient of a band and looks for its colour where the band must
// lie.
func TestMosaicPlaces(t *testing.T) {
	layout, err := wavelet.NewLayout(1, 8, 8, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		place wavelet.Place
		x, y  float64 // as shares of the mosaic's side
	}{
		{wavelet.Place{Band: wavelet.Band{Level: 1, Orientation: wavelet.Vertical}, Row: 1, Col: 2}, 6.5 / 8, 1.5 / 8},
		{wavelet.Place{Band: wavelet.Band{Level: 1, Orientation: wavelet.Horizontal}, Row: 1, Col: 2}, 2.5 / 8, 5.5 / 8},
		{wavelet.Place{Band: wavelet.Band{Level: 1, Orientation: wavelet.Diagonal}, Row: 3, Col: 0}, 4.5 / 8, 7.5 / 8},
		{wavelet.Place{Band: wavelet.Band{Level: 2, Orientation: wavelet.Vertical}, Row: 1, Col: 1}, 3.5 / 8, 1.5 / 8},
		{wavelet.Place{Band: wavelet.Band{Level: 2, Orientation: wavelet.Diagonal}, Row: 1, Col: 0}, 2.5 / 8, 3.5 / 8},
	} {
		coefficients := make([]float64, layout.Len())
		coefficients[layout.Index(c.place)] = 1
		f := Mosaic{Layout: layout, Coefficients: coefficients}
		img := rasterise(f, pageWidth, 96)
		side := float64(pixels(f.layout(pageWidth).width))
		x, y := 8+int(c.x*side), 8+int(c.y*side)
		if r, g, b, _ := img.At(x, y).RGBA(); r>>8 != 0x67 || g>>8 != 0 || b>>8 != 0x1f {
			t.Errorf("%v: the colour at (%d, %d) is (%x, %x, %x), want the darkest red", c.place, x, y, r>>8, g>>8, b>>8)
		}
	}
}

// TestGridPixels looks up single pixels of a colour image and of a grey one in the drawn grid.
func TestGridPixels(t *testing.T) {
	f := Grid{Channels: 3, Height: 2, Width: 2, Columns: 1, Images: []float64{
		-1, 1, 0, 0.5, // red
		-1, 0, 1, 0.5, // green
		1, 0, -2, 0.5, // blue, one value beyond the range
	}}
	img := rasterise(f, pageWidth, 96)
	side := pixels(f.layout(pageWidth).width)
	for i, want := range [][3]uint32{{0, 0, 255}, {255, 128, 128}, {128, 255, 0}, {191, 191, 191}} {
		x, y := 8+side/4+i%2*side/2, 8+side/4+i/2*side/2
		r, g, b, _ := img.At(x, y).RGBA()
		if got := [3]uint32{r >> 8, g >> 8, b >> 8}; got != want {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
}
