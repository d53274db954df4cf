"""Second factors: seeds of one-time codes, recovery codes, passkeys, sign-ins half done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from intake.storage.encoding import instant, moment, moment_or_none
from intake.storage.people import hashed
from intake.storage.sealing import SealedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store

CHALLENGES_KEPT = timedelta(days=1)
SEED = SealedColumn("second_factors", "seed")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that had the right password and waits for the second factor."""

    token_hash: str
    practitioner_id: str
    at: datetime
    browser: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a device keeps for its owner.

    Attributes:
        host: The name of the server it was made for; browsers use it nowhere else.
        credential: By what the device knows it, as base64url.
        public_key: What its signatures are checked with, as base64url.
        uses: How often the device says it was used; 0 where it does not count.
    """

    id: str
    practitioner_id: str
    host: str
    credential: str
    public_key: str
    uses: int
    name: str
    added_at: datetime
    used_at: datetime | None


def put_seed(db: Database, key: bytes, practitioner_id: str, seed: str) -> None:
    """Keep a seed that its owner has not confirmed yet, in the place of any other."""
    db.execute(
        "INSERT INTO second_factors (practitioner_id, seed, confirmed_at) VALUES (?, ?, NULL)"
        " ON CONFLICT (practitioner_id) DO UPDATE SET seed = excluded.seed, confirmed_at = NULL",
        [practitioner_id, SEED.seal(key, practitioner_id, seed)],
    )


def seed_of(store: Store, key: bytes, practitioner_id: str, *, confirmed: bool) -> str | None:
    """Return a seed, one that was confirmed or one that was not; None when there is none such."""
    row = store.row(
        "SELECT seed FROM second_factors WHERE practitioner_id = ?"
        " AND CASE WHEN confirmed_at IS NULL THEN 0 ELSE 1 END = ?",
        [practitioner_id, int(confirmed)],
    )
    return SEED.open(key, practitioner_id, row["seed"]) if row else None


def confirm_seed(db: Database, practitioner_id: str, now: datetime) -> None:
    """Note that its owner can make codes with the seed."""
    db.execute(
        "UPDATE second_factors SET confirmed_at = ? WHERE practitioner_id = ?",
        [instant(now), practitioner_id],
    )


def forget(db: Database, practitioner_id: str) -> None:
    """Take every second factor of an account away; no code of the old seed fits the next one."""
    for table in ("second_factors", "codes_used", "recovery_codes", "passkeys"):
        db.table(table).delete_where("practitioner_id = ?", [practitioner_id])


def forget_unconfirmed(db: Database, practitioner_id: str) -> None:
    """Take away a seed that was shown and never confirmed: somebody else may have seen it."""
    db.table("second_factors").delete_where(
        "practitioner_id = ? AND confirmed_at IS NULL", [practitioner_id]
    )


def spend_step(db: Database, practitioner_id: str, step: int, newest: int) -> bool:
    """Use up the code of a step; False when it, or a later one, was used before.

    Steps after *newest* were used while the clock was wrong, and lock nobody out; none of them
    works a second time all the same.
    """
    cursor = db.execute(
        "INSERT INTO codes_used (practitioner_id, step) SELECT :who, :step"
        " WHERE NOT EXISTS (SELECT 1 FROM codes_used WHERE practitioner_id = :who"
        " AND step BETWEEN :step AND :newest) ON CONFLICT DO NOTHING",
        {"who": practitioner_id, "step": step, "newest": newest},
    )
    return cursor.rowcount == 1


def put_recovery_codes(db: Database, practitioner_id: str, codes: Iterable[str]) -> None:
    """Keep new recovery codes, as hashes; those of before are gone."""
    db.execute("DELETE FROM recovery_codes WHERE practitioner_id = ?", [practitioner_id])
    for code in codes:
        db.execute(
            "INSERT INTO recovery_codes (practitioner_id, code_hash) VALUES (?, ?)",
            [practitioner_id, hashed(code)],
        )


def spend_recovery_code(db: Database, practitioner_id: str, code: str, now: datetime) -> bool:
    """Use up a recovery code; False when it is none, or was used before."""
    cursor = db.execute(
        "UPDATE recovery_codes SET used_at = ?"
        " WHERE practitioner_id = ? AND code_hash = ? AND used_at IS NULL",
        [instant(now), practitioner_id, hashed(code)],
    )
    return cursor.rowcount == 1


def recovery_codes_left(store: Store, practitioner_id: str) -> int:
    """Count the recovery codes that still work."""
    row = store.row(
        "SELECT count(*) AS n FROM recovery_codes WHERE practitioner_id = ? AND used_at IS NULL",
        [practitioner_id],
    )
    return int(row["n"]) if row else 0


def begin_sign_in(
    db: Database, token: str, practitioner_id: str, browser: str, now: datetime
) -> None:
    """Keep that somebody had the right password; it opens nothing."""
    db.execute(
        "INSERT INTO sign_ins_begun (token_hash, practitioner_id, at, browser) VALUES (?, ?, ?, ?)",
        [hashed(token), practitioner_id, instant(now), browser],
    )


def begun(store: Store, token: str) -> Begun | None:
    """Return a sign-in that waits for its second factor, unless it was ended."""
    row = store.row(
        "SELECT * FROM sign_ins_begun WHERE token_hash = ? AND ended_at IS NULL", [hashed(token)]
    )
    if row is None:
        return None
    return Begun(row["token_hash"], row["practitioner_id"], moment(row["at"]), row["browser"])


def end_begun(db: Database, token_hash: str, now: datetime) -> bool:
    """End a sign-in that waited; False when it had ended before."""
    cursor = db.execute(
        "UPDATE sign_ins_begun SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL",
        [instant(now), token_hash],
    )
    return cursor.rowcount == 1


def put_challenge(db: Database, token: str, challenge: str, now: datetime) -> None:
    """Keep what a device is asked to sign, for whoever holds a token."""
    db.execute("DELETE FROM challenges WHERE at < ?", [instant(now - CHALLENGES_KEPT)])
    db.execute(
        "INSERT INTO challenges (token_hash, challenge, at) VALUES (?, ?, ?)"
        " ON CONFLICT (token_hash) DO UPDATE SET challenge = excluded.challenge, at = excluded.at",
        [hashed(token), challenge, instant(now)],
    )


def take_challenge(db: Database, token: str) -> tuple[str, datetime] | None:
    """Return what was asked and when, once."""
    rows = list(
        db.query(
            "DELETE FROM challenges WHERE token_hash = ? RETURNING challenge, at", [hashed(token)]
        )
    )
    return (rows[0]["challenge"], moment(rows[0]["at"])) if rows else None


def add_passkey(db: Database, passkey: Passkey) -> None:
    """Keep a passkey."""
    db.table("passkeys").insert(
        {
            "id": passkey.id,
            "practitioner_id": passkey.practitioner_id,
            "host": passkey.host,
            "credential": passkey.credential,
            "public_key": passkey.public_key,
            "uses": passkey.uses,
            "name": passkey.name,
            "added_at": instant(passkey.added_at),
        }
    )


def passkeys_of(store: Store, practitioner_id: str) -> list[Passkey]:
    """Return the passkeys of an account, oldest first."""
    rows = store.rows(
        "SELECT * FROM passkeys WHERE practitioner_id = ? ORDER BY added_at, rowid",
        [practitioner_id],
    )
    return [_passkey(row) for row in rows]


def is_passkey(store: Store, credential: str) -> bool:
    """Tell whether some account has a passkey that a device knows by this."""
    return store.row("SELECT 1 FROM passkeys WHERE credential = ?", [credential]) is not None


def use_passkey(db: Database, passkey_id: str, was: int, uses: int, now: datetime) -> bool:
    """Note that a passkey was used; False when its count is not what it was."""
    cursor = db.execute(
        "UPDATE passkeys SET uses = ?, used_at = ? WHERE id = ? AND uses = ?",
        [uses, instant(now), passkey_id, was],
    )
    return cursor.rowcount == 1


def remove_passkey(db: Database, passkey_id: str, practitioner_id: str) -> bool:
    """Take a passkey away from its owner; False when it is not theirs."""
    cursor = db.execute(
        "DELETE FROM passkeys WHERE id = ? AND practitioner_id = ?", [passkey_id, practitioner_id]
    )
    return cursor.rowcount == 1


def _passkey(row: dict[str, Any]) -> Passkey:
    return Passkey(
        row["id"],
        row["practitioner_id"],
        row["host"],
        row["credential"],
        row["public_key"],
        row["uses"],
        row["name"],
        moment(row["added_at"]),
        moment_or_none(row["used_at"]),
    )
