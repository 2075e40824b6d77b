package pdf_test

import (
	"bytes"
	"fmt"

	"wavescore/pkg/viz"
	"wavescore/pkg/viz/pdf"
)

func ExampleWrite() {
	figure := viz.Lines{
		Title:  "Denoising error",
		X:      viz.Axis{Label: "noise level σ (pixels in [-1, 1])", Log: true},
		Y:      viz.Axis{Label: "mean squared error", Log: true},
		Series: []viz.Series{{Name: "independent", X: []float64{0.1, 1, 10}, Y: []float64{0.008, 0.11, 0.25}}},
	}
	var page bytes.Buffer
	if err := pdf.Write(&page, figure); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s\n", page.Bytes()[:5])
	// Output: %PDF-
}
