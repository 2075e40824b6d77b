package experiment

import (
	"fmt"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
)

// Spun returns a denoiser with its answers averaged over shifts of less than period rows and
// columns (diffusion.CycleSpin).
func Spun(d Denoiser, period int) Denoiser {
	return Denoiser{fmt.Sprintf("%s, spun over %d × %d shifts", d.Name, period, period), spun{d.Recipe, period}}
}

type spun struct {
	Recipe
	Period int
}

func (s spun) Make(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(s.Recipe.Make(run, name), s.Period)
}

func (s spun) Sampler(run lab.Run, name string) diffusion.Denoiser {
	return diffusion.CycleSpin(s.Recipe.Sampler(run, name), s.Period)
}

func (s spun) Key(run lab.Run) any { return []any{"spun", s.Period, s.Recipe.Key(run)} }

// Unspun returns a machine of the same moments, pooled over shifts, whose answers are not averaged
// over them. It panics unless the denoiser is a machine.
func (d Denoiser) Unspun() Denoiser {
	return Denoiser{d.Name + ", answers not averaged", unspun{d.Recipe.(machine)}}
}

type unspun struct{ machine }

func (u unspun) Make(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(analytic.NewMachine(u.table(run, name), u.Mimic.Settings))
}

func (u unspun) Sampler(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(analytic.NewMachine(u.table(run, name), u.Mimic.Settings)).Guard()
}

func (u unspun) Key(run lab.Run) any { return []any{"unspun", u.machine.Key(run)} }
