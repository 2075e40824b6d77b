// Package data holds the manifest of the image sets that can be downloaded. The sets themselves
// come to lie in folders beside it, and are no part of the project.
package data

import _ "embed"

// Manifest is manifest.json. For each set it has
//
//   - its name, what it is about, its licence and the names of its classes;
//   - folder, where it lies below a data folder, and places, folders of the system where a package
//     puts it;
//   - debian, the name of Debian's package that does;
//   - mirrors, addresses that a file's name is added to: of a web server, or
//     go:MODULE@VERSION/FOLDER/, a folder of a Go module, which the go command downloads for these
//     files alone;
//   - files, each with its size and SHA-256, a .gz file also with those of its unpacked content; an
//     archive lists what it holds.
//
// Package dataset reads it.
//
//go:embed manifest.json
var Manifest []byte
