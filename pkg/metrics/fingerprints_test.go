package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

func ramp(n int) []float64 {
	gain := make([]float64, n)
	for p := range gain {
		gain[p] = float64(p+1) / float64(n)
	}
	return gain
}

// TestEquivarianceOfFilters: 0 for a circular filter, and for gains g what the definition says:
// the shift moves the image and not the gains.
func TestEquivarianceOfFilters(t *testing.T) {
	const sigma, down, right = 0.5, 2, 3
	set := Set{Images: digits(20, 8), Seed: 6}
	s, err := Equivariance(context.Background(), kernel{small, taps}, set, sigma, down, right)
	if err != nil {
		t.Fatal(err)
	}
	if s.Value() > 1e-28 {
		t.Errorf("a circular filter: %v", s.Value())
	}
	g := gains{small, ramp(64)}
	if s, err = Equivariance(context.Background(), g, set, sigma, down, right); err != nil {
		t.Fatal(err)
	}
	_, noisy := set.noisy(0, 20, sigma)
	var error, spread float64
	for i := 0; i < len(noisy); i += 64 {
		var sum, square float64
		for p, y := range noisy[i : i+64] {
			there := (p/8+down)%8*8 + (p%8+right)%8
			error += math.Pow((g.gain[there]-g.gain[p])*y, 2)
			sum += g.gain[p] * y
			square += math.Pow(g.gain[p]*y, 2)
		}
		spread += square - sum*sum/64
	}
	if got, want := s.Value(), error/spread; math.Abs(got-want) > 1e-12 {
		t.Errorf("gains: %v, want %v", got, want)
	}
}

// TestEquivarianceOfMachines: a tied Haar machine of J levels commutes with shifts by 2^J alone;
// cycle spinning makes it commute with all; weights per coefficient commute with none.
func TestEquivarianceOfMachines(t *testing.T) {
	const side, levels = 16, 2
	set := Set{Images: digits(10, side), Seed: 7}
	neighbourhood := moments.Neighbourhood{Orientations: true, Radius: 1}
	tied := machine(t, gated(neighbourhood, moments.PerBand), side, levels)
	placed := machine(t, gated(neighbourhood, moments.PerCoefficient), side, levels)
	for _, c := range []struct {
		name      string
		d         diffusion.Denoiser
		shift     int
		low, high float64
	}{
		{"tied", tied, 1, 1e-4, 1},
		{"tied", tied, 2, 1e-4, 1},
		{"tied", tied, 4, 0, 1e-24},
		{"spun", diffusion.CycleSpin(tied, 4), 1, 0, 1e-24},
		{"spun", diffusion.CycleSpin(tied, 4), 2, 0, 1e-24},
		{"per coefficient", placed, 4, 1e-3, 4},
	} {
		s, err := Equivariance(context.Background(), c.d, set, 0.3, c.shift, c.shift)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Value(); !(got >= c.low && got <= c.high) {
			t.Errorf("%s, shift %d: %v is not in [%v, %v]", c.name, c.shift, got, c.low, c.high)
		}
	}
}

// counting counts the images that a denoiser is given.
type counting struct {
	diffusion.Denoiser
	images *int
}

func (c counting) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	*c.images += len(src) / c.Shape().Size()
	return c.Denoiser.Denoise(context.Background(), dst, src, sigma)
}

// TestDifferences: of a linear filter to rounding, of a cubic machine to 1e-6 of its own exact
// VJP; three cotangents of one image cost no more than one.
func TestDifferences(t *testing.T) {
	const sigma = 0.3
	cubic := machine(t, gated(moments.Neighbourhood{Radius: 1}, moments.PerCoefficient), 8, 1)
	linear := gains{small, ramp(64)}
	rnd := rand.New(rand.NewPCG(8, 0))
	_, noisy := Set{Images: digits(2, 8), Seed: 8}.noisy(0, 2, sigma)
	at := append(append([]float64(nil), noisy[:64]...), noisy...)
	at = append(at, noisy[64:]...) // the first image twice, the second twice
	u := make([]float64, len(at))
	for i := range u {
		u[i] = rnd.NormFloat64()
	}
	for _, d := range []diffusion.Differentiable{linear, cubic} {
		images := 0
		got, want := make([]float64, len(u)), make([]float64, len(u))
		if err := Differentiate(counting{d, &images}).VJP(t.Context(), got, at, u, sigma); err != nil {
			t.Fatal(err)
		}
		if err := d.VJP(t.Context(), want, at, u, sigma); err != nil {
			t.Fatal(err)
		}
		if worst := floats.Distance(got, want, math.Inf(1)); worst > 2e-6 || d == diffusion.Differentiable(cubic) && worst == 0 {
			t.Errorf("%T: off by %v", d, worst)
		}
		if images != 2*2*64 {
			t.Errorf("%T: %d images denoised for two, want %d", d, images, 2*2*64)
		}
	}
	if d := Differentiate(cubic); d != diffusion.Differentiable(cubic) {
		t.Error("what has a VJP is differentiated again")
	}
	if err := Differentiate(kernel{small, taps}).VJP(t.Context(), u, u, u, 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
}

// TestReceptiveFieldOfFilter: the map is the squared kernel and its 90 % radius 1.5, whichever
// pixels are asked: of squares 0.5, 0.3 and 0.2 at distances 0, 1 and 2, half of the last ring is
// needed.
func TestReceptiveFieldOfFilter(t *testing.T) {
	f, err := ReceptiveField(context.Background(), kernel{small, taps}, Set{Images: digits(5, 8), Seed: 9}, 0.5, 3, Wraps)
	if err != nil {
		t.Fatal(err)
	}
	if f.Height != 8 || f.Width != 8 {
		t.Fatalf("a map of %dx%d", f.Height, f.Width)
	}
	for down := -4; down < 4; down++ {
		for right := -4; right < 4; right++ {
			want := math.Pow(taps[[2]int{down, right}], 2)
			if got := f.Map[(down+4)*8+right+4]; math.Abs(got-want) > 1e-9 {
				t.Errorf("offset %d, %d: %v, want %v", down, right, got, want)
			}
		}
	}
	for share, want := range map[float64]float64{0.4: 0, 0.65: 0.5, 0.9: 1.5, 1: 2} {
		if got := f.Radius(share).Value(); math.Abs(got-want) > 1e-7 {
			t.Errorf("%v of the squares within %v, want %v", share, got, want)
		}
	}
	if got := f.Radius(0.9).Estimate(1); got.High-got.Low > 1e-7 {
		t.Errorf("every row is the same, and the interval is %v", got)
	}
}

// TestReceptiveFieldEnds: the neighbour to the right of a last column is seven columns to the left
// where images end.
func TestReceptiveFieldEnds(t *testing.T) {
	right := kernel{small, map[[2]int]float64{{0, 1}: 1}}
	f, err := ReceptiveField(context.Background(), right, Set{Images: digits(40, 8), Seed: 9}, 0.5, 40, Ends)
	if err != nil {
		t.Fatal(err)
	}
	near, far := f.Map[7*15+7+1], f.Map[7*15+7-7]
	if f.Height != 15 || f.Width != 15 || math.Abs(near+far-1) > 1e-9 || math.Abs(far-1.0/8) > 0.034 { // 4 standard errors of 1600 pixels
		t.Errorf("a map of %dx%d: %v at 1 and %v at -7", f.Height, f.Width, near, far)
	}
	if got := f.Radius(0.5).Value(); math.Abs(got-0.5/near) > 1e-6 {
		t.Errorf("half within %v, want %v", got, 0.5/near)
	}
}

// TestReceptiveFieldOfMachine: a local machine of radius 1 on pixels sees nothing beyond it,
// although its slopes depend on the image.
func TestReceptiveFieldOfMachine(t *testing.T) {
	m := machine(t, gated(moments.Neighbourhood{Radius: 1}, moments.PerBand), 8, 0)
	f, err := ReceptiveField(context.Background(), m, Set{Images: digits(5, 8), Seed: 9}, 0.5, 10, Wraps)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Radius(1).Value(); math.Abs(got-1) > 1e-9 {
		t.Errorf("all within %v, want 1", got)
	}
	if got := f.Radius(0.99).Estimate(1); got.High == got.Low {
		t.Errorf("slopes differ between images, and the interval is %v", got)
	}
}

// TestCouplingOfMachines: independent coefficients couple no levels; with a parent each level is
// coupled to the one above it and to no other.
func TestCouplingOfMachines(t *testing.T) {
	const side, levels = 16, 3
	set := Set{Images: digits(20, side), Seed: 10}
	for parents, reach := range []int{0, 1} {
		m := machine(t, gated(moments.Neighbourhood{Orientations: true, Radius: 1, Parents: parents}, moments.PerCoefficient), side, levels)
		c, err := ScaleCoupling(context.Background(), m, set, 0.5, haar(side, levels), 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Levels, " "); got != "approximation 3 2 1" {
			t.Fatalf("levels %s", got)
		}
		for j := range c.Levels {
			var sum float64
			for k := range c.Levels {
				share := c.Share(j, k).Value()
				sum += share
				if above := j - k; share > 1e-24 != (above >= 0 && above <= reach) {
					t.Errorf("%d parents: level %s has %v of its slopes with level %s", parents, c.Levels[j], share, c.Levels[k])
				}
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Errorf("level %s: shares add up to %v", c.Levels[j], sum)
			}
		}
		if across := c.Across().Value(); across > 1e-24 != (parents > 0) {
			t.Errorf("%d parents: %v across levels", parents, across)
		}
	}
}

// TestCouplingOfFilter: of a filter K the blocks are those of W K W^T, here written out; 400
// images' probes come within 4 standard errors, and of a share's width no more than 0.02.
func TestCouplingOfFilter(t *testing.T) {
	f, w := kernel{small, taps}, haar(8, 2)
	whole := make([]float64, 64*64) // row q: what unit coefficient q becomes
	for q := range 64 {
		whole[q*64+q] = 1
	}
	w.Inverse(whole, whole)
	if err := f.Denoise(t.Context(), whole, whole, 1); err != nil {
		t.Fatal(err)
	}
	w.Forward(whole, whole)
	levelOf := func(i int) int {
		return map[bool]int{true: 0, false: 1}[i < 4] + map[bool]int{true: 1, false: 0}[i >= 16]
	}
	var energy [3][3]float64
	var across, total float64
	for i, v := range whole {
		j, k := levelOf(i%64), levelOf(i/64)
		energy[j][k] += v * v
		total += v * v
		if j != k {
			across += v * v
		}
	}
	c, err := ScaleCoupling(context.Background(), f, Set{Images: digits(400, 8), Seed: 11}, 1, w, 1)
	if err != nil {
		t.Fatal(err)
	}
	for j := range 3 {
		for k := range 3 {
			e, want := c.Share(j, k).Estimate(1), energy[j][k]/(energy[j][0]+energy[j][1]+energy[j][2])
			if math.Abs(e.Value-want) > e.High-e.Low || e.High-e.Low > 0.05 {
				t.Errorf("levels %s and %s: %v, want %v", c.Levels[j], c.Levels[k], e, want)
			}
		}
	}
	if e := c.Across().Estimate(1); math.Abs(e.Value-across/total) > e.High-e.Low {
		t.Errorf("across levels %v, want %v", e, across/total)
	}
}

// TestPositionDependenceOfFilters: 0 for a circular filter; for gains g the Jacobians are
// diagonal, with every gain at every place once, so 1 - (mean g)^2 / mean g^2. With two placements
// an image as with ten.
func TestPositionDependenceOfFilters(t *testing.T) {
	s, err := PositionDependence(context.Background(), Differentiate(kernel{small, taps}), Set{Images: digits(5, 8), Seed: 12}, 0.5, 3)
	if err != nil {
		t.Fatal(err)
	}
	if s.Value() > 1e-18 {
		t.Errorf("a circular filter: %v", s.Value())
	}
	g := gains{small, ramp(64)}
	want := 1 - math.Pow(floats.Sum(g.gain)/64, 2)/(squaredNorm(g.gain)/64)
	for _, placements := range []int{2, 10} {
		s, err := PositionDependence(context.Background(), g, Set{Images: digits(600/placements, 8), Seed: 12}, 0.5, placements)
		if err != nil {
			t.Fatal(err)
		}
		if e := s.Estimate(1); math.Abs(e.Value-want) > e.High-e.Low || e.High-e.Low > 0.2*want {
			t.Errorf("%d placements: %v, want %v", placements, e, want)
		}
	}
}

// TestPositionDependenceIsOfFrobeniusNorms: of a linear denoiser that is no filter and whose rows
// overlap, against the definition, written out over all shifts.
func TestPositionDependenceIsOfFrobeniusNorms(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 4, W: 4}
	d := product{gains{shape, ramp(16)}, kernel{shape, map[[2]int]float64{{0, 0}: 0.5, {0, 1}: 0.5, {1, 0}: -0.4}}}
	jacobian := make([]float64, 16*16)
	for p := range 16 {
		jacobian[p*16+p] = 1
	}
	if err := Differentiate(d).VJP(t.Context(), jacobian, make([]float64, 16*16), jacobian, 1); err != nil {
		t.Fatal(err)
	}
	mean, back := make([]float64, 16*16), make([]float64, 16*16)
	for down := range 4 {
		for right := range 4 {
			for p := range 16 {
				there := (p/4+down)%4*4 + (p%4+right)%4
				shape.Roll(back[p*16:(p+1)*16], jacobian[there*16:(there+1)*16], -down, -right)
			}
			floats.AddScaled(mean, 1.0/16, back)
		}
	}
	want := 1 - squaredNorm(mean)/squaredNorm(jacobian)
	s, err := PositionDependence(context.Background(), d, Set{Images: digits(1500, 4), Seed: 14}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Estimate(1); math.Abs(e.Value-want) > e.High-e.Low || e.High-e.Low > 0.2*want {
		t.Errorf("%v, want %v", e, want)
	}
}

// TestPositionDependenceOfMachines: tied on pixels, a cubic machine is the same everywhere,
// whatever is on the image; the Gaussian machine of digits is not.
func TestPositionDependenceOfMachines(t *testing.T) {
	set := Set{Images: digits(20, 16), Seed: 13}
	tied := machine(t, gated(moments.Neighbourhood{Radius: 1}, moments.PerBand), 16, 0)
	s, err := PositionDependence(context.Background(), tied, set, 0.3, 4)
	if err != nil {
		t.Fatal(err)
	}
	if s.Value() > 1e-24 {
		t.Errorf("tied: %v", s.Value())
	}
	linear := moments.Family{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	if s, err = PositionDependence(context.Background(), machine(t, linear, 16, 2), set, 0.3, 4); err != nil {
		t.Fatal(err)
	}
	if e := s.Estimate(1); !e.Above(0.05) {
		t.Errorf("linear: %v", e)
	}
}

func TestFingerprintMistakes(t *testing.T) {
	ctx, d := context.Background(), gains{small, []float64{1}}
	set := Set{Images: digits(2, 8)}
	if _, err := Equivariance(ctx, d, set, 0, 1, 1); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
	if _, err := ReceptiveField(ctx, d, set, 1, 0, Wraps); err == nil {
		t.Error("no pixels were measured")
	}
	if _, err := PositionDependence(ctx, d, set, 1, 1); err == nil {
		t.Error("one placement has a variance")
	}
	if _, err := ScaleCoupling(ctx, d, set, 1, haar(16, 2), 1); err == nil || !strings.Contains(err.Error(), "1x16x16") {
		t.Errorf("a transform of other images: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := ReceptiveField(cancelled, d, set, 1, 1, Wraps); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	none, err := ReceptiveField(ctx, gains{small, []float64{0}}, set, 1, 1, Wraps)
	if err != nil || !math.IsNaN(none.Radius(0.9).Value()) {
		t.Errorf("a denoiser that answers 0 has radius %v, error %v", none.Radius(0.9).Value(), err)
	}
}

// A machine on pixels sees as far as its radius; one on coarse wavelets sees whole blocks.
func ExampleReceptiveField() {
	box := kernel{small, map[[2]int]float64{}}
	for down := -1; down <= 1; down++ {
		for right := -1; right <= 1; right++ {
			box.taps[[2]int{down, right}] = 1.0 / 9
		}
	}
	field, err := ReceptiveField(context.Background(), box, Set{Images: digits(10, 8), Seed: 1}, 0.5, 4, Wraps)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("radius %.2f\n", field.Radius(0.9).Value())
	// Output: radius 0.89
}

func ExampleEquivariance() {
	set := Set{Images: digits(10, 8), Seed: 1}
	even := make([]float64, 64) // gains that depend on whether the column is even
	for p := range even {
		even[p] = 0.5 + 0.2*float64(p%2)
	}
	plain := gains{small, even}
	for _, d := range []diffusion.Denoiser{plain, diffusion.CycleSpin(plain, 2)} {
		for _, shift := range []int{1, 2} {
			s, err := Equivariance(context.Background(), d, set, 0.5, shift, shift)
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println("shift", shift, "below 1e-20:", s.Value() < 1e-20)
		}
	}
	// Output:
	// shift 1 below 1e-20: false
	// shift 2 below 1e-20: true
	// shift 1 below 1e-20: true
	// shift 2 below 1e-20: true
}

// A gain on every pixel couples no levels, if it is the same for all pixels.
func ExampleScaleCoupling() {
	set := Set{Images: digits(10, 8), Seed: 1}
	for _, gain := range [][]float64{{0.5}, ramp(64)} {
		coupling, err := ScaleCoupling(context.Background(), gains{small, gain}, set, 0.5, haar(8, 2), 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("across levels:", coupling.Across().Value() > 1e-6)
	}
	// Output:
	// across levels: false
	// across levels: true
}
