package empirical

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// TestPrincipalByDefinition: the mask from gonum's covariance and a solved Wiener filter, the means
// value by value; over all images, and batch by batch.
func TestPrincipalByDefinition(t *testing.T) {
	const n, size = 40, 16
	shape, images, set := pictures(n, 4)
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, mat.NewDense(n, size, set), nil)
	for _, locality := range []Locality{{Threshold: 0.05}, {Threshold: 0.3}, {Threshold: 0}, {Threshold: 0.05, Batch: 7}} {
		p, err := NewPrincipal(t.Context(), shape, images, locality)
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{0.05, 0.4, 3} {
			var noisy, wiener mat.Dense
			noisy.CloneFrom(&covariance)
			for i := range size {
				noisy.Set(i, i, noisy.At(i, i)+sigma*sigma)
			}
			if err := wiener.Solve(&noisy, &covariance); err != nil { // they commute
				t.Fatal(err)
			}
			gain := func(j, m int) float64 { // of a corner that is always black it is 0, and not scaled
				if wiener.At(j, j) < 1e-6 {
					return math.Abs(wiener.At(j, m))
				}
				return math.Abs(wiener.At(j, m) / wiener.At(j, j))
			}
			most := 0.0
			for j := range size {
				for m := range size {
					most = max(most, gain(j, m))
				}
			}
			y := withNoise(rand.New(rand.NewPCG(13, 0)), set[:3*size], sigma)
			want := make([]float64, len(y))
			batch := locality.Batch
			if batch == 0 {
				batch = n
			}
			batches := float64((n + batch - 1) / batch)
			for i := range want {
				m, noisy := i%size, y[i/size*size:][:size]
				for from := 0; from < n; from += batch {
					var logs, values []float64
					for k := from; k < min(from+batch, n); k++ {
						distance := 0.0
						for j := range size {
							if gain(j, m) >= locality.Threshold*most {
								distance += math.Pow(noisy[j]-set[k*size+j], 2)
							}
						}
						logs, values = append(logs, -distance/(2*sigma*sigma)), append(values, set[k*size+m])
					}
					total := floats.LogSumExp(logs)
					for k, l := range logs {
						want[i] += math.Exp(l-total) * values[k] / batches
					}
				}
			}
			got := make([]float64, len(y))
			if err := p.Denoise(t.Context(), got, y, sigma); err != nil {
				t.Fatal(err)
			}
			if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-4 { // distances are float32
				t.Errorf("%+v, sigma %v: off by %v", locality, sigma, worst)
			}
		}
	}
}

// TestPrincipalSees: a threshold of 0 sees all values; less noise, or a larger threshold, sees
// fewer.
func TestPrincipalSees(t *testing.T) {
	shape, images, _ := pictures(300, 8)
	seen := func(threshold, sigma float64) float64 {
		p, err := NewPrincipal(t.Context(), shape, images, Locality{Threshold: threshold})
		if err != nil {
			t.Fatal(err)
		}
		sum := float32(0)
		mask, err := p.Mask(t.Context(), sigma)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mask {
			sum += m
		}
		return float64(sum) / 64
	}
	if got := seen(0, 1); got != 64 {
		t.Errorf("a threshold of 0 sees %v of 64 values", got)
	}
	if few, many := seen(0.05, 0.05), seen(0.05, 2); !(few < many) {
		t.Errorf("%v values are seen under weak noise, %v under strong", few, many)
	}
	if few, many := seen(0.2, 0.5), seen(0.02, 0.5); !(few < many) {
		t.Errorf("%v values are seen with a large threshold, %v with a small one", few, many)
	}
}

// TestSmoothedByDefinition: the mean of brute-force denoisers of images that are perturbed alike.
func TestSmoothedByDefinition(t *testing.T) {
	const n, size = 50, 16
	shape, images, set := pictures(n, 4)
	ideal, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewSmoothed(ideal, Smoothing{Spread: 0.3, Draws: 4, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	y := withNoise(rand.New(rand.NewPCG(14, 0)), set[:5*size], 0.2)
	want := make([]float64, len(y))
	rnd := rand.New(rand.NewPCG(5, 0))
	for range 4 {
		e := make([]float64, size)
		for p := range e {
			e[p] = 0.3 * rnd.NormFloat64()
		}
		perturbed := make([]float64, len(y))
		for i := range y {
			perturbed[i] = y[i] + e[i%size]
		}
		floats.AddScaled(want, 0.25, bruteForce(set, perturbed, size, 0.2))
	}
	if err := d.Denoise(t.Context(), y, y, 0.2); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-9 {
		t.Errorf("off by %v", worst)
	}
}
