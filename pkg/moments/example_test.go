package moments_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// signs are one-pixel images that are -1 or 1, as often.
type signs struct{}

func (signs) Len() int  { return 2 }
func (signs) Size() int { return 1 }
func (signs) Batch(dst []float64, from, to int) []float64 {
	return append(dst[:0], []float64{-1, 1}[from:to]...)
}

// The moments of a random sign, carried to noise of standard deviation 2: E[y^2] = 1 + 4, E[y^4] =
// 1 + 6*4 + 3*16.
func Example() {
	spec := moments.Spec{
		Family: moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerCoefficient},
		Filter: "haar",
		Layout: wavelet.Layout{Channels: 1, Height: 1, Width: 1},
		Centre: []float64{0},
	}
	table, err := moments.Collect(context.Background(), spec, signs{}, "signs", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	basis := table.Groups()[0].Basis
	var normal moments.Normal
	basis.Transport(&normal, table.Clean(nil, 0), 2)
	fmt.Println("E[y^2] =", normal.Gram[1*basis.Features()+1])
	fmt.Println("E[y^4] =", normal.Gram[2*basis.Features()+2])
	fmt.Println("E[w y] =", normal.Target[1])
	// Output:
	// E[y^2] = 5
	// E[y^4] = 73
	// E[w y] = 1
}

type noise []float64

func (p noise) Len() int  { return len(p) / 1024 }
func (p noise) Size() int { return 1024 }
func (p noise) Batch(dst []float64, from, to int) []float64 {
	return append(dst[:0], p[from*1024:to*1024]...)
}

// BenchmarkCollect takes the 54-feature table of every family in notebook 00 of 4096 images of 32
// x 32: seconds per 60 000 MNIST images are 14.6 times the time of an operation.
func BenchmarkCollect(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	images := make(noise, moments.ShardImages*1024)
	for i := range images {
		images[i] = math.Tanh(rnd.NormFloat64())
	}
	spec := moments.Spec{
		Family: moments.Family{
			Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1},
			Terms:         moments.Gated, Degree: 3, Sharing: moments.PerCoefficient,
		},
		Filter: "haar",
		Layout: wavelet.Layout{Channels: 1, Height: 32, Width: 32, Levels: 5},
		Centre: make([]float64, 1024),
	}
	for b.Loop() {
		if _, err := moments.Collect(context.Background(), spec, images, "noise", nil); err != nil {
			b.Fatal(err)
		}
	}
}
