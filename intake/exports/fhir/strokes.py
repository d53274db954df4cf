"""A signature drawn on the tablet as a picture."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from intake.core.records import Signature

WIDTH, HEIGHT = 500, 200
"""In pixels; the pad is five wide and two high."""

_PEN = 3


def png_of(signature: Signature) -> str:
    """Return the strokes as a PNG in base64: black on white, the same bytes each time."""
    picture = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(picture)
    for stroke in signature.strokes:
        points = [(x * WIDTH, y * HEIGHT) for x, y in stroke]
        pen.line(points if len(points) > 1 else points * 2, fill=0, width=_PEN)
    file = BytesIO()
    picture.save(file, "PNG")
    return b64encode(file.getvalue()).decode("ascii")
