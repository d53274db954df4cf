"""Cards that were given to other systems, and what was answered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.clients import CardAnswer
from intake.storage.encoding import instant, moment
from intake.storage.places import at_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def add_cards(
    db: Database, client_id: str, given: Iterable[tuple[str, str, str | None]], now: datetime
) -> None:
    """Note which cards were given: their ids, rules and cases."""
    db.conn.executemany(
        "INSERT INTO cards (id, client_id, response_id, rule_id, given_at)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(id_, client_id, case, rule_id, instant(now)) for id_, rule_id, case in given],
    )


def forget_cards(db: Database, before: datetime) -> None:
    """Forget cards that nobody answered for so long."""
    db.execute("DELETE FROM cards WHERE given_at < ?", [instant(before)])


def card(store: Store, card_id: str, client_id: str) -> tuple[str | None, str] | None:
    """Return the case and the rule of a card that a system was given; None for another's."""
    row = store.row(
        "SELECT response_id, rule_id FROM cards WHERE id = ? AND client_id = ?",
        [card_id, client_id],
    )
    return (row["response_id"], row["rule_id"]) if row else None


def put_answer(db: Database, said: CardAnswer) -> None:
    """Keep what was said to a card; what was said last counts, whenever it arrived."""
    db.execute(
        "INSERT INTO card_answers (id, response_id, client_id, rule_id, outcome, reason, words,"
        " said_at, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " outcome = excluded.outcome, reason = excluded.reason, words = excluded.words,"
        " said_at = excluded.said_at, at = excluded.at"
        " WHERE excluded.said_at >= card_answers.said_at",
        [
            said.id, said.response_id, said.client_id, said.rule_id, said.outcome, said.reason,
            said.words, instant(said.said_at), instant(said.at),
        ],
    )  # fmt: skip


def answers_to(store: Store, response_id: str) -> list[CardAnswer]:
    """Return what was said elsewhere to the findings of a case, oldest first."""
    return answers_to_each(store, [response_id])[response_id]


def answers_to_each(store: Store, response_ids: Sequence[str]) -> dict[str, list[CardAnswer]]:
    """Return what was said elsewhere to the findings of each of some cases, oldest first."""
    found: dict[str, list[CardAnswer]] = {id_: [] for id_ in response_ids}
    marks = ", ".join("?" for _ in response_ids)
    for row in store.rows(
        f"SELECT * FROM card_answers WHERE response_id IN ({marks}) ORDER BY at, id",  # noqa: S608
        response_ids,
    ):
        found[row["response_id"]].append(_answer(row))
    return found


def newest_sent(store: Store, patient_id: str, sites: frozenset[str] | None) -> str | None:
    """Return the form that a patient sent last, of those that count, at some sites."""
    at, named = at_sites("site", sites)
    row = store.row(
        f"SELECT id FROM responses WHERE patient_id = :patient AND status = 'completed' AND {at}"  # noqa: S608
        " ORDER BY submitted_at DESC LIMIT 1",
        {"patient": patient_id, **named},
    )
    return row["id"] if row else None


def is_left_behind(store: Store, response_id: str, sites: frozenset[str] | None) -> bool:
    """Tell whether a form is being amended, or one that was sent later was withdrawn."""
    at, named = at_sites("n.site", sites)
    row = store.row(
        "SELECT 1 AS one FROM responses r JOIN responses n ON n.patient_id = r.patient_id"  # noqa: S608
        f" WHERE r.id = :id AND {at} AND ((n.replaces = r.id AND n.status = 'in-progress')"
        " OR (n.status = 'entered-in-error' AND n.submitted_at >= r.submitted_at)) LIMIT 1",
        {"id": response_id, **named},
    )
    return row is not None


def _answer(row: dict[str, Any]) -> CardAnswer:
    return CardAnswer(**{**row, "said_at": moment(row["said_at"]), "at": moment(row["at"])})
