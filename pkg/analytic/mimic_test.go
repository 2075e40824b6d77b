package analytic_test

import (
	"context"
	"fmt"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
)

// TestIngredients: what a mimic lacks is not among its ingredients; leaving an ingredient out
// leaves all others in, but for products, which terms of other names are made of.
func TestIngredients(t *testing.T) {
	for _, c := range []struct {
		mimic analytic.Mimic
		want  string
	}{
		{analytic.CNNMimic(), "[neighbours orientations coarser scale sharing products third order spinning]"},
		{analytic.UNetMimic(), "[neighbours orientations coarser scale whole image position products third order]"},
	} {
		all := c.mimic.Ingredients()
		if got := fmt.Sprint(all); got != c.want {
			t.Errorf("ingredients %s, want %s", got, c.want)
		}
		for _, i := range all {
			less := c.mimic.Without(i)
			if err := less.Family.Check(); err != nil {
				t.Errorf("without %s: %v", i, err)
			}
			if less.Without(i) != less {
				t.Errorf("without %s there still is some", i)
			}
			left := len(less.Ingredients())
			if i == analytic.Position || i == analytic.Sharing {
				left-- // each stands in for the other
			}
			if left != len(all)-1 {
				t.Errorf("without %s: %v", i, less.Ingredients())
			}
		}
	}
	defer func() {
		if _, ok := recover().(analytic.IngredientError); !ok {
			t.Error("an unknown ingredient: no IngredientError")
		}
	}()
	analytic.CNNMimic().Without("salt")
}

// The CNN's mimic, fitted on digits, commutes with every shift; without its spinning it does not.
func ExampleMimic() {
	digits := dataset.Digits(40, 1).Resize(16, 16)
	for _, mimic := range []analytic.Mimic{analytic.CNNMimic(), analytic.CNNMimic().Without(analytic.Spinning)} {
		images, err := digits.Shifts(mimic.Period)
		if err != nil {
			fmt.Println(err)
			return
		}
		table, err := moments.Collect(context.Background(), mimic.Spec(diffusion.Shape{C: 1, H: 16, W: 16}), images, "digits", nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		machine, err := analytic.NewMachine(table, mimic.Settings)
		if err != nil {
			fmt.Println(err)
			return
		}
		spun := diffusion.CycleSpin(machine, mimic.Period)
		shifted, err := metrics.Equivariance(context.Background(), spun, metrics.Set{Images: digits, Seed: 1}, 0.3, 1, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("equivariance error below 1e-6:", shifted.Value() < 1e-6)
	}
	// Output:
	// equivariance error below 1e-6: true
	// equivariance error below 1e-6: false
}
