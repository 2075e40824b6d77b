package notebooks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// outputs gathers what a cell shows.
type outputs []*Output

// commandStatus matches what GoNB writes to stderr, in a message of its own, when a shell command
// or script failed or a command to itself is unknown. It takes such a cell for a success.
var commandStatus = regexp.MustCompile(
	`^(\^C\n)?(exit status \d+|signal: .+)\n$|^"%.*" unknown or not implemented yet\.$`)

// stream returns the last output if it is a stream of the name, else a new one.
func (s *outputs) stream(name string) *Output {
	if n := len(*s); n > 0 && (*s)[n-1].Type == "stream" && (*s)[n-1].Name == name {
		return (*s)[n-1]
	}
	stream := &Output{Type: "stream", Name: name}
	*s = append(*s, stream)
	return stream
}

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
		stream := s.stream(content.Name)
		stream.Text += content.Text
		if content.Name == "stderr" && commandStatus.MatchString(string(content.Text)) {
			stream.status = strings.TrimSpace(string(content.Text))
		}
	case "display_data", "execute_result":
		*s = append(*s, &Output{Type: m.Header.Type, Data: content.Data, Metadata: content.Metadata,
			displayID: content.Transient.DisplayID, arrived: time.Now()})
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
