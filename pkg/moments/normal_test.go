package moments

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// The normal equations of a coefficient are those of its group.
func TestNormalOfCoefficient(t *testing.T) {
	images := randomPixels(3, 60, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		m := collect(t, testSpec(t, Family{Neighbourhood{Radius: 1}, Gated, 2, sharing}, images), images)
		for g, group := range m.Groups() {
			var want Normal
			group.Basis.Transport(&want, m.Clean(nil, g), 0.7)
			for _, member := range group.Members {
				if m.GroupOf(member.Index) != g {
					t.Fatalf("coefficient %d is in group %d, want %d", member.Index, m.GroupOf(member.Index), g)
				}
				if !reflect.DeepEqual(m.Normal(member.Index, 0.7), want) {
					t.Fatalf("coefficient %d has other normal equations than its group", member.Index)
				}
			}
		}
	}
	defer func() {
		if (recover() != any(IndexError{Coefficient: 64, Coefficients: 64})) {
			t.Error("there is a coefficient 64 among 64")
		}
	}()
	collect(t, testSpec(t, Family{Neighbourhood{}, Powers, 1, PerCoefficient}, images), images).GroupOf(64)
}

// Without noise the risk of weights is the mean squared error on the images, and a scaled Gram
// matrix has the cosines of features.
func TestRiskAndScaled(t *testing.T) {
	images := randomPixels(4, 40, 64)
	m := collect(t, testSpec(t, Family{Neighbourhood{Radius: 1}, Gated, 3, PerCoefficient}, images), images)
	const c = 37
	s, err := m.Samples(t.Context(), images, c)
	if err != nil {
		t.Fatal(err)
	}
	n, k, count := m.Normal(c, 0), s.basis.Features(), s.Len()
	phi := s.noisy(nil, 0, count, 0, rand.New(rand.NewPCG(0, 0)))
	theta := make([]float64, k)
	for a := range theta {
		theta[a] = math.Sin(float64(a))
	}
	var want float64
	for i := range count {
		e := s.Clean(0)[i]
		for a := range theta {
			e -= theta[a] * phi[a*count+i]
		}
		want += e * e / float64(count)
	}
	if got := n.Risk(theta); math.Abs(got-want) > 1e-9*want {
		t.Errorf("the risk is %v, the mean squared error %v", got, want)
	}
	scaled := n.Scaled()
	for a := range scaled {
		for b := range scaled {
			var ab, aa, bb float64
			for i := range count {
				p, q := phi[(a+1)*count+i], phi[(b+1)*count+i]
				ab, aa, bb = ab+p*q, aa+p*p, bb+q*q
			}
			if want := ab / math.Sqrt(aa*bb); math.Abs(scaled[a][b]-want) > 1e-9 {
				t.Fatalf("entry %d, %d is %v, want %v", a, b, scaled[a][b], want)
			}
		}
	}
	defer func() {
		if (recover() != any(LengthError{What: "weights of features", Want: k, Got: 1})) {
			t.Error("one weight is taken")
		}
	}()
	n.Risk(theta[:1])
}
