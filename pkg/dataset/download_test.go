package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mirror serves files by name; a handler of a name goes before its file.
func mirror(t *testing.T, files map[string][]byte, handlers map[string]http.HandlerFunc) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if handle := handlers[name]; handle != nil {
			handle(w, r)
		} else if content, ok := files[name]; ok {
			w.Write(content)
		} else {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func fileOf(name string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{Name: name, Content: Content{int64(len(content)), hex.EncodeToString(sum[:])}}
}

var (
	contentA = bytes.Repeat([]byte("wavelet "), 5000)
	contentB = bytes.Repeat([]byte("score "), 3000)
)

// twoFiles returns a set of files a and b.
func twoFiles(mirrors ...string) Set {
	return Set{Name: "two", Folder: "sets/two", Mirrors: mirrors, Files: []File{fileOf("a", contentA), fileOf("b", contentB)}}
}

// want fails the test unless the folder holds just the files, with their contents: nothing half
// written, nothing left over.
func wantFiles(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	names, err := list(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, name := range names {
		if files[name] == nil {
			t.Errorf("%s lies in the folder", name)
		}
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes that should be %d (%v)", name, len(got), len(want), err)
		}
	}
}

func TestDownload(t *testing.T) {
	var requests atomic.Int32
	counted := func(w http.ResponseWriter, r *http.Request) { requests.Add(1); w.Write(contentA) }
	set := twoFiles(mirror(t, map[string][]byte{"b": contentB}, map[string]http.HandlerFunc{"a": counted}))
	dir := t.TempDir()
	var calls int
	var last int64
	progress := func(done, total int64) {
		if calls++; total != set.Size() || done < last || done > total {
			t.Errorf("progress from %d to %d of %d", last, done, total)
		}
		last = done
	}
	folder := filepath.Join(dir, "sets", "two")
	for range 2 {
		last = 0
		if err := set.Download(t.Context(), dir, progress); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, folder, map[string][]byte{"a": contentA, "b": contentB})
		if last != set.Size() {
			t.Errorf("progress ended at %d of %d", last, set.Size())
		}
	}
	if requests.Load() != 1 {
		t.Errorf("a was asked for %d times, though it was there", requests.Load())
	}
	if info, err := os.Stat(filepath.Join(folder, "a")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("a has mode %v (%v)", info.Mode(), err)
	}
	// A damaged file is replaced.
	put(t, contentA[:100], folder, "a")
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, folder, map[string][]byte{"a": contentA, "b": contentB})
}

// Bad answers, which no file may come of; the word that the error must have.
var badAnswers = map[string]struct {
	answer http.HandlerFunc
	want   string
}{
	"not there":     {http.NotFound, "404 Not Found"},
	"out of order":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "503"},
	"short":         {func(w http.ResponseWriter, _ *http.Request) { w.Write(contentA[:999]) }, "999 bytes, the manifest has 40000"},
	"long":          {func(w http.ResponseWriter, _ *http.Request) { w.Write(slices.Concat(contentA, contentA)) }, "more than the 40000 bytes"},
	"another":       {func(w http.ResponseWriter, _ *http.Request) { w.Write(spoilt(contentA, 7)) }, "SHA-256"},
	"endless":       {func(w http.ResponseWriter, _ *http.Request) { endless(w) }, "more than the 40000 bytes"},
	"a cut line":    {func(w http.ResponseWriter, _ *http.Request) { announce(w); panic(http.ErrAbortHandler) }, "after 1000 of 40000 bytes"},
	"a silent line": {func(w http.ResponseWriter, r *http.Request) { announce(w); <-r.Context().Done() }, "after 1000 of 40000 bytes: nothing came for 1s"},
	"silence":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "nothing came for 1s"},
}

// announce sends the first thousand bytes of a.
func announce(w http.ResponseWriter) {
	w.Header().Set("Content-Length", fmt.Sprint(len(contentA)))
	w.Write(contentA[:1000])
	w.(http.Flusher).Flush()
}

func endless(w http.ResponseWriter) {
	for {
		if _, err := w.Write(contentA); err != nil {
			return
		}
	}
}

func TestDownloadBadAnswers(t *testing.T) {
	for name, bad := range badAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := mirror(t, nil, map[string]http.HandlerFunc{"a": bad.answer})
			dir := t.TempDir()
			folder := filepath.Join(dir, "sets", "two")
			put(t, []byte("an old one"), folder, "a")
			err := twoFiles(first).download(t.Context(), dir, time.Second, nil)
			if err == nil || !strings.Contains(err.Error(), first+"a: ") || !strings.Contains(err.Error(), bad.want) {
				t.Errorf("got %v, want %q in it", err, bad.want)
			}
			wantFiles(t, folder, map[string][]byte{"a": []byte("an old one")})

			second := mirror(t, map[string][]byte{"a": contentA, "b": contentB}, nil)
			if err := twoFiles(first, second).download(t.Context(), dir, time.Second, nil); err != nil {
				t.Errorf("with a good mirror after it: %v", err)
			}
			wantFiles(t, folder, map[string][]byte{"a": contentA, "b": contentB})
		})
	}
}

// TestDownloadStaysPacked has a server that calls the compression of a .gz file its own.
func TestDownloadStaysPacked(t *testing.T) {
	content := gzipped(contentA)
	encoded := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(content)
	}
	set := Set{Name: "packed", Folder: "packed", Files: []File{fileOf("a.gz", content)},
		Mirrors: []string{mirror(t, nil, map[string]http.HandlerFunc{"a.gz": encoded})}}
	dir := t.TempDir()
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, filepath.Join(dir, "packed"), map[string][]byte{"a.gz": content})
}

// drip returns a server of a that sends it in parts, with a pause after each.
func drip(parts int, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for part := range slices.Chunk(contentA, len(contentA)/parts) {
			w.Write(part)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// TestDownloadSlow has a server that is slow but never silent: it is waited for, whatever the
// patience.
func TestDownloadSlow(t *testing.T) {
	set := twoFiles(mirror(t, map[string][]byte{"b": contentB}, map[string]http.HandlerFunc{"a": drip(50, 20*time.Millisecond)}))
	if err := set.download(t.Context(), t.TempDir(), 500*time.Millisecond, nil); err != nil {
		t.Error(err)
	}
}

// TestDownloadEnds has the context end the wait for such a server.
func TestDownloadEnds(t *testing.T) {
	first := mirror(t, nil, map[string]http.HandlerFunc{"a": drip(40000, 5*time.Millisecond)})
	second := mirror(t, map[string][]byte{"a": contentA, "b": contentB}, nil)
	for name, limit := range map[string]func() (context.Context, context.CancelFunc){
		"timeout": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 200*time.Millisecond)
		},
		"cancelled": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(200*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		dir := t.TempDir()
		ctx, cancel := limit()
		defer cancel()
		err := twoFiles(first, second).Download(ctx, dir, nil)
		if !errors.Is(err, ctx.Err()) || ctx.Err() == nil || strings.Contains(err.Error(), second) {
			t.Errorf("%s: got %v, want %v, and no word of the next mirror", name, err, ctx.Err())
		}
		wantFiles(t, filepath.Join(dir, "sets", "two"), nil)
	}
}

func TestDownloadNoServer(t *testing.T) {
	address := mirror(t, nil, nil)
	gone := httptest.NewServer(nil)
	gone.Close()
	err := twoFiles(gone.URL+"/", address).Download(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), gone.URL+"/a: ") || !strings.Contains(err.Error(), address+"a: 404") {
		t.Errorf("%v does not say what each mirror did", err)
	}
}

func TestDownloadsAtOnce(t *testing.T) {
	set := twoFiles(mirror(t, map[string][]byte{"a": contentA, "b": contentB}, nil))
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := set.Download(t.Context(), dir, func(done, total int64) {}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantFiles(t, filepath.Join(dir, "sets", "two"), map[string][]byte{"a": contentA, "b": contentB})
}

// entry is a file of an archive, or, without content, a link to /etc/passwd.
type entry struct {
	name    string
	content []byte
}

// archive returns a .tar.gz of entries.
func archive(entries ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := tar.Header{Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: 0o644}
		if e.content == nil {
			h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd"
		}
		if err := w.WriteHeader(&h); err != nil {
			panic(err)
		}
		w.Write(e.content)
	}
	w.Close()
	return gzipped(b.Bytes())
}

// archived returns the set of an archive that should hold a and b.
func archived(mirror string, content []byte) Set {
	f := fileOf("two.tar.gz", content)
	b := fileOf("b", contentB)
	b.SHA256 = "" // as for most of CIFAR-10's
	f.Holds = []File{fileOf("a", contentA), b}
	return Set{Name: "archived", Folder: "archived", Mirrors: []string{mirror}, Files: []File{f}}
}

func TestDownloadArchive(t *testing.T) {
	content := archive(entry{"two/readme.html", []byte("read me")}, entry{"two/b", contentB}, entry{"two/a", contentA})
	dir := t.TempDir()
	set := archived(mirror(t, map[string][]byte{"two.tar.gz": content}, nil), content)
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, filepath.Join(dir, "archived"), map[string][]byte{"a": contentA, "b": contentB})
	set.Mirrors = nil
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Errorf("with everything there: %v", err)
	}
}

func TestDownloadBadArchive(t *testing.T) {
	good := archive(entry{"two/a", contentA}, entry{"two/b", contentB})
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"a file missing":  {archive(entry{"two/a", contentA}), "does not hold b"},
		"a link":          {archive(entry{"two/a", contentA}, entry{"two/b", nil}), "does not hold b"},
		"a shorter file":  {archive(entry{"two/a", contentA[1:]}, entry{"two/b", contentB}), "two/a has 39999 bytes"},
		"another file":    {archive(entry{"two/a", spoilt(contentA, 7)}, entry{"two/b", contentB}), "SHA-256"},
		"cut short":       {good[:len(good)/2], "unexpected EOF"},
		"no archive":      {[]byte("hello"), "two.tar.gz"},
		"a way out of it": {archive(entry{"../../a", contentA}, entry{"/b", contentB[1:]}), "/b has"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			err := archived(mirror(t, map[string][]byte{"two.tar.gz": c.content}, nil), c.content).Download(t.Context(), dir, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if left, err := list(dir); err != nil || len(left) != 0 {
				t.Errorf("%v is left over (%v)", left, err)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	put(t, contentA, dir, "a")
	put(t, spoilt(contentA, 3), dir, "b")
	put(t, contentA[:5], dir, "c")
	put(t, append(bytes.Clone(contentA), 0), dir, "e")
	f := fileOf("a", contentA)
	for name, want := range map[string]string{"a": "", "b": "SHA-256", "c": "5 bytes, the manifest has 40000",
		"d": "no such file", "e": "more than the 40000 bytes"} {
		anew, err := f.Verify(filepath.Join(dir, name))
		if anew || want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v (anew: %v), want %q", name, err, anew, want)
		}
	}
}

// gzippedAt packs as gzipped does, at another level of compression, so the bytes differ.
func gzippedAt(level int, b []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		panic(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// packedFile returns the file of content that a manifest has gzipped, with what it unpacks to.
func packedFile(name string, content []byte) File {
	f := fileOf(name, gzipped(content))
	f.Unpacked = new(fileOf("", content).Content)
	return f
}

func TestVerifyAnew(t *testing.T) {
	at := filepath.Join(t.TempDir(), "a.gz")
	f := packedFile("a.gz", contentA)
	stored := gzippedAt(gzip.NoCompression, contentA)
	for name, c := range map[string]struct {
		content []byte
		anew    bool
		want    string
	}{
		"the same bytes":  {gzipped(contentA), false, ""},
		"gzipped anew":    {stored, true, ""},
		"other content":   {gzippedAt(gzip.BestSpeed, spoilt(contentA, 9)), false, "unpacked: SHA-256"},
		"less content":    {gzipped(contentA[1:]), false, "unpacked: 39999 bytes, the manifest has 40000"},
		"more content":    {gzipped(append(bytes.Clone(contentA), 'x')), false, "unpacked: more than the 40000 bytes"},
		"cut":             {stored[:30000], false, "unexpected EOF"},
		"a bad checksum":  {spoilt(stored, len(stored)-8), false, "checksum"},
		"something after": {append(bytes.Clone(stored), "and more"...), false, "unpacked: after 40000 of 40000 bytes"},
		"not packed":      {contentA, false, "unpacked: gzip: invalid header"},
		"empty":           {nil, false, "0 bytes, the manifest has"},
	} {
		put(t, c.content, at)
		anew, err := f.Verify(at)
		if anew != c.anew || c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: anew %v, %v; want %v, %q", name, anew, err, c.anew, c.want)
		}
	}
}

// TestVerifyMemory unpacks much more than it may keep: what is right, and what goes on beyond it.
func TestVerifyMemory(t *testing.T) {
	zeros := make([]byte, 64<<20)
	at := filepath.Join(t.TempDir(), "zeros.gz")
	put(t, gzippedAt(gzip.BestSpeed, zeros), at)
	for _, size := range []int{1 << 20, len(zeros)} {
		f := fileOf("zeros.gz", nil)
		f.Unpacked = new(fileOf("", zeros[:size]).Content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		anew, err := f.Verify(at)
		runtime.ReadMemStats(&after)
		if whole := size == len(zeros); anew != whole || (err == nil) != whole {
			t.Errorf("%d bytes: anew %v, %v", size, anew, err)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 4<<20 {
			t.Errorf("%d bytes took %d bytes of memory", size, taken)
		}
	}
}

// TestDownloadLeavesAnew has files gzipped anew where a download would put them.
func TestDownloadLeavesAnew(t *testing.T) {
	set := Set{Name: "packed", Folder: "packed", Files: []File{packedFile("a.gz", contentA)}}
	dir := t.TempDir()
	anew := gzippedAt(gzip.NoCompression, contentA)
	put(t, anew, dir, "packed", "a.gz")
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Error(err)
	}
	// From a mirror only the bytes of the manifest are taken.
	set.Mirrors = []string{mirror(t, map[string][]byte{"a.gz": anew}, nil)}
	err := set.Download(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "bytes of the manifest") {
		t.Errorf("a mirror that gzipped anew: %v", err)
	}
	wantFiles(t, filepath.Join(dir, "packed"), map[string][]byte{"a.gz": anew})
}

func TestDownloadOffline(t *testing.T) {
	var requests atomic.Int32
	counted := func(w http.ResponseWriter, _ *http.Request) { requests.Add(1); w.Write(contentA) }
	set := twoFiles(mirror(t, map[string][]byte{"b": contentB}, map[string]http.HandlerFunc{"a": counted}))
	t.Setenv("WAVESCORE_OFFLINE", "1")
	dir := t.TempDir()
	err := set.Download(t.Context(), dir, nil)
	if err == nil || requests.Load() != 0 {
		t.Errorf("%d requests, %v", requests.Load(), err)
	}
	for _, want := range []string{"two: WAVESCORE_OFFLINE is set", "unset it", "WAVESCORE_DATA to a folder that has sets/two"} {
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
	}
	if left, _ := list(dir); len(left) != 0 {
		t.Errorf("%v was made", left)
	}
	put(t, contentA, dir, "sets", "two", "a")
	put(t, contentB, dir, "sets", "two", "b")
	if err := set.Download(t.Context(), dir, nil); err != nil {
		t.Errorf("with everything there: %v", err)
	}
}

func TestDownloadWithoutMirrors(t *testing.T) {
	set := twoFiles()
	set.Debian = "dataset-two"
	dir := t.TempDir()
	err := set.Download(t.Context(), dir, nil)
	for _, want := range []string{"two: the manifest has no address", "WAVESCORE_DATA to a folder that has sets/two", "apt-get install dataset-two"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
	}
	if left, _ := list(dir); len(left) != 0 {
		t.Errorf("%v was made", left)
	}
}

// TestDownloadOfNothing has a set of which the manifest lists no files: only whoever has them can
// put them there.
func TestDownloadOfNothing(t *testing.T) {
	for name, set := range map[string]Set{
		"no mirrors": {Name: "two", Folder: "sets/two", Debian: "dataset-two"},
		"a mirror":   {Name: "two", Folder: "sets/two", Debian: "dataset-two", Mirrors: []string{"http://127.0.0.1:1/"}},
	} {
		dir := t.TempDir()
		err := set.Download(t.Context(), dir, nil)
		for _, want := range []string{"two: the manifest has no files", "WAVESCORE_DATA to a folder that has sets/two", "apt-get install dataset-two"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v: want %q in it", name, err, want)
			}
		}
		putPictures(t, 6, dir, "sets", "two")
		if err := set.Download(t.Context(), dir, nil); err != nil {
			t.Errorf("%s: with both splits there: %v", name, err)
		}
	}
}

// TestDownloadNamesPackage has no mirror that delivers. A user who gave up needs no advice.
func TestDownloadNamesPackage(t *testing.T) {
	set := twoFiles(mirror(t, nil, nil))
	set.Debian = "dataset-two"
	err := set.Download(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "404 Not Found") || !strings.Contains(err.Error(), "apt-get install dataset-two") {
		t.Errorf("got %v, want what the mirror said and the package", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := set.Download(ctx, t.TempDir(), nil); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "apt-get") {
		t.Errorf("cancelled: %v", err)
	}
}
