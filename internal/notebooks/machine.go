package notebooks

import (
	"fmt"
	"os"
	"regexp"
	"runtime"

	"wavescore/internal/memory"
)

var modelName = regexp.MustCompile(`(?m)^model name\s*: (.+)$`)

// machine describes this one by what speed depends on.
func machine() string {
	processor := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if match := modelName.FindSubmatch(text); match != nil {
			processor = string(match[1])
		}
	}
	return fmt.Sprintf("%d cores of %s, %s", runtime.NumCPU(), processor, runtime.Version())
}

// memoryPerJob is enough for a notebook: the largest take 2.3 GB, and what the system keeps of
// files is worth some.
const memoryPerJob = 4 << 30

// DefaultJobs is how many notebooks at a time suit this machine: one for each core, and for each
// 4 GB of memory that is available; two where it is not known how much that is.
func DefaultJobs() int {
	available, known := memory.Available()
	if !known {
		return min(2, runtime.NumCPU())
	}
	return jobsFor(runtime.NumCPU(), int(available))
}

func jobsFor(cores, available int) int { return max(1, min(cores, available/memoryPerJob)) }
