"""A clinic with as many cases as one likes, the same for the same seed.

Some cases are filled in page by page, screened and decided as a clinic does it, each from a
vignette with some answers left open and some given by lot, so that hardly two are alike. The others
are copies of these with ids, patients and numbers of their own, made in SQL: a million forms cannot
be filled in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from intake.actions import accounts, begin, decide, submit
from intake.actions.answer import choose_language, next_screen, save_page
from intake.actions.patients import register_patient
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.cli.surroundings import prepare
from intake.core.decisions import Decision, Disposition
from intake.core.errors import IntakeError
from intake.core.records import Role, Signature, SignatureKind
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage import audit, open_store
from tests.answering import some_answer

if TYPE_CHECKING:
    from pathlib import Path

    from intake.core.answers import Raw
    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack, Vignette
    from intake.storage import Store

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
FILLED = 240
"""How many cases are filled in, unless it is said otherwise; the others are copies."""

OPEN, OTHERWISE = 0.01, 0.03
"""How many of a vignette's questions are not sure in a case, and how many answered by lot."""

_AT_ONCE = 50_000
_LANGUAGES = ("en", "en", "en", "es", "ar")
_FIRST = ("Amina", "Bjørn", "Carla", "Dmitri", "Elif", "Farid", "Grete", "Hana", "Ivo", "Jun")
_LAST = ("Abel", "Brandt", "Costa", "Duarte", "Eze", "Faure", "Gómez", "Holm", "Ito", "Jansen")
_WAY = Signature(SignatureKind.TYPED, submit.STATEMENT, "by name")
_DRAWN = Signature(
    SignatureKind.DRAWN, submit.STATEMENT, "", (tuple((n / 40, (n % 7) / 9) for n in range(40)),)
)


def made(place: Path, number: int, filled: int = FILLED) -> Path:
    """Return the data folder of a clinic of so many cases; one that is there is taken again."""
    data = place / "clinic"
    if not data.exists():
        place.mkdir(parents=True, exist_ok=True)
        settings = replace(read_settings({}), data=data)
        prepare(settings)
        store = open_store(settings.database, read_keys(settings))
        pack = kept_pack(store, hash_in_force(store) or "", NOW.date())
        fill(store, pack, number, filled)
        with store.write() as db:  # commands see that the newest line is sealed before they write
            audit.append(db, at=NOW, actor="nobody", action="cases copied", subject="clinic")
        store.close()
    return data


def fill(store: Store, pack: RulePack, number: int, filled: int = FILLED, seed: int = 0) -> None:
    """Put so many cases into an empty clinic.

    Args:
        store: That of the clinic; nobody else has it open.
        pack: The rules in force.
        number: How many cases.
        filled: How many of them are filled in one by one, at most.
        seed: The same one gives the same cases, but for the ids of those that are filled in.
    """
    chance = Random(seed)  # noqa: S311 - nothing depends on its being hard to guess
    ada, ben = _staff(store)
    for done in range(min(number, filled)):
        _case(store, pack, chance, (ada, ben), NOW - timedelta(hours=done))
    if number > filled:
        copy(store, number - filled)


def _staff(store: Store) -> tuple[Practitioner, Practitioner]:
    """Open an account for a practitioner and one for a dermatologist."""
    roles = {"Ada": Role.PRACTITIONER, "Ben": Role.DERMATOLOGIST}
    ada, ben = (
        accounts.add_account(
            store, username=name.lower(), name=name, role=role, actor="test", now=NOW
        )[0]
        for name, role in roles.items()
    )
    return ada, ben


def _case(
    store: Store,
    pack: RulePack,
    chance: Random,
    staff: tuple[Practitioner, Practitioner],
    now: datetime,
) -> None:
    ada, ben = staff
    vignette = chance.choice(pack.vignettes)
    filled = _filled(store, pack, vignette, chance, ada, now)
    signature = chance.choice((_WAY, _DRAWN))
    try:
        submit.submit(
            store, pack, response_id=filled.id, signature=signature, now=now, today=vignette.on
        )
    except IntakeError:
        return  # it stays as it is: a form that is being filled
    if chance.random() < 0.8:
        decide.decide(
            store, pack, response_id=filled.id, seen=0, by=ben, now=now, today=vignette.on,
            decision=Decision(Disposition.DO_NOT_TREAT, "Not now, and see a doctor."),
        )  # fmt: skip


def _filled(
    store: Store,
    pack: RulePack,
    vignette: Vignette,
    chance: Random,
    by: Practitioner,
    now: datetime,
) -> Response:
    """Fill a form as far as the answers of a vignette go; some of them are others instead."""
    name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}-{chance.randrange(10**6)}"
    born = date.fromisoformat(str(vignette.answers.get("birth_date", "1988-03-12")))
    patient = register_patient(store, name=name, birth_date=born, by=by, now=now)
    response = begin.begin(
        store, pack, patient_id=patient.id, plan=vignette.plan, by=by, now=now, today=vignette.on
    )
    response = choose_language(store, response, chance.choice(_LANGUAGES), now=now)
    answers = {**vignette.answers, **_otherwise(pack, chance)}
    page = next_screen(pack, response, vignette.on, after=None)
    while page is not None:
        raw = {
            item.link_id: answers.get(item.link_id, "not_sure" if item.offers_unknown else None)
            for item in page.items
        }
        try:
            response = save_page(
                store, pack, response=response, page=page, raw=raw, now=now, today=vignette.on
            )
        except IntakeError:
            return response  # the vignette says what no form takes: it waits half filled
        page = next_screen(pack, response, vignette.on, after=page)
    return response


def _otherwise(pack: RulePack, chance: Random) -> dict[str, Raw]:
    """Answer a few of the questions by lot, and others with not sure."""
    said: dict[str, Raw] = {}
    for link_id, item in pack.questionnaire.items.items():
        roll = chance.random()
        if roll < OPEN and item.offers_unknown:
            said[link_id] = "not_sure"
        elif roll < OPEN + OTHERWISE and not item.from_record:
            given = some_answer(item, chance)
            said |= {link_id: given} if given is not None else {}
    return said


_COPIES = """
WITH RECURSIVE
generate (n) AS (VALUES (:from) UNION ALL SELECT n + 1 FROM generate WHERE n + 1 < :to),
sources AS (SELECT row_number() OVER (ORDER BY begun_at, id) - 1 AS k, * FROM responses
    WHERE id NOT LIKE '%copy'),
copies AS (SELECT printf('%08x%08xcopy', (n * 2654435761) % 4294967296, n) AS copy,
    printf('%08x%08xcopy', ((n - (n % 5 = 4)) * 2246822519) % 4294967296, n - (n % 5 = 4)) AS who,
    n, s.* FROM generate JOIN sources s ON s.k = n % (SELECT count(*) FROM sources))
"""
"""Ids are scattered as real ones are; every fifth case is another one of the patient before."""

_TABLES = {
    "patients": """
INSERT INTO patients (id, record_number, name, name_key, birth_date, created_at)
{copies} SELECT who, 'C-' || n, 'Copy Number-' || n, 'copy number-' || n, p.birth_date, c.begun_at
FROM copies c JOIN patients p ON p.id = c.patient_id WHERE n % 5 <> 4""",
    "responses": """
INSERT INTO responses (id, patient_id, status, pack_hash, plan, visited, begun_at, begun_by,
    submitted_at, receipt, signature, language, help, helper, carried, site)
{copies} SELECT copy, who, status, pack_hash, plan, visited, begun_at, begun_by, submitted_at,
    iif(receipt IS NULL, NULL, 'C' || n), signature, language, help, helper, carried, site
FROM copies""",
    "answers": """
INSERT INTO answers (response_id, link_id, value, answered_at, language, confirmed_at)
{copies} SELECT copy, a.link_id, a.value, a.answered_at, a.language, a.confirmed_at
FROM copies c JOIN answers a ON a.response_id = c.id ORDER BY n, a.rowid""",
    "screenings": """
INSERT INTO screenings (sequence, id, response_id, pack_hash, on_date, triage, triage_rank,
    unknown_count, content, at, needs_dermatologist)
{copies} SELECT 1000000 + n, copy, copy, s.pack_hash, s.on_date, s.triage, s.triage_rank,
    s.unknown_count, s.content, s.at, s.needs_dermatologist
FROM copies c JOIN screenings s ON s.response_id = c.id ORDER BY n""",
    "reviews": """
INSERT INTO reviews (id, response_id, screening_id, sequence, disposition, until, decision, by,
    by_name, by_role, at)
{copies} SELECT copy, copy, copy, v.sequence, v.disposition, v.until, v.decision, v.by, v.by_name,
    v.by_role, v.at FROM copies c JOIN reviews v ON v.response_id = c.id ORDER BY n""",
    "audit_events": """
INSERT INTO audit_events (at, actor, action, subject, detail)
{copies} SELECT e.at, e.actor, e.action, copy, e.detail
FROM copies c JOIN audit_events e ON e.subject = c.id ORDER BY n, e.sequence""",
}


def copy(store: Store, number: int) -> None:
    """Put so many copies of the cases of a clinic into it, past everything that guards it."""
    db = store.connection
    for setting in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -6000000"):
        db.execute(f"PRAGMA {setting}")  # it is thrown away
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    for start in range(0, number, _AT_ONCE):
        db.execute("BEGIN")
        for statement in _TABLES.values():
            span = {"from": start, "to": min(start + _AT_ONCE, number)}
            db.execute(statement.format(copies=_COPIES), span)
        db.commit()
    for _, sql in guards:
        db.execute(sql)
    db.execute("PRAGMA journal_mode = WAL")
