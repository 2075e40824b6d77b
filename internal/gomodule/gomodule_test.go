package gomodule

import "testing"

// Addresses that name no module, version or file in it are refused before the go command is
// asked. What the command does is tested where sets are downloaded, in package dataset.
func TestAddresses(t *testing.T) {
	for _, address := range []string{"", "example.org/m", "@v1.0.0/f", "example.org/m@/f", "example.org/m@v1.0.0", "example.org/m@v1.0.0/../f", "example.org/m@v1.0.0//f"} {
		m := make(Modules)
		if _, err := m.Open(t.Context(), address, func() {}); err == nil || len(m) != 0 {
			t.Errorf("%q: %v, and %d modules were asked for", address, err, len(m))
		}
		m.Remove()
	}
}
