// Package wholefile writes files that are never seen half written.
package wholefile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write writes data to the file path at once: a reader sees the file that was there before, if any, or the whole new one. Its folder must
// exist. Nothing is left behind where Write fails.
func Write(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails, as it should, once the file has its name
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
