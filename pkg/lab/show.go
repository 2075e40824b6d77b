package lab

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"reflect"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"wavescore/pkg/viz"
)

// figuresVariable names the environment variable that holds the folder for figure files. The runner of notebooks sets it.
const figuresVariable = "WAVESCORE_FIGURES"

// Show shows a figure; name is what its files are called. In a notebook the figure is a picture, and a live chart in its place where
// scripts may run. With $WAVESCORE_FIGURES set the figure is also saved in that folder, as PNG, SVG, PDF, HTML and the CSV of its numbers;
// outside a notebook it is saved in figures/ even without, and Show prints where.
//
// A figure that cannot be drawn or saved stops the cell.
func Show(name string, figure viz.Figure) {
	name = fileName(name)
	if dir := os.Getenv(figuresVariable); dir != "" || !gonbui.IsNotebook {
		if dir == "" {
			dir = "figures"
		}
		Must(viz.Save(dir, name, figure, echarts()))
		if !gonbui.IsNotebook {
			fmt.Println("saved", filepath.Join(dir, name+".png"), "and, beside it, .svg .pdf .csv .html")
			return
		}
	}
	var picture bytes.Buffer
	Must(viz.WritePNG(&picture, figure))
	size := Must1(png.DecodeConfig(bytes.NewReader(picture.Bytes())))
	live := Must1(viz.LiveHTML(figure))
	title, caption := field(figure, "Title"), field(figure, "Caption")
	display(map[protocol.MIMEType]any{
		protocol.MIMEImagePNG:  picture.Bytes(),
		protocol.MIMETextHTML:  live,
		protocol.MIMETextPlain: title,
	}, map[string]any{
		"image/png": map[string]int{"width": size.Width / 2}, // viz draws two dots a pixel
		"wavescore": map[string]string{"figure": name, "title": title, "caption": caption},
	})
}

// field returns a text that every kind of figure has.
func field(figure viz.Figure, name string) string {
	f := reflect.Indirect(reflect.ValueOf(figure)).FieldByName(name)
	if f.Kind() != reflect.String {
		return ""
	}
	return f.String()
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
