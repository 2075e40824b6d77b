package lab

import (
	"fmt"
	"html"
	"math"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// display sends one output to the notebook and waits until it has arrived. A cell is a program:
// what is still on its way when it ends is lost.
func display(data map[protocol.MIMEType]any, metadata map[string]any) {
	gonbui.SendData(&protocol.DisplayData{Data: data, Metadata: metadata})
	gonbui.Sync()
}

// Text shows a paragraph of Markdown, which may hold formulas between dollar signs. A cell that
// shows figures or tables says its sentences with Text, not with fmt.Print: the notebook promises
// no order between the two ways. Views that do not render Markdown show it as it is written.
func Text(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !gonbui.IsNotebook {
		fmt.Println(text)
		return
	}
	display(map[protocol.MIMEType]any{protocol.MIMETextMarkdown: text, protocol.MIMETextPlain: text}, nil)
}

// NextCell tells the runner of notebooks that what is shown from here on is the next cell's, where
// several cells run as one program. Cells do not call it.
func NextCell() {
	display(map[protocol.MIMEType]any{protocol.MIMETextPlain: ""}, map[string]any{"wavescore": map[string]string{"next": "cell"}})
}

// say tells what happened beside the results: in the notebook as Text, elsewhere on standard error.
func say(format string, args ...any) {
	if gonbui.IsNotebook {
		Text(format, args...)
		return
	}
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// Table shows rows under a header. Numbers stand on the right, floats with four significant
// digits; write a cell with fmt.Sprintf where it should look otherwise. A row that is not as long
// as the header is a panic.
func Table(header []string, rows ...[]any) {
	for i, row := range rows {
		if len(row) != len(header) {
			panic(fmt.Sprintf("lab: row %d of a table has %d cells under a header of %d", i, len(row), len(header)))
		}
	}
	if !gonbui.IsNotebook {
		fmt.Print(plainTable(header, rows))
		return
	}
	display(map[protocol.MIMEType]any{
		protocol.MIMETextHTML:  htmlTable(header, rows),
		protocol.MIMETextPlain: plainTable(header, rows),
	}, nil)
}

// cell is the text of a table's cell, and whether it is a number.
func cell(value any) (text string, number bool) {
	switch v := value.(type) {
	case float64:
		if math.IsNaN(v) {
			return "", true
		}
		return fmt.Sprintf("%.4g", v), true
	case float32:
		return cell(float64(v))
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), true
	}
	return fmt.Sprint(value), false
}

func plainTable(header []string, rows [][]any) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, row := range rows {
		for i, value := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			text, _ := cell(value)
			fmt.Fprint(w, text)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return text.String()
}

func htmlTable(header []string, rows [][]any) string {
	var text strings.Builder
	text.WriteString("<table>\n<thead><tr>")
	for _, name := range header {
		fmt.Fprintf(&text, "<th>%s</th>", html.EscapeString(name))
	}
	text.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range rows {
		text.WriteString("<tr>")
		for _, value := range row {
			content, number := cell(value)
			align := "left"
			if number {
				align = "right"
			}
			fmt.Fprintf(&text, `<td style="text-align: %s">%s</td>`, align, html.EscapeString(content))
		}
		text.WriteString("</tr>\n")
	}
	text.WriteString("</tbody>\n</table>\n")
	return text.String()
}
