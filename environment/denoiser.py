"""Lets wavescore use a denoiser that is written in Python, with PyTorch or with NumPy.

    python3 denoiser.py FILE.py [NAME]

FILE.py defines NAME, "denoise" unless said otherwise: a function of noisy images (images x channels x
rows x columns, pixels in [-1, 1]) and of sigma, that returns the denoised images; or a torch.nn.Module
that is called so. Where FILE.py imports torch the images are a tensor of float32 in the memory of the
CPU, and else an array. Package external of wavescore says what goes in and out.
"""

import io
import os
import runpy
import sys

import numpy as np


def read(stream):
    """The next array of a stream, None at its end."""
    if not stream.peek(1):
        return None
    np.lib.format.read_magic(stream)
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    return np.frombuffer(stream.read(dtype.itemsize * int(np.prod(shape))), dtype).reshape(shape)


def main(file, name="denoise"):
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the denoiser prints is no answer
    denoise = runpy.run_path(file)[name]
    torch = sys.modules.get("torch")
    if torch and isinstance(denoise, torch.nn.Module):
        denoise.eval()
    while (sigma := read(sys.stdin.buffer)) is not None:
        noisy = read(sys.stdin.buffer).copy()
        if torch:
            with torch.no_grad():
                denoised = denoise(torch.from_numpy(noisy), float(sigma))
            if isinstance(denoised, torch.Tensor):
                denoised = denoised.cpu().numpy()
        else:
            denoised = denoise(noisy, float(sigma))
        frame = io.BytesIO()  # a pipe has no position, which NumPy would ask for
        np.lib.format.write_array(frame, np.ascontiguousarray(denoised, np.float32), (1, 0))
        answers.write(frame.getbuffer())
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
