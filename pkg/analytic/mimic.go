package analytic

import (
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// Mimic is the structure of a machine that imitates a network: the wavelet basis, the
// neighbourhood and the terms of each coefficient, which coefficients share weights, and whether
// outputs are averaged over shifts.
//
// Its machine is fitted to images, never to the network. Collect the moments of its Spec over the
// images at every shift modulo Period (dataset.Images.Shifts), make a Machine of them, and average
// its outputs over the same shifts (diffusion.CycleSpin).
type Mimic struct {
	Family moments.Family
	Filter string // as wavelet.ParseFilter takes it
	Levels int    // of the wavelet transform; 0 is the pixels themselves
	Period int    // of the shifts that moments are pooled and answers averaged over; 1 is no shift

	Settings Settings
}

// CNNMimic returns the mimic of the reference CNN. It is the same function at every position: the
// coefficients of a band share weights, and one level of Haar is averaged over its shifts.
// Notebooks 08 and 09 show what each ingredient of the two mimics adds, and which other machines
// are nearer to the networks at which noise level.
func CNNMimic() Mimic {
	return Mimic{
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 1},
			Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand},
		Filter: "haar", Levels: 1, Period: 2,
		// The ridge is small: an image has some hundred samples of a band.
		Settings: Settings{Ridge: Ridge{Linear: 1e-8, Nonlinear: 1e-7}},
	}
}

// UNetMimic returns the mimic of the reference U-Net. It has the neighbourhood and terms of
// CNNMimic. Its weights depend on position, and it is linear in the whole image besides.
func UNetMimic() Mimic {
	return Mimic{
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 1, Context: moments.AllLevels},
			Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient},
		Filter: "haar", Levels: 1, Period: 1,
		Settings: Settings{Ridge: Ridge{Linear: 1e-6, Nonlinear: 1e-3}},
	}
}

// Spec returns the spec of the moments of the mimic, for images of a shape.
func (m Mimic) Spec(shape diffusion.Shape) moments.Spec {
	return moments.Spec{Family: m.Family, Filter: m.Filter,
		Layout: wavelet.Layout{Channels: shape.C, Height: shape.H, Width: shape.W, Levels: m.Levels}}
}

// Ingredient is one of the choices that make a mimic.
type Ingredient string

const (
	Neighbours   Ingredient = "neighbours"    // the coefficients around one in its band
	Orientations Ingredient = "orientations"  // the other orientations at its place
	Scales       Ingredient = "coarser scale" // its ancestors on coarser levels
	Context      Ingredient = "whole image"   // the linear context
	Position     Ingredient = "position"      // weights per coefficient, not per band
	Sharing      Ingredient = "sharing"       // weights per band, not per coefficient
	Products     Ingredient = "products"      // of different coefficients
	ThirdOrder   Ingredient = "third order"   // terms of degree 3
	Spinning     Ingredient = "spinning"      // pooling and averaging over shifts
)

// Ingredients returns the ingredients of the mimic, in the order of the constants.
func (m Mimic) Ingredients() []Ingredient {
	var has []Ingredient
	for _, i := range []Ingredient{Neighbours, Orientations, Scales, Context, Position, Sharing, Products, ThirdOrder, Spinning} {
		if m.Without(i) != m {
			has = append(has, i)
		}
	}
	return has
}

// Without returns the mimic without one of its ingredients, or the mimic itself if it does not
// have it. Without Position the linear context stays, whose weights depend on position. Without
// panics with an IngredientError for an ingredient that is not one of the constants.
func (m Mimic) Without(i Ingredient) Mimic {
	f := &m.Family
	switch i {
	case Neighbours:
		f.Neighbourhood.Radius = 0
	case Orientations:
		f.Neighbourhood.Orientations = false
	case Scales:
		f.Neighbourhood.Parents = 0
	case Context:
		f.Neighbourhood.Context = 0
	case Position:
		f.Sharing = moments.PerBand
	case Sharing:
		f.Sharing = moments.PerCoefficient
	case Products:
		f.Terms = moments.Powers
	case ThirdOrder:
		f.Degree = min(f.Degree, 2)
	case Spinning:
		m.Period = 1
	default:
		panic(IngredientError(i))
	}
	return m
}

// IngredientError is the value of the panic for an unknown ingredient: a mistake in the program.
type IngredientError Ingredient

func (e IngredientError) Error() string { return "analytic: no ingredient " + string(e) }
