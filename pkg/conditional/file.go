package conditional

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// header is the text "conditional" of a file: all of a machine but its tensors.
type header struct {
	Shape  diffusion.Shape
	Locals []localHeader
	Levels []Level
}

type localHeader struct {
	Family     Family
	Settings   Settings
	Components []int // of each mixture: how many it has
	Likelihood []float64
}

// MarshalBinary returns the machine as the bytes of a safetensors file. The tensors of family f
// are, for N window models of d values, r leading coordinates, and K components of q axes in all
// mixtures,
//
//	f.mean        N x d      the mean window
//	f.axes        N x d x d  the principal axes, one a row
//	f.spread      N x d      the variances along them
//	f.weights     K          the logarithms of the components' weights
//	f.means       K x r      the components' means
//	f.directions  K x q x r  their axes, one a row
//	f.variances   K x q      the variances along those
//	f.rest        K          the variance orthogonal to them
func (m *Machine) MarshalBinary() ([]byte, error) {
	h := header{Shape: m.Shape(), Levels: m.levels}
	t := tensorfile.Tensors{Text: make(map[string]string), Values: make(map[string]tensorfile.Tensor)}
	for f, l := range m.locals {
		lh := localHeader{Family: l.family, Settings: l.settings, Likelihood: l.likelihood}
		d, r, q, n := l.family.dimensions(l.shape), l.family.rank(l.shape), l.family.axes(l.shape), len(l.models)
		var mean, axes, variances []float64
		var logWeights, means, componentAxes, axisVariances, residualVariance []float64
		for _, model := range l.models {
			mean, axes, variances = append(mean, model.mean...), append(axes, model.axes...), append(variances, model.variances...)
			m := model.mixture
			lh.Components = append(lh.Components, m.components())
			logWeights, means = append(logWeights, m.logWeights...), append(means, m.means...)
			componentAxes, axisVariances = append(componentAxes, m.axes...), append(axisVariances, m.axisVariances...)
			residualVariance = append(residualVariance, m.residualVariance...)
		}
		put := func(name string, data []float64, shape ...int) {
			t.Values[fmt.Sprintf("%d.%s", f, name)] = tensorfile.Tensor{Shape: shape, Data: data}
		}
		k := len(logWeights)
		put("mean", mean, n, d)
		put("axes", axes, n, d, d)
		put("spread", variances, n, d)
		put("weights", logWeights, k)
		put("means", means, k, r)
		put("directions", componentAxes, k, q, r)
		put("variances", axisVariances, k, q)
		put("rest", residualVariance, k)
		h.Locals = append(h.Locals, lh)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	t.Text["conditional"] = string(text)
	return tensorfile.Encode(t)
}

// UnmarshalBinary reads what MarshalBinary wrote. It returns an error for damaged bytes and for
// files of something else, and then leaves the machine as it is.
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

// read returns the machine of family f from the tensors.
func (h localHeader) read(shape diffusion.Shape, t tensorfile.Tensors, f int) (*local, error) {
	if err := h.Family.Check(shape); err != nil {
		return nil, err
	}
	l := &local{family: h.Family, shape: shape, settings: h.Settings, models: make([]windowModel, len(h.Components)), likelihood: h.Likelihood}
	if n := len(l.models); n != 1 && n != h.Family.sites(shape) {
		return nil, fmt.Errorf("%d mixtures for %d sites", n, h.Family.sites(shape))
	}
	var err error
	// take returns the next values of a tensor, as many as the product of the factors. The product
	// is compared with the tensor as a float64: a damaged header can ask for more than an int
	// holds.
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
		m := &mixture{rank: r, axesPerComponent: q, logWeights: take("weights", k), means: take("means", k, r),
			axes: take("directions", k, q, r), axisVariances: take("variances", k, q), residualVariance: take("rest", k)}
		l.models[i] = windowModel{mean: take("mean", d), axes: take("axes", d, d), variances: take("spread", d), mixture: m}
		if err != nil {
			return nil, fmt.Errorf("mixture %d: %w", i, err)
		}
	}
	return l, l.check()
}

// check returns an error unless all numbers are finite and no variance is negative.
func (l *local) check() error {
	for i, model := range l.models {
		m := model.mixture
		for _, values := range [][]float64{model.mean, model.axes, m.logWeights, m.means, m.axes} {
			for _, v := range values {
				if v-v != 0 {
					return fmt.Errorf("mixture %d holds %v", i, v)
				}
			}
		}
		for _, variances := range [][]float64{model.variances, m.axisVariances, m.residualVariance} {
			for _, v := range variances {
				if !(v >= 0) || math.IsInf(v, 1) {
					return fmt.Errorf("mixture %d holds a variance of %v", i, v)
				}
			}
		}
	}
	return nil
}
