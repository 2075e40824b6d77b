package lab

import "wavescore/pkg/viz"

// Grid returns a grid of the run's images, so many side by side.
func (r Run) Grid(columns int, images []float64) viz.Grid {
	shape := r.Shape()
	return viz.Grid{Channels: shape.C, Height: shape.H, Width: shape.W, Columns: columns, Images: images}
}
