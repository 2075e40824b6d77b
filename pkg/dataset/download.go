package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// patience is how long a mirror may send nothing before the next one is tried.
const patience = 20 * time.Second

// Download puts the files of the set into its folder below dir, which is DefaultFolder as a rule, and leaves alone those
// that are there and whole. Each is fetched from the first mirror that delivers it with the size and SHA-256 of the
// manifest, and only then gets its name; several downloads at once do no harm. Archives are unpacked and not kept.
//
// Progress, unless nil, is called as bytes arrive; total is Size, and done goes back where a mirror failed. The wait is
// bounded by ctx, and for a mirror that sends nothing by 20 seconds.
func (s Set) Download(ctx context.Context, dir string, progress func(done, total int64)) error {
	return s.download(ctx, dir, patience, progress)
}

func (s Set) download(ctx context.Context, dir string, patience time.Duration, progress func(done, total int64)) error {
	folder := filepath.Join(dir, filepath.FromSlash(s.Folder))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("dataset: %s: %w", s.Name, err)
	}
	var done int64
	for _, f := range s.Files {
		report := func(received int64) {
			if progress != nil {
				progress(done+received, s.Size())
			}
		}
		if !f.present(folder) {
			if err := s.fetch(ctx, f, folder, patience, report); err != nil {
				os.Remove(folder) // where nothing is in it
				return fmt.Errorf("dataset: %s: %w", s.Name, err)
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
	return !slices.ContainsFunc(files, func(f File) bool { return f.Verify(filepath.Join(folder, f.Name)) != nil })
}

// fetch puts a file, or what the archive holds, into the folder. It tries one mirror after another.
func (s Set) fetch(ctx context.Context, f File, folder string, patience time.Duration, report func(received int64)) error {
	temporary, err := os.CreateTemp(folder, "."+f.Name+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	var failures []error
	for _, mirror := range s.Mirrors {
		err := f.receive(ctx, mirror+f.Name, temporary, patience, report)
		if err == nil {
			return f.settle(temporary, folder)
		}
		failures = append(failures, fmt.Errorf("%s: %w", mirror+f.Name, err))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// receive makes a file hold what an address sends, and checks it.
func (f File) receive(ctx context.Context, address string, into *os.File, patience time.Duration, report func(received int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(patience, func() { cancel(fmt.Errorf("nothing came for %v", patience)) })
	defer idle.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "identity") // or a .gz file may come unpacked
	response, err := http.DefaultClient.Do(request)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err // it would repeat the address
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}

	if _, err := into.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := into.Truncate(0); err != nil {
		return err
	}
	var received int64
	hash := sha256.New()
	count := writerFunc(func(p []byte) (int, error) {
		idle.Reset(patience)
		received += int64(len(p))
		report(min(received, f.Bytes))
		return len(p), nil
	})
	// One byte more than there should be shows a file that is too long, however long.
	_, err = io.Copy(io.MultiWriter(into, hash, count), io.LimitReader(response.Body, f.Bytes+1))
	switch found := hex.EncodeToString(hash.Sum(nil)); {
	case ctx.Err() != nil:
		return fmt.Errorf("after %d of %d bytes: %w", received, f.Bytes, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("after %d of %d bytes: %w", received, f.Bytes, err)
	case received > f.Bytes:
		return fmt.Errorf("more than the %d bytes of the manifest", f.Bytes)
	case received < f.Bytes:
		return fmt.Errorf("%d bytes, the manifest has %d", received, f.Bytes)
	case found != f.SHA256:
		return fmt.Errorf("SHA-256 %s, the manifest has %s", found, f.SHA256)
	}
	return nil
}

// writerFunc is a function that is an io.Writer.
type writerFunc func(p []byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

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
