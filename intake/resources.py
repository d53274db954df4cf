"""Where the shipped folders are: beside the package in a wheel, above it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def folder(name: str) -> Path:
    """Return the shipped folder *name*: `templates` or `rules`.

    Raises:
        FileNotFoundError: neither the wheel nor the checkout has it.
    """
    places = [_PACKAGE / name]
    if (_CHECKOUT / "setup.cfg").is_file():
        places.append(_CHECKOUT / name)
    for place in places:
        if place.is_dir():
            return place
    looked = ", ".join(map(str, places))
    msg = f"{name}/ was not shipped: looked in {looked}; install the package anew"
    raise FileNotFoundError(msg)
