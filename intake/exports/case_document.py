"""The record of one case as one HTML file that needs nothing else to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from intake.core import display, trail_words
from intake.exports.documents import direction, policy_of_file
from intake.exports.pdf import Paper, pdf_of
from intake.exports.record import SCHEMA, SCHEMA_VERSION, embedded, record_of, written
from intake.exports.rule_book import bullets
from intake.exports.sealing import BLANK, Form, Sealed, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from intake.core.evidence import Source
    from intake.core.rules import Rule
    from intake.exports.dossier import Dossier


def case_html(dossier: Dossier, environment: Environment) -> Sealed:
    """Return the document of a case: its words, the record as JSON, and its hash."""
    record = embedded(record_of(dossier))
    return seal(Form.HTML, case_page(dossier, environment, Form.HTML, record).encode())


def case_pdf(dossier: Dossier, environment: Environment, paper: Paper) -> Sealed:
    """Return the same as a PDF, with the record attached.

    Raises:
        StateError: this computer cannot make one; says what to install.
    """
    page = case_page(dossier, environment, Form.PDF, "")
    record = written(record_of(dossier)).encode("utf-8", "backslashreplace")
    return seal(Form.PDF, pdf_of(page, environment, paper, record))


def case_page(dossier: Dossier, environment: Environment, form: Form, record: str) -> str:
    """Return what people read of a document, and how its kind of file is checked.

    Args:
        dossier: The case.
        environment: What renders documents.
        form: HTML, or the page a PDF is made from.
        record: The element with the record; blank when it goes with the file in another way.
    """
    template = environment.get_template("documents/case.html")
    sealing = environment.get_template(f"documents/seal_{form}.html")
    rules = [shown.rule for group in dossier.file.groups for shown in group.shown if shown.rule]
    people = dossier.people
    page = template.render(
        maker=dossier.maker,
        zone_words=_zone_words(dossier),
        case=dossier.case,
        file=dossier.file,
        waiting=sum(1 for rule in dossier.pack.rules if not rule.is_reviewed),
        rules=rules,
        conditions=_conditions(rules, dossier),
        sources=list(_sources(dossier)),
        people=people,
        names={**dossier.systems, **{id_: who.name for id_, who in people.items()}},
        entered=display.entry_words(dossier.case, people.values(), dossier.events),
        as_read=dossier.as_read,
        answered=dossier.answered,
        events=dossier.events,
        trail_head=dossier.head.short,
        form=form,
        policy=policy_of_file(environment),
        show=display,
        acts=trail_words,
        direction=direction,
        seal=Markup(  # noqa: S704 - our own template, escaped where it was rendered
            sealing.render(schema=SCHEMA, schema_version=SCHEMA_VERSION, blank=BLANK)
        ),
        record=record,
    )
    return _with_one_kind_of_line_end(page)


def _zone_words(dossier: Dossier) -> str:
    here = dossier.maker.local(dossier.maker.at)
    return f"{here:%H:%M}, which was UTC{here:%z}"


def _conditions(rules: list[Rule], dossier: Dossier) -> dict[str, object]:
    return {rule.id: bullets(rule.when, dossier.pack) for rule in rules}


def _sources(dossier: Dossier) -> Iterator[Source]:
    """Yield every source of a finding, once."""
    every = (s for group in dossier.file.groups for shown in group.shown for s in shown.sources)
    yield from {source.id: source for source in every}.values()


def _with_one_kind_of_line_end(page: str) -> str:
    """Write every line end alike, so that a file whose ends were changed can be told from others.

    What UTF-8 cannot hold, a half of a pair that some input method left behind, is a question mark.
    """
    plain = page.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    return plain.encode("utf-8", "replace").decode()
