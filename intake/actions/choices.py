"""What a clinic chooses for itself: what can be chosen, proposing it, taking it back.

A proposal becomes a pack of its own, checked and kept and not in force: whoever made it then sees
what it changes for patients, and puts it in force like any other pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from intake.actions import rule_packs
from intake.actions.permission import require_operator
from intake.core.blank import worded
from intake.core.errors import NotFoundError, StateError
from intake.core.evidence import Choice
from intake.core.rules import Level, Reviewer
from intake.packs import load_texts
from intake.packs.choosing import KINDS, entries_in, with_entry, without_entry
from intake.packs.draft import CLINIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from intake.actions.pack_checks import Checked
    from intake.actions.permission import Operator
    from intake.core.rules import Rule, RulePack
    from intake.storage import Store

LAPSES_SOON = 30
"""Days before the last one on which a choice is said to be about to lapse."""

NO_CHOICE = "There is nothing of this name to be chosen."


@dataclass(frozen=True, slots=True)
class Choosable:
    """One thing about which a clinic may choose.

    Attributes:
        kind: Under which key of the clinic's file it stands.
        says: What the pack says.
        allows: What may be chosen, in words.
        offers: The codes that can be chosen; empty where a value is written, or nothing is.
        key: Under which key of the entry the choice stands; empty where there is none.
    """

    kind: str
    name: str
    title: str
    says: str
    allows: str
    offers: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a clinic chose about one thing, and who answers for it.

    Attributes:
        about: None when the pack lets nothing be chosen there any more.
        value: What was chosen, as in the clinic's file; empty where there is nothing to say.
    """

    kind: str
    name: str
    about: Choosable | None
    value: str
    entry: Choice


def written_pack(store: Store, hash_: str, on: date) -> RulePack:
    """Load a kept pack as its authors wrote it."""
    files = rule_packs.files_of(store, hash_)
    return load_texts({name: text for name, text in files.items() if name != CLINIC}, on)


def choosables(written: RulePack, kind: str) -> Iterator[Choosable]:
    """Yield everything of a kind about which a clinic may choose.

    Raises:
        NotFoundError: there is no such kind.
    """
    if kind not in KINDS:
        raise NotFoundError(NO_CHOICE)
    if kind == "settings":
        for setting in written.settings.values():
            says, allows = setting.written_default, f"from {setting.range}"
            yield Choosable(kind, setting.name, setting.title, says, allows, key="value")
    elif kind == "labels":
        for label in written.labels.values():
            allows = "the clinic works under it: it counts for every plan"
            yield Choosable(
                kind, label.id, label.title, "counts where its device is planned", allows
            )
    else:
        found = (_OF_RULES[kind](rule) for rule in written.rules)
        yield from (one for one in found if one is not None)


def _level_of(rule: Rule) -> Choosable | None:
    mildest, strictest = rule.lowest or rule.level, rule.highest or Level.STOP
    ranks = range(strictest.triage.rank, mildest.triage.rank + 1)
    offers = tuple(one.value for one in Level if one.triage.rank in ranks and one != rule.level)
    if not offers:
        return None
    allows = ", ".join(offers)
    return Choosable("levels", rule.id, rule.title, rule.level, allows, offers, "level")


def _reviewer_of(rule: Rule) -> Choosable | None:
    if rule.reviewer is Reviewer.PRACTITIONER:
        other = Reviewer.DERMATOLOGIST
    elif not rule.may_be_a_practitioners:
        return None
    else:
        other = Reviewer.PRACTITIONER
    says = f"a {rule.reviewer} decides"
    return Choosable("reviewers", rule.id, rule.title, says, other, (other.value,), "reviewer")


def _switch_of(rule: Rule) -> Choosable | None:
    if not rule.may_be_switched_off:
        return None
    return Choosable("switched_off", rule.id, rule.title, "is judged", "not judged at all")


_OF_RULES = {"levels": _level_of, "reviewers": _reviewer_of, "switched_off": _switch_of}


def choosable(written: RulePack, kind: str, name: str) -> Choosable:
    """Return one thing about which a clinic may choose.

    Raises:
        NotFoundError: there is none of this name, or nothing may be chosen about it.
    """
    for found in choosables(written, kind):
        if found.name == name:
            return found
    raise NotFoundError(NO_CHOICE)


def chosen_in(files: Mapping[str, str], written: RulePack) -> list[Chosen]:
    """Return what a clinic chose in the files of a pack, in the order of its file."""
    found = []
    for kind, entries in entries_in(files).items():
        known = {one.name: one for one in choosables(written, kind)}
        for name, entry in entries.items():
            about = known.get(name)
            value = entry.get(about.key, "") if about else ""
            found.append(Chosen(kind, name, about, value, _as_choice(kind, name, entry)))
    return found


def _as_choice(kind: str, name: str, entry: Mapping[str, str]) -> Choice:
    days = (date.fromisoformat(entry[key]) for key in ("when", "until"))
    return Choice(f"{kind} {name}", name, "", entry["who"], entry["why"], *days)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A choice somebody would make.

    Attributes:
        value: The value or code; ignored where there is none to be chosen.
        lead: The medical lead who answers for it.
        until: The first day on which it no longer counts.
    """

    about: Choosable
    value: str
    lead: str
    why: str
    until: date


def propose(
    store: Store, proposal: Proposal, *, by: Operator, today: date, now: datetime
) -> Checked:
    """Check and keep the pack in force with one choice more, or another one in its place.

    Whoever enters it is named beside the medical lead, and it counts from *today* on.

    Raises:
        PackError: it may not be chosen so; carries every reason. Nothing is kept.
    """
    require_operator(by)
    about = proposal.about
    entry = {
        **({about.key: proposal.value.strip()} if about.key else {}),
        "who": _who(proposal.lead, by),
        "why": worded(proposal.why),
        "when": str(today),
        "until": str(proposal.until),
    }
    files = with_entry(rule_packs.files_in_force(store), about.kind, about.name, entry)
    return rule_packs.check_and_keep(store, files, by=by, today=today, now=now)


def _who(lead: str, by: Operator) -> str:
    """Name the medical lead, and whoever entered it for them."""
    if not (named := " ".join(worded(lead).split())):
        return ""  # the shape of a choice refuses it in words
    entered = f"at the {by}" if isinstance(by, str) else f"by {by.name}, {by.role}"
    return f"{named}; entered {entered}"


def take_back(
    store: Store, *, kind: str, name: str, by: Operator, today: date, now: datetime
) -> Checked:
    """Check and keep the pack in force without a choice.

    Raises:
        StateError: nothing is chosen there.
    """
    require_operator(by)
    files = rule_packs.files_in_force(store)
    if name not in entries_in(files).get(kind, {}):
        msg = "Nothing is chosen there: what the pack says counts."
        raise StateError(msg)
    files = without_entry(files, kind, name)
    return rule_packs.check_and_keep(store, files, by=by, today=today, now=now)
