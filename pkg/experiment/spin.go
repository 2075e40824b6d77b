package experiment

import (
	"fmt"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
)

// Spun returns a denoiser with its answers averaged over shifts of less than period rows and columns
// (diffusion.CycleSpin).
func Spun(d Denoiser, period int) Denoiser {
	return Denoiser{fmt.Sprintf("%s, spun over %d × %d shifts", d.Name, period, period), spun{d.recipe, period}}
}

type spun struct {
	recipe
	Period int
}

func (s spun) make(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(s.recipe.make(run, name), s.Period)
}

func (s spun) sampler(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(s.recipe.sampler(run, name), s.Period)
}

func (s spun) key(run lab.Run) any { return []any{"spun", s.Period, s.recipe.key(run)} }

// Unspun returns a machine of the same moments, pooled over shifts, whose answers are not averaged
// over them. It panics unless the denoiser is a machine.
func (d Denoiser) Unspun() Denoiser {
	return Denoiser{d.Name + ", answers not averaged", unspun{d.recipe.(machine)}}
}

type unspun struct{ machine }

func (u unspun) make(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(analytic.NewMachine(u.table(run, name), u.Mimic.Settings))
}

func (u unspun) sampler(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(analytic.NewMachine(u.table(run, name), u.Mimic.Settings)).Guard()
}

func (u unspun) key(run lab.Run) any { return []any{"unspun", u.machine.key(run)} }
