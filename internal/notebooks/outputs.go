package notebooks

import (
	"encoding/json"
	"fmt"
)

// outputs gathers what a cell shows.
type outputs []*Output

// add takes one published message, and reports whether it was the cell's last.
func (s *outputs) add(m *message) (done bool, err error) {
	var content struct {
		State     string `json:"execution_state"`
		Name      string
		Text      Text
		Data      map[string]json.RawMessage
		Metadata  json.RawMessage
		Transient struct {
			DisplayID string `json:"display_id"`
		}
		Error     string `json:"ename"`
		Value     string `json:"evalue"`
		Traceback []string
	}
	if err := json.Unmarshal(m.Content, &content); err != nil {
		return false, fmt.Errorf("the kernel published a damaged %s: %w", m.Header.Type, err)
	}
	switch m.Header.Type {
	case "status":
		return content.State == "idle", nil
	case "stream":
		if last := len(*s) - 1; last >= 0 && (*s)[last].Type == "stream" && (*s)[last].Name == content.Name {
			(*s)[last].Text += content.Text
			return false, nil
		}
		*s = append(*s, &Output{Type: "stream", Name: content.Name, Text: content.Text})
	case "display_data", "execute_result":
		*s = append(*s, &Output{Type: m.Header.Type, Data: content.Data, Metadata: content.Metadata,
			displayID: content.Transient.DisplayID})
	case "update_display_data":
		for _, o := range *s {
			if o.displayID == content.Transient.DisplayID {
				o.Data, o.Metadata = content.Data, content.Metadata
			}
		}
	case "error":
		*s = append(*s, &Output{Type: "error", Error: content.Error, Value: content.Value, Traceback: content.Traceback})
	}
	return false, nil
}
