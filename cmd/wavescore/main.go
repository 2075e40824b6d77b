// Command wavescore fits, evaluates and runs closed-form score machines, looks after image sets, and runs the notebooks.
//
//	wavescore data list | get NAME | check [NAME]
//	wavescore fit --data mnist --family local-coupled --degree 3 -o FILE
//	wavescore eval FILE --data mnist --sigma 0.1,0.5,1
//	wavescore denoise FILE --sigma 0.5 IN.png -o OUT.png
//	wavescore notebooks [NN ...]
//
// Every subcommand explains itself with --help. The exit status is 0 on success and 1 on any failure, with one message on
// standard error that says what was wrong.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line: one field, one subcommand, each in the file of its name.
type commands struct {
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	command := kong.Parse(&c,
		kong.Name("wavescore"),
		kong.Description("Closed-form score machines from wavelet moments."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := command.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "wavescore:", err)
		stop()
		os.Exit(1)
	}
}
