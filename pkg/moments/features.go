package moments

import "wavescore/internal/length"

// Features returns the features of member i of the group at images, Features x images: row a is
// feature a of all of them. The images are given by their coefficients less the centre, clean or
// noisy, images x size. It panics with a LengthError unless these are whole images.
func (g Group) Features(i int, coefficients []float64, size int) []float64 {
	n := length.Images("coefficients", len(coefficients), size)
	features := make([]float64, g.Basis.Features()*n)
	for k := range n {
		features[k] = 1
	}
	var variables [][]float64
	for _, c := range g.Members[i].Variables {
		values := make([]float64, n)
		for k := range values {
			values[k] = coefficients[k*size+c]
		}
		variables = append(variables, values)
	}
	g.Basis.Fill(features, variables)
	return features
}
