"""A clinic with patients of whom everything was typed that somebody can type, in planted words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from intake.actions import rule_packs
from intake.actions.sites import open_site
from intake.core.decisions import Decision, Disposition
from intake.core.records import FIRST_SITE
from intake.core.treatment import Anaesthetic, Product, Zone
from tests.actions.conftest import Desk
from tests.actions.test_treat import DONE, Chair
from tests.conftest import NOW

PLANTED = "Qzplanted"
WISH = "            title: What you would like to change"
ASKED = """          - id: wish
            ask: What else would you like to say?
            type: text
            required: no
          - id: goals"""
TYPED = replace(
    DONE,
    zones=(Zone("face", Decimal("1.0"), 3), Zone("neck", Decimal("0.5"), 2)),
    endpoint=f"{PLANTED} redness",
    cartridge_lot=f"{PLANTED}-lot",
    antiseptic=f"{PLANTED} antiseptic",
    medium_lot=f"{PLANTED}-gel",
    anaesthetic=Anaesthetic(f"{PLANTED} cream", "4 %", "5 g", "30 minutes"),
    products=(Product(f"{PLANTED} serum", f"{PLANTED}-serum-lot"),),
    not_done=f"{PLANTED} not done",
    unexpected=f"{PLANTED} unexpected",
    differed=f"{PLANTED} differed",
)
MEDICINES = [
    {"name": f"paracetamol {PLANTED}", "dose": f"{PLANTED} mg", "status": "current"},
    {"name": PLANTED, "status": "current"},
]
SPOT = {"region": "nose", "what": f"{PLANTED} mole", "view": "face", "x": 0.5, "y": 0.5,
        "picture": 1}  # fmt: skip


def files_with_text(files):
    """The shipped pack with a question that is answered in words of one's own."""
    name = "questionnaire.yaml"
    return {**files, name: files[name].replace("          - id: goals", ASKED, 1)}


def fill(store, people, files, *, treated, others):
    """Put the pack in force; some are treated, others sent their form, one more is filling hers."""
    pack = rule_packs.activate(store, files_with_text(files), actor="test", now=NOW)
    desk = Desk(store, pack, {one.id: one for one in pack.vignettes}, people)
    chair = Chair(desk)
    for n in range(treated):
        sent = _sent(desk, f"{PLANTED} Treated {n}", timedelta(minutes=n))
        desk.decide(sent.id, Decision(Disposition.REFER, f"{PLANTED} question {n}"))
        proceed = chair.proceed(sent.id)
        words = tuple(replace(one, words=f"{PLANTED} because") for one in proceed.overrides)
        decision = replace(proceed, overrides=words, note=f"{PLANTED} note {n}")
        desk.decide(sent.id, decision, by=people.ben, seen=1)
        chair.confirm(sent.id)
        chair.record(sent.id, replace(TYPED, unexpected=TYPED.unexpected if n % 2 else ""))
    site = open_site(store, name=f"{PLANTED} site", by=people.cleo, now=NOW)
    for n in range(others):
        _sent(desk, f"{PLANTED} Sent {n}", timedelta(days=n), site=site.id)
    desk.begin("healthy-woman", name=f"{PLANTED} Filling")
    return desk


def _sent(desk, name, ago, site=FIRST_SITE):
    return desk.sent(
        "healthy-woman",
        name=name,
        now=NOW - ago,
        site=site,
        wish=f"{PLANTED} wish {ago}",
        takes_medicines="yes",
        medicines=MEDICINES,
        marked_spot=["nose", SPOT],
        birth_date=date(1988, 3, 12).isoformat(),
    )
