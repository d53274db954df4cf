"""The facts that figures are counted from, read row by row: no names, no words, no keys of people.

What a finding cites and what somebody wrote stay in the database: of a screening only the rules
come out, of a decision only the codes. Each query goes through the forms of the period once, for
which there is no index, since a clinic's forms of years are read in a fraction of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from intake.core.answers import Missing
from intake.core.decisions import Disposition, OverrideReason
from intake.core.rules import Triage
from intake.core.tally import ENDS, Decided, Found, Screened, Sent
from intake.core.truth import Truth
from intake.core.unknowns import Asked
from intake.storage.encoding import day_or_none, from_json, instant, moment, to_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Period:
    """Which forms to count.

    Attributes:
        begins: The first instant.
        ends: The instant before which it is over.
        pack_hash: Only what was begun with, or screened under, this pack; blank for any.
    """

    begins: datetime
    ends: datetime
    pack_hash: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """What stands for it in a query."""
        begins, ends = instant(self.begins), instant(self.ends)
        return {"begins": begins, "ends": ends, "pack": self.pack_hash}


_SENT = "r.status = 'completed' AND r.submitted_at >= :begins AND r.submitted_at < :ends"
_NEWEST = (
    "NOT EXISTS (SELECT 1 FROM responses n WHERE n.replaces = r.id AND n.status = 'completed')"
)
_BEGUN_WITH = "(:pack = '' OR r.pack_hash = :pack)"
_FIRST = "(SELECT min(sequence) FROM screenings WHERE response_id = r.id)"

_CASES = f"""
SELECT r.submitted_at,
    (SELECT json_group_array(json_array(s.sequence, s.id, s.pack_hash, s.triage, (
        SELECT json_group_array(
            json(json_extract(f.value, '$.rule_id', '$.truth', '$.effect')))
        FROM json_each(s.content, '$.findings') f)))
     FROM screenings s
     WHERE s.response_id = r.id AND (:pack = '' OR s.pack_hash = :pack)) AS screenings,
    (SELECT json_group_array(json_array(v.sequence, v.screening_id, v.disposition, v.at, v.until, (
        SELECT json_group_array(json(json_extract(o.value, '$.rule_id', '$.reason')))
        FROM json_each(v.decision, '$.overrides') o)))
     FROM reviews v WHERE v.response_id = r.id) AS reviews
FROM responses r WHERE {_SENT} AND {_NEWEST}
"""  # noqa: S608 - nothing but the pieces above is put in


def cases(store: Store, period: Period) -> Iterator[Sent]:
    """Yield the cases of a period, each with what was found and decided."""
    for row in store.each(_CASES, period.parameters):
        yield Sent(
            moment(row["submitted_at"]),
            tuple(_screened(*one) for one in sorted(_listed(row["screenings"]))),
            tuple(_decided(*one) for one in sorted(_listed(row["reviews"]))),
        )


def _listed(text: str | None) -> list[list[Any]]:
    """Read a list that a database made; one that would be empty is nothing to some."""
    return from_json(text) if text else []


def _screened(
    _sequence: int, id_: str, pack_hash: str, triage: str, found: list[list[str]] | None
) -> Screened:
    return Screened(id_, pack_hash, Triage(triage), tuple(_found(*one) for one in found or ()))


@lru_cache(4096)
def _found(rule_id: str, truth: str, effect: str) -> Found:
    """Return a finding; a clinic has some hundreds that differ, and many thousands of each."""
    return Found(rule_id, Truth(truth), Triage(effect))


def _decided(
    _sequence: int,
    screening_id: str,
    disposition: str,
    at: str,
    until: str | None,
    reasons: list[list[str]] | None,
) -> Decided:
    why = {rule_id: OverrideReason(reason) for rule_id, reason in reasons or ()}
    return Decided(screening_id, Disposition(disposition), moment(at), day_or_none(until), why)


def sent(store: Store, period: Period) -> Iterator[tuple[datetime, Triage]]:
    """Yield when each form was sent, with its first triage, those replaced since included."""
    rows = store.each(
        "SELECT r.submitted_at, s.triage FROM responses r"  # noqa: S608 - as above
        f" JOIN screenings s ON s.response_id = r.id AND s.sequence = {_FIRST}"
        f" WHERE {_SENT} AND {_BEGUN_WITH}",
        period.parameters,
    )
    for row in rows:
        yield moment(row["submitted_at"]), Triage(row["triage"])


def decided(store: Store, period: Period) -> Iterator[tuple[str, datetime, Triage]]:
    """Yield the decisions of a period that are an end: the case, when, the triage it had."""
    marks = {f"end{n}": end.value for n, end in enumerate(ENDS)}
    rows = store.each(
        "SELECT v.response_id, v.at, s.triage FROM reviews v"  # noqa: S608 - as above
        " JOIN responses r ON r.id = v.response_id JOIN screenings s ON s.id = v.screening_id"
        " WHERE v.at >= :begins AND v.at < :ends AND r.status = 'completed'"
        f" AND {_BEGUN_WITH} AND v.disposition IN ({', '.join(':' + mark for mark in marks)})"
        " ORDER BY v.response_id, v.sequence",
        {**period.parameters, **marks},
    )
    for row in rows:
        yield row["response_id"], moment(row["at"]), Triage(row["triage"])


@dataclass(frozen=True, slots=True)
class Kept:
    """A pack that was kept."""

    hash: str
    version: str


def kept_packs(store: Store) -> list[Kept]:
    """Return every pack that was kept, the newest first."""
    rows = store.rows("SELECT hash, version FROM packs ORDER BY kept_at DESC, hash")
    return [Kept(row["hash"], row["version"]) for row in rows]


def used_packs(store: Store, period: Period) -> set[str]:
    """Return the packs with which a form of the period was begun, or under which it was screened.

    Of a period that wants only one pack, at most that one.
    """
    rows = store.rows(
        f"SELECT r.pack_hash FROM responses r WHERE {_SENT} UNION"  # noqa: S608 - as above
        " SELECT s.pack_hash FROM responses r JOIN screenings s ON s.response_id = r.id"
        f" WHERE {_SENT}",
        {k: v for k, v in period.parameters.items() if k != "pack"},
    )
    used = {row["pack_hash"] for row in rows}
    return used & {period.pack_hash} if period.pack_hash else used


_ANSWERS = f"FROM responses r JOIN answers a ON a.response_id = r.id WHERE {_SENT} AND {_NEWEST}"
_SET_ASIDE = f"""
SELECT r.pack_hash, a.link_id, a.value, -count(*) AS n
FROM responses r CROSS JOIN screenings s ON s.response_id = r.id AND s.sequence = {_FIRST}
CROSS JOIN json_each(s.content, '$.set_aside') x
CROSS JOIN answers a ON a.response_id = r.id AND a.link_id = x.value
WHERE {_SENT} AND {_NEWEST} AND {_BEGUN_WITH} GROUP BY r.pack_hash, a.link_id, a.value
"""  # noqa: S608 - as above; CROSS JOIN keeps the order: few answers are set aside
_LEFT_OPEN = tuple(to_json(code.value) for code in (Missing.NOT_SURE, Missing.WITHHELD))


def set_aside(store: Store, period: Period) -> Iterator[Asked]:
    """Yield what is to be taken back: answers to questions that were asked no more in the end."""
    for row in store.each(_SET_ASIDE, period.parameters):
        yield _said(row)


def asked(store: Store, period: Period, pack_hashes: Collection[str]) -> Iterator[Asked]:
    """Yield how many forms have an answer to each question, for each pack.

    Pack by pack, since the index of the answers then does without the answers themselves.
    """
    for pack_hash in pack_hashes:
        rows = store.each(
            f"SELECT a.link_id, count(*) AS n {_ANSWERS}"
            " AND r.pack_hash = :pack GROUP BY a.link_id",
            {**period.parameters, "pack": pack_hash},
        )
        for row in rows:
            yield Asked(pack_hash, row["link_id"], row["n"])


def answered(store: Store, period: Period, lists: Collection[str]) -> Iterator[Asked]:
    """Yield every value that may leave a question open, and how many forms have it.

    Args:
        store: Where the answers are.
        period: Which forms.
        lists: The questions whose answers have to be read to know; each different one is yielded.
    """
    marks = {f"list{n}": link_id for n, link_id in enumerate(lists)}
    values = {f"value{n}": value for n, value in enumerate(_LEFT_OPEN)}
    wanted = (
        f"(a.value IN ({', '.join(':' + mark for mark in values)})"
        f" OR a.link_id IN ({', '.join(':' + mark for mark in marks)}))"
    )
    rows = store.each(
        f"SELECT r.pack_hash, a.link_id, a.value, count(*) AS n {_ANSWERS}"
        f" AND {_BEGUN_WITH} AND {wanted} GROUP BY r.pack_hash, a.link_id, a.value",
        {**period.parameters, **marks, **values},
    )
    for row in rows:
        yield _said(row)


def _said(row: dict[str, Any]) -> Asked:
    return Asked(row["pack_hash"], row["link_id"], row["n"], from_json(row["value"]))
