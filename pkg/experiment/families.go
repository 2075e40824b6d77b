package experiment

import (
	"context"
	"fmt"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

// FamilyMachine returns the machine of a dependency family, by the name that
// moments.ParseNeighbourhood knows, with neighbours within radius 1 and up to 4 ancestors, gated
// terms up to a degree and weights for each coefficient, on so many levels of Haar; on 0 levels the
// coefficients are the pixels. It is fitted to the first train images of the run with the default
// settings. The machines of one degree or less on the same levels are all read from the moments of
// the combined cubic one, which are collected once and kept in the cache.
func FamilyMachine(family string, degree, levels, images int) Denoiser {
	structure := func(family string, degree int) analytic.Mimic {
		neighbourhood := lab.Must1(moments.ParseNeighbourhood(family, 1, 4))
		return analytic.Mimic{Filter: "haar", Levels: levels, Period: 1, Settings: analytic.Default(), Family: moments.Family{
			Neighbourhood: neighbourhood, Terms: moments.Gated, Degree: degree, Sharing: moments.PerCoefficient}}
	}
	m := machine{Mimic: structure(family, degree), Train: images, kept: true}
	m.whole = m.Mimic
	if levels > 0 && m.Mimic.Family.Neighbourhood.Context == 0 {
		m.whole = structure("combined", max(degree, 3))
	}
	return Denoiser{family, m}
}

// Suffixed returns denoisers with a suffix to their names.
func Suffixed(suffix string, denoisers ...Denoiser) (renamed []Denoiser) {
	for _, d := range denoisers {
		renamed = append(renamed, d.Named(d.Name+suffix))
	}
	return renamed
}

// WithSettings returns the machine fitted with other settings. It panics unless the denoiser is a
// machine.
func (d Denoiser) WithSettings(settings analytic.Settings) Denoiser {
	m := d.Recipe.(machine)
	m.Mimic.Settings = settings
	return Denoiser{d.Name, m}
}

// guarded returns the machine for samplers before it is averaged over shifts.
func (m machine) guarded(run lab.Run, name string) *analytic.Guarded {
	return lab.Must1(analytic.NewMachine(m.table(run, name), m.Mimic.Settings)).Guard()
}

// Tuned returns a machine that chooses among settings at every noise level: it takes those of the
// least exact risk on so many train images of the run, those that follow the ones it is fitted to.
// Every call returns another denoiser. It panics unless the denoiser is a machine.
func (d Denoiser) Tuned(images int, candidates []analytic.Settings) Denoiser {
	return Denoiser{d.Name, tuned{d.Recipe.(machine), images, &candidates}}
}

type tuned struct {
	machine    machine
	validation int // images
	candidates *[]analytic.Settings
}

func (t tuned) fit(run lab.Run, name string) *analytic.Machine {
	train := t.machine.table(run, name)
	fitted := t.machine.Images(run)
	some := first(run, fitted+t.validation)
	if some.Len() == fitted {
		panic(fmt.Sprintf("experiment: no train images are left to tune the machine %s, which is fitted to all %d", name, fitted))
	}
	images := lab.Must1(some.Slice(fitted, some.Len()).Shifts(t.machine.Mimic.Period))
	validation := lab.Must1(moments.Collect(context.Background(), train.Spec(), images, "validation", lab.Progress("validation moments of "+name)))
	return lab.Must1(analytic.Tune(train, validation, *t.candidates))
}

func (t tuned) Make(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(t.fit(run, name), t.machine.Mimic.Period)
}

func (t tuned) Sampler(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(t.fit(run, name).Guard(), t.machine.Mimic.Period)
}

func (t tuned) Key(run lab.Run) any {
	return []any{"tuned", t.machine.Key(run), firstOf(run, t.machine.Train+t.validation), *t.candidates}
}

func (t tuned) Images(run lab.Run) int { return t.machine.Images(run) }

func (tuned) Available(lab.Run) bool { return true }

// Handover returns one denoiser at a noise level and above it, and another below.
func Handover(name string, above, below Denoiser, at float64) Denoiser {
	return Denoiser{name, handover{above, below, at}}
}

type handover struct {
	above, below Denoiser
	at           float64
}

func (h handover) Make(run lab.Run, _ string) diffusion.Denoiser {
	return diffusion.Handover{Above: h.above.Make(run, h.above.Name), Below: h.below.Make(run, h.below.Name), At: h.at}
}

func (h handover) Sampler(run lab.Run, _ string) diffusion.Denoiser {
	return diffusion.Handover{Above: h.above.Sampler(run, h.above.Name), Below: h.below.Sampler(run, h.below.Name), At: h.at}
}

func (h handover) Key(run lab.Run) any {
	return []any{"handover", h.above.Key(run), h.below.Key(run), h.at}
}

func (h handover) Images(run lab.Run) int { return max(h.above.Images(run), h.below.Images(run)) }

func (h handover) Available(run lab.Run) bool {
	return h.above.Available(run) && h.below.Available(run)
}
