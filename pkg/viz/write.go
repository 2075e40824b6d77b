package viz

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"wavescore/internal/wholefile"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// WritePNG writes the static picture at two dots a CSS pixel, sharp on paper and on dense screens:
// 1800 dots for a figure of full width.
func WritePNG(w io.Writer, f Figure) error { return write(w, f, writePNG) }

// WriteSVG writes the static picture as SVG. Letters are shapes, so it looks the same everywhere.
func WriteSVG(w io.Writer, f Figure) error { return write(w, f, writeSVG) }

// WriteCSV writes the numbers of the figure in long form: a header, then one observation a row.
// Numbers read back to the same bits.
func WriteCSV(w io.Writer, f Figure) error { return write(w, f, writeCSV) }

// Draw draws the static picture on the canvas that the function makes for its size: for formats
// that this package does not write.
func Draw(f Figure, canvas func(width, height vg.Length) vg.Canvas) error {
	p, err := planned(f)
	if err != nil {
		return err
	}
	size := p.size(pageWidth)
	p.draw(draw.NewCanvas(canvas(size.X, size.Y), size.X, size.Y))
	return nil
}

func write(w io.Writer, f Figure, as func(io.Writer, plan) error) error {
	p, err := planned(f)
	if err != nil {
		return err
	}
	return as(w, p)
}

func writePNG(w io.Writer, p plan) error { return png.Encode(w, rasterise(p, pageWidth, 2*96)) }

// rasterise draws the static picture for the given width.
func rasterise(p plan, width vg.Length, dotsPerInch int) image.Image {
	size := p.size(width)
	c := vgimg.NewWith(vgimg.UseWH(size.X, size.Y), vgimg.UseDPI(dotsPerInch))
	p.draw(draw.New(c))
	return c.Image()
}

func writeSVG(w io.Writer, p plan) error {
	size := p.size(pageWidth)
	c := vgsvg.New(size.X, size.Y)
	p.draw(draw.New(c))
	_, err := c.WriteTo(w)
	return err
}

func writeCSV(w io.Writer, p plan) error {
	t := p.table()
	out := csv.NewWriter(w)
	if err := out.Write(t.columns); err != nil {
		return err
	}
	return out.WriteAll(t.rows)
}

// Save writes the figure as dir/name.png, .svg, .csv and .html, each through a temporary file, so
// that none is ever there in half. The page finds ECharts as a Page does. It makes dir where it is
// missing.
func Save(dir, name string, f Figure, echarts []byte) error {
	d, err := NewDrawing(f)
	if err != nil {
		return err
	}
	figure, err := d.LiveHTML()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, out := range []struct {
		extension string
		write     func(io.Writer) error
	}{
		{".png", func(w io.Writer) error { _, err := w.Write(d.PNG()); return err }},
		{".svg", d.WriteSVG},
		{".csv", d.WriteCSV},
		{".html", func(w io.Writer) error { return writePage(w, Title(f), echarts, figure) }},
	} {
		var file bytes.Buffer
		if err := out.write(&file); err != nil {
			return err
		}
		if err := wholefile.Write(filepath.Join(dir, name+out.extension), file.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
