package analytic

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"wavescore/internal/tensorfile"
	"wavescore/internal/wholefile"
	"wavescore/pkg/moments"
)

// MarshalBinary returns the machine as the bytes of a safetensors file: its train moments, so that it can be asked for any
// noise level, and beside them the text "machine", its settings. Tuned and ablated machines are not written.
func (m *Machine) MarshalBinary() ([]byte, error) {
	if len(m.trials) > 0 || m.candidates[0].keep != nil {
		return nil, errors.New("analytic: a tuned or ablated machine has no file; write its moments")
	}
	t, err := m.moments.Tensors()
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(m.candidates[0].Settings)
	if err != nil {
		return nil, err
	}
	t.Text["machine"] = string(settings)
	return tensorfile.Encode(t)
}

// ParseMachine reads what MarshalBinary wrote. Damaged bytes, and files that are not a machine's, are refused with an error.
func ParseMachine(b []byte) (*Machine, error) {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("analytic: %w", err)
	}
	var settings Settings
	if err := json.Unmarshal([]byte(t.Text["machine"]), &settings); err != nil {
		return nil, fmt.Errorf("analytic: not a machine: its settings: %w", err)
	}
	table, err := moments.FromTensors(t)
	if err != nil {
		return nil, err
	}
	return NewMachine(table, settings)
}

// Save writes the machine to a file, whole or not at all.
func (m *Machine) Save(path string) error {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}

// Load reads a machine that Save wrote.
func Load(path string) (*Machine, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := ParseMachine(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
