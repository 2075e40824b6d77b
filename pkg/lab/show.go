package lab

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"wavescore/internal/wholefile"
	"wavescore/pkg/viz"
)

// Show shows a figure; name is what its files are called. In a notebook the figure is a picture,
// with a live chart in its place where scripts may run. It is also saved: the picture as PNG and
// SVG and its numbers as CSV. The files go to the folder $WAVESCORE_FIGURES; where that is not
// set, to figures/NN at the module's root in the open session of notebook NN, to figures/session
// where Jupyter does not say which notebook it is, and outside notebooks to figures/ here, and
// Show prints where.
//
// A denoiser whose name is that of a series has the same colour and marker in every figure.
//
// A figure that cannot be drawn or saved stops the cell.
func Show(name string, figure viz.Figure) {
	name = fileName(name)
	drawing := Must1(viz.NewDrawing(withLooks(figure)))
	dir := Must1(figureFolder(gonbui.IsNotebook))
	Must(save(dir, name, drawing))
	if !gonbui.IsNotebook {
		fmt.Printf("%s.png, .svg and .csv\n", filepath.Join(dir, name))
		return
	}
	size := Must1(png.DecodeConfig(bytes.NewReader(drawing.PNG())))
	display(map[protocol.MIMEType]any{
		protocol.MIMEImagePNG:  drawing.PNG(),
		protocol.MIMETextHTML:  Must1(drawing.LiveHTML()),
		protocol.MIMETextPlain: strings.TrimSpace(viz.Title(figure) + "\n" + viz.Caption(figure)),
	}, map[string]any{
		"image/png": map[string]int{"width": size.Width / 2}, // viz draws two dots a pixel
		"wavescore": map[string]string{"figure": name, "title": viz.Title(figure), "caption": viz.Caption(figure)},
	})
}

const (
	figuresVariable  = "WAVESCORE_FIGURES"  // the folder of figures; the runner sets it
	headlessVariable = "WAVESCORE_HEADLESS" // whether nobody looks on: 1 or 0
	sessionVariable  = "JPY_SESSION_NAME"   // the notebook of an open session
)

// headless says that nobody looks on: outputs are kept as they are, so there are no bars of
// progress in them, nor the library of live charts. Who sets the folder of figures is taken for
// such a run, unless told otherwise.
func headless() bool {
	if told := os.Getenv(headlessVariable); told != "" {
		return told != "0"
	}
	return os.Getenv(figuresVariable) != ""
}

// figureFolder returns the folder that Show saves in.
func figureFolder(notebook bool) (string, error) {
	if dir := os.Getenv(figuresVariable); dir != "" {
		return dir, nil
	}
	if !notebook {
		return "figures", nil
	}
	root, err := ModuleRoot()
	return filepath.Join(root, "figures", sessionFolder(os.Getenv(sessionVariable))), err
}

var numbered = regexp.MustCompile(`^\d\d-`)

// sessionFolder is what the folder of a session's figures is called: as that of a headless run for
// a notebook with a number, NN or NN-solutions, and else as the notebook.
func sessionFolder(notebook string) string {
	name, isNotebook := strings.CutSuffix(filepath.Base(notebook), ".ipynb")
	switch {
	case !isNotebook:
		return "session"
	case !numbered.MatchString(name):
		return fileName(name)
	case filepath.Base(filepath.Dir(notebook)) == "solutions":
		return name[:2] + "-solutions"
	}
	return name[:2]
}

func save(dir, name string, drawing *viz.Drawing) error {
	var picture, numbers bytes.Buffer
	err := errors.Join(os.MkdirAll(dir, 0o755), drawing.WriteSVG(&picture), drawing.WriteCSV(&numbers))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	return errors.Join(wholefile.Write(path+".png", drawing.PNG()), wholefile.Write(path+".svg", picture.Bytes()), wholefile.Write(path+".csv", numbers.Bytes()))
}

// LiveLibrary is the HTML that brings ECharts to a page, once for all its live charts: the
// library itself as environment/setup installed it, so that the page works offline, or else its
// address.
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

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// fileName turns a name into one that any file system takes.
func fileName(name string) string {
	name = notInFileNames.ReplaceAllString(name, "-")
	return name[:min(len(name), 60)]
}
