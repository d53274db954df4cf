"""Releasing records as tables: a row for each case, answer, finding, decision or session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, TypeAlias

from intake.actions.decide import PRIVATE_READ
from intake.actions.export_rows import (
    DECISION_COLUMNS,
    FINDING_COLUMNS,
    PARTS,
    SESSION_COLUMNS,
    decision_rows,
    finding_rows,
    session_rows,
)
from intake.actions.permission import require_clinician
from intake.actions.queue import reached
from intake.actions.reading import CASE_EXPORTED
from intake.actions.rule_packs import kept_pack
from intake.core.keeping import words_for
from intake.core.reading import case_for
from intake.core.review import status_of
from intake.core.rules import Triage
from intake.core.truth import Truth
from intake.exports.tables import csv_lines, json_lines
from intake.storage import audit, listing, responses
from intake.storage.encoding import to_json
from intake.storage.listing import Listed, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.exports.tables import Table
    from intake.storage import Store

Row: TypeAlias = "dict[str, object]"
RowsOf: TypeAlias = "Callable[[Listed], tuple[list[Row], bool]]"
"""Makes the rows of a case, and tells whether private answers are among them."""

CASE_COLUMNS = (
    "record_number",
    "patient_name",
    "birth_date",
    "receipt",
    "response_id",
    "status",
    "begun_at",
    "submitted_at",
    "screened_on",
    "triage",
    "earliest_safe_date",
    "findings",
    "could_not_be_ruled_out",
    "unknown_answers",
    "disposition",
    "deferred_until",
    "decided_by",
    "decided_at",
    "plan",
    "pack_version",
    "pack_hash",
    "language",
    "helper",
    "help_wanted_with",
    "signature",
    "entered_by",
    "entered_from",
    "site",
)
ANSWER_COLUMNS = (
    "record_number",
    "receipt",
    "response_id",
    "link_id",
    "question",
    "answer",
    "value",
    "set_aside",
    "answered_at",
    "pack_version",
    "pack_hash",
    "language",
    "help_wanted",
    "helper",
    "signature",
    "entered_by",
    "entered_from",
    "stable_name",
)


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """Which cases to release; days are those of begin or submission.

    Attributes:
        site: Only cases of this site; blank for every site of who asks.
        zone: In which instants are days; None for the computer's.
    """

    since: date | None = None
    until: date | None = None
    triage: frozenset[Triage] = field(default_factory=frozenset)
    site: str = ""
    zone: tzinfo | None = UTC


def export_table(
    store: Store,
    *,
    shape: str,
    form: str,
    filters: ExportFilters,
    by: Practitioner | None,
    now: datetime,
    today: date,
) -> Iterator[str]:
    """Yield the lines of a table; `released` tells what is audited, and what its arguments are."""
    columns, rows = released(
        store, shape=shape, form=form, filters=filters, by=by, now=now, today=today
    )
    return _FORMS[form](columns, rows)


def lines_of(form: str, table: Table) -> Iterator[str]:
    """Yield the lines of a table in one of `FORMS`."""
    return _FORMS[form](tuple(table.columns), table.rows)


def released(
    store: Store,
    *,
    shape: str,
    form: str,
    filters: ExportFilters,
    by: Practitioner | None,
    now: datetime,
    today: date,
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the columns and the rows of a table; that it was released is audited first.

    So is each case, before its rows are yielded; private answers that go out count as read.

    Args:
        store: Where the records are.
        shape: What a row is, one of `SHAPES`.
        form: The kind of file they go into.
        filters: Which cases.
        by: Who asks; None for the command line of the clinic's computer.
        now: The instant of release.
        today: The clinic's local date, for the status.
    """
    asked = Asked.of(filters, by, now)
    ids = asked.ids(store)
    asked.note(store, shape, form, len(ids))
    columns, rows_of = OF_SHAPE[shape]
    return columns, audited(store, ids, rows_of(store, today), shape, asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which cases, and when.

    Attributes:
        actor: For the audit trail.
        sites: Those whose cases they may have, and want; None for all.
    """

    filters: ExportFilters
    actor: str
    sites: frozenset[str] | None
    now: datetime

    @classmethod
    def of(cls, filters: ExportFilters, by: Practitioner | None, now: datetime) -> Asked:
        """Take what is asked for by a clinician, or by the command line.

        Raises:
            NotAllowedError: they may not take cases out.
        """
        if by is not None:
            require_clinician(by)
        actor = by.id if by else "command line"
        return cls(filters, actor, reached(by, filters.site), now)

    @property
    def selection(self) -> Selection:
        """The cases."""
        filters = self.filters
        return Selection(
            filters.triage, filters.since, filters.until, sites=self.sites, zone=filters.zone
        )

    def ids(self, store: Store) -> list[str]:
        """Return the ids of the cases, in the order of the queue."""
        return listing.ids_of(store, self.selection)

    def note(
        self, store: Store, shape: str, form: str, cases: int, **more: str | int | bool
    ) -> None:
        """Write down that a table is released."""
        filters, sites = self.filters, self.sites
        with store.write() as db:
            audit.append(
                db,
                at=self.now,
                actor=self.actor,
                action="records exported",
                subject="export",
                shape=shape,
                form=form,
                since=filters.since.isoformat() if filters.since else None,
                until=filters.until.isoformat() if filters.until else None,
                triage=", ".join(triage for triage in Triage if triage in filters.triage),
                sites="every site" if sites is None else ", ".join(sorted(sites)),
                cases=cases,
                **more,
            )


def audited(
    store: Store, ids: Sequence[str], rows_of: RowsOf, shape: str, asked: Asked
) -> Iterator[Row]:
    """Yield the rows of cases a few at a time, each few after the lines that they go out.

    One transaction for all would keep everybody else from writing for as long as a large table
    takes, and would tell of cases that a broken download never reached.
    """
    for start in range(0, len(ids), listing.FEW):
        few = [
            (one, *rows_of(one))
            for one in listing.listed_by_id(store, ids[start : start + listing.FEW])
        ]
        lines: list[tuple[str, str]] = []
        for one, rows, has_private in few:
            lines += [(CASE_EXPORTED, one.response_id)] if rows else []
            lines += [(PRIVATE_READ, one.response_id)] if has_private else []
        if lines:
            with store.write() as db:
                audit.append_each(db, at=asked.now, actor=asked.actor, lines=lines, shape=shape)
        for _, rows, _ in few:
            yield from rows


def _case_rows(_: Store, today: date) -> RowsOf:
    return lambda listed: ([_case_row(listed, today)], False)


def _case_row(listed: Listed, today: date) -> Row:
    screening = listed.screening
    findings = screening.findings if screening else ()
    met = tuple(f.rule_id for f in findings if f.truth is Truth.MET)
    open_ = tuple(f.rule_id for f in findings if f.truth is Truth.UNKNOWN)
    return {
        "record_number": listed.patient.record_number,
        "patient_name": listed.patient.name,
        "birth_date": listed.patient.birth_date,
        "receipt": listed.receipt,
        "response_id": listed.response_id,
        "status": status_of(listed.facts, today).value,
        "begun_at": listed.begun_at.isoformat(),
        "submitted_at": listed.submitted_at.isoformat() if listed.submitted_at else None,
        "screened_on": screening.on if screening else None,
        "triage": screening.triage.value if screening else None,
        "earliest_safe_date": screening.earliest_safe_date if screening else None,
        "findings": "; ".join(met),
        "could_not_be_ruled_out": "; ".join(open_),
        "unknown_answers": screening.unknown_count if screening else None,
        "disposition": listed.facts.disposition.value if listed.facts.disposition else None,
        "deferred_until": listed.facts.until,
        "decided_by": listed.decided_by_name,
        "decided_at": listed.decided_at.isoformat() if listed.decided_at else None,
        "plan": to_json(listed.plan),
        "pack_version": listed.pack_version,
        "pack_hash": listed.pack_hash,
        "language": listed.language,
        "helper": listed.helper,
        "help_wanted_with": "; ".join(listed.help),
        **_hands(listed),
        "site": listed.site.name,
        PARTS: {
            "findings": met,
            "could_not_be_ruled_out": open_,
            "help_wanted_with": listed.help,
        },
    }


def _hands(listed: Listed) -> dict[str, object]:
    """Say through whose hands a form went: `staff` is a statement, not a patient's signature."""
    return {
        "signature": listed.signed,
        "entered_by": listed.entered_by_name,
        "entered_from": listed.entered_from,
    }


def _answer_rows(store: Store, today: date) -> RowsOf:
    packs: dict[str, RulePack] = {}

    def rows_of(listed: Listed) -> tuple[list[Row], bool]:
        if listed.pack_hash not in packs:
            packs[listed.pack_hash] = kept_pack(store, listed.pack_hash, today)
        pack = packs[listed.pack_hash]
        rows = list(_answers_of(store, listed, pack, today))
        return rows, any(row["link_id"] in pack.questionnaire.private for row in rows)

    return rows_of


def _answers_of(store: Store, listed: Listed, pack: RulePack, today: date) -> Iterator[Row]:
    response = responses.response(store, listed.response_id)
    if response is None:
        return
    case = case_for(pack, response, today)
    times = responses.answer_times(store, response.id)
    languages = responses.answer_languages(store, response.id)
    confirmed = (kept for kept in response.answers.items() if kept[0] not in response.carried)
    for link_id, value in confirmed:
        item = pack.items.get(link_id)
        yield {
            "record_number": listed.patient.record_number,
            "receipt": listed.receipt,
            "response_id": response.id,
            "link_id": link_id,
            "question": item.ask if item else "",
            "answer": words_for(item, case.answer(link_id)) if item else "",
            "value": value if isinstance(value, str) else to_json(value),
            "set_aside": case.asked(link_id) is Truth.NOT_MET,
            "answered_at": times[link_id].isoformat() if link_id in times else None,
            "pack_version": pack.version,
            "pack_hash": pack.hash,
            "language": languages.get(link_id),
            "help_wanted": link_id in response.help,
            "helper": response.helper,
            **_hands(listed),
            "stable_name": item.stable_name if item else link_id,
            PARTS: {"value": (item, case.answer(link_id)) if item else ()},
        }


def _rows_by(
    rows: Callable[[Store, Listed], Iterator[Row]],
) -> Callable[[Store, date], RowsOf]:
    """Make rows of a case that hold no answer of the patient's, private or not."""
    return lambda store, _: lambda listed: (list(rows(store, listed)), False)


OF_SHAPE: Mapping[str, tuple[tuple[str, ...], Callable[[Store, date], RowsOf]]] = {
    "cases": (CASE_COLUMNS, _case_rows),
    "answers": (ANSWER_COLUMNS, _answer_rows),
    "findings": (FINDING_COLUMNS, _rows_by(finding_rows)),
    "decisions": (DECISION_COLUMNS, _rows_by(decision_rows)),
    "sessions": (SESSION_COLUMNS, _rows_by(session_rows)),
}
_FORMS = {"csv": csv_lines, "jsonl": json_lines}
SHAPES = tuple(OF_SHAPE)
FORMS = tuple(_FORMS)
