#!/usr/bin/env python3
"""Writes pywavelets.json, what PyWavelets computes, for the tests and for gen_taps.go.

Written with PyWavelets 1.1.1 and NumPy 1.24.2. Run it in this folder: python3 generate.py

"filters" holds name, vanishing moments, dec_lo and dec_hi of every filter. "images" holds images with the wavedec2 of each
by every filter, as one list: cA, then cH, cV, cD from the coarsest level to the finest, each row-major. Pixels are
multiples of 1/64 in [-1, 1], so that they are exact in decimal; coefficients are rounded to 14 decimals.
"""

import json
import warnings

import numpy as np
import pywt

NAMES = (["haar"] + [f"db{n}" for n in range(1, 11)] + [f"sym{n}" for n in range(2, 11)]
         + [f"coif{n}" for n in range(1, 6)])

# Rows, columns, levels: not square, odd multiples, smaller than most filters at every level, down to a single pixel.
SIZES = [(12, 20, 2), (8, 8, 3), (16, 2, 1), (2, 16, 1), (2, 2, 1)]

warnings.simplefilter("ignore")  # PyWavelets warns of levels at which all coefficients feel the boundary
random = np.random.default_rng(1)


def decompose(image, name, levels):
    coefficients = pywt.wavedec2(image, name, mode="periodization", level=levels)
    bands = [coefficients[0]] + [band for details in coefficients[1:] for band in details]
    return [round(float(c), 14) for band in bands for c in band.ravel()]


filters = []
for name in NAMES:
    w = pywt.Wavelet(name)
    filters.append({"name": name, "moments": w.vanishing_moments_psi, "lowpass": w.dec_lo, "highpass": w.dec_hi})

images = []
for rows, cols, levels in SIZES:
    image = random.integers(-64, 65, (rows, cols)) / 64
    images.append({
        "height": rows, "width": cols, "levels": levels, "pixels": image.ravel().tolist(),
        "coefficients": {name: decompose(image, name, levels) for name in NAMES},
    })

with open("pywavelets.json", "w") as out:
    text = json.dumps({"filters": filters, "images": images}, separators=(",", ":"))
    out.write(text.replace('"coefficients":{', '"coefficients":{\n').replace('],"', '],\n"').replace("},{", "},\n{") + "\n")
