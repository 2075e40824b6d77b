package neural

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// header is the text "network" of a file: all of a network but its weights.
type header struct {
	Architecture Architecture    `json:"architecture"`
	Shape        diffusion.Shape `json:"shape"`
	Mean         float64         `json:"mean"`
	Deviation    float64         `json:"deviation"`
	Training     Training        `json:"training"`
}

// MarshalBinary returns the network as the bytes of a safetensors file: a float32 tensor for each
// layer's parameters and the text "network", which is JSON: architecture, shape, mean, deviation,
// training.
func (n *Network) MarshalBinary() ([]byte, error) {
	text, err := json.Marshal(header{n.arch, n.shape, n.mean, n.deviation, n.training})
	if err != nil {
		return nil, err
	}
	return encode("network", string(text), n.weights, n.tensors)
}

// encode returns the bytes of a file with a text and weights.
func encode(name, text string, weights []float32, tensors []tensor) ([]byte, error) {
	t := tensorfile.Tensors{Text: map[string]string{name: text}, Values: make(map[string]tensorfile.Tensor)}
	for _, p := range tensors {
		from, to := p.span()
		t.Values[p.name] = single(weights[from:to], p.shape...)
	}
	return tensorfile.Encode(t)
}

// decode copies a file's tensors, which must be all those given and no others, to weights.
func decode(weights []float32, tensors []tensor, t tensorfile.Tensors) error {
	if len(t.Values) != len(tensors) {
		return fmt.Errorf("neural: %d tensors; the architecture has %d", len(t.Values), len(tensors))
	}
	for _, p := range tensors {
		from, to := p.span()
		if err := read(weights[from:to], t, p.name, p.shape...); err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalBinary reads what MarshalBinary wrote. Damaged bytes, and files that are not a
// network's, are refused with an error, and leave the network as it is. A network is read before
// it is first used.
func (n *Network) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	var h header
	if err := json.Unmarshal([]byte(t.Text["network"]), &h); err != nil {
		return fmt.Errorf("neural: not a network: its description: %w", err)
	}
	read, err := h.network(t.Len())
	if err != nil {
		return err
	}
	if err := decode(read.weights, read.tensors, t); err != nil {
		return err
	}
	n.init(read)
	return nil
}

// network returns the network that a header describes, with all its weights 0. The architecture
// is compared with how many values the file holds before anything of its size is made.
func (h header) network(values int) (*Network, error) {
	if v := h.Mean + h.Deviation; v-v != 0 || h.Deviation <= 0 {
		return nil, fmt.Errorf("neural: pixels of mean %v and deviation %v", h.Mean, h.Deviation)
	}
	if err := h.Architecture.Check(h.Shape); err != nil {
		return nil, err
	}
	var stock builder
	newGraph(&stock, h.Architecture, h.Shape)
	if stock.used > values {
		return nil, fmt.Errorf("neural: %d values in the file; the architecture has %d parameters", values, stock.used)
	}
	n, err := newNetwork(h.Architecture, h.Shape)
	if err != nil {
		return nil, err
	}
	n.mean, n.deviation, n.training = h.Mean, h.Deviation, h.Training
	return n, nil
}

// state is the text "trainer" of a checkpoint: all of a trainer but its long vectors. Random
// numbers need no state: they depend on the seed and on how many images were shown.
type state struct {
	Network    header   `json:"network"` // its training is empty
	Data       string   `json:"data"`
	Images     int      `json:"images"`
	Digest     string   `json:"digest,omitempty"` // of the set that the images are of, and the first of them, as diffusion.Identified has it
	From       int      `json:"from,omitempty"`
	Settings   Settings `json:"settings"`
	Step       int      `json:"step"`
	Log        []Record `json:"log"`
	Recent     sums     `json:"recent"`
	Seconds    float64  `json:"seconds"`
	CPUSeconds float64  `json:"cpu_seconds"`
}

// vectors returns the trainer's long vectors by their names in a checkpoint.
func (t *Trainer) vectors() map[string][]float32 {
	return map[string][]float32{"weights": t.net.weights, "average": t.adam.average, "first": t.adam.first, "second": t.adam.second}
}

// MarshalBinary returns the state of the training, a checkpoint: the weights, their average, the
// two moments of the gradient, the step.
func (t *Trainer) MarshalBinary() ([]byte, error) {
	s := state{
		Network: header{Architecture: t.net.arch, Shape: t.net.shape, Mean: t.net.mean, Deviation: t.net.deviation},
		Data:    t.data, Images: t.images.Len(), Settings: t.settings, Step: t.step, Log: t.history.log, Recent: t.history.recent,
	}
	s.Digest, s.From = diffusion.IdentityOf(t.images)
	s.Seconds, s.CPUSeconds = t.history.clock.read()
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	f := tensorfile.Tensors{Text: map[string]string{"trainer": string(text)}, Values: make(map[string]tensorfile.Tensor)}
	for name, v := range t.vectors() {
		f.Values[name] = single(v, len(v))
	}
	return tensorfile.Encode(f)
}

// ParseTrainer returns the trainer whose MarshalBinary wrote the bytes. The images must be those
// it was training on; their name, number and identity are compared.
func ParseTrainer(b []byte, images diffusion.Images, data string) (*Trainer, error) {
	f, err := tensorfile.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("neural: %w", err)
	}
	var s state
	if err := json.Unmarshal([]byte(f.Text["trainer"]), &s); err != nil {
		return nil, fmt.Errorf("neural: not a checkpoint: its description: %w", err)
	}
	if s.Data != data || s.Images != images.Len() {
		return nil, fmt.Errorf("neural: the checkpoint is of training on %d images of %s, not %d of %s", s.Images, s.Data, images.Len(), data)
	}
	if digest, from := diffusion.IdentityOf(images); s.Digest != "" && digest != "" && (digest != s.Digest || from != s.From) {
		return nil, fmt.Errorf("neural: the checkpoint is of training on other images of %s: those from %d on, of the digest %s; "+
			"these are those from %d on, of the digest %s", data, s.From, s.Digest, from, digest)
	}
	if err := s.Settings.Check(); err != nil {
		return nil, err
	}
	if s.Step < 0 || s.Step > s.Settings.steps() {
		return nil, fmt.Errorf("neural: the checkpoint is at step %d of %d", s.Step, s.Settings.steps())
	}
	net, err := s.Network.network(f.Len())
	if err != nil {
		return nil, err
	}
	t, err := newTrainer(net, images, data, s.Settings)
	if err != nil {
		return nil, err
	}
	t.net.mean, t.net.deviation = net.mean, net.deviation
	t.step, t.history = s.Step, history{s.Log, s.Recent, newClock(s.Seconds, s.CPUSeconds)}
	for name, v := range t.vectors() {
		if err := read(v, f, name, len(v)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// LoadTrainer reads a checkpoint from a file.
func LoadTrainer(path string, images diffusion.Images, data string) (*Trainer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := ParseTrainer(b, images, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// single returns values as a float32 tensor.
func single(values []float32, shape ...int) tensorfile.Tensor {
	data := make([]float64, len(values))
	for i, v := range values {
		data[i] = float64(v)
	}
	return tensorfile.Tensor{Shape: shape, Data: data, Single: true}
}

// read copies a tensor, of the shape that it must have, to dst.
func read(dst []float32, t tensorfile.Tensors, name string, shape ...int) error {
	v, ok := t.Values[name]
	if !ok || !slices.Equal(v.Shape, shape) {
		return fmt.Errorf("neural: tensor %s has shape %v; the architecture wants %v", name, v.Shape, shape)
	}
	for i, x := range v.Data {
		if x-x != 0 || math.Abs(x) > math.MaxFloat32 {
			return fmt.Errorf("neural: tensor %s holds %v", name, x)
		}
		dst[i] = float32(x)
	}
	return nil
}
