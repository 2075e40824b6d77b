package notebooks

import (
	"encoding/json"
	"maps"
	"strings"
)

// MakeStatic leaves in an executed notebook what belongs under version control: pictures instead of
// live charts, no empty outputs, nothing that changes from one run to the next for no reason
// (times, versions).
func (n *Notebook) MakeStatic() {
	n.Metadata = json.RawMessage(`{
	"kernelspec": {"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
	"language_info": {"name": "go"}
}`)
	for _, c := range n.Cells {
		c.Metadata = onlyTags(c.Metadata)
		var kept []*Output
		for _, o := range c.Outputs {
			kept = append(kept, o.static()...)
		}
		c.Outputs = kept
	}
}

// onlyTags drops all metadata of a cell but its tags: times of execution, the state of editors.
func onlyTags(metadata json.RawMessage) json.RawMessage {
	var tagged struct {
		Tags []string `json:"tags,omitempty"`
	}
	if json.Unmarshal(metadata, &tagged) != nil {
		return empty
	}
	raw, err := json.Marshal(tagged)
	if err != nil {
		return empty
	}
	return raw
}

// static returns what stays of an output without scripts and widgets: of a figure the picture and,
// below it, the caption.
func (o *Output) static() []*Output {
	if o.Type == "stream" || o.Type == "error" {
		return []*Output{o}
	}
	picture := *o
	picture.Data = maps.Clone(o.Data)
	html, _ := asText(o.Data["text/html"])
	if o.Data["image/png"] != nil || html == "" || strings.Contains(string(html), "<script") {
		delete(picture.Data, "text/html")
	}
	if len(picture.Data) == 0 {
		return nil
	}
	figure, ok := o.figure()
	if !ok || figure.Caption == "" || html == "" { // without HTML it is static already
		return []*Output{&picture}
	}
	caption, _ := Text("*" + figure.Caption + "*").MarshalJSON()
	plain, _ := Text(figure.Caption).MarshalJSON()
	return []*Output{&picture, {Type: o.Type, Data: map[string]json.RawMessage{"text/markdown": caption, "text/plain": plain}}}
}
