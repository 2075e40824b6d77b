package dataset

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// onProcs runs f with a GOMAXPROCS of n.
func onProcs(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

// TestDigitsDependOnSeedAndIndex draws the same images in sets of other lengths, with other
// numbers of threads.
func TestDigitsDependOnSeedAndIndex(t *testing.T) {
	want := Digits(103, 5)
	for _, procs := range []int{1, 3, 8} {
		var got *Images
		onProcs(procs, func() { got = Digits(61, 5) })
		if !slices.Equal(got.Pixels, want.Slice(0, 61).Pixels) || !slices.Equal(got.Labels, want.Labels[:61]) {
			t.Errorf("GOMAXPROCS %d: 61 digits are not the first of 103", procs)
		}
	}
	if slices.Equal(Digits(103, 6).Pixels, want.Pixels) {
		t.Error("seeds 5 and 6 give the same digits")
	}
	if none := Digits(0, 1); none.Len() != 0 {
		t.Errorf("no digits are %d", none.Len())
	}
}

// TestDigitsAreWhole checks range, labels and margins: a set passes Check, and MNIST's digits,
// too, keep off the border.
func TestDigitsAreWhole(t *testing.T) {
	digits := Digits(10000, 1)
	if err := digits.Check(); err != nil {
		t.Fatal(err)
	}
	var cut int
	for i := range digits.Len() {
		if digits.Labels[i] != i%10 {
			t.Fatalf("image %d has label %d", i, digits.Labels[i])
		}
		image := digits.Slice(i, i+1).Pixels
		if low, high := slices.Min(image), slices.Max(image); low != -1 || high < 0 || high > 1 {
			t.Fatalf("image %d spans [%v, %v], want -1 to at most 1, with ink", i, low, high)
		}
		for k := range digitSide {
			if max(image[k], image[27*28+k], image[28*k], image[28*k+27]) > -1 {
				cut++
				break
			}
		}
	}
	if cut > digits.Len()/100 {
		t.Errorf("%d of %d digits reach the border", cut, digits.Len())
	}
}

// TestDigitsResembleMNIST compares statistics of brightness in [0, 1] with those of MNIST's first
// 20 000 training images. The seed is fixed; 20 000 images leave a relative error of about 0.2 %
// in the mean.
func TestDigitsResembleMNIST(t *testing.T) {
	digits := Digits(20000, 1)
	brightness := make([]float64, len(digits.Pixels))
	var columns, rows, saturated, grey, slant float64
	for i, p := range digits.Pixels {
		b := (float64(p) + 1) / 2
		brightness[i] = b
		columns += b * float64(i%28)
		rows += b * float64(i/28%28)
		if b > 0.98 {
			saturated++
		} else if b > 0.1 {
			grey++
		}
	}
	mean, deviation, _ := moments(brightness)
	n := float64(len(brightness))
	var horizontal, diagonal []float64 // Haar coefficients of the finest level
	for i := range len(brightness) / 4 {
		at := i/196*784 + i%196/14*56 + i%14*2
		a, b, c, d := brightness[at], brightness[at+1], brightness[at+28], brightness[at+29]
		horizontal = append(horizontal, (a+b-c-d)/2)
		diagonal = append(diagonal, (a-b-c+d)/2)
	}
	for i := range digits.Len() {
		var xy, yy float64
		for k, b := range brightness[i*784 : (i+1)*784] {
			x, y := float64(k%28)-digitCentre, float64(k/28)-digitCentre
			xy, yy = xy+b*x*y, yy+b*y*y
		}
		slant -= xy / yy / float64(digits.Len())
	}
	_, dh, kh := moments(horizontal)
	_, dd, kd := moments(diagonal)
	for _, c := range []struct {
		what                 string
		got, mnist, relative float64
	}{
		{"mean", mean, 0.1316, 0.03},
		{"standard deviation", deviation, 0.3093, 0.02},
		{"row of the centre of mass", rows / n / mean, 14.0, 0.01},
		{"column of the centre of mass", columns / n / mean, 14.0, 0.01},
		{"slant to the right", slant, 0.121, 0.3},
		{"share of saturated pixels", saturated / n, 0.0747, 0.1},
		{"share of grey pixels", grey / n, 0.1003, 0.15},
		{"deviation of horizontal details", dh, 0.1716, 0.1},
		{"kurtosis of horizontal details", kh, 14.3, 0.1},
		{"deviation of diagonal details", dd, 0.0787, 0.15},
		{"kurtosis of diagonal details", kd, 12.1, 0.1},
	} {
		t.Logf("%s %.4f, MNIST %.4f", c.what, c.got, c.mnist)
		if math.Abs(c.got/c.mnist-1) > c.relative {
			t.Errorf("%s is %.4f, MNIST has %.4f", c.what, c.got, c.mnist)
		}
	}
}

// moments returns the mean, standard deviation and kurtosis of values.
func moments(values []float64) (mean, deviation, kurtosis float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	var second, fourth float64
	for _, v := range values {
		d := (v - mean) * (v - mean)
		second += d / n
		fourth += d * d / n
	}
	return mean, math.Sqrt(second), fourth / (second * second)
}

// TestDigitsCanBeTold classifies 500 digits by the nearest of 2000 others: more than 0.9 must
// come out right, and no two allographs may be so alike that a class is lost.
func TestDigitsCanBeTold(t *testing.T) {
	train, test := Digits(2000, 1), Digits(500, 2)
	var right int
	var rightOf [10]int
	for i := range test.Len() {
		image := test.Slice(i, i+1).Pixels
		nearest, label := math.Inf(1), -1
		for j := range train.Len() {
			var d float64
			for k, p := range train.Slice(j, j+1).Pixels {
				if d += float64((p - image[k]) * (p - image[k])); d >= nearest {
					break
				}
			}
			if d < nearest {
				nearest, label = d, train.Labels[j]
			}
		}
		if nearest == 0 {
			t.Fatalf("test image %d is in the training set", i)
		}
		if label == test.Labels[i] {
			right++
			rightOf[label]++
		}
	}
	t.Logf("nearest neighbour: %d of 500 right, of 50 a class %v", right, rightOf)
	if right <= 450 || slices.Min(rightOf[:]) < 40 {
		t.Errorf("nearest neighbour: %d of 500 right, of 50 a class %v", right, rightOf)
	}
}

// TestAllographs checks the table: a corner lies inside a stroke, and what is written is about as
// high as the rest.
func TestAllographs(t *testing.T) {
	for class, among := range allographs {
		for a, allograph := range among {
			if allograph.weight <= 0 {
				t.Errorf("digit %d, allograph %d: weight %v", class, a, allograph.weight)
			}
			low, high := math.Inf(1), math.Inf(-1)
			for _, s := range allograph.strokes {
				if len(s) < 3 || s[0] == s[1] || s[len(s)-1] == s[len(s)-2] {
					t.Errorf("digit %d, allograph %d: stroke %v", class, a, s)
				}
				for _, p := range s {
					low, high = min(low, p.y), max(high, p.y)
				}
			}
			if low < 0 || low > 10 || high < 90 || high > 100 {
				t.Errorf("digit %d, allograph %d spans rows %v to %v", class, a, low, high)
			}
		}
	}
}

// TestChoose checks the share of each allograph of a digit within 4 standard errors.
func TestChoose(t *testing.T) {
	const n = 20000
	for class, among := range allographs {
		var total float64
		for _, a := range among {
			total += a.weight
		}
		counts := make([]float64, len(among))
		rng := rand.New(rand.NewPCG(1, uint64(class)))
		for range n {
			chosen := choose(among, rng)
			counts[slices.IndexFunc(among, func(a allograph) bool { return &a.strokes[0] == &chosen.strokes[0] })]++
		}
		for k, a := range among {
			share := a.weight / total
			if e := math.Sqrt(share * (1 - share) / n); math.Abs(counts[k]/n-share) > 4*e {
				t.Errorf("digit %d: allograph %d has share %v, want %v", class, k, counts[k]/n, share)
			}
		}
	}
}

// TestInk draws a move of the pen and compares a cross-section, and the cap at its end, with the
// distance to the line.
func TestInk(t *testing.T) {
	img := slices.Repeat([]float32{-1}, digitSide*digitSide)
	ink(img, dot{point: point{6, 10.2}, radius: 2}, dot{point: point{18, 10.2}, radius: 3})
	for row := range digitSide {
		for _, c := range []struct{ col, x, radius float64 }{{9, 9, 2.25}, {15, 15, 2.75}, {20, 18, 3}, {4, 6, 2}} {
			distance := math.Hypot(float64(row)-10.2, c.col-c.x)
			want := 2*min(max(0.5+(c.radius-distance)/digitEdge, 0), 1) - 1
			if got := float64(img[row*digitSide+int(c.col)]); math.Abs(got-want) > 1e-6 {
				t.Errorf("row %d, column %v: %v, want %v", row, c.col, got, want)
			}
		}
	}
	before := slices.Clone(img)
	ink(img, dot{point: point{12, 10}, radius: 0.5}, dot{point: point{12, 10}, radius: 0.5}) // a dot on the line adds nothing
	if !slices.Equal(img, before) {
		t.Error("ink over ink changes it")
	}
}

// TestWriterLiftsThePen writes two parallel strokes and looks for ink between them.
func TestWriterLiftsThePen(t *testing.T) {
	two := []allograph{{1, []stroke{{{0, 0}, {0, 50}, {0, 100}}, {{90, 0}, {90, 50}, {90, 100}}}}}
	for seed := range uint64(20) {
		img := make([]float32, digitSide*digitSide)
		new(writer).write(img, two, rand.New(rand.NewPCG(seed, 0)))
		if ink := img[digitCentre*digitSide+digitCentre]; ink != -1 {
			t.Errorf("seed %d: %v between the strokes", seed, ink)
		}
	}
}

// TestTrace checks the path: it begins and ends at the shifted knots, it is sharp at a corner and
// nowhere else, and knots are shifted, each time otherwise, by a few hundredths of a digit's
// height.
func TestTrace(t *testing.T) {
	angle := stroke{{0, 0}, {50, 0}, {100, 0}, {100, 0}, {100, 50}, {100, 100}}
	rng := rand.New(rand.NewPCG(1, 0))
	var w writer
	var starts []float64
	for range 500 {
		w.trace([]stroke{angle}, rng)
		starts = append(starts, w.path[0].y)
		var sharp int
		for i := 1; i+1 < len(w.path); i++ {
			a, b, c := w.path[i-1], w.path[i], w.path[i+1]
			turn := math.Atan2(c.y-b.y, c.x-b.x) - math.Atan2(b.y-a.y, b.x-a.x)
			if math.Abs(turn) > 0.6 {
				sharp++
			}
		}
		if sharp != 1 {
			t.Fatalf("%d sharp turns, want 1: %v", sharp, w.path)
		}
		if end := w.path[len(w.path)-1]; !w.path[0].lifted || end.lifted || math.Hypot(end.x-100, end.y-100) > 15 {
			t.Fatalf("path from %v to %v", w.path[0], end)
		}
	}
	if mean, deviation, _ := moments(starts); math.Abs(mean) > 0.5 || deviation < 1 || deviation > 4 {
		t.Errorf("first knots lie at %v +- %v", mean, deviation)
	}
}

// TestTraceIsCatmullRom compares the path between four knots with the polynomial of Catmull and
// Rom.
func TestTraceIsCatmullRom(t *testing.T) {
	var w writer
	w.trace([]stroke{{{0, 0}, {30, 10}, {50, 60}, {20, 100}}}, rand.New(rand.NewPCG(1, 0)))
	pieces := len(w.path) / 3
	for _, along := range []func(d dot) float64{func(d dot) float64 { return d.x }, func(d dot) float64 { return d.y }} {
		a, b, c, d := along(w.path[0]), along(w.path[pieces]), along(w.path[2*pieces]), along(w.path[3*pieces])
		for i := range pieces {
			u := float64(i) / float64(pieces)
			want := (2*b + (c-a)*u + (2*a-5*b+4*c-d)*u*u + (3*b-a-3*c+d)*u*u*u) / 2
			if got := along(w.path[pieces+i]); math.Abs(got-want) > 1e-10 {
				t.Errorf("at %v: %v, want %v", u, got, want)
			}
		}
	}
}

func BenchmarkDigits(b *testing.B) {
	const n = 2000
	for b.Loop() {
		Digits(n, 1)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
