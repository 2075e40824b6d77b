"""Writes shrinkage.json: a noisy image, and what scikit-image and NumPy make of it.

    python3 generate.py    with NumPy, PyWavelets and scikit-image (Debian's python3-skimage)

scikit-image's thresholds are those of its denoise_wavelet, with Haar, for which its edges are ours. The
scale mixture is solved here without eigenvectors, from the covariances of every multiplier.
"""
import json

import numpy as np
import pywt
import skimage
from skimage.restoration import denoise_wavelet

LEVELS, SIGMA, SIDE = 3, 0.3, 32


def scale_mixture(noisy):
    coefficients = pywt.wavedec2(noisy, "haar", "periodization", LEVELS)
    shrunk = [coefficients[0]]
    zs = np.exp(np.arange(-20.5, 3.5 + 1e-9, 2))
    for level, bands in enumerate(coefficients[1:]):
        result = []
        for o, band in enumerate(bands):
            n = band.shape[0]
            offsets = {}  # distinct coefficients on the torus, the middle first
            for dr in (0, -1, 1):
                for dc in (0, -1, 1):
                    offsets.setdefault((dr % n, dc % n), (dr, dc))
            columns = [np.roll(band, (-dr, -dc), (0, 1)).ravel() for dr, dc in offsets.values()]
            if level > 0:
                columns.append(np.kron(coefficients[level][o], np.ones((2, 2))).ravel())
            y = np.stack(columns)  # neighbours x places
            noise = SIGMA**2 * np.eye(len(y))
            values, vectors = np.linalg.eigh(y @ y.T / y.shape[1] - noise)
            u = vectors @ np.diag(np.maximum(values, 0)) @ vectors.T
            logs, means = [], []
            for z in zs:
                total = z * u + noise
                solved = np.linalg.solve(total, y)
                logs.append(-0.5 * np.sum(y * solved, 0) - 0.5 * np.linalg.slogdet(total)[1])
                means.append((z * u)[0] @ solved)
            p = np.exp(np.array(logs) - np.max(logs, 0))
            result.append((np.sum(p * np.array(means), 0) / np.sum(p, 0)).reshape(n, n))
        shrunk.append(tuple(result))
    return pywt.waverec2(shrunk, "haar", "periodization")


rng = np.random.default_rng(7)
row, column = np.mgrid[:SIDE, :SIDE]
clean = np.where((row - 12) ** 2 + (column - 17) ** 2 < 70, 0.7, -0.8) + 0.2 * np.sin(column / 3) * (row > 20)
noisy = clean + SIGMA * rng.standard_normal(clean.shape)


def skimage_says(method, mode):
    return denoise_wavelet(noisy, sigma=SIGMA, wavelet="haar", mode=mode, wavelet_levels=LEVELS, method=method, rescale_sigma=False)


json.dump(
    {
        "versions": {"numpy": np.__version__, "pywavelets": pywt.__version__, "scikit-image": skimage.__version__},
        "levels": LEVELS,
        "sigma": SIGMA,
        "side": SIDE,
        "noisy": noisy.ravel().tolist(),
        "denoised": {
            "universal-soft": skimage_says("VisuShrink", "soft").ravel().tolist(),
            "universal-hard": skimage_says("VisuShrink", "hard").ravel().tolist(),
            "bayes": skimage_says("BayesShrink", "soft").ravel().tolist(),
            "bls-gsm": scale_mixture(noisy).ravel().tolist(),
        },
    },
    open("shrinkage.json", "w"),
)
