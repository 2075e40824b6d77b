package moments

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/dataset"
	"wavescore/pkg/wavelet"
)

// TestAlongIsCountingAlong: a table turned to the axes of another is what it would have been had
// it been counted along them, whether it had axes of its own before or not.
func TestAlongIsCountingAlong(t *testing.T) {
	ours, theirs := randomPixels(20, 100, 64), randomPixels(21, 150, 64)
	spec := testSpec(t, Family{Neighbourhood{Radius: 1, Context: 2}, Powers, 2, PerCoefficient}, theirs)
	other, err := Collect(context.Background(), spec, theirs, "theirs", nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Collect(context.Background(), other.Spec(), ours, "ours", nil)
	if err != nil {
		t.Fatal(err)
	}
	axes := other.Spec().Axes
	for _, start := range [][]float64{nil, slices.Clone(want.Spec().Axes)} {
		if start != nil {
			slices.Reverse(start) // other axes, the same ones backwards: orthonormal as well
		}
		before := other.Spec()
		before.Axes = start
		m, err := New(before, Shard{Source: "ours", From: 0, To: 100})
		if err != nil {
			t.Fatal(err)
		}
		filter, _ := wavelet.ParseFilter("haar")
		if err := m.Add(t.Context(), wavelet.NewTransform(filter, spec.Layout).Forward(nil, ours.values), nil); err != nil {
			t.Fatal(err)
		}
		got, err := m.Along(t.Context(), axes)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Spec().Axes, axes) {
			t.Fatal("the axes are not those asked for")
		}
		for g := range want.Groups() {
			if d := floats.Distance(got.Cross(nil, g, 0), want.Cross(nil, g, 0), math.Inf(1)); d > 1e-11 {
				t.Fatalf("group %d: products with the context off by %v", g, d)
			}
		}
		if d := floats.Distance(covarianceOf(t, got), covarianceOf(t, want), math.Inf(1)); d > 1e-11 {
			t.Fatalf("the context's covariance is off by %v", d)
		}
	}
	plain := testSpec(t, Family{Terms: Powers, Degree: 2, Sharing: PerCoefficient}, ours)
	m, err := New(plain)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := m.Along(t.Context(), nil); err != nil || same != m {
		t.Error("a table without a context is not returned as it is")
	}
	defer func() {
		if _, ok := recover().(LengthError); !ok {
			t.Error("too few axes: no LengthError")
		}
	}()
	want.Along(t.Context(), axes[1:])
}

// Slices of one set merge where they are disjoint, whatever the set is called; the same images are
// refused under any name, and so they are after both sets were padded.
func TestMergeByIdentity(t *testing.T) {
	set := dataset.Digits(60, 1).Resize(8, 8)
	spec := testSpec(t, Family{Terms: Powers, Degree: 2, Sharing: PerCoefficient}, set)
	table := func(images *dataset.Images, name string) *Moments {
		m, err := Collect(t.Context(), spec, images, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first, second := table(set.Slice(0, 30), "digits"), table(set.Slice(30, 60), "digits")
	if err := first.Merge(second); err != nil {
		t.Errorf("disjoint slices of one set: %v", err)
	}
	if err := first.Merge(table(set.Slice(20, 40), "other")); !errors.Is(err, ErrShard) {
		t.Errorf("the same images under another name: %v", err)
	}
	if err := first.Merge(table(dataset.Digits(60, 2).Resize(8, 8), "digits")); err != nil {
		t.Errorf("other images under the same name: %v", err)
	}
}
