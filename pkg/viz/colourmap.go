package viz

import (
	"image/color"
	"math"
)

// colourMap runs from 0 to 1 through stops at equal distances, linear in between.
type colourMap []color.RGBA

// sequential is viridis (Smith and van der Walt, matplotlib 1.5), every 15th of its 256 colours:
// lightness rises evenly, so that equal steps look equal, also in grey and to the colour-blind.
var sequential = hexes(
	0x440154, 0x481769, 0x472a7a, 0x433d84, 0x3d4e8a, 0x355e8d, 0x2e6d8e, 0x297b8e, 0x23898e,
	0x1f978b, 0x21a585, 0x2eb37c, 0x46c06f, 0x65cb5e, 0x89d548, 0xb0dd2f, 0xd8e219, 0xfde725)

// diverging is ColorBrewer's RdBu (Brewer 2003) from blue to red, its light grey middle made white,
// for signed numbers.
var diverging = hexes(
	0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xffffff, 0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f)

// greys runs from black to white, for pictures.
var greys = hexes(0x000000, 0xffffff)

// at returns the colour at t, which is clipped to [0, 1].
func (m colourMap) at(t float64) color.RGBA {
	t = min(max(t, 0), 1) * float64(len(m)-1)
	i := min(int(t), len(m)-2)
	f := t - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-f) + float64(b)*f + 0.5) }
	a, b := m[i], m[i+1]
	return color.RGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 255}
}

// css lists the stops for ECharts.
func (m colourMap) css() []string {
	list := make([]string, len(m))
	for i, c := range m {
		list[i] = css(c)
	}
	return list
}

func hexes(codes ...uint32) colourMap {
	var m colourMap
	for _, c := range codes {
		m = append(m, color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255})
	}
	return m
}

// largest returns the largest magnitude.
func largest(values []float64) float64 {
	m := 0.0
	for _, v := range values {
		m = max(m, math.Abs(v))
	}
	return m
}

// contrast returns black or white, whichever is read better on the colour.
func contrast(c color.RGBA) color.RGBA {
	if luma := 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B); luma > 140 {
		return ink
	}
	return white
}
