"""Keep the catalogs of the tablet in step with the program: `make messages`.

Templates and views mark their words with `_`, `gettext`, `ngettext` or `N_`. Below the web floor
nobody knows gettext: there, what reaches a patient is the text of an `AnswerError`, and a few
tables of texts.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from intake.web.languages import CATALOGS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ERRORS = "tests.messages.errors_in"
METHODS = [
    ("intake/core/answers.py", ERRORS),
    ("intake/core/dates.py", ERRORS),
    ("intake/core/spots.py", ERRORS),
    ("intake/actions/answer.py", ERRORS),
    ("intake/actions/patients.py", ERRORS),
    ("intake/actions/submit.py", ERRORS),
    ("intake/exports/fhir/phrases.py", ERRORS),
    ("intake/web/tablet*.py", "python"),
    ("intake/web/paper.py", "python"),
    ("intake/web/languages.py", "python"),
    ("intake/web/security.py", "python"),
    ("templates/tablet/**.html", "jinja2"),
    ("templates/paper/**.html", "jinja2"),
    ("templates/macros.html", "jinja2"),
    ("templates/errors/tablet.html", "jinja2"),
]
"""Where words for patients stand, and what finds them there."""

TABLES = frozenset({"SAY_SOMETHING", "STATEMENT", "PHRASES", "STATUSES", "ROUTES"})
"""Names of tables whose texts are said to patients."""

HEAD = """\
# What the tablet says around the questions, in another language. Machine-prepared, not yet checked
# by a qualified translator. Kept in step with the program by 'make messages'.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
PLURALS = {
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
        " n%100>=11 ? 4 : 5);"
    )
}
"""How languages count; where none stands here, as Babel knows it."""


def errors_in(
    fileobj: IO[bytes], _keywords: object, _comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield, as an extraction method of Babel, the texts raised as `AnswerError`, and `TABLES`."""
    del options
    for node in ast.walk(ast.parse(fileobj.read())):
        for text in _texts(node):
            yield text.lineno, "", str(text.value), []


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AnswerError":
        yield from (arg for arg in node.args if _is_text(arg))
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if "msg" in names and _is_text(node.value):
            yield node.value
        elif names & TABLES:
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (value for value in values if _is_text(value))


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def wanted() -> list[str | tuple[str, ...]]:
    """Return every message of the program, a pair where it is counted."""
    keywords = {**DEFAULT_KEYWORDS, "_": None, "N_": None, "lazy_gettext": None}
    found = extract_from_dir(ROOT, METHODS, keywords=keywords, strip_comment_tags=True)
    return list(dict.fromkeys(message for _, _, message, _, _ in found))


def catalog(path: Path) -> Catalog:
    """Read a catalog."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path) -> None:
    """Write a catalog anew: its words by the messages of the program, those gone left out."""
    old, new = catalog(path), Catalog(locale=path.stem)
    for message in wanted():
        kept = old.get(message if isinstance(message, str) else message[0])
        new.add(message, kept.string if kept else ("" if isinstance(message, str) else ("", "")))
    plurals = PLURALS.get(path.stem, new.plural_forms)
    with path.open("wb") as file:
        file.write(HEAD.format(language=path.stem, plurals=plurals).encode())
        write_po(file, new, width=0, omit_header=True, sort_output=True)


if __name__ == "__main__":
    for one in sorted(CATALOGS.glob("*.po")):
        update(one)
        left = [message.id for message in catalog(one) if message.id and not any(message.string)]
        sys.stdout.write(f"{one.name}: {len(wanted())} messages, {len(left)} to translate\n")
