package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"wavescore/internal/memory"
	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// fitCommand's pointers are nil where a flag is not given: a flag that would have no effect is an
// error.
type fitCommand struct {
	Data        string   `default:"mnist" help:"Image set (see 'wavescore data list') or a folder of images."`
	Images      int      `short:"n" default:"0" placeholder:"N" help:"Use the first N train images; 0 is all."`
	Wavelet     *string  `placeholder:"haar" help:"Orthonormal wavelet: haar, db1-db10, sym2-sym10, coif1-coif5."`
	Levels      *int     `placeholder:"5" help:"Levels of the transform; 0 is the pixel basis."`
	Family      string   `default:"local-coupled" enum:"independent,band-tied,local-coupled,cross-scale,combined,linear,conditional,patch-mixture,local-score,equivariant-local-score,patch-posterior,pca-locality,smoothed,ideal" help:"What a coefficient's score depends on: independent, band-tied, local-coupled, cross-scale, combined, or linear (which is of degree 1). Or conditional, on the kind of patch, with the flags of its own below. Or patch-mixture, for grey pictures of any size. Or a score of the training set, which keeps the images: local-score, equivariant-local-score, patch-posterior, pca-locality, smoothed or ideal."`
	Radius      *int     `placeholder:"1" help:"Reach of a local-coupled or combined family, in coefficients."`
	Parents     *int     `placeholder:"4" help:"Coarser levels of ancestors in a cross-scale or combined family."`
	Channels    bool     `help:"The same place of the other colour channels too."`
	Context     *int     `placeholder:"0" help:"All coefficients of this many of the coarsest levels enter linearly too."`
	Terms       *string  `placeholder:"gated" help:"Monomials of those coefficients: powers, gated or full."`
	Degree      *int     `placeholder:"3" help:"Highest power."`
	Share       *string  `placeholder:"coefficient" help:"What has weights of its own: each coefficient or band."`
	Ridge       *float64 `placeholder:"${ridge}" help:"Penalty on terms of degree 2 and more, relative to their second moment."`
	RidgeLinear *float64 `placeholder:"${ridgeLinear}" help:"Penalty on the linear neighbours, relative to their second moment."`
	RidgeSelf   *float64 `placeholder:"0" help:"Penalty on the coefficient itself."`
	Target      *string  `placeholder:"clean" help:"What is regressed, and so what --ridge-self shrinks towards: clean (the centre) or score (the noisy coefficient)."`
	Out         string   `short:"o" required:"" type:"path" placeholder:"FILE" help:"The machine's file."`

	Conditional conditionalFlags `embed:"" group:"Of --family conditional and patch-mixture:"`
	Empirical   empiricalFlags   `embed:"" group:"Of the scores of the training set:"`
}

// or returns the value of a flag, or the default where it is not given.
func or[T any](flag *T, value T) T {
	if flag != nil {
		return *flag
	}
	return value
}

// flag is a flag that was given, and the families that it has an effect on; nil is those that
// are fitted to moments.
type flag struct {
	name     string
	given    bool
	families []string
}

// checkFlags returns an error for a flag that would be ignored.
func (c *fitCommand) checkFlags() error {
	polynomial := []string{"independent", "band-tied", "local-coupled", "cross-scale", "combined"}
	conditional, patchMixture := []string{"conditional"}, []string{"patch-mixture"}
	mixtures := append(conditional, patchMixture...)
	for _, f := range []flag{
		{"wavelet", c.Wavelet != nil, nil}, {"levels", c.Levels != nil, nil},
		{"radius", c.Radius != nil, []string{"local-coupled", "combined"}},
		{"parents", c.Parents != nil, []string{"cross-scale", "combined"}},
		{"channels", c.Channels, polynomial}, {"context", c.Context != nil, polynomial},
		{"terms", c.Terms != nil, polynomial}, {"degree", c.Degree != nil, polynomial}, {"share", c.Share != nil, polynomial},
		{"ridge", c.Ridge != nil, polynomial}, {"ridge-linear", c.RidgeLinear != nil, polynomial},
		{"ridge-self", c.RidgeSelf != nil, polynomial}, {"target", c.Target != nil, nil},
		{"window", c.Conditional.Window != nil, conditional}, {"components", c.Conditional.Components != nil, mixtures},
		{"sites", c.Conditional.Sites != nil, conditional}, {"rounds", c.Conditional.Rounds != nil, mixtures},
		{"seed", c.Conditional.Seed != nil, mixtures}, {"windows", c.Conditional.Windows != nil, patchMixture},
		{"patch", c.Empirical.Patch != nil, ofPatches}, {"edge", c.Empirical.Edge != nil, equivariant},
		{"threshold", c.Empirical.Threshold != nil, locality}, {"batch", c.Empirical.Batch != nil, locality},
		{"spread", c.Empirical.Spread != nil, smoothed}, {"draws", c.Empirical.Draws != nil, smoothed},
		{"nearest", c.Empirical.Nearest != nil, selectable},
	} {
		if f.families == nil {
			f.families = append(slices.Clone(polynomial), "linear")
		}
		if f.given && !slices.Contains(f.families, c.Family) {
			return fmt.Errorf("--%s has no effect with --family %s; it is for %v", f.name, c.Family, f.families)
		}
	}
	return nil
}

func (c *fitCommand) Run(ctx context.Context) error {
	if err := c.checkFlags(); err != nil {
		return err
	}
	// Little garbage may lie beside tables of gigabytes.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	if err := checkOutputs([]string{c.Out}, []string{imageFolder(c.Data)}); err != nil {
		return err
	}
	if c.Family == "conditional" {
		images, err := openPadded(c.Data, dataset.Train, c.Images)
		if err != nil {
			return err
		}
		return c.Conditional.fit(ctx, images, c.Out)
	}
	if c.Family == "patch-mixture" {
		settings := c.Conditional.patchMixture()
		if err := settings.Check(); err != nil {
			return err
		}
		images, err := openFirst(c.Data, dataset.Train, c.Images)
		if err != nil {
			return err
		}
		return fitPatchMixture(ctx, images, settings, c.Out)
	}
	if slices.Contains(ofTraining, c.Family) {
		if err := c.Empirical.check(); err != nil {
			return err
		}
		images, err := openPadded(c.Data, dataset.Train, c.Images)
		if err != nil {
			return err
		}
		return c.Empirical.fit(ctx, c.Family, images, c.Out)
	}
	family, err := c.family()
	if err != nil {
		return err
	}
	settings := analytic.Default()
	settings.Ridge = analytic.Ridge{Self: or(c.RidgeSelf, 0), Linear: or(c.RidgeLinear, settings.Ridge.Linear), Nonlinear: or(c.Ridge, settings.Ridge.Nonlinear)}
	settings.Target = analytic.Target(or(c.Target, string(analytic.CleanTarget)))
	if err := settings.Check(); err != nil {
		return err
	}
	filter, err := wavelet.ParseFilter(or(c.Wavelet, "haar"))
	if err != nil {
		return err
	}
	unpadded, err := openFirst(c.Data, dataset.Train, c.Images)
	if err != nil {
		return err
	}
	images, err := pad(unpadded)
	if err != nil {
		return err
	}
	layout, err := wavelet.NewLayout(images.Channels, images.Height, images.Width, or(c.Levels, 5))
	if err != nil {
		return err
	}
	if levels := or(c.Context, 0); levels > max(layout.Levels, 1) {
		return fmt.Errorf("--context %d: the transform has %d levels", levels, layout.Levels)
	}
	spec := moments.Spec{Family: family, Filter: filter.Name(), Layout: layout}
	opened := 4 * int64(len(unpadded.Pixels)+len(images.Pixels)) // bytes
	return c.fit(ctx, spec, settings, wavelet.NewTransform(filter, layout), images, opened)
}

// family returns the family that the flags describe.
func (c *fitCommand) family() (moments.Family, error) {
	if parents := or(c.Parents, 4); parents < 0 || or(c.Context, 0) < 0 {
		return moments.Family{}, fmt.Errorf("--parents %d --context %d: neither is negative", parents, or(c.Context, 0))
	}
	neighbourhood, err := moments.ParseNeighbourhood(c.Family, or(c.Radius, 1), or(c.Parents, 4))
	if err != nil {
		return moments.Family{}, err
	}
	neighbourhood.Channels = c.Channels
	neighbourhood.Context = max(neighbourhood.Context, or(c.Context, 0))
	degree := or(c.Degree, 3)
	if c.Family == "linear" {
		degree = 1
	}
	family := moments.Family{Neighbourhood: neighbourhood, Terms: moments.Terms(or(c.Terms, string(moments.Gated))), Degree: degree,
		Sharing: moments.Sharing(or(c.Share, string(moments.PerCoefficient)))}
	return family, family.Check()
}

// fit collects the moments, fits the machine and writes it. Opening the images took so many bytes.
func (c *fitCommand) fit(ctx context.Context, spec moments.Spec, settings analytic.Settings, transform *wavelet.Transform,
	images *dataset.Images, opened int64) error {
	start := time.Now()
	cost, err := spec.Cost()
	if err != nil {
		return err
	}
	more := fitPeak(cost, images.Len()) // than the images take, which are in memory
	peak := opened + more
	fmt.Fprintf(os.Stderr, "%v\n%v; about %v and %.0f MB of memory for %d images\n", spec.Family, cost,
		cost.Time(images.Len()).Round(100*time.Millisecond), float64(peak)/1e6, images.Len())
	if available, known := memory.Available(); known && more > available {
		return fmt.Errorf("the fit takes about %.1f GB more memory and %.1f GB are available: take --share band, fewer --levels of --context, "+
			"a smaller --radius or --degree, or smaller images", float64(more)/1e9, float64(available)/1e9)
	}
	mean, err := moments.Mean(ctx, transform, images)
	if err != nil {
		return err
	}
	spec.Centre = spec.Family.Centre(spec.Layout, mean)
	train, validation := images, (*dataset.Images)(nil)
	if kept := heldOut(images.Len()); kept > 0 && images.Len() < imagesPerVariable*(cost.Features+cost.Context) && solving(cost) < quick {
		at := images.Len() - kept
		train, validation = images.Slice(0, at), images.Slice(at, images.Len())
	}
	done, report := progressBar("moments", "images")
	table, err := moments.Collect(ctx, spec, train, images.Name, report)
	done()
	if err != nil {
		return err
	}
	if images.Len() == 1 {
		fmt.Fprintln(os.Stderr, "warning: there is one image, and no other to tell whether the machine denoises; fit more")
	}
	if validation != nil {
		if table, err = c.validated(ctx, table, settings, validation); err != nil {
			return err
		}
	}
	machine, err := analytic.NewMachine(table, settings)
	if err != nil {
		return err
	}
	if err := model.Save(c.Out, machine); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d images of %s in %.1f s: %s\n", table.Images(), images.Name, time.Since(start).Seconds(), c.Out)
	return nil
}

// fitPeak estimates the most memory that a fit takes at a time, besides the images: what Collect
// takes or, while the machine is written, its table as tensors, as bytes, and as the bytes of a
// file.
func fitPeak(cost moments.Cost, images int) int64 { return max(cost.Peak(images), 4*cost.Bytes()) }

// imagesPerVariable is how many images for each feature of a regression are enough for it never
// to do worse than doing nothing.
const imagesPerVariable = 20

// quick is how many operations the solution of a noise level may take for a fit to try some:
// seconds.
const quick = 4e9

// solving is how many operations the solution of a noise level takes, about.
func solving(cost moments.Cost) float64 {
	return float64(cost.Groups) * float64(cost.Features) * float64(cost.Features) * float64(cost.Features+cost.Context)
}

// heldOut is how many of the last images tell whether a machine of the others denoises: a twelfth.
func heldOut(images int) int { return min(max(images/12, 1), images-1) }

// checkSigmas are the noise levels at which a machine is held against doing nothing and against
// the independent family.
var checkSigmas = []float64{0.1, 0.5, 2}

// validated judges the machine of a table on images that are not in it, exactly and from their
// moments, says what is wrong, and returns the table of all images.
func (c *fitCommand) validated(ctx context.Context, table *moments.Moments, settings analytic.Settings, validation *dataset.Images) (*moments.Moments, error) {
	probe, err := moments.Collect(ctx, table.Spec(), validation, validation.Name, nil)
	if err != nil {
		return nil, err
	}
	independent := table.Spec().Family
	independent.Neighbourhood = moments.Neighbourhood{}
	machine, err := analytic.NewMachine(table, settings)
	if err != nil {
		return nil, err
	}
	alone, err := table.Restrict(independent)
	if err != nil {
		return nil, err
	}
	baseline, err := analytic.NewMachine(alone, settings)
	if err != nil {
		return nil, err
	}
	for _, sigma := range checkSigmas {
		risk, err := machine.Risk(ctx, probe, sigma, sigma)
		if err != nil {
			return nil, err
		}
		least, err := baseline.Risk(ctx, probe, sigma, sigma)
		if err != nil {
			return nil, err
		}
		if warning := tooFewImages(risk.PerPixel, least.PerPixel, sigma, validation.Len()); warning != "" {
			fmt.Fprintln(os.Stderr, warning)
			break
		}
	}
	if err := table.Merge(probe); err != nil {
		return nil, err
	}
	return table.Diagonal(ctx)
}

// tooFewImages warns of a machine that errs more on images it has not seen than doing nothing
// does, or than the independent family.
func tooFewImages(risk, independent, sigma float64, images int) string {
	const remedy = "fit more images, or take --share band, a lower --degree, a smaller --radius or a greater --ridge"
	switch {
	case risk > sigma*sigma:
		return fmt.Sprintf("warning: at sigma %v the machine errs %.1f times as much as leaving the noise would, on images kept from it (%d): %s",
			sigma, risk/(sigma*sigma), images, remedy)
	case risk > independent*(1+1e-9):
		return fmt.Sprintf("warning: at sigma %v the machine errs %.2f times as much as --family independent, on images kept from it (%d): %s",
			sigma, risk/independent, images, remedy)
	}
	return ""
}

// padded returns the side to which images of a side are padded, the next multiple of 32: 28 x 28
// images become 32 x 32, and machines of any number of levels see the same images.
func padded(side int) int { return (side + 31) / 32 * 32 }

// openPadded opens the first n images of a set, or for 0 all, and pads them.
func openPadded(name string, split dataset.Split, n int) (*dataset.Images, error) {
	images, err := openFirst(name, split, n)
	if err != nil {
		return nil, err
	}
	return pad(images)
}

func pad(images *dataset.Images) (*dataset.Images, error) {
	return images.Pad(padded(images.Height), padded(images.Width))
}

// openFirst opens the first n images of a set, or for 0 all.
func openFirst(name string, split dataset.Split, n int) (*dataset.Images, error) {
	if n < 0 {
		return nil, errors.New("the number of images is not negative; 0 is all")
	}
	images, err := dataset.OpenFirst(name, split, n)
	if err == nil && n > images.Len() {
		return nil, fmt.Errorf("%s has %d images; asked for %d", images.Name, images.Len(), n)
	}
	return images, err
}
