package shrinkage_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/shrinkage"
)

// The estimate is scikit-image's.
func TestEstimateNoise(t *testing.T) {
	b, err := os.ReadFile("testdata/noise.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Images []struct {
			Shape    [3]int
			Noisy    []float64
			Estimate float64
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for _, image := range golden.Images {
		shape := diffusion.Shape{C: image.Shape[0], H: image.Shape[1], W: image.Shape[2]}
		got, err := shrinkage.EstimateNoise(image.Noisy, shape)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-image.Estimate) > 1e-9 {
			t.Errorf("%v: %v, scikit-image says %v", shape, got, image.Estimate)
		}
	}
	if _, err := shrinkage.EstimateNoise(make([]float64, 64), diffusion.Shape{C: 1, H: 8, W: 8}); err == nil || !strings.Contains(err.Error(), "no noise") {
		t.Errorf("a black image: %v", err)
	}
	if _, err := shrinkage.EstimateNoise(make([]float64, 24), diffusion.Shape{C: 1, H: 3, W: 8}); err == nil || !strings.Contains(err.Error(), "at least 4") {
		t.Errorf("three rows: %v", err)
	}
}
