package experiment

import (
	"context"
	"fmt"
	"sync"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

// Machine returns the closed-form machine of a structure, fitted to the first train images of the
// run: to the moments pooled over its shifts, and with its outputs averaged over them.
func Machine(name string, structure analytic.Mimic, images int) Denoiser {
	return Denoiser{name, machine{Mimic: structure, Train: images, whole: structure}}
}

type machine struct {
	Mimic analytic.Mimic
	Train int
	whole analytic.Mimic // whose moments have those of Mimic in them, where these can be read there
	kept  bool           // the moments of whole lie in the cache
}

// Kept returns the machine with its moments kept in the cache, which pays for one that several
// cells make. Another kind of denoiser is returned as it is.
func (d Denoiser) Kept() Denoiser {
	if m, ok := d.Recipe.(machine); ok {
		m.kept = true
		d.Recipe = m
	}
	return d
}

// Structure returns what a machine is made of, and whether the denoiser is one.
func (d Denoiser) Structure() (structure analytic.Mimic, ok bool) {
	m, ok := d.Recipe.(machine)
	return m.Mimic, ok
}

// Without returns a machine without one of its ingredients, fitted anew. Where its moments are part
// of those of the whole machine they are read from these. A machine that loses its shared weights
// is fitted to 3000 images instead, with the ridge of the U-Net's mimic: weights of its own for
// every coefficient need both. It panics unless the denoiser is a machine.
func (d Denoiser) Without(ingredient analytic.Ingredient) Denoiser {
	m := d.Recipe.(machine)
	m.Mimic = m.Mimic.Without(ingredient)
	if ingredient == analytic.Sharing {
		m.Train, m.Mimic.Settings, m.kept = 3000, analytic.UNetMimic().Settings, false
		m.whole = m.Mimic
	}
	return Denoiser{"without " + string(ingredient), m}
}

// Describe names a machine by its structure: the basis, the neighbourhood and the terms.
func Describe(structure analytic.Mimic) string {
	basis := "pixels"
	if structure.Levels > 0 {
		basis = fmt.Sprintf("%s, J = %d", structure.Filter, structure.Levels)
	}
	return fmt.Sprintf("%s: %v, %v", basis, structure.Family.Neighbourhood, structure.Family.Terms)
}

func (m machine) Make(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(lab.Must1(analytic.NewMachine(m.table(run, name), m.Mimic.Settings)), m.Mimic.Period)
}

func (m machine) Sampler(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(m.guarded(run, name), m.Mimic.Period)
}

func (m machine) Key(run lab.Run) any { return []any{m.Mimic, firstOf(run, m.Train)} }

func (m machine) Images(run lab.Run) int { return first(run, m.Train).Len() }

func (machine) Available(lab.Run) bool { return true }

// table returns the moments of the machine.
func (m machine) table(run lab.Run, name string) *moments.Moments {
	if m.whole != m.Mimic && m.whole.Filter == m.Mimic.Filter && m.whole.Levels == m.Mimic.Levels && m.whole.Period == m.Mimic.Period {
		whole := machine{m.whole, m.Train, m.whole, m.kept}
		if part, err := whole.table(run, name).Restrict(m.Mimic.Family); err == nil {
			return part
		}
	}
	if m.whole != m.Mimic {
		m.kept = false
	}
	type key struct {
		run lab.Run
		machine
	}
	table, _ := tables.LoadOrStore(key{run, m}, sync.OnceValue(func() *moments.Moments { return m.collect(run, name) }))
	return table.(func() *moments.Moments)()
}

var tables sync.Map // of this program's moments

func (m machine) collect(run lab.Run, name string) *moments.Moments {
	spec := m.Mimic.Spec(run.Shape())
	collect := func() (*moments.Moments, error) {
		images, err := first(run, m.Train).Shifts(m.Mimic.Period)
		if err != nil {
			return nil, err
		}
		return moments.Collect(context.Background(), spec, images, "train", lab.Progress(fmt.Sprintf("moments of %s", name)))
	}
	if !m.kept {
		return lab.Must1(collect())
	}
	return lab.Must1(lab.Cached("mimic", []any{firstOf(run, m.Train), m.Mimic.Period, spec}, collect))
}
