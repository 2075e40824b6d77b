package wavelet_test

import (
	"fmt"

	"wavescore/pkg/wavelet"
)

// An 8x8 image of a horizontal edge, dark above and bright below: all its detail is horizontal.
func Example() {
	const size = 8
	image := make([]float64, size*size)
	for i := range image {
		image[i] = -1
		if i >= 3*size {
			image[i] = 1
		}
	}
	layout, err := wavelet.NewLayout(1, size, size, 2)
	if err != nil {
		panic(err)
	}
	haar, err := wavelet.ParseFilter("haar")
	if err != nil {
		panic(err)
	}
	coefficients := wavelet.NewTransform(haar, layout).Forward(nil, image)
	for _, band := range layout.Bands() {
		from, to := layout.Range(band)
		energy := 0.0
		for _, c := range coefficients[from:to] {
			energy += c * c
		}
		fmt.Printf("level %d %-13v %4.1f\n", band.Level, band.Orientation, energy)
	}
	// Output:
	// level 2 approximation 40.0
	// level 2 horizontal     8.0
	// level 2 vertical       0.0
	// level 2 diagonal       0.0
	// level 1 horizontal    16.0
	// level 1 vertical       0.0
	// level 1 diagonal       0.0
}

// What is around a coefficient: on the 2x2 grid of level 2 the neighbours wrap, and there are only
// 3 of them.
func ExampleLayout() {
	layout, err := wavelet.NewLayout(1, 8, 8, 2)
	if err != nil {
		panic(err)
	}
	i := layout.Index(wavelet.Place{Band: wavelet.Band{Level: 2, Orientation: wavelet.Horizontal}, Row: 0, Col: 1})
	parent, _ := layout.Parent(i)
	fmt.Println("index       ", i)
	fmt.Println("neighbours  ", layout.Neighbours(i, 1))
	fmt.Println("orientations", layout.Orientations(i))
	fmt.Println("parent      ", parent)
	fmt.Println("children    ", layout.Children(i))
	// Output:
	// index        5
	// neighbours   [6 7 4]
	// orientations [9 13]
	// parent       1
	// children     [18 19 22 23]
}
