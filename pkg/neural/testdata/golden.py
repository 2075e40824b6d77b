"""Makes golden.json: small networks' outputs and all their gradients, as PyTorch computes them in float64.

    apt-get install -y --no-install-recommends python3-torch && /usr/bin/python3 golden.py

Nothing but the numbers is taken from the Go code: the networks are written again here from their description. Parameters and images
follow formulas, so that the file need not hold them.
"""

import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

CASES = [
    dict(kind="cnn", padding="circular", channels=[4], blocks=2, group=0, embedding=6),
    dict(kind="cnn", padding="zero", channels=[5], blocks=1, group=0, embedding=4),
    dict(kind="unet", padding="zero", channels=[4, 6, 8], blocks=2, group=2, embedding=6),
    dict(kind="unet", padding="circular", channels=[3, 4], blocks=1, group=0, embedding=4),
]
SHAPE = (2, 8, 12)


def wave(count, phase, size):
    """Numbers that look random."""
    return torch.tensor([size * math.sin(phase + 3.7 * i + 0.01 * i * i) for i in range(count)])


class Net:
    def __init__(self, arch):
        self.arch, self.parameters = arch, {}

    def parameter(self, name, *shape, constant=0.0):
        if name not in self.parameters:
            values = constant + wave(math.prod(shape), sum(name.encode()), 0.4)
            self.parameters[name] = values.reshape(shape).requires_grad_()
        return self.parameters[name]

    def conv(self, name, x, out):
        weight = self.parameter(name + ".weight", 3, 3, out, x.shape[1]).permute(2, 3, 0, 1)
        mode = "circular" if self.arch["padding"] == "circular" else "constant"
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode=mode), weight, self.parameter(name + ".bias", out))

    def pointwise(self, name, x, out):
        weight = self.parameter(name + ".weight", out, x.shape[1])
        return F.conv2d(x, weight[:, :, None, None], self.parameter(name + ".bias", out))

    def linear(self, name, x, out):
        return F.linear(x, self.parameter(name + ".weight", out, x.shape[1]), self.parameter(name + ".bias", out))

    def norm(self, name, x):
        group, channels = self.arch["group"], x.shape[1]
        if group == 0:
            return x
        gain = self.parameter(name + ".gain", channels, constant=1.0)
        return F.group_norm(x, channels // group, gain, self.parameter(name + ".offset", channels), eps=1e-5)

    def block(self, name, x, out):
        h = self.conv(name + ".conv1", F.silu(self.norm(name + ".first", x)), out)
        scale, shift = self.linear(name + ".modulation", self.noise, 2 * out)[:, :, None, None].chunk(2, 1)
        h = F.silu((1 + scale) * self.norm(name + ".second", h) + shift)
        skip = x if x.shape[1] == out else self.pointwise(name + ".skip", x, out)
        return skip + self.conv(name + ".conv2", h, out)

    def __call__(self, x, level):
        width, channels, blocks = self.arch["embedding"], self.arch["channels"], self.arch["blocks"]
        angles = [math.pi / 2 * math.sqrt(2) ** i * level for i in range(8)]
        waves = torch.tensor([[math.cos(a) for a in angles] + [math.sin(a) for a in angles]])
        h = F.silu(self.linear("embedding.first", waves, width))
        self.noise = F.silu(self.linear("embedding.second", h, width))
        image = x.shape[1]
        x = self.conv("stem", x, channels[0])
        if self.arch["kind"] == "cnn":
            for i in range(blocks):
                x = self.block(f"block{i + 1}", x, channels[0])
        else:
            skips = []
            for level, c in enumerate(channels, 1):
                for i in range(blocks):
                    x = self.block(f"down{level}.block{i + 1}", x, c)
                    skips.append(x)
                if level < len(channels):
                    x = F.avg_pool2d(x, 2)
            skips = skips[:-blocks]
            x = self.block("middle", x, channels[-1])
            for level in range(len(channels) - 1, 0, -1):
                x = F.interpolate(x, scale_factor=2, mode="nearest")
                for i in range(blocks):
                    x = self.block(f"up{level}.block{i + 1}", torch.cat([x, skips.pop()], 1), channels[level - 1])
        return self.conv("head.conv", F.silu(self.norm("head", x)), image)


def numbers(t):
    return [float(f"{v:.7g}") for v in t.flatten().tolist()]


cases = []
for arch in CASES:
    size = math.prod(SHAPE)
    x = wave(size, 0.5, 1.5).reshape(1, *SHAPE).requires_grad_()
    cotangent = wave(size, 2.5, 1.0).reshape(1, *SHAPE)
    net = Net(arch)
    y = net(x, -0.3)
    (y * cotangent).sum().backward()
    cases.append(dict(
        architecture=arch, output=numbers(y), image=numbers(x.grad),
        gradients={name: numbers(p.grad) for name, p in sorted(net.parameters.items())},
    ))
with open("golden.json", "w") as f:
    json.dump(dict(torch=torch.__version__, shape=dict(zip("CHW", SHAPE)), level=-0.3, cases=cases), f, separators=(",", ":"))
