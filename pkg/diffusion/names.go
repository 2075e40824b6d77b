package diffusion

import (
	"fmt"
	"strings"
)

// named is a value and the name it is asked for by.
type named[T any] struct {
	name  string
	value T
}

var samplers = []named[Sampler]{
	{"euler", Euler{}},
	{"heun", Heun{}},
	{"ddim", DDIM{}},
	{"ddpm", DDIM{Eta: 1}},
	{"dpm-solver++2m", DPMSolver2M{}},
}

var schedules = []named[Schedule]{
	{"karras", Karras{}},
	{"log-uniform", LogUniform{}},
	{"vp-linear", VPLinear{}},
	{"vp-cosine", VPCosine{}},
}

// Samplers returns the names that ParseSampler accepts.
func Samplers() []string { return names(samplers) }

// Schedules returns the names that ParseSchedule accepts.
func Schedules() []string { return names(schedules) }

// ParseSampler returns the sampler of a name: euler, heun, ddim (with Eta 0), ddpm (DDIM with Eta
// 1) or dpm-solver++2m, all without churn. The error of another name lists these.
func ParseSampler(name string) (Sampler, error) { return parse("sampler", name, samplers) }

// ParseSchedule returns the schedule of a name: karras (with Rho 7), log-uniform, vp-linear or
// vp-cosine. The error of another name lists these.
func ParseSchedule(name string) (Schedule, error) { return parse("schedule", name, schedules) }

func names[T any](all []named[T]) (names []string) {
	for _, a := range all {
		names = append(names, a.name)
	}
	return names
}

func parse[T any](what, name string, all []named[T]) (value T, err error) {
	for _, a := range all {
		if a.name == name {
			return a.value, nil
		}
	}
	return value, fmt.Errorf("diffusion: unknown %s %q; accepted: %s", what, name, strings.Join(names(all), ", "))
}
