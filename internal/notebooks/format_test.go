package notebooks

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// testdata/small.ipynb is as Jupyter's own library (nbformat) writes it, so reading and writing
// must leave every byte.
func TestEncodeWritesAsJupyterDoes(t *testing.T) {
	want, err := os.ReadFile("testdata/small.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	n, err := ParseNotebook(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.Encode()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, wrote\n%s", err, got)
	}
}

// every is a notebook with every kind of cell and output.
const every = `{
 "cells": [
  {
   "attachments": {
    "a.png": {
     "image/png": "aGk="
    }
   },
   "cell_type": "markdown",
   "id": "m1",
   "metadata": {},
   "source": [
    "# Title <b>\n",
    "text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "c1",
   "metadata": {
    "tags": [
     "x"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "a\n",
      "b"
     ]
    },
    {
     "data": {
      "image/png": "aGk=",
      "text/plain": [
       "<p>"
      ]
     },
     "metadata": {
      "image/png": {
       "width": 900
      }
     },
     "output_type": "display_data"
    },
    {
     "data": {
      "application/json": {
       "a": [
        1,
        2
       ]
      }
     },
     "execution_count": 1,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "ERROR",
     "evalue": "exit status 2",
     "output_type": "error",
     "traceback": [
      "exit status 2"
     ]
    }
   ],
   "source": []
  },
  {
   "cell_type": "raw",
   "metadata": {},
   "source": [
    "x"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "name": "gonb"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

func TestEncodeKeepsEverything(t *testing.T) {
	n, err := ParseNotebook([]byte(every))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := n.Encode(); err != nil || string(got) != every {
		t.Errorf("%v, wrote\n%s", err, got)
	}
}

func TestDamagedNotebooks(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "unexpected end of JSON input"},
		{every[:len(every)/2], "unexpected end of JSON input at byte"},
		{strings.Replace(every, "[", "(", 1), "invalid character '('"},
		{`{"cells": {}, "nbformat": 4}`, "at byte"},
		{`{"cells": [{"cell_type": 3}], "nbformat": 4}`, "cannot unmarshal number"},
		{`{"cells": [{"cell_type": "code", "source": {"a": 1}}], "nbformat": 4}`, "cannot unmarshal object"},
		{`{"cells": [{"cell_type": "code"}], "nbformat": 3}`, "format 3"},
		{`{"nbformat": 4}`, "without cells"},
		{`{"cells": [null], "nbformat": 4}`, "cell 1 of 1"},
		{`{"cells": [{"cell_type": "heading"}], "nbformat": 4}`, "neither code nor text"},
		{`{"cells": [{"cell_type": "code", "outputs": [null]}], "nbformat": 4}`, "output that is null"},
		{`[]`, "cannot unmarshal array"},
	} {
		path := filepath.Join(t.TempDir(), "bad.ipynb")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadNotebook(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.60q: got %v, want an error with the path and %q", c.text, err, c.want)
		}
	}
}

// Whatever is read as a notebook is written as one that reads the same.
func FuzzParseNotebook(f *testing.F) {
	f.Add([]byte(every))
	small, err := os.ReadFile("testdata/small.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseNotebook(data)
		if err != nil {
			return
		}
		first, err := n.Encode()
		if err != nil {
			return // an output of a type that notebooks do not have
		}
		again, err := ParseNotebook(first)
		if err != nil {
			t.Fatalf("%v in %s", err, first)
		}
		second, err := again.Encode()
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v, first\n%s\nthen\n%s", err, first, second)
		}
		n.Page("", "") // may refuse a picture that is none
	})
}

func TestMakeStatic(t *testing.T) {
	data := func(pairs ...string) map[string]json.RawMessage {
		m := map[string]json.RawMessage{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = json.RawMessage(pairs[i+1])
		}
		return m
	}
	figure := json.RawMessage(`{"image/png": {"width": 900}, "wavescore": {"figure": "f", "title": "T", "caption": "Look."}}`)
	n := &Notebook{Metadata: json.RawMessage(`{"language_info": {"version": "go1.99"}}`), Cells: []*Cell{
		{Type: "code", Metadata: json.RawMessage(`{"execution": {"iopub.status.busy": "now"}, "tags": ["x"], "scrolled": true}`), Outputs: []*Output{
			{Type: "stream", Name: "stdout", Text: "kept"},
			{Type: "display_data", Data: data("text/html", `"<script>1</script>"`)},
			{Type: "display_data", Data: data("text/html", `""`)},
			{Type: "display_data", Data: data("text/html", `"<table></table>"`, "text/plain", `"table"`)},
			{Type: "display_data", Data: data("text/html", `"<script>1</script>"`, "image/png", `"aGk="`), Metadata: figure},
		}},
	}}
	n.MakeStatic()
	n.MakeStatic() // changes nothing more
	c := n.Cells[0]
	var got [][]string
	for _, o := range c.Outputs {
		kinds := []string{o.Type}
		for _, mime := range []string{"text/html", "image/png", "text/plain", "text/markdown"} {
			if o.Data[mime] != nil {
				kinds = append(kinds, mime)
			}
		}
		got = append(got, kinds)
	}
	want := [][]string{{"stream"}, {"display_data", "text/html", "text/plain"}, {"display_data", "image/png"}, {"display_data", "text/plain", "text/markdown"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	if string(c.Metadata) != `{"tags":["x"]}` || strings.Contains(string(n.Metadata), "1.99") {
		t.Errorf("metadata: %s of the cell, %s of the notebook", c.Metadata, n.Metadata)
	}
	if caption, _ := asText(c.Outputs[3].Data["text/markdown"]); caption != "*Look.*" {
		t.Errorf("caption %q", caption)
	}
	if caption, _ := asText(c.Outputs[3].Data["text/plain"]); caption != "Look." {
		t.Errorf("caption %q in plain text", caption)
	}
}
