package dataset

import "math"

// Twins returns n Gaussian images that have the mean m and the covariance of the N images, exactly:
//
//	m + N^(-1/2) sum_i g_i (x_i - m),  g_i ~ N(0, 1) independent.
//
// They are what the images would be if there were nothing to know of them but mean and
// covariance. Image k depends on seed and k alone, given the images. Values are not clipped to
// [-1, 1].
func (s *Images) Twins(n int, seed uint64) *Images {
	twins := &Images{Name: "twins of " + s.Name, Channels: s.Channels, Height: s.Height, Width: s.Width,
		Pixels: make([]float32, n*s.Size())}
	size := s.Size()
	mean := make([]float64, size)
	for i, v := range s.Pixels {
		mean[i%size] += float64(v) / float64(s.Len())
	}
	inRanges(n, func(from, to int) {
		sum := make([]float64, size)
		for k := from; k < to; k++ {
			random := stream(twinStream, seed, k)
			clear(sum)
			for i := range s.Len() {
				g := random.NormFloat64() / math.Sqrt(float64(s.Len()))
				for p, v := range s.pixels(i, i+1) {
					sum[p] += g * (float64(v) - mean[p])
				}
			}
			for p, v := range sum {
				twins.Pixels[k*size+p] = float32(mean[p] + v)
			}
		}
	})
	return twins
}
