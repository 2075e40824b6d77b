"""Writes the golden files of TestNpy with NumPy itself: python3 npy.py"""
import numpy as np

values = np.array([-1, 0, 0.5, 1, -0.0, 1e-40, 3.4e38, np.pi], dtype=np.float32)
np.save("two.npy", values.reshape(4, 2))
np.save("four.npy", np.tile(values, 12).reshape(8, 1, 4, 3))
for name, kind in [("bytes.npy", np.uint8), ("shorts.npy", np.uint16)]:
    most = np.iinfo(kind).max
    np.save(name, np.array([[0, 1, 2], [most - 2, most - 1, most]], dtype=kind))
