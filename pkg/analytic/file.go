package analytic

import (
	"encoding/json"
	"fmt"
	"os"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/moments"
)

// MarshalBinary returns the machine as the bytes of a safetensors file: its train moments, so that it can be asked for any
// noise level, and beside them the text "ridge".
func (m *Machine) MarshalBinary() ([]byte, error) {
	t, err := m.moments.Tensors()
	if err != nil {
		return nil, err
	}
	ridge, err := json.Marshal(m.ridge)
	if err != nil {
		return nil, err
	}
	t.Text["ridge"] = string(ridge)
	return tensorfile.Encode(t)
}

// ParseMachine reads what MarshalBinary wrote. Damaged bytes, and files that are not a machine's, are refused with an error.
func ParseMachine(b []byte) (*Machine, error) {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("analytic: %w", err)
	}
	var ridge Ridge
	if err := json.Unmarshal([]byte(t.Text["ridge"]), &ridge); err != nil {
		return nil, fmt.Errorf("analytic: not a machine: its ridge: %w", err)
	}
	table, err := moments.FromTensors(t)
	if err != nil {
		return nil, err
	}
	return NewMachine(table, ridge)
}

// Save writes the machine to a file, whole or not at all.
func (m *Machine) Save(path string) error {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return tensorfile.Write(path, b)
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
