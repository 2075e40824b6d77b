"""What others do, to compare with: fits the combined family (radius 1, the other orientations, 4 ancestors, gated terms of degree 3; Haar, 5 levels, 32 x 32)
by adding noise to the coefficients of N MNIST images and solving the same ridge regressions, once for each of 25 noise levels.

usage: bench_fit.py TRAIN-IMAGES-IDX3-UBYTE.GZ N

Prints the seconds it took, the seconds of reading and transforming included.
"""
import gzip
import sys
import time

import numpy as np


def haar(x, levels):
    """Returns the orthonormal Haar coefficients of images (n, h, w) as {(level, orientation): (n, rows, columns)}."""
    bands = {}
    for level in range(1, levels + 1):
        low, high = (x[:, 0::2] + x[:, 1::2]) / 2**0.5, (x[:, 0::2] - x[:, 1::2]) / 2**0.5
        bands[level, "v"] = (low[:, :, 0::2] - low[:, :, 1::2]) / 2**0.5
        bands[level, "h"] = (high[:, :, 0::2] + high[:, :, 1::2]) / 2**0.5
        bands[level, "d"] = (high[:, :, 0::2] - high[:, :, 1::2]) / 2**0.5
        x = (low[:, :, 0::2] + low[:, :, 1::2]) / 2**0.5
    bands[levels, "a"] = x
    return bands


def neighbourhood(key, row, col, levels, side):
    """Returns the distinct (band, row, column) around a coefficient, itself first."""
    level, orientation = key
    n = side >> level
    around = [(key, row, col)]
    if orientation != "a":
        around += [((level, o), row, col) for o in "hvd" if o != orientation]
    around += [(key, (row + dr) % n, (col + dc) % n) for dr in (-1, 0, 1) for dc in (-1, 0, 1)]
    if orientation != "a":
        for up in range(1, 5):
            if level + up > levels:
                around.append(((levels, "a"), row >> (up - 1), col >> (up - 1)))
                break
            around.append(((level + up, orientation), row >> up, col >> up))
    return list(dict.fromkeys(around))


def main(path, n):
    start = time.perf_counter()
    with gzip.open(path) as file:
        pixels = np.frombuffer(file.read(16 + n * 784), np.uint8, offset=16).reshape(n, 28, 28)
    images = np.full((n, 32, 32), -1.0)
    images[:, 2:30, 2:30] = pixels / 127.5 - 1
    levels, side = 5, 32
    clean = {key: band - band.mean(0) for key, band in haar(images, levels).items()}

    random = np.random.default_rng(1)
    for sigma in np.geomspace(0.02, 20, 25):
        noisy = {key: band + sigma * random.standard_normal(band.shape) for key, band in clean.items()}
        for key, band in clean.items():
            for row in range(band.shape[1]):
                for col in range(band.shape[2]):
                    y = np.stack([noisy[k][:, r, c] for k, r, c in neighbourhood(key, row, col, levels, side)])
                    features = np.concatenate([np.ones((1, n)), y, y**2, y**3, y[:1] * y[1:], y[:1] * y[1:] ** 2])
                    gram = features @ features.T
                    right = features @ band[:, row, col]
                    scale = 1 / np.sqrt(np.diag(gram))
                    gram = scale[:, None] * gram * scale
                    ridge = np.full(len(gram), 1e-2)
                    ridge[: len(y) + 1], ridge[:2] = 1e-6, 0
                    np.linalg.solve(gram + np.diag(ridge), scale * right)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
