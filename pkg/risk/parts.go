package risk

import (
	"context"
	"fmt"
	"math"
	"sync"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// Parts are the images of a run as tables of moments. The train images are cut into parts, of which
// the last is for validation and the others are for fitting; the test images are a table of their
// own. All tables have one centre, that of all train images, so that they can be added, and a
// machine of one can be judged on another. Each is collected when it is first needed, and kept in
// the cache. Parts are neither copied nor changed once they are used; lab.Cached knows them by what
// they are made of.
type Parts struct {
	Run  lab.Run
	Spec moments.Spec // without a centre
	Ends []float64    // where parts end, in shares of the train images: rising, the last at most 1

	tables sync.Map // func() *moments.Moments, by the names of tables
}

// A Candidate is a machine that can be fitted to parts: a sub-family of theirs with settings.
type Candidate struct {
	Name     string // in legends and tables
	Family   moments.Family
	Settings analytic.Settings
}

// CacheKey returns what the candidate is known by, which its name is not.
func (c Candidate) CacheKey() any { return []any{c.Family, c.Settings} }

// CacheKey returns what the parts are known by.
func (p *Parts) CacheKey() any {
	return []any{p.Run.TrainSet(), p.Run.TestSet(), p.Spec, p.Ends}
}

// Images returns how many train images the first k parts have. Each part has one at least; where
// there are too few images for that, Images stops the cell.
func (p *Parts) Images(k int) int {
	train, _ := p.Run.Counts()
	if train < len(p.Ends) {
		lab.Must(fmt.Errorf("experiment: %d parts of %d train images", len(p.Ends), train))
	}
	if k == 0 {
		return 0
	}
	least, most := k, train-(len(p.Ends)-k) // one for each part before, and one for each behind
	return min(max(int(math.Round(p.Ends[k-1]*float64(train))), least), most)
}

// Part returns the moments of part k, from 0.
func (p *Parts) Part(k int) *moments.Moments {
	from, to := p.Images(k), p.Images(k+1)
	return p.table(fmt.Sprint("part ", k), func() *moments.Moments {
		return lab.Must1(lab.Cached("part", []any{p.Run.TrainSet(), p.Spec, from, to}, func() (*moments.Moments, error) {
			return p.collect(p.Run.TrainImages().Slice(from, to), fmt.Sprintf("train images %d to %d", from, to-1))
		}))
	})
}

// First returns the moments of the first k parts, the sum of theirs.
func (p *Parts) First(k int) *moments.Moments {
	return p.table(fmt.Sprint("first ", k), func() *moments.Moments {
		sum := new(moments.Moments)
		for i := range k {
			lab.Must(sum.Merge(p.Part(i)))
		}
		return sum
	})
}

// Fit returns the moments of all parts but the last.
func (p *Parts) Fit() *moments.Moments {
	return p.table("fit", func() *moments.Moments {
		return lab.Must1(lab.Cached("parts to fit", []any{p.Run.TrainSet(), p.Spec, p.Ends}, func() (*moments.Moments, error) {
			return p.First(len(p.Ends) - 1), nil
		}))
	})
}

// Validation returns the moments of the last part.
func (p *Parts) Validation() *moments.Moments { return p.Part(len(p.Ends) - 1) }

// Test returns the moments of the test images.
func (p *Parts) Test() *moments.Moments {
	_, test := p.Run.Counts()
	return p.FirstTest(test)
}

// FirstTest returns the moments of the first n test images, or of all where there are fewer.
func (p *Parts) FirstTest(n int) *moments.Moments {
	_, test := p.Run.Counts()
	n = min(n, test)
	return p.table(fmt.Sprint("test ", n), func() *moments.Moments {
		return lab.Must1(lab.Cached("part", []any{p.Run.TrainSet(), p.Run.TestSet(), p.Spec, n}, func() (*moments.Moments, error) {
			return p.collect(p.Run.TestImages().Slice(0, n), "test images")
		}))
	})
}

// collect takes the moments of images around the parts' centre.
func (p *Parts) collect(images *dataset.Images, source string) (*moments.Moments, error) {
	spec := p.Spec
	spec.Centre = p.centre()
	return moments.Collect(context.Background(), spec, images, source, lab.Progress("moments of "+source))
}

func (p *Parts) centre() []float64 {
	mean := lab.Must1(lab.Cached("mean", []any{p.Run.TrainSet(), p.Spec.Filter, p.Spec.Layout}, func() ([]float64, error) {
		filter, err := wavelet.ParseFilter(p.Spec.Filter)
		if err != nil {
			return nil, err
		}
		return moments.Mean(context.Background(), wavelet.NewTransform(filter, p.Spec.Layout), p.Run.TrainImages())
	}))
	return p.Spec.Family.Centre(p.Spec.Layout, mean)
}

// table makes the table of a name once in a program.
func (p *Parts) table(name string, make func() *moments.Moments) *moments.Moments {
	made, _ := p.tables.LoadOrStore(name, sync.OnceValue(make))
	return made.(func() *moments.Moments)()
}

// Machine returns a candidate fitted to all parts but the last.
func (p *Parts) Machine(c Candidate) *analytic.Machine { return machineOf(c, p.Fit()) }

// machineOf returns a candidate fitted to a table.
func machineOf(c Candidate, table *moments.Moments) *analytic.Machine {
	return lab.Must1(analytic.NewMachine(lab.Must1(table.Restrict(c.Family)), c.Settings))
}
