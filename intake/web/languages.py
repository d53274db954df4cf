"""The language of a page: chosen by the patient, kept by the server, English at the desk.

Two things are said in it. What the form asks comes from the pack and its translations; what the
tablet says around it comes from the catalogs in `catalogs/`, one file of gettext messages for each
language. Catalogs are read as text when first needed, so there is nothing to compile.
"""

from __future__ import annotations

import unicodedata
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import flask_babel
from babel import Locale
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g, request, session
from flask_babel import Babel, Domain

from intake.core.translations import SOURCE_LANGUAGE, languages_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask import Flask

    from intake.core.errors import AnswerError
    from intake.core.records import Response
    from intake.core.rules import RulePack

gettext: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext
lazy_gettext: Callable[..., str] = flask_babel.lazy_gettext
format_date: Callable[..., str] = flask_babel.format_date
"""Flask-Babel comes without types; everybody takes these from here."""

T = TypeVar("T")

CATALOGS = Path(__file__).with_name("catalogs")
"""Where the messages of the tablet stand in other languages."""


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark words that are said later, in the language of the page."""
    return words


class Catalogs(Domain):
    """Reads each catalog from its text."""

    def get_translations(self) -> NullTranslations:
        """Return the messages in the language of the page."""
        tag = language_tag()
        if tag not in self.cache:
            self.cache[tag] = _catalog(CATALOGS / f"{tag}.po")
        found: NullTranslations = self.cache[tag]
        return found


class _Babel(Babel):
    """Flask-Babel, with our own way of reading catalogs."""

    @cached_property
    def domain_instance(self) -> Catalogs:
        return Catalogs()


def _catalog(path: Path) -> NullTranslations:
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=path.stem.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _catalog_in(language: str) -> NullTranslations:
    return _catalog(CATALOGS / f"{language}.po")


def said_in(language: str, words: str) -> str:
    """Say a text of the program's own in a language, without a page; in English for want of it."""
    return str(_catalog_in(language).gettext(words))


def spoken() -> tuple[str, ...]:
    """Return the languages that the tablet speaks beside English, in the order of their names."""
    tags = [path.stem for path in CATALOGS.glob("*.po")]
    return tuple(sorted(tags, key=lambda tag: str(Locale.parse(tag, sep="-").display_name)))


def init_languages(app: Flask) -> None:
    """Let every page be said in the language of its reader."""
    _Babel(app, locale_selector=lambda: language().replace("-", "_"))
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, object]:
    locale = Locale.parse(locale_name())
    return {
        "lang": language_tag(),
        "dir": locale.text_direction,
        "long_date": long_date,
        "words_for_scripts": _words_for_scripts(),
    }


def _words_for_scripts() -> dict[str, str]:
    """Return what the page says without asking the server."""
    return {
        "offline": gettext(
            "No connection. Your answers on this page are still here. We'll keep trying."
        ),
        "desk": gettext("Please tell the front desk."),
        "covered": gettext("No connection. This page is hidden. Please tell the front desk."),
        "listen": gettext("Listen"),
        "headphones": gettext("Is someone near? Use headphones."),
        "names": gettext("Names"),
        "asTyped": gettext("Use “{typed}” as I typed it"),
        "found": gettext("Names to choose from: {count}"),
        "none": gettext("No name found"),
    }


def locale_name() -> str:
    """Return the language of the page as Babel names it: `es_MX`."""
    return str(flask_babel.get_locale() or SOURCE_LANGUAGE)


def language_tag() -> str:
    """Return the language of the page as browsers and packs name it: `es-MX`."""
    return locale_name().replace("_", "-")


def in_tongue(tag: str, act: Callable[[], T]) -> T:
    """Return what *act* gives in a language that the reader did not choose."""
    with flask_babel.force_locale(tag.replace("-", "_")):
        return act()


def reread() -> None:
    """Say the rest of this answer in the language that was just chosen."""
    flask_babel.refresh()


def language() -> str:
    """Return the language of this page."""
    if not request.path.startswith("/tablet"):
        return SOURCE_LANGUAGE
    response: Response | None = g.get("response")
    return response.language if response else str(session.get("language", SOURCE_LANGUAGE))


def forget_reading() -> None:
    """Let the next patient begin in the usual language and size, and as the clinic has it."""
    for mine in ("language", "size", "singly"):
        session.pop(mine, None)


def offered_languages(pack: RulePack) -> dict[str, str]:
    """Return the languages to choose from: whole in the pack, and spoken by the tablet."""
    known = (SOURCE_LANGUAGE, *spoken())
    return {tag: name for tag, name in languages_of(pack).items() if tag in known}


def say(error: AnswerError) -> str:
    """Say what is wrong with an answer in the language of the page."""
    values = {
        name: value if isinstance(value, str) else long_date(value)
        for name, value in error.values.items()
    }
    words: str = gettext(error.words)
    return words.format(**values) if values else words


def plain_digits(text: str) -> str:
    """Write the digits of other scripts as 0 to 9: keyboards in Arabic type their own."""
    text = text.replace("٫", ".")
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() and not letter.isascii() else letter
        for letter in text
    )


def comma() -> str:
    """Return what stands between the parts of a list in brackets."""
    return "، " if locale_name().startswith("ar") else ", "


def set_apart(words: str) -> str:
    """Keep words as they were typed from turning the line around in which they stand."""
    is_turned = Locale.parse(locale_name()).text_direction == "rtl"
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)
    return f"\u2068{words}\u2069" if words and (is_turned or turns) else words


def long_date(day: date) -> str:
    """Write a day with its month as a word."""
    is_english = locale_name() == SOURCE_LANGUAGE
    return str(format_date(day, "d MMMM y" if is_english else "long"))


def month_and_year(day: date) -> str:
    """Write the month of a day as a word, and the year."""
    return str(format_skeleton("yMMMM", day, locale=locale_name()))
