package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"wavescore/internal/gomodule"
)

// patience is how long a mirror may send nothing before the next one is tried.
const patience = 20 * time.Second

// Offline returns whether WAVESCORE_OFFLINE is set, to 1 or anything else but nothing: then no
// images are fetched, whatever can be reached.
func Offline() bool { return os.Getenv("WAVESCORE_OFFLINE") != "" }

// Download puts the files of the set into its folder below dir, which is DefaultFolder as a rule,
// and leaves alone those that are there and right. Each is fetched from the first mirror that
// delivers it with the size and SHA-256 of the manifest, and only then gets its name; several
// downloads at once do no harm. Archives are unpacked and not kept.
//
// A mirror is an address that the name of a file is added to: of a web server, or
// go:MODULE@VERSION/FOLDER/, a folder of a Go module. The go command on the PATH downloads the
// module, once for all files, from the proxy that it is configured for, into a temporary folder,
// and compiles nothing of it.
//
// Progress, unless nil, is called as bytes arrive; total is Size, and done goes back where a
// mirror failed. The wait is bounded by ctx, and for a mirror that sends nothing by 20 seconds.
// Where files are missing and the machine is Offline, or the set has no mirrors, the error says
// how else to come by them, and nothing is written.
func (s Set) Download(ctx context.Context, dir string, progress func(done, total int64)) error {
	if err := s.download(ctx, dir, patience, progress); err != nil {
		return fmt.Errorf("dataset: %s: %w", s.Name, err)
	}
	return nil
}

func (s Set) download(ctx context.Context, dir string, patience time.Duration, progress func(done, total int64)) error {
	folder := filepath.Join(dir, filepath.FromSlash(s.Folder))
	if len(s.Files) == 0 && !s.complete(folder) {
		return fmt.Errorf("the manifest has no files of it to fetch: %s", s.byHand())
	}
	present := make([]bool, len(s.Files))
	for i, f := range s.Files {
		present[i] = f.present(folder)
	}
	if slices.Contains(present, false) {
		switch {
		case Offline():
			return fmt.Errorf("WAVESCORE_OFFLINE is set, so nothing is fetched: unset it, or %s", s.byHand())
		case len(s.Mirrors) == 0:
			return fmt.Errorf("the manifest has no address to fetch it from: %s", s.byHand())
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	d := transfer{set: s, folder: folder, patience: patience, modules: make(gomodule.Modules)}
	defer d.modules.Remove()
	var done int64
	for i, f := range s.Files {
		report := func(received int64) {
			if progress != nil {
				progress(done+received, s.Size())
			}
		}
		if !present[i] {
			if err := d.fetch(ctx, f, report); err != nil {
				os.Remove(folder) // where nothing is in it
				return err
			}
		}
		report(f.Bytes)
		done += f.Bytes
	}
	return nil
}

// present returns whether the folder has the file, or all that the archive holds.
func (f File) present(folder string) bool {
	files := f.Holds
	if files == nil {
		files = []File{f}
	}
	return !slices.ContainsFunc(files, func(f File) bool {
		_, err := f.Verify(filepath.Join(folder, f.Name))
		return err != nil
	})
}

// transfer is what the files of one download share.
type transfer struct {
	set      Set
	folder   string
	patience time.Duration // with a mirror that sends nothing
	modules  gomodule.Modules
}

// fetch puts a file, or what the archive holds, into the folder. It tries one mirror after another.
func (d transfer) fetch(ctx context.Context, f File, report func(received int64)) error {
	temporary, err := os.CreateTemp(d.folder, "."+f.Name+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	var failures []error
	for _, mirror := range d.set.Mirrors {
		err := d.receive(ctx, f, mirror+f.Name, temporary, report)
		if err == nil {
			return f.settle(temporary, d.folder)
		}
		failures = append(failures, fmt.Errorf("%s: %w", mirror+f.Name, err))
		if ctx.Err() != nil {
			return errors.Join(failures...)
		}
	}
	return errors.Join(append(failures, fmt.Errorf("without a download: %s", d.set.byHand()))...)
}

// receive makes into hold what an address sends, and checks that it is f.
func (d transfer) receive(ctx context.Context, f File, address string, into *os.File, report func(received int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(d.patience, func() { cancel(fmt.Errorf("nothing came for %v", d.patience)) })
	defer idle.Stop()
	alive := func() { idle.Reset(d.patience) }

	var content io.ReadCloser
	var err error
	if address, ok := strings.CutPrefix(address, "go:"); ok {
		content, err = d.modules.Open(ctx, address, alive)
	} else {
		content, err = openWeb(ctx, address)
	}
	if err == nil {
		defer content.Close()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}

	if _, err := into.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := into.Truncate(0); err != nil {
		return err
	}
	var received int64
	arriving := readerFunc(func(p []byte) (int, error) {
		n, err := content.Read(p)
		if n > 0 {
			alive()
			received += int64(n)
			report(min(received, f.Bytes))
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return n, err
	})
	return f.check(io.TeeReader(arriving, into))
}

// readerFunc is a function that is an io.Reader.
type readerFunc func(p []byte) (int, error)

func (r readerFunc) Read(p []byte) (int, error) { return r(p) }

// openWeb asks a web server for a file.
func openWeb(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // or a .gz file may come unpacked
	response, err := http.DefaultClient.Do(request)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return nil, wrapped.Err // it would repeat the address
	}
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, errors.New(response.Status)
	}
	return response.Body, nil
}

// settle gives a checked file its name in the folder, or unpacks what it holds there.
func (f File) settle(temporary *os.File, folder string) error {
	if f.Holds != nil {
		if _, err := temporary.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return f.unpack(temporary, folder)
	}
	if err := temporary.Chmod(0o644); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), filepath.Join(folder, f.Name))
}
