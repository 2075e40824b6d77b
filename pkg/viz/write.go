package viz

import (
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// WritePNG writes the static picture at two dots a CSS pixel, sharp on paper and on dense screens: 1800 dots for a figure
// of full width.
func WritePNG(w io.Writer, f Figure) error {
	if err := check(f); err != nil {
		return err
	}
	return png.Encode(w, rasterise(f, Width, 2*96))
}

// rasterise draws the static picture for the given width.
func rasterise(f Figure, width vg.Length, dotsPerInch int) image.Image {
	size := f.size(width)
	c := vgimg.NewWith(vgimg.UseWH(size.X, size.Y), vgimg.UseDPI(dotsPerInch))
	f.draw(draw.New(c))
	return c.Image()
}

// WriteSVG writes the static picture as SVG. Letters are shapes, so it looks the same everywhere.
func WriteSVG(w io.Writer, f Figure) error {
	return writeVector(w, f, func(size vg.Point) vg.CanvasWriterTo { return vgsvg.New(size.X, size.Y) })
}

// WritePDF writes the static picture as a PDF page of its size. Letters are shapes.
func WritePDF(w io.Writer, f Figure) error {
	return writeVector(w, f, func(size vg.Point) vg.CanvasWriterTo { return pdfCanvas{vgpdf.New(size.X, size.Y)} })
}

func writeVector(w io.Writer, f Figure, canvas func(size vg.Point) vg.CanvasWriterTo) error {
	if err := check(f); err != nil {
		return err
	}
	c := canvas(f.size(Width))
	f.draw(draw.NewCanvas(c, f.size(Width).X, f.size(Width).Y))
	_, err := c.WriteTo(w)
	return err
}

// Save writes the figure as dir/name.png, .svg, .pdf, .csv and .html, each through a temporary file, so that none is ever
// there in half. The page finds ECharts as that of a Page does. It makes dir where it is missing.
func Save(dir, name string, f Figure, echarts []byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	page := func(w io.Writer, f Figure) error {
		return Page{Title: f.heading().title, ECharts: echarts, Figures: []Figure{f}}.Write(w)
	}
	for _, out := range []struct {
		extension string
		write     func(io.Writer, Figure) error
	}{
		{".png", WritePNG}, {".svg", WriteSVG}, {".pdf", WritePDF}, {".csv", WriteCSV}, {".html", page},
	} {
		write := func(w io.Writer) error { return out.write(w, f) }
		if err := writeFile(filepath.Join(dir, name+out.extension), write); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file completely or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails, as it should, once the file has its name
	if err := write(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
