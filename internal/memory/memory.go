// Package memory says how much memory a program may still take, so that what cannot fit is
// refused before it begins.
package memory

import (
	"os"
	"regexp"
	"strconv"
	"strings"
)

var memAvailable = regexp.MustCompile(`(?m)^MemAvailable: +(\d+) kB$`)

// Available returns the bytes that this program can take without swapping, and whether that is
// known: on Linux, what the kernel reports, and no more than the program's control group allows
// it.
func Available() (bytes int64, known bool) {
	text, err := os.ReadFile("/proc/meminfo")
	match := memAvailable.FindSubmatch(text)
	if err != nil || match == nil {
		return 0, false
	}
	kilobytes, err := strconv.ParseInt(string(match[1]), 10, 64)
	if err != nil {
		return 0, false
	}
	bytes = kilobytes << 10
	limit, limited := number("/sys/fs/cgroup/memory.max")
	used, measured := number("/sys/fs/cgroup/memory.current")
	if limited && measured {
		bytes = min(bytes, max(limit-used, 0))
	}
	return bytes, true
}

// number reads a file that holds a number and nothing else.
func number(path string) (n int64, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil // "max" is no limit
}
