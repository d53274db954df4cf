"""A case as plain values with a schema of its own, inside a document and back out of it.

`docs/record.md` tells what each part holds. The version changes when a reader would have to.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from intake.core.keeping import words_for
from intake.core.reading import case_for
from intake.core.screening import ENGINE_VERSION
from intake.core.truth import Truth
from intake.exports.rule_book import bullets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.casefile import Medicines, Shown
    from intake.core.rules import Rule, RulePack
    from intake.exports.dossier import AsRead, Dossier

SCHEMA = "intake-case-record"
SCHEMA_VERSION = 1
ELEMENT = "intake-record"
"""The id of the element that holds the record."""

_OPENING = f'<script type="application/json" id="{ELEMENT}">'
_CLOSING = "</script>"
_NOT_IN_HTML = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


class RecordError(ValueError):
    """There is no record that can be read; the message says what is wrong."""


def record_of(dossier: Dossier) -> dict[str, Any]:
    """Return everything kept about a case as values that JSON knows."""
    case, pack, maker = dossier.case, dossier.pack, dossier.maker
    rules = [shown.rule for shown in _shown(dossier) if shown.rule]
    record = {
        "schema": {"name": SCHEMA, "version": SCHEMA_VERSION},
        "made": {
            "at": maker.at,
            "by": maker.by.id if maker.by else None,
            "clinic": maker.clinic,
            "time_zone": str(maker.zone) if maker.zone else None,
            "program": f"intake {maker.version}",
            "engine": ENGINE_VERSION,
        },
        "patient": asdict(case.patient),
        "response": asdict(case.response),
        "before": asdict(case.before) if case.before else None,
        "superseded_by": case.superseded_by,
        "status": dossier.file.status,
        "answers": list(_answers(dossier)),
        "medicines": [_medicines(found) for found in dossier.file.medicines],
        "screenings": [asdict(one) for one in case.screenings],
        "reviews": [asdict(one) for one in case.reviews],
        "addenda": [asdict(one) for one in case.addenda],
        "said_elsewhere": [asdict(one) for one in dossier.answered],
        "confirmations": [asdict(one) for one in case.confirmations],
        "session": asdict(case.session) if case.session else None,
        "reactions": [asdict(one) for one in case.reactions],
        "owner": asdict(case.owner) if case.owner else None,
        "rules": [_rule(rule, pack) for rule in rules],
        "settings": _settings(rules, pack),
        "sources": {s.id: asdict(s) for shown in _shown(dossier) for s in shown.sources},
        "labels": {s.label.id: asdict(s.label) for s in _shown(dossier) if s.label},
        "conflicts": {c.id: asdict(c) for shown in _shown(dossier) for c in shown.conflicts},
        "pack": {
            "name": pack.name,
            "title": pack.title,
            "version": pack.version,
            "effective": pack.effective,
            "hash": pack.hash,
            "on": pack.on,
        },
        "people": [_person(dossier, id_) for id_ in sorted(concerned(dossier))],
        "audit": [asdict(event) for event in dossier.events],
        "trail": {"count": dossier.head.count, "mac": dossier.head.mac},
    }
    return dict(plain(record))


def _shown(dossier: Dossier) -> Iterator[Shown]:
    for group in dossier.file.groups:
        yield from group.shown


def _answers(dossier: Dossier) -> Iterator[dict[str, Any]]:
    """Yield every answer that is kept, asked or set aside, with its question in words."""
    case, pack = dossier.case, dossier.pack
    day = case.screening.screening.on if case.screening else dossier.maker.today
    judged = case_for(pack, case.response, day)
    for link_id, value in case.response.answers.items():
        item = pack.items.get(link_id)
        yield {
            "link_id": link_id,
            "question": item.ask if item else None,
            "answer": words_for(item, judged.answer(link_id)) if item else None,
            "value": value,
            "set_aside": judged.asked(link_id) is Truth.NOT_MET if item else None,
            "private": link_id in dossier.file.private,
            "answered_at": dossier.times.get(link_id),
            "language": dossier.languages.get(link_id),
            "as_read": _as_read(dossier.as_read.get(link_id)),
        }


def _as_read(read: AsRead | None) -> dict[str, Any] | None:
    return {"question": read.ask, "answer": list(read.lines)} if read else None


def _medicines(found: Medicines) -> dict[str, Any]:
    return {
        "link_id": found.link_id,
        "unsure": found.unsure,
        "recognised": [
            {
                "entry": asdict(one.entry),
                "as": [{"medicine": m.medicine.name, "from": m.words, "how": m.how}
                       for m in one.matches],
                "not_understood": one.rest,
                "doubt": one.doubt,
                "not_stopped": one.not_stopped,
            }
            for one in found.recognised
        ],
    }  # fmt: skip


def _rule(rule: Rule, pack: RulePack) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "floor": rule.floor,
        "when": asdict(bullets(rule.when, pack)),
        "meaning": rule.meaning,
        "action": rule.action,
        "patient_text": rule.patient_text,
        "basis": rule.basis,
        "sources": rule.sources,
        "settings": rule.settings,
        "stricter": [asdict(strict) for strict, _ in rule.stricter],
        "conflicts": rule.conflicts,
        "choices": [asdict(choice) for choice in pack.choices_about(rule)],
        "reviewer": rule.reviewer,
        "reviewed": rule.reviewed,
        "review_by": rule.review_by,
    }


def _settings(rules: Iterable[Rule], pack: RulePack) -> dict[str, dict[str, str]]:
    names = dict.fromkeys(name for rule in rules for name in rule.settings)
    return {
        name: {"title": pack.settings[name].title, "value": str(pack.settings[name])}
        for name in names
        if name in pack.settings
    }


def concerned(dossier: Dossier) -> set[str]:
    """Return the ids of everybody who did something to the case, or made the document."""
    case, maker = dossier.case, dossier.maker
    acted = {event.actor for event in dossier.events}
    acted |= {review.by for review in case.reviews} | {added.by for added in case.addenda}
    acted |= {case.response.begun_by or "", maker.by.id if maker.by else ""}
    acted |= {case.response.entered.by if case.response.entered else ""}
    acted |= {said.by for said in case.confirmations} | {case.session.by if case.session else ""}
    acted |= {note.by for note in case.reactions}
    return acted & set(dossier.people)


def _person(dossier: Dossier, id_: str) -> dict[str, str]:
    who = dossier.people[id_]
    return {"id": who.id, "username": who.username, "name": who.name, "role": who.role}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    """Return a value as JSON has it: instants in UTC, days as 2026-06-15, sets in order."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date() | Decimal():
            return str(value)
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case set() | frozenset():
            return sorted(plain(one) for one in value)
        case list() | tuple():
            return [plain(one) for one in value]
        case str():
            return str(value)
        case _:
            return value


def written(record: Mapping[str, Any]) -> str:
    """Write a record as JSON with one value a line, keys in order."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1)


def embedded(record: Mapping[str, Any]) -> str:
    """Write a record as an element of a page, so that no text in it can end that element."""
    text = _NOT_IN_HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", written(record))
    return f"{_OPENING}\n{text}\n{_CLOSING}"


def record_in(page: str) -> dict[str, Any]:
    """Read the record that a page holds.

    Raises:
        RecordError: it holds none that can be read.
    """
    _, found, rest = page.partition(_OPENING)
    text, closed, _ = rest.partition(_CLOSING)
    if not found or not closed:
        msg = "it holds no record of a case"
        raise RecordError(msg)
    return read_record(text)


def read_record(text: str) -> dict[str, Any]:
    """Read a record written as JSON.

    Raises:
        RecordError: it cannot be read, or is something else.
    """
    try:
        record = json.loads(text)
        name, version = record["schema"]["name"], record["schema"]["version"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        msg = "the record in it cannot be read"
        raise RecordError(msg) from error
    if name != SCHEMA or version != SCHEMA_VERSION:
        msg = f"the record in it is '{name}' version {version}, which this program does not know"
        raise RecordError(msg)
    return dict(record)
