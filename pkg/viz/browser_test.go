//go:build unix

package viz

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// probe is run by the page after its charts: it counts, for every figure, the dots of each series'
// colour and all dots that are not white, on the canvases of ECharts, and reports into the
// document, which Chromium then prints.
const probe = `<script>
window.addEventListener("load", () => setTimeout(() => {
	const report = [...document.querySelectorAll("figure")].map((figure) => {
		const seen = {live: figure.dataset.live === "yes", picture: figure.querySelector("figure > img").offsetWidth,
			charts: figure.querySelectorAll("[_echarts_instance_]").length, images: figure.querySelectorAll("div img").length,
			inked: 0, colours: {}};
		for (const canvas of figure.querySelectorAll("canvas")) {
			const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
			for (let i = 0; i < dots.length; i += 4) {
				if (dots[i] + dots[i + 1] + dots[i + 2] === 765 || dots[i + 3] === 0) {
					continue;
				}
				seen.inked++;
				const colour = "#" + [0, 1, 2].map((c) => dots[i + c].toString(16).padStart(2, "0")).join("");
				seen.colours[colour] = (seen.colours[colour] || 0) + 1;
			}
		}
		return seen;
	});
	const pre = document.createElement("pre");
	pre.id = "report";
	pre.textContent = JSON.stringify(report);
	document.body.append(pre);
}, 1000));
</script>
`

// seen is what the probe found in one figure.
type seen struct {
	Live    bool
	Picture int // width of the static picture; 0 where it is hidden
	Charts  int
	Images  int // pictures among the charts
	Inked   int // dots that are not white
	Colours map[string]int
}

// TestBrowser opens pages in a headless Chromium that can reach nothing, and looks at what ECharts
// drew.
func TestBrowser(t *testing.T) {
	chromium, echarts := browser(t)

	var figures []Figure
	for _, s := range gallery() {
		figures = append(figures, s.Figure)
	}

	// The classic notebook has RequireJS, which takes every library that asks for define.
	hostile := `<script>
window.define = () => { throw new Error("RequireJS took the library"); };
window.define.amd = {};
window.exports = window.module = undefined;
</script>
`
	t.Run("every kind", func(t *testing.T) {
		page := hostile + LibraryHTML(echarts)
		for _, f := range figures {
			page += liveHTML(t, f)
		}
		for i, s := range open(t, chromium, page) {
			checkDrawn(t, figures[i], s)
		}
	})

	t.Run("figures first, one of them twice", func(t *testing.T) {
		figure := liveHTML(t, linesSpecimen())
		for _, s := range open(t, chromium, figure+figure+LibraryHTML(echarts)) {
			checkDrawn(t, linesSpecimen(), s)
		}
	})

	t.Run("no library", func(t *testing.T) {
		for _, s := range open(t, chromium, LibraryHTML(nil)+liveHTML(t, linesSpecimen())) {
			if s.Live || s.Picture == 0 {
				t.Errorf("without ECharts the picture is %d pixels wide and live is %v", s.Picture, s.Live)
			}
		}
	})

	t.Run("broken library", func(t *testing.T) {
		broken := []byte(`exports.format = {encodeHTML: String}; exports.init = () => { throw new Error("no canvas"); };`)
		for _, s := range open(t, chromium, LibraryHTML(broken)+liveHTML(t, linesSpecimen())) {
			if s.Picture == 0 || s.Images > 0 {
				t.Errorf("with a failing ECharts the picture is %d pixels wide, beside %d others", s.Picture, s.Images)
			}
		}
	})
}

// checkDrawn compares what the page shows with what the figure has.
func checkDrawn(t *testing.T, f Figure, s seen) {
	t.Helper()
	l := planOf(t, f).live(pageWidth)
	if l == nil {
		if s.Live || s.Picture == 0 {
			t.Errorf("%v: its picture is %d pixels wide and live is %v, though it has no live form", f.heading(), s.Picture, s.Live)
		}
		return
	}
	charts, images := 0, 0
	var wanted, faint []string
	for _, p := range l.Panels {
		if p.Option == nil {
			images++
			continue
		}
		charts++
		for _, series := range p.Option.Series {
			switch {
			case series.RenderItem == "band":
				faint = append(faint, series.ItemStyle.Color)
			case series.ItemStyle != nil && series.ItemStyle.Opacity == nil:
				wanted = append(wanted, series.ItemStyle.Color)
			}
		}
		if p.Option.VisualMap != nil {
			wanted = append(wanted, p.Option.VisualMap.InRange.Color[0]) // the lower handle of the colour bar
		}
	}
	if !s.Live || s.Picture != 0 || s.Charts != charts || s.Images != images {
		t.Errorf("%v: live %v, picture %d pixels wide, %d charts, %d images; want true, 0, %d, %d",
			f.heading(), s.Live, s.Picture, s.Charts, s.Images, charts, images)
	}
	if s.Inked < 3000*charts {
		t.Errorf("%v: only %d dots are not white", f.heading(), s.Inked)
	}
	for _, colour := range wanted {
		if n := s.dots(colour, 1); n < 20 {
			t.Errorf("%v: %d dots are of the colour %s", f.heading(), n, colour)
		}
	}
	for _, colour := range faint {
		if n := s.dots(colour, 0.18); n < 1000 {
			t.Errorf("%v: %d dots are of the band in %s", f.heading(), n, colour)
		}
	}
}

// dots counts the dots of a colour seen at some opacity on white.
func (s seen) dots(colour string, opacity float64) int {
	n := 0
	for other, count := range s.Colours {
		same := true
		for i := 1; i < 7; i += 2 {
			want, err1 := strconv.ParseUint(colour[i:i+2], 16, 8)
			got, err2 := strconv.ParseUint(other[i:i+2], 16, 8)
			mixed := opacity*float64(want) + (1-opacity)*255
			same = same && err1 == nil && err2 == nil && math.Abs(float64(got)-mixed) <= 1
		}
		if same {
			n += count
		}
	}
	return n
}

// browser returns the Chromium to use and the text of ECharts. Without either it skips the test; in
// CI, where both are installed, it fails it.
func browser(t *testing.T) (chromium string, echarts []byte) {
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		missing("NOT RUN: there is no Chromium on PATH, so no live chart was looked at; environment/setup --browser installs it")
	}
	echarts, err := os.ReadFile(echartsFile)
	if err != nil {
		missing("NOT RUN: ECharts is not installed, so no live chart was drawn; environment/setup installs it: %v", err)
	}
	return chromium, echarts
}

var reported = regexp.MustCompile(`(?s)<pre id="report">(.*?)</pre>`)

// open shows a page and returns what the probe saw. Chromium and all its children are ended when it
// returns.
func open(t *testing.T, chromium, body string) []seen {
	t.Helper()
	dir, err := os.MkdirTemp("", "viz-browser-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	page := filepath.Join(dir, "page.html")
	text := "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>" + body + probe + "</body></html>"
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1000,1000",
		"--virtual-time-budget=10000", "--user-data-dir="+filepath.Join(dir, "profile"), "--dump-dom", "file://"+page)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the whole group
	cmd.Cancel = end
	cmd.WaitDelay = 10 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if cmd.Process != nil {
		for tries := 0; end() == nil && tries < 20; tries++ { // until nothing is left of the group
			time.Sleep(50 * time.Millisecond)
		}
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", chromium, err, errs.String())
	}
	match := reported.FindStringSubmatch(out.String())
	if match == nil {
		t.Fatalf("the page did not report; Chromium says:\n%s", errs.String())
	}
	var all []seen
	if err := json.Unmarshal([]byte(html.UnescapeString(match[1])), &all); err != nil {
		t.Fatal(err)
	}
	if want := strings.Count(body, "<figure"); len(all) != want {
		t.Fatalf("the page reported %d figures, want %d", len(all), want)
	}
	return all
}
