package neural

import (
	"encoding/json"
	"fmt"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// classifierHeader is the text "classifier" of a file: all of a classifier but its weights.
type classifierHeader struct {
	Shape     diffusion.Shape `json:"shape"`
	Classes   int             `json:"classes"`
	Mean      float64         `json:"mean"`
	Deviation float64         `json:"deviation"`
	Training  Training        `json:"training"`
}

// MarshalBinary returns the classifier as the bytes of a safetensors file: a float32 tensor for
// each layer's parameters and the text "classifier", which is JSON: shape, classes, mean,
// deviation, training.
func (c *Classifier) MarshalBinary() ([]byte, error) {
	text, err := json.Marshal(classifierHeader{c.shape, c.classes, c.mean, c.deviation, c.training})
	if err != nil {
		return nil, err
	}
	return encode("classifier", string(text), c.weights, c.tensors)
}

// UnmarshalBinary reads what MarshalBinary wrote. Damaged bytes, and files that are not a
// classifier's, are refused with an error, and leave the classifier as it is. A classifier is
// read before it is first used.
func (c *Classifier) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	var h classifierHeader
	if err := json.Unmarshal([]byte(t.Text["classifier"]), &h); err != nil {
		return fmt.Errorf("neural: not a classifier: its description: %w", err)
	}
	if v := h.Mean + h.Deviation; v-v != 0 || h.Deviation <= 0 {
		return fmt.Errorf("neural: pixels of mean %v and deviation %v", h.Mean, h.Deviation)
	}
	read, err := newClassifier(h.Shape, h.Classes)
	if err != nil {
		return err
	}
	if err := decode(read.weights, read.tensors, t); err != nil {
		return err
	}
	c.shape, c.classes, c.mean, c.deviation, c.training = h.Shape, h.Classes, h.Mean, h.Deviation, h.Training
	c.weights, c.tensors = read.weights, read.tensors
	c.graphs.New = func() any { return c.newGraph(nil) }
	return nil
}
