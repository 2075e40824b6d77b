package moments

import (
	"encoding/json"
	"fmt"
	"slices"

	"wavescore/internal/tensorfile"
)

// format is the version of the tensors below; a file of another version is refused.
const format = "wavescore moments 1"

// header is the text part of a table in a file.
type header struct {
	Format string  `json:"format"`
	Spec   Spec    `json:"spec"`
	Images int     `json:"images"`
	Shards []Shard `json:"shards"`
}

// Tensors returns the table as tensors and texts for a file: "moments" in JSON, and the tensors centre, low and high, a value
// for each coefficient, and sums, the sums of all groups one after the other, in the order of Basis.Exponents' products.
func (m *Moments) Tensors() (tensorfile.Tensors, error) {
	if m.images == 0 {
		return tensorfile.Tensors{}, fmt.Errorf("%w: an empty table is not worth a file", ErrInput)
	}
	text, err := json.Marshal(header{Format: format, Spec: m.spec, Images: m.images, Shards: m.shards})
	if err != nil {
		return tensorfile.Tensors{}, err
	}
	vector := func(v []float64) tensorfile.Tensor { return tensorfile.Tensor{Shape: []int{len(v)}, Data: v} }
	t := tensorfile.Tensors{
		Text: map[string]string{"moments": string(text)},
		Values: map[string]tensorfile.Tensor{
			"centre": vector(m.spec.Centre),
			"low":    vector(m.low),
			"high":   vector(m.high),
			"sums":   vector(slices.Concat(m.sums...)),
		},
	}
	if width := len(m.linear.indices); width > 0 {
		t.Values["cross"] = tensorfile.Tensor{Shape: []int{len(m.linear.monomials), width}, Data: m.cross}
		if m.spec.Axes != nil {
			t.Values["axes"] = tensorfile.Tensor{Shape: []int{width, width}, Data: m.spec.Axes}
		}
	}
	return t, nil
}

// FromTensors is the inverse of Tensors. It returns an error that says what does not fit where the tensors are not a table's.
func FromTensors(t tensorfile.Tensors) (*Moments, error) {
	var h header
	if err := json.Unmarshal([]byte(t.Text["moments"]), &h); err != nil {
		return nil, fmt.Errorf("moments: not a table of moments: %w", err)
	}
	if h.Format != format {
		return nil, fmt.Errorf("moments: the format is %q, this version reads %q", h.Format, format)
	}
	if h.Images < 1 {
		return nil, fmt.Errorf("moments: %d images", h.Images)
	}
	h.Spec.Centre, h.Spec.Axes = t.Values["centre"].Data, t.Values["axes"].Data
	m, err := New(h.Spec, h.Shards...)
	if err != nil {
		return nil, err
	}
	m.images = h.Images
	if cross := t.Values["cross"].Data; len(cross) != len(m.cross) {
		return nil, fmt.Errorf("moments: %d sums of monomials times context, want %d", len(cross), len(m.cross))
	} else if len(cross) > 0 {
		m.cross = cross
	}
	m.low, m.high = t.Values["low"].Data, t.Values["high"].Data
	if len(m.low) != m.spec.Layout.Len() || len(m.high) != m.spec.Layout.Len() {
		return nil, fmt.Errorf("moments: low and high have %d and %d values for %d coefficients", len(m.low), len(m.high), m.spec.Layout.Len())
	}
	sums := t.Values["sums"].Data
	for g := range m.sums {
		if len(sums) < len(m.sums[g]) {
			return nil, fmt.Errorf("moments: the sums end in group %d of %d", g, len(m.sums))
		}
		m.sums[g], sums = sums[:len(m.sums[g]):len(m.sums[g])], sums[len(m.sums[g]):]
		if !(m.sums[g][0] > 0) {
			return nil, fmt.Errorf("moments: group %d has a total weight of %v", g, m.sums[g][0])
		}
	}
	if len(sums) != 0 {
		return nil, fmt.Errorf("moments: %d sums too many", len(sums))
	}
	return m, nil
}

// MarshalBinary returns the table as the bytes of a safetensors file.
func (m *Moments) MarshalBinary() ([]byte, error) {
	t, err := m.Tensors()
	if err != nil {
		return nil, err
	}
	return tensorfile.Encode(t)
}

// UnmarshalBinary reads what MarshalBinary wrote. Damaged bytes are refused, and m is then unchanged.
func (m *Moments) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("moments: %w", err)
	}
	read, err := FromTensors(t)
	if err != nil {
		return err
	}
	*m = *read
	return nil
}
