package neural

import (
	"encoding/json"
	"fmt"
	"os"

	"wavescore/internal/tensorfile"
	"wavescore/internal/wholefile"
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

// MarshalBinary returns the classifier as the bytes of a safetensors file: a float32 tensor for each layer's parameters and the text
// "classifier", which is JSON: shape, classes, mean, deviation, training.
func (c *Classifier) MarshalBinary() ([]byte, error) {
	text, err := json.Marshal(classifierHeader{c.shape, c.classes, c.mean, c.deviation, c.training})
	if err != nil {
		return nil, err
	}
	return encode("classifier", string(text), c.weights, c.tensors)
}

// ParseClassifier reads what MarshalBinary wrote. Damaged bytes, and files that are not a classifier's, are refused with an error.
func ParseClassifier(b []byte) (*Classifier, error) {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("neural: %w", err)
	}
	var h classifierHeader
	if err := json.Unmarshal([]byte(t.Text["classifier"]), &h); err != nil {
		return nil, fmt.Errorf("neural: not a classifier: its description: %w", err)
	}
	if v := h.Mean + h.Deviation; v-v != 0 || h.Deviation <= 0 {
		return nil, fmt.Errorf("neural: pixels of mean %v and deviation %v", h.Mean, h.Deviation)
	}
	c, err := newClassifier(h.Shape, h.Classes)
	if err != nil {
		return nil, err
	}
	c.mean, c.deviation, c.training = h.Mean, h.Deviation, h.Training
	if err := decode(c.weights, c.tensors, t); err != nil {
		return nil, err
	}
	return c, nil
}

// Save writes the classifier to a file, whole or not at all.
func (c *Classifier) Save(path string) error {
	b, err := c.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}

// LoadClassifier reads a classifier that Save wrote.
func LoadClassifier(path string) (*Classifier, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseClassifier(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}
