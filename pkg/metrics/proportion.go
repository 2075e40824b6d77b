package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/mathext"
)

// Proportion returns the share of k in n, with the exact 95 % interval of Clopper and Pearson, "The
// Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial" (1934). Outside it
// are the probabilities under which as few as k, or as many, have a chance of less than 2.5 %. It
// says something also where a bootstrap sees no spread, for none or all of n. It panics unless
// 0 <= k <= n and n > 0.
func Proportion(k, n int) Estimate {
	if k < 0 || k > n || n < 1 {
		panic(fmt.Sprintf("metrics: a share of %d in %d", k, n))
	}
	e := Estimate{Value: float64(k) / float64(n), Low: 0, High: 1}
	if k > 0 {
		e.Low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), 0.025)
	}
	if k < n {
		e.High = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 0.975)
	}
	return e
}

// Copies returns the share of images that the ratio test calls copies of a reference, as Memorised
// does, with the interval of Proportion.
func Copies(nearest []Neighbours) Estimate {
	copies := 0
	for _, n := range nearest {
		if n.Ratio() < memorisedRatio {
			copies++
		}
	}
	return Proportion(copies, len(nearest))
}
