"""Writes the golden files of TestNpy with NumPy itself: python3 npy.py"""
import numpy as np

values = np.array([-1, 0, 0.5, 1, -0.0, 1e-40, 3.4e38, np.pi], dtype=np.float32)
np.save("two.npy", values.reshape(4, 2))
np.save("four.npy", np.tile(values, 12).reshape(8, 1, 4, 3))
