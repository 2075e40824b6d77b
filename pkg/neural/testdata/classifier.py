"""Makes classifier.json: a classifier's outputs and all their gradients, as PyTorch computes them in float64.

    apt-get install -y --no-install-recommends python3-torch && /usr/bin/python3 classifier.py

Nothing but the numbers is taken from the Go code. Parameters and the image follow formulas, so that the file need not hold them; of
large gradients it holds every 37th value.
"""

import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

SHAPE, CLASSES, CHANNELS, GROUP = (2, 16, 24), 5, (16, 32, 64, 64), 4


def wave(count, phase, size):
    """Numbers that look random."""
    return torch.tensor([size * math.sin(phase + 3.7 * i + 0.01 * i * i) for i in range(count)])


parameters = {}


def parameter(name, *shape, constant=0.0):
    values = constant + wave(math.prod(shape), sum(name.encode()), 0.4)
    parameters[name] = values.reshape(shape).requires_grad_()
    return parameters[name]


image = wave(math.prod(SHAPE), 0.5, 1.5).reshape(1, *SHAPE).requires_grad_()
x = image
for i, channels in enumerate(CHANNELS):
    name = f"layer{i + 1}"
    weight = parameter(name + ".weight", 3, 3, channels, x.shape[1]).permute(2, 3, 0, 1)
    x = F.conv2d(x, weight, parameter(name + ".bias", channels), padding=1)
    gain, offset = parameter(name + ".gain", channels, constant=1.0), parameter(name + ".offset", channels)
    x = F.silu(F.group_norm(x, channels // GROUP, gain, offset, eps=1e-5))
    if i < len(CHANNELS) - 1:
        x = F.avg_pool2d(x, 2)
features = x.mean((2, 3))
logits = F.linear(features, parameter("decision.weight", CLASSES, CHANNELS[-1]), parameter("decision.bias", CLASSES))
(logits * wave(CLASSES, 2.5, 1.0)).sum().backward()


def numbers(t):
    values = t.flatten().tolist()
    return [float(f"{v:.7g}") for v in (values if len(values) < 1000 else values[::37])]


with open("classifier.json", "w") as f:
    json.dump(dict(
        torch=torch.__version__, shape=dict(zip("CHW", SHAPE)), classes=CLASSES, features=numbers(features), logits=numbers(logits),
        image=[float(f"{v:.7g}") for v in image.grad.flatten().tolist()],
        gradients={name: numbers(p.grad) for name, p in sorted(parameters.items())},
    ), f, separators=(",", ":"))
