package lab

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"wavescore/internal/wholefile"
	"wavescore/pkg/viz"
)

// figuresVariable names the environment variable that holds the folder for figure files. The runner of notebooks sets it.
const figuresVariable = "WAVESCORE_FIGURES"

// Show shows a figure; name is what its files are called. In a notebook the figure is a picture, with a live chart in its
// place where scripts may run. With $WAVESCORE_FIGURES set the figure is also saved in that folder: the picture as PNG and SVG and
// its numbers as CSV. Outside a notebook it is saved in figures/ even without, and Show prints where.
//
// A figure that cannot be drawn or saved stops the cell.
func Show(name string, figure viz.Figure) {
	name = fileName(name)
	var picture bytes.Buffer
	Must(viz.WritePNG(&picture, figure))
	dir := os.Getenv(figuresVariable)
	if dir == "" && !gonbui.IsNotebook {
		dir = "figures"
	}
	if dir != "" {
		Must(save(dir, name, figure, picture.Bytes()))
	}
	if !gonbui.IsNotebook {
		fmt.Printf("%s.png, .svg and .csv\n", filepath.Join(dir, name))
		return
	}
	size := Must1(png.DecodeConfig(bytes.NewReader(picture.Bytes())))
	display(map[protocol.MIMEType]any{
		protocol.MIMEImagePNG:  picture.Bytes(),
		protocol.MIMETextHTML:  Must1(viz.LiveHTML(figure)),
		protocol.MIMETextPlain: viz.Title(figure),
	}, map[string]any{
		"image/png": map[string]int{"width": size.Width / 2}, // viz draws two dots a pixel
		"wavescore": map[string]string{"figure": name, "title": viz.Title(figure), "caption": viz.Caption(figure)},
	})
}

func save(dir, name string, figure viz.Figure, picture []byte) error {
	var drawing, numbers bytes.Buffer
	err := errors.Join(os.MkdirAll(dir, 0o755), viz.WriteSVG(&drawing, figure), viz.WriteCSV(&numbers, figure))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	return errors.Join(wholefile.Write(path+".png", picture), wholefile.Write(path+".svg", drawing.Bytes()), wholefile.Write(path+".csv", numbers.Bytes()))
}

// LiveLibrary is the HTML that brings ECharts to a page, once for all its live charts: the library itself as environment/setup
// installed it, so that the page works offline, or else its address.
func LiveLibrary() string { return viz.LibraryHTML(echarts()) }

func echarts() []byte {
	root, err := ModuleRoot()
	if err != nil {
		return nil
	}
	library, err := os.ReadFile(filepath.Join(root, "environment", "node_modules", "echarts", "dist", "echarts.min.js"))
	if err != nil {
		return nil
	}
	return library
}
