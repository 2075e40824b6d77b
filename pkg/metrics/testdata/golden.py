"""Makes golden.json: distances between two sets of points as NumPy and SciPy compute them, by their definitions.

    apt-get install -y --no-install-recommends python3-numpy python3-scipy && /usr/bin/python3 golden.py

Points follow a formula, so that the file need not hold them.
"""

import json

import numpy as np
import scipy
from scipy.linalg import sqrtm


def points(count, dim, phase, size, shift):
    """Numbers that look random."""
    i = np.arange(count * dim, dtype=float)
    return (shift + size * np.sin(phase + 3.7 * i + 0.01 * i * i)).reshape(count, dim)


def frechet(a, b):
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c + d - 2 * sqrtm(c @ d).real)


def kernel(a, b):
    """The unbiased squared maximum mean discrepancy."""
    k = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    n, m = len(a), len(b)
    aa, bb = k(a, a), k(b, b)
    return (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) - 2 * k(a, b).mean()


def overlap(samples, reference, k):
    """Precision, recall, density, coverage."""
    distance = lambda x, y: np.sqrt(((x[:, None] - y[None]) ** 2).sum(2))
    radius = lambda x: np.sort(distance(x, x), 1)[:, k]  # the first is the point itself
    between, s, r = distance(reference, samples), radius(samples), radius(reference)
    return dict(
        precision=float((between <= r[:, None]).any(0).mean()),
        recall=float((between <= s[None]).any(1).mean()),
        density=float((between <= r[:, None]).sum(0).mean() / k),
        coverage=float((between.min(1) <= r).mean()),
    )


cases = []
for n, m, dim, size, shift in [(120, 150, 3, 1.0, 0.3), (300, 260, 12, 0.8, 0.1), (60, 70, 90, 1.2, 0.0)]:
    a, b = points(n, dim, 0.5, size, shift), points(m, dim, 1.5, 1.0, 0.0)
    cases.append(dict(samples=n, references=m, dim=dim, size=size, shift=shift, frechet=float(frechet(a, b)), kernel=float(kernel(a, b)), overlap=overlap(a, b, 5)))
with open("golden.json", "w") as f:
    json.dump(dict(numpy=np.__version__, scipy=scipy.__version__, cases=cases), f, indent=1)
    f.write("\n")
