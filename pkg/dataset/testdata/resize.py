"""Writes resize.json: a random image and its bilinear resamplings by SciPy, for TestResizeGolden.

scipy.ndimage.zoom with order 1, grid_mode and mode "nearest" is bilinear interpolation with half-pixel centres and
clamped edges. Run with SciPy 1.10: python3 resize.py
"""
import json

import numpy as np
from scipy import ndimage

image = np.random.default_rng(1).uniform(-1, 1, (6, 7)).astype(np.float32)
sizes = [(6, 7), (8, 8), (12, 14), (13, 5), (3, 3), (1, 1), (1, 20), (32, 32)]
cases = []
for height, width in sizes:
    zoom = (height / image.shape[0], width / image.shape[1])
    resized = ndimage.zoom(image.astype(np.float64), zoom, order=1, mode="nearest", grid_mode=True)
    assert resized.shape == (height, width)
    cases.append({"height": height, "width": width, "pixels": resized.ravel().tolist()})
with open("resize.json", "w") as f:
    json.dump({"height": image.shape[0], "width": image.shape[1], "pixels": image.ravel().tolist(), "cases": cases}, f, indent=0)
    f.write("\n")
