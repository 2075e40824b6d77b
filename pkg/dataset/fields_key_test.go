package dataset

import (
	"reflect"
	"testing"
)

// Fields that differ in anything have different keys.
func TestFieldCacheKey(t *testing.T) {
	field := func(weights, scales []float64, alpha float64) *Field {
		spectrum, err := PowerLaw(4, 4, alpha, 0.05, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewScaleMixture(weights, scales, spectrum)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one := field(nil, []float64{0.1, 3}, 2)
	if !reflect.DeepEqual(one.CacheKey(), field([]float64{2, 2}, []float64{0.1, 3}, 2).CacheKey()) {
		t.Error("two equal fields have different keys")
	}
	for i, other := range []*Field{field([]float64{1, 2}, []float64{0.1, 3}, 2), field(nil, []float64{0.1, 2}, 2), field(nil, []float64{0.1, 3}, 1), field(nil, []float64{0.1, 3, 1}, 2)} {
		if reflect.DeepEqual(one.CacheKey(), other.CacheKey()) {
			t.Errorf("field %d has the key of another", i)
		}
	}
	if n := field(nil, []float64{1, 2, 3}, 2).Components(); n != 3 {
		t.Errorf("%d components, want 3", n)
	}
}
