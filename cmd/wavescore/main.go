// Command wavescore fits, evaluates and runs closed-form score machines, looks after image sets,
// and runs the notebooks.
//
//	wavescore data list | get NAME | check [NAME]
//	wavescore fit --data mnist --family local-coupled --degree 3 -o FILE
//	wavescore eval FILE --data mnist --sigma 0.1,0.5,1
//	wavescore denoise FILE --sigma 0.5 IN.png -o OUT.png
//	wavescore denoise --machine photo --sigma 25/255 IN.png -o OUT.png
//	wavescore denoise --method bm3d --sigma auto FOLDER -o FOLDER
//	wavescore info FILE
//	wavescore sample FILE -n 64 --steps 40 --sampler heun --seed 1 -o OUT.png
//	wavescore train --arch unet --data mnist -o FILE
//	wavescore classifier --data mnist -o FILE
//	wavescore notebooks [NN ...] [--solutions]
//
// Every subcommand explains itself with --help. The exit status is 0 on success and 1 on any
// failure, with one message on standard error that says what was wrong. Ctrl-C ends a command
// within a second, with status 130 and without half a file; a second one ends it at once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"wavescore/internal/notebooks"
	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/neural"
	"wavescore/pkg/shrinkage"
)

// commands is the command line: one field, one subcommand, each in the file of its name.
type commands struct {
	Data       dataCommand       `cmd:"" help:"List, download and check image sets."`
	Fit        fitCommand        `cmd:"" help:"Fit a score machine to an image set, in closed form."`
	Eval       evalCommand       `cmd:"" help:"Measure a denoiser's error: exact over the noise where it is a machine of moments, else with one draw of noise an image."`
	Denoise    denoiseCommand    `cmd:"" help:"Denoise pictures."`
	Info       infoCommand       `cmd:"" help:"Say what a machine or a network is."`
	Sample     sampleCommand     `cmd:"" help:"Draw new images."`
	Train      trainCommand      `cmd:"" help:"Train a neural network to denoise, for comparison."`
	Classifier classifierCommand `cmd:"" help:"Train a classifier, whose features samples are judged by."`
	Notebooks  notebooksCommand  `cmd:"" help:"Run notebooks headless: pages, figures and a gallery."`

	Version kong.VersionFlag `help:"Print the version and quit."`
}

func main() {
	os.Exit(run(os.Args[1:]))
}

// run carries out a command line and gives the program's exit status.
func run(args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	parser, err := newParser(ctx)
	if err != nil {
		panic(err) // the commands above are malformed
	}
	command, err := parser.Parse(args)
	parser.FatalIfErrorf(err)
	go watch(signals, cancel, graceOf(command.Selected().Target.Addr().Interface()), os.Stderr, os.Exit)
	return report(ctx, command.Run(), os.Stderr)
}

func newParser(ctx context.Context) (*kong.Kong, error) {
	return kong.New(new(commands),
		kong.Name("wavescore"),
		kong.Description("Closed-form score machines from wavelet moments."),
		kong.ShortUsageOnError(),
		kong.Vars{
			"version":          versionText(),
			"trainImages":      fmt.Sprint(neural.Default().Images),
			"classifierImages": fmt.Sprint(neural.ClassifierDefault().Images),
			"trainBatch":       fmt.Sprint(neural.Default().Batch),
			"trainRate":        fmt.Sprint(neural.Default().Rate),
			"jobs":             fmt.Sprint(notebooks.DefaultJobs()),
			"methods":          strings.Join(shrinkage.Methods(), ", "),
			"samplers":         strings.Join(diffusion.Samplers(), ","),
			"schedules":        strings.Join(diffusion.Schedules(), ","),
			"ridge":            fmt.Sprint(analytic.Default().Ridge.Nonlinear),
			"ridgeLinear":      fmt.Sprint(analytic.Default().Ridge.Linear),
		},
		kong.BindTo(ctx, (*context.Context)(nil)))
}
