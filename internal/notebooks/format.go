package notebooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// A Notebook is a Jupyter notebook of format 4, https://nbformat.readthedocs.io. Attachments and
// metadata are handed through as they are.
type Notebook struct {
	Cells       []*Cell         `json:"cells"`
	Metadata    json.RawMessage `json:"metadata"`
	Format      int             `json:"nbformat"`
	FormatMinor int             `json:"nbformat_minor"`
}

// A Cell is text ("markdown", "raw") or "code"; only code has outputs and a count.
type Cell struct {
	Attachments json.RawMessage
	Type        string
	Count       *int // which of the kernel's executions it was, from 1
	ID          string
	Metadata    json.RawMessage
	Outputs     []*Output
	Source      Text
}

// An Output is one thing that a cell showed: a "stream" (text under a name, stdout or stderr), a
// "display_data" or "execute_result" (data by MIME type), or an "error".
type Output struct {
	Type      string
	Name      string
	Text      Text
	Data      map[string]json.RawMessage
	Metadata  json.RawMessage
	Count     *int
	Error     string   // the error's name
	Value     string   // the error's message
	Traceback []string // the message with places, a line each

	displayID string    // where later updates go
	status    string    // how a command ended that failed, as the kernel says on stderr
	arrived   time.Time // when it did, of a display
}

// Text is a string that notebooks may hold in lines.
type Text string

// ReadNotebook reads a notebook file. Errors name the file and, where the JSON itself is damaged,
// the byte.
func ReadNotebook(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := ParseNotebook(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// ParseNotebook reads a notebook.
func ParseNotebook(data []byte) (*Notebook, error) {
	var n Notebook
	err := json.Unmarshal(data, &n)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("not a notebook: %w at byte %d of %d", err, syntax.Offset, len(data))
	case errors.As(err, &kind):
		return nil, fmt.Errorf("not a notebook: %w at byte %d", err, kind.Offset)
	case err != nil:
		return nil, fmt.Errorf("not a notebook: %w", err)
	case n.Format != 4:
		return nil, fmt.Errorf("a notebook of format %d; this reads format 4", n.Format)
	case len(n.Cells) == 0:
		return nil, errors.New("a notebook without cells")
	}
	for i, c := range n.Cells {
		if c == nil || c.Type != "code" && c.Type != "markdown" && c.Type != "raw" {
			return nil, fmt.Errorf("cell %d of %d is neither code nor text", i+1, len(n.Cells))
		}
		for _, o := range c.Outputs {
			if o == nil {
				return nil, fmt.Errorf("cell %d of %d has an output that is null", i+1, len(n.Cells))
			}
		}
	}
	return &n, nil
}

// Encode returns the notebook as Jupyter itself would write it: indented by one blank, the fields
// of an object in alphabetical order, text in lines.
func (n *Notebook) Encode() ([]byte, error) {
	return encode(n, " ")
}

func encode(value any, indent string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return text.Bytes(), err
}

var empty = json.RawMessage("{}")

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return empty
	}
	return raw
}

// The wire forms of cells. Format 4 wants outputs and execution_count, even if empty, in code and
// forbids them in text.
type (
	cellIn struct {
		Attachments json.RawMessage `json:"attachments"`
		Type        string          `json:"cell_type"`
		Count       *int            `json:"execution_count"`
		ID          string          `json:"id"`
		Metadata    json.RawMessage `json:"metadata"`
		Outputs     []*Output       `json:"outputs"`
		Source      Text            `json:"source"`
	}
	codeOut struct {
		Type     string          `json:"cell_type"`
		Count    *int            `json:"execution_count"`
		ID       string          `json:"id,omitempty"`
		Metadata json.RawMessage `json:"metadata"`
		Outputs  []*Output       `json:"outputs"`
		Source   Text            `json:"source"`
	}
	textOut struct {
		Attachments json.RawMessage `json:"attachments,omitempty"`
		Type        string          `json:"cell_type"`
		ID          string          `json:"id,omitempty"`
		Metadata    json.RawMessage `json:"metadata"`
		Source      Text            `json:"source"`
	}
)

func (c *Cell) UnmarshalJSON(data []byte) error {
	var in cellIn
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*c = Cell(in)
	c.Source = Text(strings.ReplaceAll(string(c.Source), "\r\n", "\n")) // some editors' ends of lines
	return nil
}

func (c *Cell) MarshalJSON() ([]byte, error) {
	if c.Type == "code" {
		return encode(codeOut{c.Type, c.Count, c.ID, orEmpty(c.Metadata), append([]*Output{}, c.Outputs...), c.Source}, "")
	}
	return encode(textOut{c.Attachments, c.Type, c.ID, orEmpty(c.Metadata), c.Source}, "")
}

// The wire forms of outputs.
type (
	outputIn struct {
		Type      string                     `json:"output_type"`
		Name      string                     `json:"name"`
		Text      Text                       `json:"text"`
		Data      map[string]json.RawMessage `json:"data"`
		Metadata  json.RawMessage            `json:"metadata"`
		Count     *int                       `json:"execution_count"`
		Error     string                     `json:"ename"`
		Value     string                     `json:"evalue"`
		Traceback []string                   `json:"traceback"`
	}
	streamOut struct {
		Name string `json:"name"`
		Type string `json:"output_type"`
		Text Text   `json:"text"`
	}
	displayOut struct {
		Data     map[string]json.RawMessage `json:"data"`
		Metadata json.RawMessage            `json:"metadata"`
		Type     string                     `json:"output_type"`
	}
	resultOut struct {
		Data     map[string]json.RawMessage `json:"data"`
		Count    *int                       `json:"execution_count"`
		Metadata json.RawMessage            `json:"metadata"`
		Type     string                     `json:"output_type"`
	}
	errorOut struct {
		Error     string   `json:"ename"`
		Value     string   `json:"evalue"`
		Type      string   `json:"output_type"`
		Traceback []string `json:"traceback"`
	}
)

func (o *Output) UnmarshalJSON(data []byte) error {
	var in outputIn
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*o = Output{Type: in.Type, Name: in.Name, Text: in.Text, Data: in.Data, Metadata: in.Metadata, Count: in.Count,
		Error: in.Error, Value: in.Value, Traceback: in.Traceback}
	return nil
}

func (o *Output) MarshalJSON() ([]byte, error) {
	switch o.Type {
	case "stream":
		return encode(streamOut{o.Name, o.Type, o.Text}, "")
	case "display_data":
		return encode(displayOut{lines(o.Data), orEmpty(o.Metadata), o.Type}, "")
	case "execute_result":
		return encode(resultOut{lines(o.Data), o.Count, orEmpty(o.Metadata), o.Type}, "")
	case "error":
		return encode(errorOut{o.Error, o.Value, o.Type, append([]string{}, o.Traceback...)}, "")
	}
	return nil, fmt.Errorf("an output of unknown type %q", o.Type)
}

// lines puts the text among data into lines.
func lines(data map[string]json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(data))
	for mime, raw := range data {
		out[mime] = raw
		if strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" {
			if text, ok := asText(raw); ok {
				out[mime], _ = text.MarshalJSON()
			}
		}
	}
	return out
}

func asText(raw json.RawMessage) (Text, bool) {
	var text Text
	return text, json.Unmarshal(raw, &text) == nil
}

func (t *Text) UnmarshalJSON(data []byte) error {
	var parts []string
	if json.Unmarshal(data, &parts) == nil {
		*t = Text(strings.Join(parts, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

func (t Text) MarshalJSON() ([]byte, error) {
	parts := strings.SplitAfter(string(t), "\n")
	if parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return encode(parts, "")
}
