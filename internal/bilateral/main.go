// Bilateral is a denoiser that is a program of its own, as package external takes one: that of
// notebook 16 for machines that have no Python with NumPy.
//
// A pixel becomes the mean of the 5 x 5 pixels around it, going around the edges. One that is d
// rows and columns away, and differs by v, counts exp(-d^2 / 4.5 - v^2 / (8 sigma^2)): Tomasi and
// Manduchi, "Bilateral Filtering for Gray and Color Images" (ICCV 1998).
package main

import (
	"log"
	"math"
	"os"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/external"
)

func main() {
	if err := external.Serve(os.Stdin, os.Stdout, denoise); err != nil {
		log.Fatal(err)
	}
}

func denoise(dst, noisy []float64, shape diffusion.Shape, sigma float64) error {
	other, weight := make([]float64, len(noisy)), make([]float64, len(noisy))
	for down := -2; down <= 2; down++ {
		for right := -2; right <= 2; right++ {
			shape.Roll(other, noisy, down, right)
			for i, v := range other {
				near := math.Exp(-float64(down*down+right*right)/4.5 - (v-noisy[i])*(v-noisy[i])/(8*sigma*sigma))
				dst[i] += near * v
				weight[i] += near
			}
		}
	}
	floats.Div(dst, weight)
	return nil
}
