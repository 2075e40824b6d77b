package conditional

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// header is the text "conditional" of a file: all of a machine but its numbers.
type header struct {
	Shape  diffusion.Shape
	Locals []localHeader
	Levels []Level
}

type localHeader struct {
	Family     Family
	Settings   Settings
	Components []int // of each mixture
	Likelihood []float64
}

// MarshalBinary returns the machine as the bytes of a safetensors file. Per family f it has the tensors f.mean, f.axes and f.spread
// of the windows' principal components (mixture, component, value) and, of all components of all mixtures one after another,
// f.weights (logarithms), f.means, f.directions (an eigenvector a row), f.variances (along those) and f.rest (along all others).
func (m *Machine) MarshalBinary() ([]byte, error) {
	h := header{Shape: m.Shape(), Levels: m.levels}
	t := tensorfile.Tensors{Text: make(map[string]string), Values: make(map[string]tensorfile.Tensor)}
	for f, l := range m.locals {
		lh := localHeader{Family: l.family, Settings: l.settings, Likelihood: l.likelihood}
		d, r, q, n := l.family.dimensions(l.shape), l.family.rank(l.shape), l.family.axes(l.shape), len(l.latents)
		var mean, axes, spread, weights, means, directions, variances, rest []float64
		for _, p := range l.latents {
			lh.Components = append(lh.Components, p.mixture.components())
			mean, axes, spread = append(mean, p.mean...), append(axes, p.axes...), append(spread, p.spread...)
			weights, means = append(weights, p.mixture.weights...), append(means, p.mixture.means...)
			directions, variances = append(directions, p.mixture.axes...), append(variances, p.mixture.spread...)
			rest = append(rest, p.mixture.rest...)
		}
		put := func(name string, data []float64, shape ...int) {
			t.Values[fmt.Sprintf("%d.%s", f, name)] = tensorfile.Tensor{Shape: shape, Data: data}
		}
		k := len(weights)
		put("mean", mean, n, d)
		put("axes", axes, n, d, d)
		put("spread", spread, n, d)
		put("weights", weights, k)
		put("means", means, k, r)
		put("directions", directions, k, q, r)
		put("variances", variances, k, q)
		put("rest", rest, k)
		h.Locals = append(h.Locals, lh)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	t.Text["conditional"] = string(text)
	return tensorfile.Encode(t)
}

// UnmarshalBinary reads what MarshalBinary wrote. Damaged bytes, and files that are not a conditional machine's, are refused with an
// error, and leave the machine as it is.
func (m *Machine) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("conditional: %w", err)
	}
	text, ok := t.Text["conditional"]
	if !ok {
		return errors.New("conditional: a file of something else: it has no text named conditional")
	}
	var h header
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return fmt.Errorf("conditional: %w", err)
	}
	if len(h.Locals) == 0 {
		return errors.New("conditional: a machine of no family")
	}
	read := Machine{levels: h.Levels}
	for f, lh := range h.Locals {
		l, err := lh.read(h.Shape, t, f)
		if err != nil {
			return fmt.Errorf("conditional: family %d: %w", f, err)
		}
		read.locals = append(read.locals, l)
	}
	if err := read.checkLevels(); err != nil {
		return err
	}
	*m = read
	return nil
}

// read makes the machine of family f of the tensors.
func (h localHeader) read(shape diffusion.Shape, t tensorfile.Tensors, f int) (*local, error) {
	if err := h.Family.Check(shape); err != nil {
		return nil, err
	}
	l := &local{family: h.Family, shape: shape, settings: h.Settings, latents: make([]latent, len(h.Components)), likelihood: h.Likelihood}
	if n := len(l.latents); n != 1 && n != h.Family.sites(shape) {
		return nil, fmt.Errorf("%d mixtures for %d sites", n, h.Family.sites(shape))
	}
	var err error
	// take returns the next values of a tensor, as many as the product of the factors. Nothing of that size is made before.
	take := func(name string, factors ...int) []float64 {
		name = fmt.Sprintf("%d.%s", f, name)
		data := t.Values[name].Data
		want := 1.0
		for _, factor := range factors {
			want *= float64(factor)
		}
		if want > float64(len(data)) {
			err = errors.Join(err, fmt.Errorf("tensor %s is too short", name))
			return nil
		}
		n := int(want)
		t.Values[name] = tensorfile.Tensor{Data: data[n:]}
		return data[:n:n]
	}
	d, r, q := h.Family.dimensions(shape), h.Family.rank(shape), h.Family.axes(shape)
	for i, k := range h.Components {
		if k < 1 || k > h.Family.Components {
			return nil, fmt.Errorf("mixture %d has %d components of %d", i, k, h.Family.Components)
		}
		m := &mixture{rank: r, own: q, weights: take("weights", k), means: take("means", k, r), axes: take("directions", k, q, r), spread: take("variances", k, q), rest: take("rest", k)}
		l.latents[i] = latent{mean: take("mean", d), axes: take("axes", d, d), spread: take("spread", d), mixture: m}
		if err != nil {
			return nil, fmt.Errorf("mixture %d: %w", i, err)
		}
	}
	return l, l.check()
}

// check returns an error unless all numbers are finite, and no variance is negative.
func (l *local) check() error {
	for i, p := range l.latents {
		for _, values := range [][]float64{p.mean, p.axes, p.mixture.weights, p.mixture.means, p.mixture.axes} {
			for _, v := range values {
				if v-v != 0 {
					return fmt.Errorf("mixture %d holds %v", i, v)
				}
			}
		}
		for _, variances := range [][]float64{p.spread, p.mixture.spread, p.mixture.rest} {
			for _, v := range variances {
				if !(v >= 0) || math.IsInf(v, 1) {
					return fmt.Errorf("mixture %d holds a variance of %v", i, v)
				}
			}
		}
	}
	return nil
}
