"""The clinic that is loaded: many decided cases, ten practitioners, an administrator, tablets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions import accounts, rule_packs
from intake.cli.surroundings import open_clinic, prepare
from intake.core.records import Role
from tests import crowd
from tests.load.desk import Person
from tests.load.server import now
from tests.load.tablet import Tablet
from tests.web.making import Maker

if TYPE_CHECKING:
    from intake.core.rules import RulePack
    from intake.settings import Settings
    from tests.load.figures import Figures

PRACTITIONERS = 10
"""Who read lists; one more takes cases out as a file."""
ADMINISTRATOR = "admin"
SOMEBODY = ("Sample Patient", "transplant-patient")
"""Who has really sent the one form of which all others are made."""


def make(settings: Settings, records: int) -> tuple[RulePack, dict[str, str]]:
    """Make the clinic; returns its rules and the one-time passwords."""
    prepare(settings)
    store = open_clinic(settings)
    try:
        names = {f"load{n}": (f"Load {n}", Role.PRACTITIONER) for n in range(PRACTITIONERS + 1)}
        names[ADMINISTRATOR] = ("Load Admin", Role.ADMINISTRATOR)
        passwords = {
            username: accounts.add_account(
                store, username=username, name=name, role=role, actor="load", now=now()
            )[1]
            for username, (name, role) in names.items()
        }
        pack = rule_packs.kept_pack(store, rule_packs.hash_in_force(store) or "", now().date())
        first = next(who for who in accounts.list_accounts(store) if who.username == "load0")
        Maker(store, pack, first, now(), now().date()).sent(*SOMEBODY)
        if records:
            crowd.fill(store, records, first, now())
    finally:
        store.close()
    return pack, passwords


def sign_everybody_in(
    port: int, figures: Figures, passwords: dict[str, str]
) -> tuple[list[Person], Person]:
    """Sign in the practitioners and the administrator."""
    people = {name: Person(port, figures, name) for name in passwords}
    for name, person in people.items():
        person.sign_in(passwords[name])
    return [who for name, who in people.items() if name != ADMINISTRATOR], people[ADMINISTRATOR]


def enrol_tablets(
    admin: Person, figures: Figures, pack: RulePack, number: int, first: int = 0
) -> list[Tablet]:
    """Enrol so many tablets, each by a link of its own, numbered from *first*."""
    numbers = range(first, first + number)
    tablets = [Tablet(admin.browser.port, figures, pack, n) for n in numbers]
    for tablet in tablets:
        tablet.enrol(admin.link_for(f"Room {tablet.number}"))
    return tablets
