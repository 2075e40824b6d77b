package wavelet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// sizes are the images of the properties: square and not, odd multiples of 2^levels, single rows
// and columns of pixels at the coarsest level, smaller than the longest filter (30 taps) at every
// level, and not decomposed at all.
var sizes = []Layout{
	{1, 1, 1, 0}, {2, 5, 7, 0}, {1, 2, 2, 1}, {3, 8, 8, 3}, {1, 12, 20, 2}, {2, 16, 2, 1}, {1, 2, 16, 1}, {1, 6, 10, 1},
	{1, 40, 24, 3}, {1, 64, 32, 5},
}

// each calls f with every filter and every size, as a subtest.
func each(t *testing.T, f func(t *testing.T, w *Transform)) {
	for _, name := range Filters() {
		for _, l := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%dx%d/%d", name, l.Channels, l.Height, l.Width, l.Levels), func(t *testing.T) {
				f(t, NewTransform(mustParse(t, name), l))
			})
		}
	}
}

// noise returns n standard normal numbers.
func noise(n int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	return x
}

// distance returns the largest absolute difference, NaN if there is one.
func distance(x, y []float64) float64 {
	largest := 0.0
	for i := range x {
		largest = max(largest, math.Abs(x[i]-y[i]))
	}
	return largest
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// Pixels are in [-1, 1]. PyWavelets' own taps of sym2 to sym8 are exact to 5e-12 only.
func TestForwardAsPyWavelets(t *testing.T) {
	for _, image := range readGolden(t).Images {
		l, err := NewLayout(1, image.Height, image.Width, image.Levels)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range Filters() {
			tol := 1e-12
			if tapTolerance(name) == 1e-11 {
				tol = 1e-9
			}
			w := NewTransform(mustParse(t, name), l)
			want := image.Coefficients[name]
			if len(want) != l.Len() {
				t.Fatalf("%s: %d coefficients, want %d", name, len(want), l.Len())
			}
			if e := distance(w.Forward(nil, image.Pixels), want); !(e < tol) {
				t.Errorf("%s, %+v: PyWavelets' coefficients differ by %.1e", name, l, e)
			}
			if e := distance(w.Inverse(nil, want), image.Pixels); !(e < tol) {
				t.Errorf("%s, %+v: PyWavelets' image differs by %.1e", name, l, e)
			}
		}
	}
}

// The definition in the package's documentation, one coefficient at a time.
func TestForwardByDefinition(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		l := w.Layout()
		x := noise(l.Len(), 2)
		want := make([]float64, 0, l.Len())
		for c := range l.Channels {
			plane := l.Height * l.Width
			want = append(want, define(x[c*plane:(c+1)*plane], l.Height, l.Width, l.Levels, w.Filter())...)
		}
		if e := distance(w.Forward(nil, x), want); !(e < 1e-13) {
			t.Errorf("differs by %.1e", e)
		}
	})
}

func define(x []float64, rows, cols, levels int, f Filter) []float64 {
	if levels == 0 {
		return x
	}
	h, g := f.Lowpass(), f.Highpass()
	var bands [4][]float64
	for o, filters := range [4][2][]float64{{h, h}, {g, h}, {h, g}, {g, g}} {
		down, along := filters[0], filters[1]
		for m := range rows / 2 {
			for n := range cols / 2 {
				sum := 0.0
				for j := range down {
					for k := range along {
						sum += down[j] * along[k] * x[wrap(2*m+len(h)/2-j, rows)*cols+wrap(2*n+len(h)/2-k, cols)]
					}
				}
				bands[o] = append(bands[o], sum)
			}
		}
	}
	return slices.Concat(define(bands[0], rows/2, cols/2, levels-1, f), bands[1], bands[2], bands[3])
}

func TestPerfectReconstructionAndParseval(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		x := noise(3*w.Layout().Len(), 3)
		y := w.Forward(nil, x)
		if e := distance(w.Inverse(nil, y), x); !(e < 1e-13) {
			t.Errorf("the inverse of the coefficients misses the images by %.1e", e)
		}
		if e := distance(w.Forward(nil, w.Inverse(nil, x)), x); !(e < 1e-13) {
			t.Errorf("the coefficients of the inverse miss by %.1e", e)
		}
		if e := math.Abs(dot(y, y)/dot(x, x) - 1); !(e < 1e-13) {
			t.Errorf("the energy changes by %.1e", e)
		}
	})
}

func TestInverseIsTranspose(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		x, y := noise(w.Layout().Len(), 4), noise(w.Layout().Len(), 5)
		norms := math.Sqrt(dot(x, x) * dot(y, y))
		if e := math.Abs(dot(w.Forward(nil, x), y)-dot(x, w.Inverse(nil, y))) / norms; !(e < 1e-13) {
			t.Errorf("<Wx, y> and <x, W^-1 y> differ by %.1e", e)
		}
	})
}

// The covariance of the coefficients of white noise is W W^T.
func TestWhiteNoiseStaysWhite(t *testing.T) {
	for _, name := range Filters() {
		for _, l := range []Layout{{1, 2, 2, 1}, {1, 8, 8, 3}, {1, 4, 12, 2}, {2, 16, 2, 1}} {
			n := l.Len()
			identity := make([]float64, n*n)
			for i := range n {
				identity[i*n+i] = 1
			}
			columns := NewTransform(mustParse(t, name), l).Forward(nil, identity)
			covariance := make([]float64, n*n)
			for k := range n {
				column := columns[k*n : (k+1)*n]
				for i := range n {
					for j := range n {
						covariance[i*n+j] += column[i] * column[j]
					}
				}
			}
			if e := distance(covariance, identity); !(e < 1e-13) {
				t.Errorf("%s, %+v: W W^T misses the identity by %.1e", name, l, e)
			}
		}
	}
}

func TestShiftOfTheImage(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		l := w.Layout()
		// Down by 2^levels rows, and right by 3 * 2^levels columns.
		down, right := 1<<l.Levels, 3<<l.Levels
		x := noise(l.Len(), 6)
		moved := make([]float64, len(x))
		for c := range l.Channels {
			for r := range l.Height {
				for col := range l.Width {
					to := (c*l.Height+(r+down)%l.Height)*l.Width + (col+right)%l.Width
					moved[to] = x[(c*l.Height+r)*l.Width+col]
				}
			}
		}
		y, z := w.Forward(nil, x), w.Forward(nil, moved)
		for i := range y {
			p := l.Place(i)
			rows, cols := l.Grid(p.Band)
			p.Row, p.Col = (p.Row+down>>p.Level)%rows, (p.Col+right>>p.Level)%cols
			if e := math.Abs(z[l.Index(p)] - y[i]); !(e < 1e-13) {
				t.Fatalf("coefficient %d should have moved to %+v, which differs by %.1e", i, p, e)
			}
		}
	})
}

func TestConstantImage(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		l := w.Layout()
		x := make([]float64, l.Len())
		for i := range x {
			x[i] = 1
		}
		for i, v := range w.Forward(nil, x) {
			want := 0.0
			if l.Place(i).Orientation == Approximation {
				want = float64(int(1) << l.Levels)
			}
			if e := math.Abs(v - want); !(e < 1e-12) {
				t.Fatalf("%+v is %v, want %v", l.Place(i), v, want)
			}
		}
	})
}

func TestNoLevelsIsTheIdentity(t *testing.T) {
	for _, name := range Filters() {
		w := NewTransform(mustParse(t, name), Layout{2, 5, 7, 0})
		x := noise(3*70, 7)
		if !slices.Equal(w.Forward(nil, x), x) || !slices.Equal(w.Inverse(nil, x), x) {
			t.Errorf("%s: with 0 levels the pixels change", name)
		}
	}
}

// A batch, whichever way it is called, is the same bits as its images one by one.
func TestBatch(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		n := w.Layout().Len()
		x := noise(5*n, 8)
		for name, op := range map[string]func(*Transform, []float64, []float64) []float64{
			"Forward": (*Transform).Forward,
			"Inverse": (*Transform).Inverse,
		} {
			src := slices.Clone(x)
			want := make([]float64, 0, len(x))
			for i := 0; i < len(x); i += n {
				want = append(want, op(w, nil, x[i:i+n])...)
			}
			if !slices.Equal(op(w, nil, src), want) {
				t.Errorf("%s: a batch is not its images", name)
			}
			if !slices.Equal(src, x) {
				t.Errorf("%s changes src", name)
			}
			dst := noise(len(x), 9)
			if got := op(w, dst, src); &got[0] != &dst[0] || !slices.Equal(dst, want) {
				t.Errorf("%s: wrong in a given dst", name)
			}
			if got := op(w, src, src); &got[0] != &src[0] || !slices.Equal(src, want) {
				t.Errorf("%s: wrong in place", name)
			}
		}
		if got := w.Forward(nil, nil); len(got) != 0 {
			t.Errorf("no images have %d coefficients", len(got))
		}
	})
}

// The channels of an image are transformed apart from each other.
func TestChannels(t *testing.T) {
	f := mustParse(t, "db3")
	colour, grey := NewTransform(f, Layout{3, 12, 20, 2}), NewTransform(f, Layout{1, 12, 20, 2})
	x := noise(4*3*240, 10)
	if !slices.Equal(colour.Forward(nil, x), grey.Forward(nil, x)) {
		t.Error("3 channels are not 3 grey images")
	}
}

func TestSameBitsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	w := NewTransform(mustParse(t, "sym4"), Layout{3, 32, 32, 4})
	x := noise(70*w.Layout().Len(), 11) // seven grains
	runtime.GOMAXPROCS(1)
	forward, inverse := w.Forward(nil, x), w.Inverse(nil, x)
	for _, cores := range []int{2, 5, 16} {
		runtime.GOMAXPROCS(cores)
		if !slices.Equal(w.Forward(nil, x), forward) || !slices.Equal(w.Inverse(nil, x), inverse) {
			t.Errorf("%d cores give other bits than one", cores)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	w := NewTransform(mustParse(t, "coif2"), Layout{1, 32, 32, 3})
	const callers, images = 8, 50
	var want [callers][]float64
	for i := range want {
		want[i] = w.Forward(nil, noise(images*w.Layout().Len(), uint64(i)))
	}
	var wait sync.WaitGroup
	for i := range want {
		wait.Go(func() {
			for range 5 {
				x := noise(images*w.Layout().Len(), uint64(i))
				y := w.Forward(nil, x)
				if !slices.Equal(y, want[i]) {
					t.Errorf("caller %d gets other coefficients than alone", i)
				}
				if e := distance(w.Inverse(y, y), x); !(e < 1e-12) {
					t.Errorf("caller %d gets its images back with an error of %.1e", i, e)
				}
			}
		})
	}
	wait.Wait()
}

func TestTransformPanics(t *testing.T) {
	l := Layout{1, 8, 8, 2}
	w := NewTransform(mustParse(t, "db2"), l)
	for _, bad := range []struct {
		dst, src int
		want     LengthError
	}{
		{64, 128, LengthError{What: "values of dst", Got: 64, Want: 128}},
		{128, 64, LengthError{What: "values of dst", Got: 128, Want: 64}},
		{0, 64, LengthError{What: "values of dst", Got: 0, Want: 64}},
		{63, 63, LengthError{What: "values of src", Got: 63, Want: 64, Multiple: true}},
		{96, 96, LengthError{What: "values of src", Got: 96, Want: 64, Multiple: true}},
	} {
		dst, src := make([]float64, bad.dst), make([]float64, bad.src)
		for _, f := range []func(dst, src []float64) []float64{w.Forward, w.Inverse} {
			if got := panicValue(func() { f(dst, src) }); got != bad.want {
				t.Errorf("dst of %d, src of %d: panics with %v, want %v", bad.dst, bad.src, got, bad.want)
			}
		}
	}
	if !panicsWith[LengthError](func() { w.Forward(nil, make([]float64, 65)) }) {
		t.Error("part of an image does not panic with a LengthError")
	}
	for _, bad := range []Layout{{}, {1, 8, 8, 4}, {1, 8, 8, -1}, {0, 8, 8, 0}} {
		if !panicsWith[LayoutError](func() { NewTransform(Filter{}, bad) }) {
			t.Errorf("%+v does not panic with a LayoutError", bad)
		}
	}
}
