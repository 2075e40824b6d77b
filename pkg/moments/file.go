package moments

import (
	"encoding/json"
	"fmt"
	"slices"

	"wavescore/internal/tensorfile"
)

// format is the version of the tensors below; a file of another version is refused.
const format = "wavescore moments 2"

// header is the text part of a table in a file.
type header struct {
	Format string  `json:"format"`
	Spec   Spec    `json:"spec"`
	Images int     `json:"images"`
	Shards []Shard `json:"shards"`
}

// Tensors returns the table as tensors and a text for a file. The text "moments" is JSON. The
// tensors are, for a context of n coefficients,
//
//	centre, low, high  coefficients
//	sums               the sums of all groups, one after another
//	cross              monomials x n: with a linear context, the sums of products
//	means              monomials: with a linear context, the sums
//	axes               n x n: with a linear context that has axes
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
		t.Values["cross"] = tensorfile.Tensor{Shape: []int{len(m.linear.monomials), width}, Data: m.context.cross}
		t.Values["means"] = vector(m.context.means)
		if m.spec.Axes != nil {
			t.Values["axes"] = tensorfile.Tensor{Shape: []int{width, width}, Data: m.spec.Axes}
		}
	}
	return t, nil
}

// FromTensors is the inverse of Tensors. It returns an error that says what is wrong where the
// tensors are not those of a table.
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
	for name, tensor := range t.Values {
		for i, v := range tensor.Data {
			if v-v != 0 {
				return nil, fmt.Errorf("moments: value %d of %s is %v", i, name, v)
			}
		}
	}
	h.Spec.Centre, h.Spec.Axes = t.Values["centre"].Data, t.Values["axes"].Data
	sums, cross, means := t.Values["sums"].Data, t.Values["cross"].Data, t.Values["means"].Data
	if err := h.Spec.fits(len(sums), len(cross), len(means)); err != nil {
		return nil, err
	}
	m, err := New(h.Spec, h.Shards...)
	if err != nil {
		return nil, err
	}
	m.images = h.Images
	if len(cross) != len(m.context.cross) || len(means) != len(m.context.means) {
		return nil, fmt.Errorf("moments: %d and %d sums with the linear context, want %d and %d", len(cross), len(means), len(m.context.cross), len(m.context.means))
	}
	copy(m.context.cross, cross)
	copy(m.context.means, means)
	for g := range m.sums {
		copy(m.sums[g], sums)
		sums = sums[len(m.sums[g]):]
		if !(m.sums[g][0] > 0) {
			return nil, fmt.Errorf("moments: group %d has a total weight of %v", g, m.sums[g][0])
		}
	}
	if len(t.Values["low"].Data) != len(m.low) || len(t.Values["high"].Data) != len(m.high) {
		return nil, fmt.Errorf("moments: low and high have %d and %d values for %d coefficients", len(t.Values["low"].Data), len(t.Values["high"].Data), len(m.low))
	}
	copy(m.low, t.Values["low"].Data)
	copy(m.high, t.Values["high"].Data)
	for c := range m.low {
		if m.low[c] > m.high[c] {
			return nil, fmt.Errorf("moments: coefficient %d is at least %v and at most %v", c, m.low[c], m.high[c])
		}
	}
	return m, nil
}

// fits returns an error unless tables of the spec have so many sums: those of the groups, and
// those with the linear context. It allocates nothing of their size.
func (s Spec) fits(sums, cross, means int) error {
	if err := s.Check(); err != nil {
		return err
	}
	cost, err := s.Cost()
	if err != nil {
		return err
	}
	if own := cost.Moments - cost.ContextMoments; sums != own {
		return fmt.Errorf("moments: %d sums, the family and the layout have %d", sums, own)
	}
	if held := cross + means; held > cost.ContextMoments {
		return fmt.Errorf("moments: %d sums with the linear context, the family and the layout have %d", held, cost.ContextMoments)
	}
	return nil
}

// MarshalBinary returns the table as the bytes of a safetensors file.
func (m *Moments) MarshalBinary() ([]byte, error) {
	t, err := m.Tensors()
	if err != nil {
		return nil, err
	}
	return tensorfile.Encode(t)
}

// UnmarshalBinary reads what MarshalBinary wrote. Damaged bytes are refused, and m is then
// unchanged.
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
