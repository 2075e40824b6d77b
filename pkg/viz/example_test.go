package viz_test

import (
	"fmt"
	"os"

	"wavescore/pkg/viz"
)

func ExampleLines() {
	sigma := []float64{0.1, 1, 10}
	figure := viz.Lines{
		Title:   "Denoising error",
		Caption: "The error ends at the variance of the data.",
		X:       viz.Axis{Label: "noise level σ (pixels in [-1, 1])", Log: true},
		Y:       viz.Axis{Label: "mean squared error", Log: true},
		Series: []viz.Series{
			{Name: "independent", X: sigma, Y: []float64{0.008, 0.11, 0.25}},
			{Name: "local-coupled", X: sigma, Y: []float64{0.006, 0.08, 0.24}},
		},
	}
	if err := viz.WriteCSV(os.Stdout, figure); err != nil {
		fmt.Println(err)
	}
	// Output:
	// series,"noise level σ (pixels in [-1, 1])",mean squared error
	// independent,0.1,0.008
	// independent,1,0.11
	// independent,10,0.25
	// local-coupled,0.1,0.006
	// local-coupled,1,0.08
	// local-coupled,10,0.24
}

func ExampleSave() {
	dir, err := os.MkdirTemp("", "figures-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	figure := viz.Grid{
		Title:    "Two images of 2 x 2 pixels",
		Channels: 1, Height: 2, Width: 2, Columns: 2,
		Images: []float64{-1, 1, 1, -1, 0, 0.5, 0.5, 0},
	}
	if err := viz.Save(dir, "pair", figure, nil); err != nil {
		fmt.Println(err)
	}
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		fmt.Println(file.Name())
	}
	// Output:
	// pair.csv
	// pair.html
	// pair.png
	// pair.svg
}

// An error says which figure, which series and which number cannot be drawn.
func ExampleWritePNG_error() {
	err := viz.WritePNG(os.Stdout, viz.Lines{
		Title: "Denoising error",
		X:     viz.Axis{Label: "noise level", Log: true},
		Y:     viz.Axis{Label: "mean squared error"},
		Series: []viz.Series{
			{Name: "independent", X: []float64{0.1, 0}, Y: []float64{0.008, 0.001}},
		},
	})
	fmt.Println(err)
	// Output: viz: lines "Denoising error": series 0 "independent": x[1] is 0; a logarithmic axis takes only positive numbers
}

func ExampleLabels() {
	fmt.Println(viz.Labels([]float64{0.02, 0.0431, 1, 250, 1e-6}))
	// Output: [0.02 0.0431 1 250 1e-6]
}
