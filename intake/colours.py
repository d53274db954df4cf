"""The clinic's one colour, and the colours that follow from it, each legible where it stands.

Contrast is that of WCAG 2.2; other shades of a colour keep its hue and move its lightness (HSL).
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = 7.0
"""The least contrast of text with what it stands on."""

MORE_THAN_TEXT = 9.0
"""What --accent keeps from a dark page, so that text is still legible on a tint between them."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a screen: red, green and blue from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @classmethod
    def read(cls, text: str) -> Colour:
        """Read a colour such as `#7a1f5c`.

        Raises:
            ValueError: it is written in another way.
        """
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            msg = f"'{text}' is no colour in six digits, such as #7a1f5c"
            raise ValueError(msg)
        return cls(*bytes.fromhex(text[1:]))

    @property
    def luminance(self) -> float:
        """How bright it is, from 0 for black to 1 for white."""
        red, green, blue = (_linear(part / 255) for part in astuple(self))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def against(self, other: Colour) -> float:
        """Return the contrast of the two, from 1 to 21."""
        darker, lighter = sorted((self.luminance, other.luminance))
        return (lighter + 0.05) / (darker + 0.05)

    def is_legible_on(self, *grounds: Colour) -> bool:
        """Tell whether text of this colour can be read on each of these."""
        return all(self.against(ground) >= TEXT for ground in grounds)

    @property
    def hls(self) -> tuple[float, float, float]:
        """Hue, lightness and saturation, each from 0 to 1."""
        red, green, blue = (part / 255 for part in astuple(self))
        return rgb_to_hls(red, green, blue)

    def at(self, lightness: float, saturation: float = 1) -> Colour:
        """Return its hue in another lightness, at most as saturated as said."""
        hue, _, own = self.hls
        parts = hls_to_rgb(hue, min(max(lightness, 0), 1), min(own, saturation))
        return Colour(*(round(part * 255) for part in parts))

    @property
    def is_red(self) -> bool:
        """Whether it could be taken for the desk's "stop"."""
        hue, _, saturation = self.hls
        from_red = min(hue, 1 - hue)  # of a full turn
        return saturation >= 0.35 and from_red <= 1 / 20  # noqa: PLR2004 - what the eye calls red


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is there already, light or dark, as the tokens of intake.css have it.

    Attributes:
        grounds: What text may stand on: --paper, --surface, --well.
        ink: --ink.
        ink_soft: --ink-soft.
    """

    grounds: tuple[Colour, Colour, Colour]
    ink: Colour
    ink_soft: Colour


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme that follow from the clinic's own.

    Attributes:
        accent: Text and borders on the page, and the ground of buttons.
        ink: Text on it.
        hover: The same, while it is pointed at.
        soft: A tint for what text stands on.
        bar: The ground of the desk's header.
    """

    accent: Colour
    ink: Colour
    hover: Colour
    soft: Colour
    bar: Colour


WHITE = Colour(255, 255, 255)
LIGHT = Scheme(
    (Colour.read("#f6f3ec"), Colour.read("#fffdf8"), Colour.read("#ece7db")),
    ink=Colour.read("#15292c"),
    ink_soft=Colour.read("#3b4d4f"),
)
DARK = Scheme(
    (Colour.read("#10191a"), Colour.read("#182425"), Colour.read("#0b1213")),
    ink=Colour.read("#f1eee6"),
    ink_soft=Colour.read("#c3cbc8"),
)


def is_usable(colour: Colour) -> bool:
    """Tell whether text of this colour can be read on a light page, and white text on it."""
    return colour.is_legible_on(*LIGHT.grounds, WHITE)


def nearest_usable(colour: Colour) -> Colour:
    """Return the colour itself, or the lightest of its hue that can be used."""
    return colour if is_usable(colour) else _darker(colour, colour.hls[1], is_usable)


def light_palette(accent: Colour) -> Palette:
    """Return the colours of a light page for a colour that can be used."""
    hover = _pointed_at(accent)
    soft = _lighter(
        accent, 0.9, lambda tint: tint.is_legible_on(accent, hover, LIGHT.ink_soft), 0.35
    )
    return Palette(accent, WHITE, hover, soft, bar=accent)


def _pointed_at(accent: Colour) -> Colour:
    """Return a darker shade; of what is nearly black, a lighter one, as that can be seen."""
    lightness, nearly_black = accent.hls[1], 0.03
    is_dark = accent.luminance < nearly_black
    return _darker(accent, lightness + 0.12 if is_dark else lightness * 0.72, is_usable)


def dark_palette(colour: Colour) -> Palette:
    """Return the colours of a dark page: the same hue, light enough to be read there."""
    accent = _lighter(
        colour, 0.7, lambda c: all(c.against(g) >= MORE_THAN_TEXT for g in DARK.grounds), 0.55
    )
    hover = colour.at(min(accent.hls[1] + 0.1, 0.95), 0.55)
    return Palette(
        accent,
        ink=_darker(colour, 0.08, lambda c: c.is_legible_on(accent, hover)),
        hover=hover,
        soft=_darker(colour, 0.18, lambda c: c.is_legible_on(accent, hover, DARK.ink_soft), 0.35),
        bar=_darker(colour, 0.14, lambda c: c.is_legible_on(DARK.ink), 0.55),
    )


def _darker(
    colour: Colour, start: float, holds: Callable[[Colour], bool], saturation: float = 1
) -> Colour:
    """Return the first shade for which *holds* does, going down from a lightness."""
    return next(filter(holds, _shades(colour, start, -1, saturation)))


def _lighter(
    colour: Colour, start: float, holds: Callable[[Colour], bool], saturation: float = 1
) -> Colour:
    """Return the first shade for which *holds* does, going up from a lightness."""
    return next(filter(holds, _shades(colour, start, 1, saturation)))


def _shades(colour: Colour, start: float, way: int, saturation: float) -> Iterator[Colour]:
    """Yield a hue step by step until black or white, that included."""
    steps = 255
    for step in range(steps + 1):
        yield colour.at(start + way * step / steps, saturation)
