"""Times PyWavelets on the batch of pkg/wavelet's benchmarks, and prints the results as `go test -bench` does.

wavedec2 and waverec2 of 2000 images of 32x32 float64 pixels, 3 levels, mode="periodization", the whole batch in one call
with axes=(1, 2). PyWavelets uses one core. With --version it prints versions only.
"""

import platform
import sys
import time
import warnings

import numpy as np
import pywt

REPEATS = 5

if sys.argv[1:] == ["--version"]:
    print(f"PyWavelets {pywt.__version__}, NumPy {np.__version__}, Python {platform.python_version()}")
    sys.exit()

warnings.simplefilter("ignore")  # of levels at which all coefficients feel the boundary
images = np.random.default_rng(1).standard_normal((2000, 32, 32))


def bench(name, call):
    call()
    start = time.perf_counter()
    for _ in range(REPEATS):
        call()
    seconds = (time.perf_counter() - start) / REPEATS
    print(f"BenchmarkPyWavelets/{name} {REPEATS} {seconds * 1e9:.0f} ns/op {images.size / seconds / 1e6:.1f} Mpixel/s")


for wavelet in "haar", "db2", "db4":
    options = {"wavelet": wavelet, "mode": "periodization", "axes": (1, 2)}
    coefficients = pywt.wavedec2(images, level=3, **options)
    bench(f"Forward/{wavelet}", lambda: pywt.wavedec2(images, level=3, **options))
    bench(f"Inverse/{wavelet}", lambda: pywt.waverec2(coefficients, **options))
