"""Responses and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from intake.core.records import Company, Entry, EntrySource, Response, ResponseStatus
from intake.storage.encoding import (
    from_json,
    instant,
    moment,
    moment_or_none,
    signature_of,
    signature_text,
    to_json,
)
from intake.storage.places import put_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from intake.core.answers import Raw
    from intake.core.records import Signature
    from intake.storage.contract import Database
    from intake.storage.store import Store


class UnderWay(NamedTuple):
    """A form that is being filled, or was sent not long ago.

    Attributes:
        sent_at: None while it is being filled.
    """

    response_id: str
    site: str
    begun_at: datetime
    sent_at: datetime | None


def add_response(db: Database, response: Response) -> None:
    """Store a new version with the answers it begins with."""
    db.table("responses").insert(
        {
            "id": response.id,
            "patient_id": response.patient_id,
            "status": response.status.value,
            "pack_hash": response.pack_hash,
            "plan": to_json(response.plan),
            "visited": to_json(response.visited),
            "begun_at": instant(response.begun_at),
            "begun_by": response.begun_by,
            "replaces": response.replaces,
            "language": response.language,
            "help": to_json(response.help),
            "helper": response.helper,
            "follows": response.follows,
            "carried": to_json(response.carried),
            "site": response.site,
        }
    )
    if earlier := response.replaces or response.follows:
        _carry_over(db, earlier, response.id)
    if response.follows:
        _take_away_all_but(db, response.id, response.carried)
    if not response.replaces:
        given = {k: v for k, v in response.answers.items() if k not in response.carried}
        put_answers(db, response.id, given, response.begun_at, language=response.language)
    put_place(db, response.id)


def _carry_over(db: Database, old: str, new: str) -> None:
    """Copy the answers of an earlier form, with when and how each was given and confirmed."""
    db.execute(
        "INSERT INTO answers (response_id, link_id, value, answered_at, language, confirmed_at)"
        " SELECT ?, link_id, value, answered_at, language, confirmed_at"
        " FROM answers WHERE response_id = ?"
        " ORDER BY rowid",
        [new, old],
    )


def _take_away_all_but(db: Database, response_id: str, kept: Collection[str]) -> None:
    marks = ", ".join("?" for _ in kept)
    db.execute(
        f"DELETE FROM answers WHERE response_id = ? AND link_id NOT IN ({marks})",  # noqa: S608
        [response_id, *kept],
    )


def put_answers(
    db: Database, response_id: str, answers: Mapping[str, Raw], now: datetime, *, language: str
) -> None:
    """Store answers with the language in which their questions were read.

    They replace earlier ones of the same questions; None takes one away.
    """
    for link_id, value in answers.items():
        if value is None:
            db.execute(
                "DELETE FROM answers WHERE response_id = ? AND link_id = ?", [response_id, link_id]
            )
            continue
        db.execute(
            "INSERT INTO answers (response_id, link_id, value, answered_at, language, confirmed_at)"
            " VALUES (:id, :link, :value, :now, :language, :now)"
            " ON CONFLICT (response_id, link_id) DO UPDATE SET confirmed_at = :now, value = :value,"
            " answered_at = CASE answers.value WHEN :value THEN answers.answered_at ELSE :now END,"
            " language = CASE answers.value WHEN :value THEN answers.language ELSE :language END",
            {
                "id": response_id,
                "link": link_id,
                "value": to_json(value),
                "now": instant(now),
                "language": language,
            },
        )


def confirm_carried(
    db: Database, response_id: str, link_ids: Collection[str], now: datetime
) -> None:
    """Note that answers from an earlier form still hold; they wait for it no more."""
    for link_id in link_ids:
        db.execute(
            "UPDATE answers SET confirmed_at = ? WHERE response_id = ? AND link_id = ?",
            [instant(now), response_id, link_id],
        )
    row = next(iter(db.query("SELECT carried FROM responses WHERE id = ?", [response_id])))
    left = frozenset(from_json(row["carried"])) - frozenset(link_ids)
    db.execute("UPDATE responses SET carried = ? WHERE id = ?", [to_json(left), response_id])


def put_visited(db: Database, response_id: str, visited: frozenset[str]) -> None:
    """Store which pages were left with Continue."""
    db.execute("UPDATE responses SET visited = ? WHERE id = ?", [to_json(visited), response_id])


def put_plan(db: Database, response_id: str, plan: Mapping[str, Raw]) -> None:
    """Store the treatment plan of a form that is still being filled."""
    db.execute("UPDATE responses SET plan = ? WHERE id = ?", [to_json(plan), response_id])


def put_help(db: Database, response_id: str, link_ids: frozenset[str]) -> None:
    """Store with which questions the patient asked for help."""
    db.execute("UPDATE responses SET help = ? WHERE id = ?", [to_json(link_ids), response_id])


def put_helper(db: Database, response_id: str, helper: Company) -> None:
    """Store who helps to fill a form."""
    db.execute("UPDATE responses SET helper = ? WHERE id = ?", [helper.value, response_id])


def put_entry(db: Database, response_id: str, entry: Entry) -> None:
    """Store who at the desk enters the answers, and from what; that nobody helped is over."""
    db.execute(
        "UPDATE responses SET entered_by = ?, entered_from = ?, entered_at = ?,"
        " helper = nullif(helper, 'nobody') WHERE id = ?",
        [entry.by, entry.source.value, instant(entry.at), response_id],
    )


def put_language(db: Database, response_id: str, language: str) -> None:
    """Store the language in which a form that is still being filled goes on."""
    db.execute("UPDATE responses SET language = ? WHERE id = ?", [language, response_id])


def new_receipt(store: Store) -> str:
    """Return a number that no form has."""
    sql = "SELECT 1 FROM responses WHERE receipt = ?"
    return store.new_number(8, lambda number: store.row(sql, [number]) is not None)


def complete(
    db: Database, response_id: str, *, signature: Signature, receipt: str, now: datetime
) -> None:
    """Close a form for good."""
    db.execute(
        "UPDATE responses SET status = 'completed', submitted_at = ?, receipt = ?, signature = ?"
        " WHERE id = ? AND status = 'in-progress'",
        [instant(now), receipt, signature_text(signature), response_id],
    )
    put_place(db, response_id)


def set_status(db: Database, response_id: str, status: ResponseStatus) -> None:
    """Stop an unfinished form, or mark a completed one as entered in error."""
    db.execute("UPDATE responses SET status = ? WHERE id = ?", [status.value, response_id])
    put_place(db, response_id)


def sent_of_patient_with(store: Store, response_id: str) -> list[str]:
    """Return the forms that a patient has sent, by one of them."""
    rows = store.rows(
        "SELECT r.id FROM responses r JOIN responses this ON this.patient_id = r.patient_id"
        " WHERE this.id = ? AND r.status = 'completed'",
        [response_id],
    )
    return [row["id"] for row in rows]


def response(store: Store, response_id: str) -> Response | None:
    """Return one version with its answers."""
    return each_response(store, [response_id]).get(response_id)


def each_response(store: Store, response_ids: Sequence[str]) -> dict[str, Response]:
    """Return some versions with their answers, by id; those that are gone are left out."""
    return {id_: form for id_, (form, _) in each_as_read(store, response_ids).items()}


def each_as_read(
    store: Store, response_ids: Sequence[str]
) -> dict[str, tuple[Response, dict[str, str]]]:
    """Return some versions, each with the language in which each of its questions was read."""
    marks = ", ".join("?" for _ in response_ids)
    answers: dict[str, dict[str, Raw]] = {response_id: {} for response_id in response_ids}
    languages: dict[str, dict[str, str]] = {response_id: {} for response_id in response_ids}
    for row in store.rows(
        "SELECT response_id, link_id, value, language FROM answers"  # noqa: S608
        f" WHERE response_id IN ({marks}) ORDER BY rowid",
        response_ids,
    ):
        answers[row["response_id"]][row["link_id"]] = from_json(row["value"])
        languages[row["response_id"]][row["link_id"]] = row["language"]
    rows = store.rows(f"SELECT * FROM responses WHERE id IN ({marks})", response_ids)  # noqa: S608
    return {row["id"]: (_response(row, answers[row["id"]]), languages[row["id"]]) for row in rows}


def exists(store: Store, response_id: str) -> bool:
    """Tell whether there is a form of this id."""
    return store.row("SELECT 1 FROM responses WHERE id = ?", [response_id]) is not None


def forget_carried(db: Database, response_id: str) -> None:
    """Take away what unfinished forms took over from one that turned out to be wrong."""
    rows = list(
        db.query(
            "SELECT id, carried FROM responses WHERE follows = ? AND status = 'in-progress'",
            [response_id],
        )
    )
    for row in rows:
        drop_carried(db, row["id"], from_json(row["carried"]))


def drop_carried(db: Database, response_id: str, link_ids: Iterable[str]) -> None:
    """Take away answers of an earlier visit that nobody confirmed."""
    for link_id in link_ids:
        db.execute(
            "DELETE FROM answers WHERE response_id = ? AND link_id = ?", [response_id, link_id]
        )
    db.execute("UPDATE responses SET carried = '[]' WHERE id = ?", [response_id])


def confirmed_times(store: Store, response_id: str) -> dict[str, datetime]:
    """Return when each answer was given, or last confirmed."""
    rows = store.rows(
        "SELECT link_id, coalesce(confirmed_at, answered_at) AS at FROM answers"
        " WHERE response_id = ?",
        [response_id],
    )
    return {row["link_id"]: moment(row["at"]) for row in rows}


def answer_times(store: Store, response_id: str) -> dict[str, datetime]:
    """Return when each answer was given."""
    rows = store.rows(
        "SELECT link_id, answered_at FROM answers WHERE response_id = ?", [response_id]
    )
    return {row["link_id"]: moment(row["answered_at"]) for row in rows}


def answer_languages(store: Store, response_id: str) -> dict[str, str]:
    """Return the language in which each question was read when it was answered."""
    rows = store.rows("SELECT link_id, language FROM answers WHERE response_id = ?", [response_id])
    return {row["link_id"]: row["language"] for row in rows}


def ids_of(store: Store, patient_id: str) -> list[str]:
    """Return the forms of a patient that were not withdrawn, oldest first."""
    rows = store.rows(
        "SELECT id FROM responses WHERE patient_id = ?"
        " AND status IN ('in-progress', 'completed') ORDER BY begun_at, id",
        [patient_id],
    )
    return [row["id"] for row in rows]


def under_way(store: Store, patient_id: str, since: datetime) -> list[UnderWay]:
    """Return the forms of a patient that are being filled, or were sent *since*; newest first."""
    rows = store.rows(
        "SELECT id, site, begun_at, submitted_at FROM responses WHERE patient_id = ?"
        " AND (status = 'in-progress' OR (status = 'completed' AND submitted_at >= ?))"
        " ORDER BY begun_at DESC, id",
        [patient_id, instant(since)],
    )
    return [
        UnderWay(
            row["id"], row["site"], moment(row["begun_at"]), moment_or_none(row["submitted_at"])
        )
        for row in rows
    ]


def successor(store: Store, response_id: str) -> str | None:
    """Return the completed version that amends this one."""
    return successors(store, [response_id]).get(response_id)


def successors(store: Store, response_ids: Sequence[str]) -> dict[str, str]:
    """Return the completed version that amends each of some, for those that have one."""
    marks = ", ".join("?" for _ in response_ids)
    rows = store.rows(
        "SELECT replaces, id FROM responses"  # noqa: S608
        f" WHERE replaces IN ({marks}) AND status = 'completed'",
        response_ids,
    )
    return {row["replaces"]: row["id"] for row in rows}


def _response(row: dict[str, Any], answers: dict[str, Raw]) -> Response:
    return Response(
        id=row["id"],
        patient_id=row["patient_id"],
        status=ResponseStatus(row["status"]),
        pack_hash=row["pack_hash"],
        plan=from_json(row["plan"]),
        answers=answers,
        visited=frozenset(from_json(row["visited"])),
        begun_at=moment(row["begun_at"]),
        begun_by=row["begun_by"],
        submitted_at=moment_or_none(row["submitted_at"]),
        receipt=row["receipt"],
        replaces=row["replaces"],
        signature=signature_of(row["signature"]),
        language=row["language"],
        help=frozenset(from_json(row["help"])),
        helper=Company(row["helper"]) if row["helper"] else None,
        entered=_entry(row),
        follows=row["follows"],
        carried=frozenset(from_json(row["carried"])),
        site=row["site"],
    )


def _entry(row: dict[str, Any]) -> Entry | None:
    if row["entered_by"] is None:
        return None
    source = EntrySource(row["entered_from"])
    return Entry(row["entered_by"], source, moment(row["entered_at"]))


def amendment_in_progress(store: Store, response_id: str) -> Response | None:
    """Return the version that is being filled to amend this one."""
    row = store.row(
        "SELECT id FROM responses WHERE replaces = ? AND status = 'in-progress'", [response_id]
    )
    return response(store, row["id"]) if row else None
