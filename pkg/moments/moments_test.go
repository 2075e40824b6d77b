package moments

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// pixels are images for Collect.
type pixels struct {
	size   int
	values []float64
}

func (p pixels) Len() int  { return len(p.values) / p.size }
func (p pixels) Size() int { return p.size }
func (p pixels) Batch(dst []float64, from, to int) []float64 {
	if dst == nil {
		dst = make([]float64, (to-from)*p.size)
	}
	copy(dst, p.values[from*p.size:to*p.size])
	return dst
}

func randomPixels(seed uint64, n, size int) pixels {
	rnd := rand.New(rand.NewPCG(seed, 0))
	v := make([]float64, n*size)
	for i := range v {
		v[i] = math.Tanh(rnd.NormFloat64())
		if i%size > 0 {
			v[i] = 0.5*v[i] + 0.5*v[i-1]
		}
	}
	return pixels{size, v}
}

func testSpec(t *testing.T, f Family, images diffusion.Images) Spec {
	t.Helper()
	layout, err := wavelet.NewLayout(1, 8, 8, 3)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	mean, err := Mean(context.Background(), wavelet.NewTransform(filter, layout), images)
	if err != nil {
		t.Fatal(err)
	}
	return Spec{Family: f, Filter: "haar", Layout: layout, Centre: f.Centre(layout, mean)}
}

// covarianceOf returns the covariance of a table's linear context.
func covarianceOf(t *testing.T, m *Moments) []float64 {
	t.Helper()
	covariance, err := m.ContextCovariance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return covariance
}

func collect(t *testing.T, spec Spec, images diffusion.Images) *Moments {
	t.Helper()
	m, err := Collect(context.Background(), spec, images, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var union = Neighbourhood{Orientations: true, Radius: 1}

// TestCollectIsTheDefinition computes every moment of a few groups naively: per coefficient and
// tied over a band, at levels whose grids are 4x4, 2x2 and 1x1.
func TestCollectIsTheDefinition(t *testing.T) {
	images := randomPixels(1, 60, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		spec := testSpec(t, Family{union, Gated, 3, sharing}, images)
		m := collect(t, spec, images)
		filter, _ := wavelet.ParseFilter("haar")
		w := wavelet.NewTransform(filter, spec.Layout).Forward(nil, images.values)
		for g, group := range m.Groups() {
			got := m.Clean(nil, g)
			for k, e := range group.Basis.products {
				var want float64
				for _, member := range group.Members {
					for i := range images.Len() {
						p := 1.0
						for v, c := range member.Variables {
							p *= math.Pow(w[i*64+c]-spec.Centre[c], float64(e[v]))
						}
						want += p / float64(images.Len()*len(group.Members))
					}
				}
				if math.Abs(got[k]-want) > 1e-11*(1+math.Abs(want)) {
					t.Fatalf("%s, group %d, moment %v: %v, want %v", sharing, g, []byte(e), got[k], want)
				}
			}
		}
		for c := range 64 {
			low, high := m.Range(c)
			var column []float64
			for i := range images.Len() {
				column = append(column, w[i*64+c])
			}
			if math.Abs(low-slices.Min(column)) > 1e-12 || math.Abs(high-slices.Max(column)) > 1e-12 {
				t.Errorf("coefficient %d: range %v to %v, want %v to %v", c, low, high, slices.Min(column), slices.Max(column))
			}
		}
	}
}

// TestCentreIsTheMean: without a centre, Collect finds the one that the spec of the other tests is
// given.
func TestCentreIsTheMean(t *testing.T) {
	images := randomPixels(9, 100, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		want := testSpec(t, Family{union, Powers, 1, sharing}, images)
		spec := want
		spec.Centre = nil
		got := collect(t, spec, images).Spec()
		if err := got.SameVariables(want); err != nil {
			t.Error(err)
		}
		for _, band := range want.Layout.Bands() {
			from, to := want.Layout.Range(band)
			for i := from; sharing == PerBand && i < to; i++ {
				if got.Centre[i] != got.Centre[from] {
					t.Errorf("%v has two centres", band)
				}
			}
		}
		// The approximation of three Haar levels of 8 x 8 pixels is 8 times their mean.
		var mean float64
		for _, v := range images.values {
			mean += v / float64(len(images.values))
		}
		if math.Abs(got.Centre[0]-8*mean) > 1e-12 {
			t.Errorf("the centre of the approximation is %v, want %v", got.Centre[0], 8*mean)
		}
	}
}

func TestNeighbourhoodsAreDistinct(t *testing.T) {
	layout, err := wavelet.NewLayout(2, 8, 8, 3)
	if err != nil {
		t.Fatal(err)
	}
	for c := range layout.Len() {
		indices, kinds := (Neighbourhood{Orientations: true, Radius: 2, Parents: 3, Channels: true}).Indices(layout, c)
		if len(kinds) != len(indices) || kinds[0] != Self || slices.Contains(kinds[1:], Self) {
			t.Fatalf("kinds %v of %d variables", kinds, len(indices))
		}
		seen := map[int]bool{}
		for _, i := range indices {
			if seen[i] {
				t.Fatalf("coefficient %v occurs twice around %v", layout.Place(i), layout.Place(c))
			}
			seen[i] = true
		}
		if indices[0] != c {
			t.Fatalf("the neighbourhood of %d starts with %d", c, indices[0])
		}
	}
}

// TestRestrictIsCollect: a sub-family's table read from a larger one is the table taken of the
// sub-family.
func TestRestrictIsCollect(t *testing.T) {
	images := randomPixels(2, 200, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		whole := testSpec(t, Family{union, Gated, 3, sharing}, images)
		large := collect(t, whole, images)
		for _, f := range []Family{
			{Neighbourhood{}, Full, 3, sharing},
			{Neighbourhood{Orientations: true}, Gated, 3, sharing},
			{Neighbourhood{Radius: 1}, Gated, 2, sharing},
			{union, Powers, 3, sharing},
			{union, Full, 1, sharing},
		} {
			got, err := large.Restrict(f)
			if err != nil {
				t.Fatal(err)
			}
			part := whole
			part.Family = f
			want := collect(t, part, images)
			for g := range want.Groups() {
				a, b := got.Clean(nil, g), want.Clean(nil, g)
				for k := range b {
					if math.Abs(a[k]-b[k]) > 1e-12*(1+math.Abs(b[k])) {
						t.Fatalf("%v, group %d, moment %d: %v restricted, %v collected", f, g, k, a[k], b[k])
					}
				}
			}
		}
		for _, f := range []Family{
			{union, Full, 3, sharing},
			{Neighbourhood{Radius: 2}, Powers, 1, sharing},
			{union, Powers, 4, sharing},
		} {
			if _, err := large.Restrict(f); err == nil || !strings.Contains(err.Error(), "not a sub-family") {
				t.Errorf("%v restricted from %v: %v", f, whole.Family, err)
			}
		}
	}
}

// TestRestrictOfManyVariables: neighbourhoods of more variables than a byte counts are told apart.
func TestRestrictOfManyVariables(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 0))
	images := pixels{289, normals(rnd, 289*5)}
	spec := Spec{Family: Family{Neighbourhood{Radius: 8}, Powers, 1, PerBand}, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 17, Width: 17}}
	large := collect(t, spec, images)
	part := large.Spec()
	part.Family.Neighbourhood.Radius = 7
	want := collect(t, part, images).Clean(nil, 0)
	sub, err := large.Restrict(part.Family)
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range sub.Clean(nil, 0) {
		if math.Abs(got-want[k]) > 1e-12 {
			t.Fatalf("moment %d of %d: %v restricted, %v collected", k, len(want), got, want[k])
		}
	}
}

// TestTablesDoNotShare: what is added to a table does not show in one made from it before.
func TestTablesDoNotShare(t *testing.T) {
	images := randomPixels(22, 40, 64)
	spec := testSpec(t, Family{Neighbourhood{Context: 1}, Powers, 3, PerCoefficient}, images)
	m := collect(t, spec, images)
	restricted, err := m.Restrict(spec.Family)
	if err != nil {
		t.Fatal(err)
	}
	diagonal, err := m.Diagonal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files := func() (all []byte) {
		for _, table := range []*Moments{m, restricted, diagonal} {
			b, err := table.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		return all
	}
	before, covariance := files(), slices.Clone(covarianceOf(t, m))
	more := randomPixels(23, 10, 64)
	for i, table := range []*Moments{restricted, diagonal} {
		grown := table.empty(Shard{Source: "grown", From: 0, To: 10 + i})
		if err := errors.Join(grown.Merge(table), grown.Add(t.Context(), more.values, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files(), before) {
		t.Error("a table changed with another")
	}
	if err := m.Add(t.Context(), more.values, nil); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(covarianceOf(t, m), covariance) {
		t.Error("the context's covariance did not change with the images")
	}
}

// TestContextIsTheDefinition computes the products of features and context naively, and reads
// sub-families with the same context, along the coefficients and along axes.
func TestContextIsTheDefinition(t *testing.T) {
	images := randomPixels(10, 200, 64)
	for _, sharing := range []Sharing{PerCoefficient, PerBand} {
		whole := testSpec(t, Family{Neighbourhood{Orientations: true, Parents: 2, Context: 2}, Gated, 3, sharing}, images)
		raw, err := New(whole, Shard{Source: "c", From: 0, To: 200})
		if err != nil {
			t.Fatal(err)
		}
		filter, _ := wavelet.ParseFilter("haar")
		w := wavelet.NewTransform(filter, whole.Layout).Forward(nil, images.values)
		if err := raw.Add(t.Context(), w, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(raw.Context()); n != 16 {
			t.Fatalf("the two coarsest of three levels of 8 x 8 have %d coefficients, want 16", n)
		}
		diagonal, err := raw.Diagonal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		axes := diagonal.Spec().Axes
		for g, group := range raw.Groups() {
			member := group.Members[len(group.Members)-1]
			got := raw.Cross(nil, g, len(group.Members)-1)
			turned := diagonal.Cross(nil, g, len(group.Members)-1)
			for a := range group.Basis.Features() {
				along := make([]float64, 16)
				for k, c := range raw.Context() {
					var want float64
					for i := range 200 {
						p := (w[i*64+c] - whole.Centre[c]) / 200
						for v, power := range group.Basis.Exponents(a) {
							p *= math.Pow(w[i*64+member.Variables[v]]-whole.Centre[member.Variables[v]], float64(power))
						}
						want += p
					}
					if math.Abs(got[a*16+k]-want) > 1e-11*(1+math.Abs(want)) {
						t.Fatalf("%s, group %d, powers %v times coefficient %d: %v, want %v", sharing, g, group.Basis.Exponents(a), c, got[a*16+k], want)
					}
					for j := range along {
						along[j] += want * axes[k*16+j]
					}
				}
				for j, want := range along {
					if math.Abs(turned[a*16+j]-want) > 1e-10*(1+math.Abs(want)) {
						t.Fatalf("%s, group %d, powers %v along axis %d: %v, want %v", sharing, g, group.Basis.Exponents(a), j, turned[a*16+j], want)
					}
				}
			}
		}
		covariance := covarianceOf(t, diagonal)
		for i := range 16 {
			for j := range i {
				if math.Abs(covariance[i*16+j]) > 1e-12 {
					t.Errorf("axes %d and %d have a covariance of %v", i, j, covariance[i*16+j])
				}
			}
		}

		// A probe taken along the axes is the table turned to them, and a sub-family read from
		// either is the same.
		probe, err := New(diagonal.Spec(), Shard{Source: "c", From: 0, To: 200})
		if err != nil {
			t.Fatal(err)
		}
		if err := probe.Add(t.Context(), w, nil); err != nil {
			t.Fatal(err)
		}
		part := whole.Family
		part.Neighbourhood.Parents, part.Degree = 1, 2
		for name, table := range map[string]*Moments{"diagonal": diagonal, "probe": probe} {
			sub, err := table.Restrict(part)
			if err != nil {
				t.Fatal(err)
			}
			spec := diagonal.Spec()
			spec.Family = part
			direct, err := New(spec, Shard{Source: "c", From: 0, To: 200})
			if err != nil {
				t.Fatal(err)
			}
			if err := direct.Add(t.Context(), w, nil); err != nil {
				t.Fatal(err)
			}
			for g, group := range direct.Groups() {
				got, want := sub.Clean(nil, g), direct.Clean(nil, g)
				for i := range group.Members {
					got, want = append(got, sub.Cross(nil, g, i)...), append(want, direct.Cross(nil, g, i)...)
				}
				for k := range want {
					if math.Abs(got[k]-want[k]) > 1e-10*(1+math.Abs(want[k])) {
						t.Fatalf("%s %s, group %d, %d: %v restricted, %v direct", name, sharing, g, k, got[k], want[k])
					}
				}
			}
		}
		b, err := diagonal.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var read Moments
		if err := read.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("a table with context that was read writes another file: %v", err)
		}
	}
}

// TestWeightsAreRepetitions: an image of weight 3 counts as three images.
func TestWeightsAreRepetitions(t *testing.T) {
	images := randomPixels(3, 5, 64)
	spec := testSpec(t, Family{union, Powers, 2, PerCoefficient}, images)
	weights := []float64{3, 1, 0, 2, 1}
	var repeated []float64
	for i, w := range weights {
		for range int(w) {
			repeated = append(repeated, images.values[i*64:(i+1)*64]...)
		}
	}
	a, err := New(spec, Shard{Source: "a", From: 0, To: 5})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := New(spec, Shard{Source: "b", From: 0, To: 7})
	if err := errors.Join(a.Add(t.Context(), images.values, weights), b.Add(t.Context(), repeated, nil)); err != nil {
		t.Fatal(err)
	}
	for g := range a.Groups() {
		x, y := a.Clean(nil, g), b.Clean(nil, g)
		for k := range x {
			if math.Abs(x[k]-y[k]) > 1e-13*(1+math.Abs(y[k])) {
				t.Fatalf("group %d, moment %d: %v weighted, %v repeated", g, k, x[k], y[k])
			}
		}
	}
	if low, _ := a.Range(0); low != min(images.values[0], images.values[64], images.values[192], images.values[256]) {
		t.Errorf("an image of weight 0 moved the least value to %v", low)
	}
}

// TestSameBits: shards, merged or collected, on one core or two, give the same bits.
func TestSameBits(t *testing.T) {
	images := randomPixels(4, ShardImages+100, 64)
	spec := testSpec(t, Family{union, Powers, 2, PerBand}, images)
	var files [][]byte
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		m := collect(t, spec, images)
		runtime.GOMAXPROCS(before)
		b, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the table depends on GOMAXPROCS")
	}
}

func TestMerge(t *testing.T) {
	images := randomPixels(5, 60, 64)
	spec := testSpec(t, Family{union, Powers, 2, PerCoefficient}, images)
	part := func(from, to int) *Moments {
		m, err := New(spec, Shard{Source: "s", From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add(t.Context(), images.values[from*64:to*64], nil); err != nil {
			t.Fatal(err)
		}
		return m
	}
	whole := part(0, 60)
	var merged Moments
	if err := errors.Join(merged.Merge(part(0, 20)), merged.Merge(new(Moments)), merged.Merge(part(20, 60))); err != nil {
		t.Fatal(err)
	}
	if merged.Images() != 60 || len(merged.Shards()) != 2 {
		t.Errorf("%d images in %v", merged.Images(), merged.Shards())
	}
	for g := range whole.Groups() {
		x, y := merged.Clean(nil, g), whole.Clean(nil, g)
		for k := range x {
			if math.Abs(x[k]-y[k]) > 1e-13*(1+math.Abs(y[k])) {
				t.Fatalf("group %d, moment %d: %v merged, %v at once", g, k, x[k], y[k])
			}
		}
	}

	if err := merged.Merge(part(10, 30)); !errors.Is(err, ErrShard) {
		t.Errorf("overlapping shards: %v", err)
	}
	for what, change := range map[string]func(*Spec){
		"families": func(s *Spec) { s.Family.Degree = 1 },
		"wavelets": func(s *Spec) { s.Filter = "db2" },
		"layouts":  func(s *Spec) { s.Layout.Levels = 2 },
		"centres":  func(s *Spec) { s.Centre = slices.Clone(s.Centre); s.Centre[7]++ },
	} {
		other := spec
		change(&other)
		o, err := New(other, Shard{Source: "o", From: 0, To: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := merged.Merge(o); err == nil || !strings.Contains(err.Error(), what+" differ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if merged.Images() != 60 {
		t.Errorf("a refused merge counted %d images", merged.Images()-60)
	}
}

func TestFileRoundTripAndDamage(t *testing.T) {
	images := randomPixels(6, 50, 64)
	m := collect(t, testSpec(t, Family{union, Gated, 3, PerBand}, images), images)
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read Moments
	if err := read.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	again, err := read.MarshalBinary()
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("a table that was read writes another file: %v", err)
	}
	for _, cut := range []int{0, 7, 100, len(b) / 2, len(b) - 1} {
		if err := new(Moments).UnmarshalBinary(b[:cut]); !errors.Is(err, tensorfile.ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", cut, len(b), err)
		}
	}

	// A file whose digest is right but whose parts do not fit is refused too.
	for what, damage := range map[string]func(tensorfile.Tensors){
		"1 sums":       func(f tensorfile.Tensors) { f.Values["sums"] = tensorfile.Tensor{Shape: []int{1}, Data: []float64{50}} },
		"low and high": func(f tensorfile.Tensors) { delete(f.Values, "low") },
		"centre":       func(f tensorfile.Tensors) { delete(f.Values, "centre") },
		"not a table":  func(f tensorfile.Tensors) { delete(f.Text, "moments") },
		"is NaN":       func(f tensorfile.Tensors) { f.Values["low"].Data[3] = math.NaN() },
		"at most":      func(f tensorfile.Tensors) { f.Values["low"].Data[3] = 1e9 },
		"features": func(f tensorfile.Tensors) {
			f.Text["moments"] = strings.NewReplacer("gated", "full", `"degree":3`, `"degree":5`).Replace(f.Text["moments"])
		},
		"format": func(f tensorfile.Tensors) { f.Text["moments"] = "{}" },
		"unknown terms": func(f tensorfile.Tensors) {
			f.Text["moments"] = strings.Replace(f.Text["moments"], "gated", "gator", 1)
		},
	} {
		f, err := m.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		f.Values["low"] = tensorfile.Tensor{Shape: f.Values["low"].Shape, Data: slices.Clone(f.Values["low"].Data)}
		damage(f)
		if _, err := FromTensors(f); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestBadInput(t *testing.T) {
	images := randomPixels(7, 4, 64)
	spec := testSpec(t, Family{union, Powers, 2, PerCoefficient}, images)
	ctx := context.Background()
	nan := pixels{64, slices.Clone(images.values)}
	nan.values[70] = math.NaN()
	if _, err := Collect(ctx, spec, nan, "n", nil); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "image 1") {
		t.Errorf("NaN pixel: %v", err)
	}
	if _, err := Collect(ctx, spec, pixels{size: 64}, "n", nil); !errors.Is(err, ErrInput) {
		t.Errorf("no images: %v", err)
	}
	if _, err := Collect(ctx, spec, pixels{32, images.values}, "n", nil); !errors.Is(err, ErrInput) {
		t.Errorf("images of another size: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Collect(cancelled, spec, images, "n", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for what, change := range map[string]func(*Spec){
		"wavelet":  func(s *Spec) { s.Filter = "walsh" },
		"levels":   func(s *Spec) { s.Layout.Levels = 4 },
		"centre":   func(s *Spec) { s.Centre = s.Centre[:5] },
		"infinite": func(s *Spec) { s.Centre = slices.Clone(s.Centre); s.Centre[3] = math.Inf(1) },
		"degree":   func(s *Spec) { s.Family.Degree = 9 },
	} {
		bad := spec
		change(&bad)
		if _, err := Collect(ctx, bad, images, "b", nil); err == nil {
			t.Errorf("%s: a bad spec was accepted", what)
		}
	}
	m, _ := New(spec, Shard{Source: "w", From: 0, To: 4})
	for _, weights := range [][]float64{{1, -1, 1, 1}, {1, math.NaN(), 1, 1}, {1, math.Inf(1), 1, 1}, {0, 0, 0, 0}} {
		if err := m.Add(t.Context(), images.values, weights); !errors.Is(err, ErrInput) || m.Images() != 0 {
			t.Errorf("weights %v: %v, %d images counted", weights, err, m.Images())
		}
	}
	for _, f := range []Family{{Terms: "cubic", Degree: 1, Sharing: PerBand}, {Terms: Powers, Degree: 0, Sharing: PerBand}, {Terms: Powers, Degree: 6, Sharing: PerBand}, {Terms: Powers, Degree: 1, Sharing: "all"}, {Neighbourhood{Radius: -1}, Powers, 1, PerBand}} {
		if f.Check() == nil {
			t.Errorf("%v was accepted", f)
		}
	}
	if err := new(Moments).Add(t.Context(), images.values, nil); !errors.Is(err, ErrInput) {
		t.Errorf("images added to a table without a spec: %v", err)
	}
	huge := pixels{64, slices.Repeat([]float64{1e100}, 128)}
	huge.values[0] = 0
	if _, err := Collect(ctx, spec, huge, "h", nil); !errors.Is(err, ErrInput) {
		t.Errorf("pixels whose powers overflow: %v", err)
	}
	for _, name := range []string{"", "Independent", "full"} {
		if _, err := ParseNeighbourhood(name, 1, 1); err == nil || !strings.Contains(err.Error(), "band-tied") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := ParseNeighbourhood("local-coupled", 0, 1); err == nil {
		t.Error("local-coupled with radius 0 was accepted")
	}
}

func TestWrongLengthsPanic(t *testing.T) {
	images := randomPixels(8, 4, 64)
	m, err := New(testSpec(t, Family{union, Powers, 1, PerCoefficient}, images), Shard{Source: "p", From: 0, To: 4})
	if err != nil {
		t.Fatal(err)
	}
	for what, call := range map[string]func(){
		"coefficients": func() { _ = m.Add(t.Context(), images.values[:65], nil) },
		"weights":      func() { _ = m.Add(t.Context(), images.values, []float64{1}) },
		"empty":        func() { m.Clean(nil, 0) },
		"transport":    func() { m.Groups()[0].Basis.Transport(new(Normal), []float64{1}, 1) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(LengthError); !ok {
					t.Errorf("%s: no LengthError", what)
				}
			}()
			call()
		}()
	}
}

// TestCostIsWhatIsTaken: the counts are those of the table; the time is positive and grows with
// the images.
func TestCostIsWhatIsTaken(t *testing.T) {
	images := randomPixels(11, 20, 64)
	for _, n := range []Neighbourhood{{}, union, {Orientations: true, Parents: 2, Context: 2}} {
		for _, sharing := range []Sharing{PerCoefficient, PerBand} {
			spec := testSpec(t, Family{n, Gated, 3, sharing}, images)
			cost, err := spec.Cost()
			if err != nil {
				t.Fatal(err)
			}
			m := collect(t, spec, images)
			held := len(m.context.cross) + len(m.context.means)
			for _, s := range m.sums {
				held += len(s)
			}
			if cost.Groups != len(m.Groups()) || cost.Moments != held || cost.Bytes() != int64(8*held) {
				t.Errorf("%v: cost %v of a table of %d groups and %d moments", spec.Family, cost, len(m.Groups()), held)
			}
			const rate = 1e9 // operations a second
			once, twice, none := cost.timeAt(rate, 1000_000), cost.timeAt(rate, 2000_000), cost.timeAt(rate, 0)
			if cost.Time(1000) <= 0 || once <= none || (twice-once)-(once-none) > time.Microsecond {
				t.Errorf("%v: %v for a million images, %v for two, %v for none", spec.Family, once, twice, none)
			}
		}
	}
}
