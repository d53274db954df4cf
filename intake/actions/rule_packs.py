"""Keeping rule packs, and putting one in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions import pack_checks
from intake.actions.changeover import change_over
from intake.actions.permission import require_operator
from intake.core.blank import worded
from intake.core.errors import AnswerError, ConflictError, NotFoundError, PackError, StateError
from intake.core.former_names import mixed
from intake.packs import hash_of, load_texts, texts_of
from intake.packs.choosing import with_choices_of
from intake.packs.draft import CLINIC
from intake.storage import audit, packs_kept

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from intake.actions.pack_checks import Checked
    from intake.actions.permission import Operator
    from intake.core.rules import RulePack
    from intake.storage import Store
    from intake.storage.packs_kept import Activation, KeptPack, LastCheck

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class PackHistory:
    """A kept pack, and when it was in force.

    Attributes:
        activations: The last first; empty when it never was.
        checked: Its last check in this clinic.
    """

    kept: KeptPack
    activations: tuple[Activation, ...]
    checked: LastCheck | None
    is_in_force: bool

    @property
    def may_be_put_in_force(self) -> bool:
        """Whether enough is known about it: it was checked here, or has been in force."""
        return not self.is_in_force and bool(self.checked or self.activations)


def activate(
    store: Store, files: Mapping[str, str], *, actor: str, now: datetime, reason: str = ""
) -> RulePack:
    """Keep a pack whole and put it in force for new intakes.

    Raises:
        PackError: it cannot be used; the pack in force stays.
    """
    pack = load_texts(files, now.date())
    _require_own_histories(store, pack, now.date())
    detail = {"reason": _readable(reason)} if reason else {}
    with store.write() as db:
        packs_kept.keep_pack(
            db, hash_=pack.hash, name=pack.name, version=pack.version, files=files, now=now
        )
        before = packs_kept.in_force(store)
        packs_kept.put_in_force(db, pack.hash, by=actor, now=now)
        change_over(store, db, pack.hash, before=before, by=actor, now=now)
        audit.append(
            db, at=now, actor=actor, action=packs_kept.PUT_IN_FORCE, subject=pack.hash, **detail
        )
    return pack


def _require_own_histories(store: Store, pack: RulePack, on: date) -> None:
    """Refuse a pack under which answers to different questions would have one name in tables.

    One that was in force already may always be put in force again.

    Raises:
        PackError: a question takes another kind of answer than before, or lost its history's name.
    """
    earlier = dict.fromkeys(one.pack_hash for one in packs_kept.activations(store))
    if pack.hash in earlier:
        return
    faults: dict[str, None] = {}
    for hash_ in earlier:
        try:
            before = kept_pack(store, hash_, on).items
        except PackError:
            continue  # it can be read no more, and must not keep its successors out
        for link_id, words in mixed(before, pack.items):
            faults[f"{pack.places[link_id]}: {words}"] = None
    if faults:
        raise PackError(list(faults))


def _readable(reason: str) -> str:
    return worded(reason)[:LONGEST_REASON]


def hash_in_force(store: Store) -> str | None:
    """Return the content hash of the pack in force; None in a clinic that has none yet."""
    return packs_kept.in_force(store)


def kept_pack(store: Store, hash_: str, on: date) -> RulePack:
    """Load a pack as it was kept, with what the clinic had decided for the day *on*.

    Raises:
        NotFoundError: no pack of that hash was kept.
        PackError: it cannot be read, or is not what was kept under that hash.
    """
    pack = load_texts(files_of(store, hash_), on)
    if pack.hash != hash_:
        msg = "these are not the files that were kept under this hash; restore a backup"
        raise PackError([f"pack.yaml:1: {msg}"])
    return pack


def files_of(store: Store, hash_: str) -> dict[str, str]:
    """Return the files of a kept pack.

    Raises:
        NotFoundError: no pack of that hash was kept.
    """
    files = packs_kept.files_of(store, hash_)
    if files is None:
        msg = "No rule pack with this content hash was kept."
        raise NotFoundError(msg)
    return files


def files_in_force(store: Store) -> dict[str, str]:
    """Return the files of the pack in force; none in a clinic that has none yet."""
    hash_ = hash_in_force(store)
    return files_of(store, hash_) if hash_ else {}


def with_choices_in_force(store: Store, files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a pack with what the clinic has chosen in the pack in force."""
    return with_choices_of(files, files_in_force(store))


def differ_on_disk(store: Store, rules: Path, clinic_file: Path | None) -> bool:
    """Tell whether a pack on the disk is another one than that in force, or cannot be read.

    Nothing looks there but what is asked to: files on the disk change nothing by themselves.
    """
    try:
        files = texts_of(rules, clinic=clinic_file)
    except PackError:
        return True
    if clinic_file is None:
        files = with_choices_in_force(store, files)
    return hash_of(files) != hash_in_force(store)


def earlier_on_disk(store: Store, rules: Path, clinic_file: Path | None) -> str:
    """Return the version of a pack on the disk that was in force before; blank for any other.

    Where rules are put in force at the desk, the files they came after stay where they are, and
    nobody has edited them.
    """
    try:
        files = texts_of(rules, clinic=clinic_file)
    except PackError:
        return ""
    for hash_ in dict.fromkeys(one.pack_hash for one in packs_kept.activations(store)):
        kept = files_of(store, hash_)
        if kept == files or (clinic_file is None and _bare(kept) == _bare(files)):
            return packs_kept.version_of(store, hash_)
    return ""


def list_packs(store: Store, *, by: Operator) -> list[PackHistory]:
    """Return every kept pack with its history, the one kept last first."""
    require_operator(by)
    in_force, every = hash_in_force(store), packs_kept.activations(store)
    return [
        PackHistory(
            kept,
            tuple(one for one in every if one.pack_hash == kept.hash),
            packs_kept.last_check(store, kept.hash),
            kept.hash == in_force,
        )
        for kept in packs_kept.kept_packs(store)
    ]


def history_of(store: Store, *, hash_: str, by: Operator) -> PackHistory:
    """Return one kept pack with its history.

    Raises:
        NotFoundError: no pack of that hash was kept.
    """
    for found in list_packs(store, by=by):
        if found.kept.hash == hash_:
            return found
    msg = "No rule pack with this content hash was kept."
    raise NotFoundError(msg)


def require_may_be_put_in_force(found: PackHistory) -> None:
    """Let a pack pass about which enough is known.

    Raises:
        StateError: it is in force, or was neither checked nor ever in force.
    """
    if not found.may_be_put_in_force:
        msg = "It is in force already." if found.is_in_force else "Check this pack first."
        raise StateError(msg)


def check_and_keep(
    store: Store, files: Mapping[str, str], *, by: Operator, today: date, now: datetime
) -> Checked:
    """Check a pack and keep it, not in force, so that it can be read and compared.

    Raises:
        PackError: it cannot be loaded; carries every problem found, and nothing is kept.
    """
    actor = require_operator(by)
    only_choices = _only_choices_differ(files_in_force(store), files)
    found = pack_checks.check(files, today, only_choices=only_choices)
    with store.write() as db:
        packs_kept.keep_pack(
            db,
            hash_=found.pack.hash,
            name=found.pack.name,
            version=found.pack.version,
            files=files,
            now=now,
        )
        audit.append(
            db,
            at=now,
            actor=actor,
            action=packs_kept.CHECKED,
            subject=found.pack.hash,
            problems=len(found.problems),
            not_run=len(found.not_run),
        )
    return found


def _only_choices_differ(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return _bare(before) == _bare(after) and before != after


def _bare(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a pack without what the clinic chose."""
    return {name: text for name, text in files.items() if name != CLINIC}


def put_in_force(
    store: Store,
    *,
    hash_: str,
    seen: str,
    reason: str,
    by: Operator,
    today: date,
    now: datetime,
    despite_problems: bool = False,
) -> RulePack:
    """Put a kept pack in force for new intakes, or an earlier one again.

    Args:
        store: Where it is kept.
        hash_: Which pack.
        seen: The hash of the pack in force that it was compared with.
        reason: Why, in words; written to the audit trail.
        by: Who does it.
        today: The clinic's date.
        now: When.
        despite_problems: Whoever does it says that they have read what its check found.

    Raises:
        AnswerError: there is no reason, or it has problems and nobody says they were read.
        NotFoundError: no such pack was kept.
        PackError: this version of the program cannot load it; the pack in force stays.
        StateError: it is in force, or was neither checked nor ever in force.
        ConflictError: another pack was put in force in the meantime.
    """
    actor, reason = require_operator(by), _readable(reason)
    if not reason:
        msg = "Write why it is put in force."
        raise AnswerError(msg)
    pack = kept_pack(store, hash_, today)
    _require_own_histories(store, pack, today)
    with store.write() as db:
        found = history_of(store, hash_=hash_, by=by)
        if seen != hash_in_force(store):
            msg = "Another pack was put in force while you were reading. Nothing was changed."
            raise ConflictError(msg)
        require_may_be_put_in_force(found)
        problems = found.checked.problems if found.checked else 0
        if problems and not despite_problems:
            msg = "Its check found problems. Say that you have read them, or mend them first."
            raise AnswerError(msg)
        packs_kept.put_in_force(db, hash_, by=actor, now=now)
        change_over(store, db, hash_, before=seen, by=actor, now=now)
        audit.append(
            db,
            at=now,
            actor=actor,
            action=packs_kept.PUT_IN_FORCE,
            subject=hash_,
            reason=reason,
            problems=problems or None,
        )
    return pack
