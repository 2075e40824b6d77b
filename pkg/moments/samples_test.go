package moments

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// Without noise the samples have the moments of the table. With noise they agree with those that
// are transported, within their errors, and with no others.
func TestSamples(t *testing.T) {
	images := randomPixels(5, 300, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		m := collect(t, testSpec(t, Family{Neighbourhood{Radius: 1}, Gated, 3, sharing}, images), images)
		const c = 37
		s, err := m.Samples(t.Context(), images, c)
		if err != nil {
			t.Fatal(err)
		}
		if want := 300 * len(m.Groups()[m.GroupOf(c)].Members); s.Len() != want {
			t.Errorf("%s: %d samples, want %d", sharing, s.Len(), want)
		}
		exact, sampled := m.Normal(c, 0), s.Normal(0, 1, 1)
		for i, want := range exact.Gram {
			if math.Abs(sampled.Gram[i]-want) > 1e-12*(1+math.Abs(want)) {
				t.Fatalf("%s: without noise entry %d is %v, want %v", sharing, i, sampled.Gram[i], want)
			}
		}
		for a, want := range exact.Target {
			if math.Abs(sampled.Target[a]-want) > 1e-12 {
				t.Fatalf("%s: without noise target %d is %v, want %v", sharing, a, sampled.Target[a], want)
			}
		}
		if math.Abs(sampled.Energy-exact.Energy) > 1e-12 {
			t.Errorf("%s: the energy is %v, want %v", sharing, sampled.Energy, exact.Energy)
		}
		for _, sigma := range []float64{0.1, 1} {
			mean, spread := stat.MeanStdDev(s.GramScores(m.Normal(c, sigma).Gram, sigma, 2), nil)
			if math.Abs(mean) > 0.5 || spread < 0.7 || spread > 1.4 {
				t.Errorf("%s, sigma %v: scores have mean %v and spread %v", sharing, sigma, mean, spread)
			}
			if mean, spread := stat.MeanStdDev(s.GramScores(m.Normal(c, 2*sigma).Gram, sigma, 2), nil); math.Hypot(mean, spread) < 2 {
				t.Errorf("%s, sigma %v: scores against another level have mean %v and spread %v", sharing, sigma, mean, spread)
			}
			one, many := s.Normal(sigma, 1, 3).Risk(weightsOf(exact)), s.Normal(sigma, 40, 3).Risk(weightsOf(exact))
			want := m.Normal(c, sigma).Risk(weightsOf(exact))
			if math.Abs(many-want) > 0.05*want || math.Abs(many-want) > math.Abs(one-want)+0.01*want {
				t.Errorf("%s, sigma %v: a risk of %v by one draw and %v by forty, want %v", sharing, sigma, one, many, want)
			}
		}
	}
}

// weightsOf returns weights that are half of each variable.
func weightsOf(n Normal) []float64 {
	theta := make([]float64, len(n.Target))
	theta[1] = 0.5
	return theta
}

func TestSamplesRefuse(t *testing.T) {
	images := randomPixels(5, 20, 64)
	m := collect(t, testSpec(t, Family{Neighbourhood{}, Powers, 2, PerCoefficient}, images), images)
	if _, err := m.Samples(t.Context(), randomPixels(5, 20, 16), 0); !errors.Is(err, ErrInput) {
		t.Errorf("images of another size: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Samples(ctx, images, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s, err := m.Samples(t.Context(), images, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if (recover() != any(LengthError{What: "values of a Gram matrix", Want: 9, Got: 4})) {
			t.Error("a matrix of other features is compared")
		}
	}()
	s.GramScores(make([]float64, 4), 1, 1)
}
