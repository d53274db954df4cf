"""Core values to JSON text and back; what is stored then loaded is equal."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.explanations import Cited
from intake.core.records import Signature, SignatureKind
from intake.core.rules import Level, Triage
from intake.core.screening import Finding, Screening, Teller
from intake.core.telling import Telling
from intake.core.treatment import Anaesthetic, Done, Medium, Product, Zone
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def to_json(value: object) -> str:
    """Write compact JSON: keys in order, dates and decimals as text, sets as lists.

    What has fields is written as a mapping of them.

    Raises:
        TypeError: there is something in it that cannot be stored.
    """
    return _write(value)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(value)
    kind: type = type(value)
    if names := _fields_of(kind):
        return {name: getattr(value, name) for name in names}
    msg = f"a {type(value).__name__} cannot be stored"
    raise TypeError(msg)


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    """Return the names of what values of a class hold; none where it is no dataclass."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


_write = json.JSONEncoder(
    default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")
).encode


def from_json(text: str) -> Any:  # noqa: ANN401 - JSON holds anything
    """Read JSON text."""
    return json.loads(text)


def instant(moment: datetime) -> str:
    """Write a UTC instant so that texts sort as times do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_or_none(moment: datetime | None) -> str | None:
    """Write an instant that may be missing."""
    return instant(moment) if moment else None


def moment(text: str) -> datetime:
    """Read an instant written by `instant`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moment_or_none(text: str | None) -> datetime | None:
    """Read an instant that may be missing."""
    return moment(text) if text else None


def day_or_none(text: str | None) -> date | None:
    """Read a day that may be missing."""
    return date.fromisoformat(text) if text else None


def screening_text(screening: Screening) -> str:
    """Write a screening."""
    return to_json(screening)


def screening_of(text: str) -> Screening:
    """Read a screening."""
    found = from_json(text)
    return Screening(
        on=date.fromisoformat(found["on"]),
        pack_hash=found["pack_hash"],
        pack_version=found["pack_version"],
        engine_version=found["engine_version"],
        triage=Triage(found["triage"]),
        findings=tuple(_finding(row) for row in found["findings"]),
        earliest_safe_date=day_or_none(found["earliest_safe_date"]),
        set_aside=tuple(found["set_aside"]),
        unknown_count=found["unknown_count"],
    )


def as_written_now(text: str) -> str:
    """Write a stored screening with what findings had not yet when it was stored, and nothing else.

    Only what was changed by hand differs from what `screening_text` writes of it then.
    """
    found = from_json(text)
    for row in found["findings"]:
        for name, value in _LATER.items():
            row.setdefault(name, value)
    return to_json(found)


_LATER = {"is_label_open": False, "teller": Teller.FORM.value}
"""What is taken for said where a finding was stored before there was such a thing."""


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(
        rule_id=row["rule_id"],
        title=row["title"],
        level=Level(row["level"]),
        effect=Triage(row["effect"]),
        truth=Truth(row["truth"]),
        cited=tuple(Cited(**{**cited, "truth": Truth(cited["truth"])}) for cited in row["cited"]),
        earliest_safe_date=day_or_none(row["earliest_safe_date"]),
        only_dates=row["only_dates"],
        label=row["label"],
        is_label_open=row.get("is_label_open", _LATER["is_label_open"]),
        error=row["error"],
        teller=Teller(row.get("teller", _LATER["teller"])),
    )


def told_text(told: Sequence[Telling]) -> str:
    """Write what was told beside a form."""
    return to_json(told)


def told_of(text: str) -> tuple[Telling, ...]:
    """Read what was told beside a form."""
    return tuple(
        Telling(Teller(row["by"]), row["answers"], frozenset(row["gone"]))
        for row in from_json(text)
    )


def done_text(done: Done) -> str:
    """Write what was done in a session."""
    return to_json(done)


def done_of(text: str) -> Done:
    """Read what was done in a session."""
    found = from_json(text)
    numbed = found.pop("anaesthetic")
    zones = tuple(
        Zone(zone["area"], Decimal(zone["depth_mm"]), zone["passes"]) for zone in found.pop("zones")
    )
    products = tuple(Product(**product) for product in found.pop("products"))
    return Done(
        zones=zones,
        products=products,
        medium=Medium(found.pop("medium")),
        checked=frozenset(found.pop("checked")),
        anaesthetic=Anaesthetic(**numbed) if numbed else None,
        **found,
    )


def decision_text(decision: Decision) -> str:
    """Write a decision."""
    return to_json(decision)


def decision_of(text: str) -> Decision:
    """Read a decision."""
    found = from_json(text)
    return Decision(
        disposition=Disposition(found["disposition"]),
        note=found["note"],
        until=day_or_none(found["until"]),
        overrides=tuple(
            Override(row["rule_id"], OverrideReason(row["reason"]), row["words"])
            for row in found["overrides"]
        ),
        acknowledged=frozenset(found["acknowledged"]),
    )


def signature_text(signature: Signature) -> str:
    """Write a signature."""
    return to_json(signature)


def signature_of(text: str | None) -> Signature | None:
    """Read a signature that may be missing."""
    if text is None:
        return None
    found = from_json(text)
    strokes = tuple(tuple((x, y) for x, y in stroke) for stroke in found["strokes"])
    return Signature(
        SignatureKind(found["kind"]),
        found["statement"],
        found["name"],
        strokes,
        found.get("language", "en"),
    )
