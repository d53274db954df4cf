"""The translations of what patients read: languages/<tag>.yaml."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError
from intake.core.translations import (
    SOURCE_LANGUAGE,
    Translated,
    Translation,
    fingerprint,
    texts_of,
)
from intake.packs import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from intake.core.rules import RulePack
    from intake.packs.draft import Draft

FOLDER = "languages/"


def read_translations(draft: Draft) -> Iterator[Translation]:
    """Read every language; what a text lacks is found by `rules check`, not here."""
    for name in sorted(name for name in draft.files if name.startswith(FOLDER)):
        node, one = draft.files[name], draft.whole(name, shapes.TranslationShape)
        if one is None:
            continue
        stem, said = PurePosixPath(name).stem, node.at(["language"])
        if stem == SOURCE_LANGUAGE:
            draft.note(said, "English stands in the pack itself; take this file out")
            continue
        if one.language != stem:
            draft.note(said, f"the language of {name} is '{stem}', as its name")
            continue
        texts = node.at(["texts"])
        yield Translation(
            one.language,
            one.name,
            {
                key: Translated(source, text, texts.at([key]).place)
                for key, (source, text) in one.texts.items()
            },
            draft.checked.get(one.language),
        )


def write_translation(
    folder: Path, pack: RulePack, language: str, *, name: str, words: Mapping[str, str]
) -> Path:
    """Write languages/<tag>.yaml anew: every text in the order of the form, its source above it.

    Args:
        folder: Where the pack is.
        pack: The pack, with the translation there is so far.
        language: A language tag.
        name: What its speakers call the language; blank for the name it has.
        words: New texts by name; others stay as they are, with the source they translate.

    Returns:
        The file.

    Raises:
        AnswerError: the tag is none, *words* names a text that the pack does not have, or a text
            cannot be written; nothing was written.
    """
    if not re.fullmatch(shapes.LANGUAGE_TAG, language) or language == SOURCE_LANGUAGE:
        msg = "'{tag}' is no tag of another language; write it as es or pt-BR."
        raise AnswerError(msg, tag=language)
    for text in (name, *words.values()):
        if any(unicodedata.category(c) in _UNWRITABLE and c not in "\n\t" for c in text):
            msg = "A text holds a character that cannot be written: {text}."
            raise AnswerError(msg, text=ascii(text))
    sources, old = texts_of(pack), pack.translations.get(language)
    if strange := next((key for key in words if key not in sources), None):
        msg = "There is no text '{key}' in this pack."
        raise AnswerError(msg, key=strange)
    have = dict(old.texts) if old else {}
    have |= {key: Translated(fingerprint(sources[key]), text) for key, text in words.items()}
    called = name or (old.name if old else language)
    texts = "texts:" if any(key in have for key in sources) else "texts: {}"
    lines = [_HEAD, f"language: {language}", f"name: {_quoted(called)}", texts]
    for key, source in sources.items():
        lines.append(f"  # {' '.join(source.split())}")
        one = have.get(key)
        lines.append(f"  {key}: [{one.source}, {_quoted(one.text)}]" if one else f"  # {key}:")
    path = folder / FOLDER / f"{language}.yaml"
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".yaml.new")
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    new.replace(path)
    return path


_UNWRITABLE = ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")
"""Kinds of characters for which YAML has no place, or which a reader does not see."""

_HEAD = """\
# What patients read, in another language. Above each text stands what it translates, and before it
# the fingerprint of that: when the source is edited, the text is outdated and not shown any more.
# Written by 'intake rules translate'; texts may be edited here."""


def _quoted(text: str) -> str:
    """Write a text in quotes, whose form in YAML holds JSON's."""
    return json.dumps(text, ensure_ascii=False)
