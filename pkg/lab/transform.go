package lab

import "wavescore/pkg/wavelet"

// Transform returns the wavelet transform of grey images of side x side pixels by the filter of a
// name that wavelet.ParseFilter knows, on so many levels, or as many as the side can be halved if
// these are fewer. With 0 levels it leaves the pixels as they are. A name that there is not stops
// the cell.
func Transform(filter string, side, levels int) *wavelet.Transform {
	for levels > 0 && side%(1<<levels) != 0 {
		levels--
	}
	layout := Must1(wavelet.NewLayout(1, side, side, levels))
	return wavelet.NewTransform(Must1(wavelet.ParseFilter(filter)), layout)
}
