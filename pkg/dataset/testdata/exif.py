"""Makes exif/*.jpg: a picture as cameras store it in each of the 8 orientations, and how Pillow shows it.

    apt-get install -y --no-install-recommends python3-pil && /usr/bin/python3 exif.py

The picture has 24 x 16 pixels in blocks of 8 x 8 of one colour each, which JPEG keeps nearly as
they are. Upright, its blocks are, row by row, red green blue and white grey black. orientation-N.jpg
is stored turned, with a note that turns it back; shown.json has Pillow's answers, RGB, row by row.
"""

import json

from PIL import Image, ImageOps

COLOURS = [(230, 20, 20), (20, 200, 40), (30, 40, 220), (250, 250, 250), (128, 128, 128), (5, 5, 5)]
TAG = 0x0112

# What a camera did to the picture, by the value of the tag: the inverse of what a viewer does.
STORE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}

upright = Image.new("RGB", (24, 16))
for i, colour in enumerate(COLOURS):
    upright.paste(colour, (i % 3 * 8, i // 3 * 8, i % 3 * 8 + 8, i // 3 * 8 + 8))

shown = {}
for value, how in STORE.items():
    stored = upright if how is None else upright.transpose(how)
    exif = Image.Exif()
    exif[0x010F] = "a camera"  # so that the tag is not the first
    exif[TAG] = value
    name = f"exif/orientation-{value}.jpg"
    stored.save(name, quality=95, subsampling=0, exif=exif)
    picture = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
    shown[value] = dict(width=picture.width, height=picture.height, pixels=[list(p) for p in picture.getdata()])
with open("exif/shown.json", "w") as f:
    json.dump(shown, f, separators=(",", ":"))
    f.write("\n")
