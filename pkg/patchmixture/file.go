package patchmixture

import (
	"encoding/json"
	"fmt"
	"math"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// FileText is the text that marks the file of a machine: a header, as JSON.
const FileText = "patchmixture"

// header is all of a machine but its tensors.
type header struct {
	Shape      diffusion.Shape
	Settings   Settings
	Components int
	Likelihood []float64
}

// sizes returns the shape of every tensor of a file.
func (h header) sizes() map[string][]int {
	k, d := h.Components, h.Settings.Side*h.Settings.Side
	return map[string][]int{"weights": {k}, "means": {k, d}, "axes": {k, d - 1, d}, "variances": {k, d - 1}}
}

// MarshalBinary returns the machine as the bytes of a safetensors file. For K components and
// windows of d values it has the tensors, in single precision,
//
//	weights    K            the logarithms of the components' weights
//	means      K x d        their means
//	axes       K x d-1 x d  their principal axes, one a row
//	variances  K x d-1      the variances along those
func (m *Machine) MarshalBinary() ([]byte, error) {
	h := header{m.shape, m.settings, m.Components(), m.likelihood}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	data := map[string][]float64{"weights": m.mixture.logWeights, "means": m.mixture.means, "axes": m.mixture.axes, "variances": m.mixture.variances}
	t := tensorfile.Tensors{Text: map[string]string{FileText: string(text)}, Values: make(map[string]tensorfile.Tensor)}
	for name, shape := range h.sizes() {
		t.Values[name] = tensorfile.Tensor{Shape: shape, Data: data[name], Single: true}
	}
	return tensorfile.Encode(t)
}

// UnmarshalBinary reads what MarshalBinary wrote. It returns an error that says what is wrong of
// any other bytes.
func (m *Machine) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return err
	}
	var h header
	text, ok := t.Text[FileText]
	if !ok {
		return fmt.Errorf("%w: not a mixture of patches", tensorfile.ErrDamaged)
	}
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return fmt.Errorf("%w: its header: %w", tensorfile.ErrDamaged, err)
	}
	if err := h.Settings.Check(); err != nil {
		return fmt.Errorf("%w: %w", tensorfile.ErrDamaged, err)
	}
	if h.Components < 1 || h.Components > h.Settings.Components || h.Shape.C != 1 || min(h.Shape.H, h.Shape.W) < 1 || max(h.Shape.H, h.Shape.W) > 1<<15 {
		return fmt.Errorf("%w: %d of %d components, fitted to images of %v", tensorfile.ErrDamaged, h.Components, h.Settings.Components, h.Shape)
	}
	for name, shape := range h.sizes() {
		size := 1
		for _, n := range shape {
			size *= n
		}
		data := t.Values[name].Data
		if len(data) != size {
			return fmt.Errorf("%w: tensor %s has %d values, want %v", tensorfile.ErrDamaged, name, len(data), shape)
		}
		for i, v := range data {
			if v-v != 0 || name == "variances" && !(v > 0) || name == "axes" && math.Abs(v) > 1.001 || math.Abs(v) > 1e6 {
				return fmt.Errorf("%w: tensor %s has %v at %d", tensorfile.ErrDamaged, name, v, i)
			}
		}
	}
	m.shape, m.settings, m.likelihood = h.Shape, h.Settings, h.Likelihood
	m.mixture = &mixture{side: h.Settings.Side, logWeights: t.Values["weights"].Data, means: t.Values["means"].Data,
		axes: t.Values["axes"].Data, variances: t.Values["variances"].Data}
	m.levels.forget()
	return nil
}
