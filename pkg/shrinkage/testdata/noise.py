"""Writes noise.json: images with noise, and what scikit-image's estimate_sigma says of it.

    python3 noise.py    with NumPy and scikit-image (Debian's python3-skimage)
"""
import json

import numpy as np
import skimage
from skimage.restoration import estimate_sigma

rng = np.random.default_rng(3)
images = []
for channels, rows, columns, sigma in [(1, 24, 37, 0.2), (3, 17, 16, 0.05), (1, 4, 5, 1.0)]:
    row, column = np.mgrid[:rows, :columns]
    clean = np.where((row - 9) ** 2 + (column - 11) ** 2 < 50, 0.7, -0.8) + 0.1 * np.sin(column / 2)
    noisy = clean + sigma * rng.standard_normal((channels, rows, columns))
    noisy[0, :6, :3] = 1  # saturated
    says = np.mean([estimate_sigma(plane) for plane in noisy])
    images.append({"shape": [channels, rows, columns], "noisy": noisy.ravel().tolist(), "estimate": says})
json.dump({"versions": {"numpy": np.__version__, "scikit-image": skimage.__version__}, "images": images}, open("noise.json", "w"))
