// Package data holds the manifest of the image sets that can be downloaded. The sets themselves come to lie in folders
// beside it, and are no part of the project.
package data

import _ "embed"

// Manifest is manifest.json: for each set its name, licence, folder, class names, mirrors (addresses that a file's name is
// added to) and files, each with its size and SHA-256; an archive lists what it holds. Package dataset reads it.
//
//go:embed manifest.json
var Manifest []byte
