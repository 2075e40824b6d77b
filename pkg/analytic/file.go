package analytic

import (
	"encoding/json"
	"errors"
	"fmt"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/moments"
)

// MarshalBinary returns the machine as the bytes of a safetensors file. It holds the train
// moments, from which any noise level can be solved, and the settings as the text "machine". Tuned
// and ablated machines are refused.
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

// UnmarshalBinary reads what MarshalBinary wrote. It returns an error for damaged bytes and for
// files of something else, and then leaves the machine as it is. It must not be called on a
// machine in use.
func (m *Machine) UnmarshalBinary(b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("analytic: %w", err)
	}
	var settings Settings
	if err := json.Unmarshal([]byte(t.Text["machine"]), &settings); err != nil {
		return fmt.Errorf("analytic: not a machine: its settings: %w", err)
	}
	table, err := moments.FromTensors(t)
	if err != nil {
		return err
	}
	return m.init(table, settings)
}
