"""What changed between two packs, in the words of a clinic.

Rules are compared by what they do, not only by how they are written: of each changed condition it
is said whether it now catches more, fewer or other patients, with the smallest patient on whom the
two differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.former_names import renamed
from intake.core.keeping import words_for
from intake.core.proving import TooLargeError
from intake.core.proving.cells import Cells
from intake.core.proving.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.answers import Raw
    from intake.core.conditions import Condition
    from intake.core.evidence import SignOff
    from intake.core.medicines import Medicine
    from intake.core.questionnaire import Item
    from intake.core.rules import Rule, RulePack, Vignette


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed.

    Attributes:
        about: What it is, such as `rule botulinum-recent` or `setting botulinum`.
        words: What changed.
    """

    about: str
    words: str

    @property
    def way(self) -> str:
        """Whether more patients are caught, or caught by a stricter level: `stricter`, `milder`.

        Empty where it is neither, or cannot be told from this alone.
        """
        if self.about.startswith(_TELLING):
            # What nobody asks at the chair, or records of a session, no rule can hear of.
            return "" if self.words == "is new" else "milder"
        if not self.about.startswith("rule "):
            return ""
        if self.words.startswith(_STRICTER):
            return "stricter"
        return "milder" if self.words.startswith(_MILDER) else ""


_TELLING = ("chair question ", "reaction ", "session ")
_STRICTER = ("is new (", "is stricter", "now also catches")
_MILDER = ("is gone (", "is milder", "no longer catches")


def compare_choices(old: RulePack, new: RulePack) -> Iterator[Difference]:
    """Yield what a clinic chose in one pack and not in the other, with who answers for it."""
    for choice in old.choices:
        if choice not in new.choices:
            yield Difference(choice.subject, f"no longer chosen: {choice.about} ({choice.who})")
    for choice in new.choices:
        if choice not in old.choices:
            words = f"chosen until {choice.until}: {choice.about} ({choice.who}): {choice.why}"
            yield Difference(choice.subject, words)


def compare(old: RulePack, new: RulePack) -> Iterator[Difference]:
    """Yield what changed from one pack to another: rules first, then what they rest on."""
    for words in _fields(old, new, ("name", "title", "version", "effective")):
        yield Difference("pack", words)
    yield from _rules(old, new)
    yield from _sign_offs(old, new)
    yield from _questions(old.items, new.items)
    yield from _pages(old, new)
    yield from _settings(old, new)
    yield from _medicines(old, new)
    yield from _entries("class", old.vocabulary.classes, new.vocabulary.classes)
    for kind, before, after in (
        ("topic", {t.id: t for t in old.topics}, {t.id: t for t in new.topics}),
        ("checklist line", {d.id: d for d in old.duties}, {d.id: d for d in new.duties}),
        ("chair question", _by_id(old.guide.chair), _by_id(new.guide.chair)),
        ("reaction", _by_id(old.guide.reactions), _by_id(new.guide.reactions)),
        ("advice", _by_id(old.guide.advice), _by_id(new.guide.advice)),
        ("session", {"carried out": old.guide.carried_out}, {"carried out": new.guide.carried_out}),
        ("label", old.labels, new.labels),
        ("source", old.sources, new.sources),
        ("conflict", old.conflicts, new.conflicts),
    ):
        yield from _entries(kind, before, after)
    yield from _base(old.base, new.base)
    was, now = ({v.id: _own(v, pack.base) for v in pack.vignettes} for pack in (old, new))
    yield from _entries("vignette", was, now)


def _by_id(entries: Iterable[Any]) -> dict[str, Any]:
    return {one.id: one for one in entries}


def _base(was: Vignette | None, now: Vignette | None) -> Iterator[Difference]:
    """Compare the patients over whom vignettes are laid."""
    if was is None or now is None:
        return
    if was.on != now.on:
        yield Difference("base patient", f"day: was {was.on}, is {now.on}")
    for before, after in ((was.plan, now.plan), (was.answers, now.answers)):
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                words = f"{name}: was {before.get(name)}, is {after.get(name)}"
                yield Difference("base patient", words)


def _own(vignette: Vignette, base: Vignette | None) -> Vignette:
    """Return a vignette with only what it says beyond the base patient, and takes away from it."""
    if base is None:
        return vignette

    def changed(said: Mapping[str, Raw], usual: Mapping[str, Raw]) -> dict[str, Raw]:
        return {n: said.get(n) for n in {**usual, **said} if said.get(n) != usual.get(n)}

    on = vignette.on if vignette.on != base.on else date.min
    answers, plan = changed(vignette.answers, base.answers), changed(vignette.plan, base.plan)
    return replace(vignette, on=on, answers=answers, plan=plan)


def _entries(
    kind: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Difference]:
    """Compare things of which it is enough to say that they are new, gone or changed."""
    for name in {**before, **after}:
        if name not in before:
            yield Difference(f"{kind} {name}", "is new")
        elif name not in after:
            yield Difference(f"{kind} {name}", "is gone")
        elif _told(before[name]) != _told(after[name]):
            yield Difference(f"{kind} {name}", "changed")


def _told(thing: object) -> str:
    """Write a thing out, leaving the place in its file aside."""
    fields = getattr(type(thing), "__dataclass_fields__", {})
    return repr([getattr(thing, name) for name in fields if name != "where"] or thing)


def _fields(before: object, after: object, names: Iterable[str]) -> Iterator[str]:
    """Say of some fields what they were and what they are, where they differ."""
    for name in names:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield f"{name.replace('_', ' ')}: was '{_plain(was)}', is '{_plain(now)}'"


def _plain(value: object) -> str:
    if isinstance(value, tuple | frozenset):
        return ", ".join(
            map(str, sorted(value, key=str) if isinstance(value, frozenset) else value)
        )
    if isinstance(value, dict):
        return ", ".join(f"{key} {text}" for key, text in value.items())
    return str(value)


def _rules(old: RulePack, new: RulePack) -> Iterator[Difference]:
    cells = Cells(new, new.base.on if new.base else new.effective)
    for rule_id in {**old.rules_by_id, **new.rules_by_id}:
        before, after = old.rules_by_id.get(rule_id), new.rules_by_id.get(rule_id)
        about = f"rule {rule_id}"
        if after is None and before is not None:
            yield Difference(about, f"is gone ({before.level}): {before.title}")
        elif before is None and after is not None:
            yield Difference(about, f"is new ({after.level}): {after.title}")
            yield from (Difference(about, words) for words in _caught(after, cells))
        elif before is not None and after is not None:
            for words in _changes(before, after, cells):
                yield Difference(about, words)


def _sign_offs(old: RulePack, new: RulePack) -> Iterator[Difference]:
    """Say whose word on what is new, gone, another one, or void since an edit."""
    was, now = (_signed(pack) for pack in (old, new))
    for of in {**was, **now}:
        before, after = was.get(of), now.get(of)
        about = f"sign-off of {of}"
        if before is None and after is not None:
            yield Difference(about, f"is new: {after[1]}")
        elif after is None and before is not None:
            yield Difference(about, f"is gone: was {before[1]}")
        elif before is not None and after is not None and before != after:
            yield Difference(about, f"changed: was {before[1]}, is {after[1]}")


def _signed(pack: RulePack) -> dict[str, tuple[SignOff, str]]:
    """Return every sign-off of a pack with its words, by what it is of."""
    rules = {f"rule {one.id}": one for one in (*pack.rules, *pack.switched_off)}
    tongues = {f"language {one.language}": one for one in pack.translations.values()}
    return {
        **{of: (one.signoff, one.reviewed) for of, one in rules.items() if one.signoff},
        **{of: (one.signoff, one.checked) for of, one in tongues.items() if one.signoff},
    }


def _caught(rule: Rule, cells: Cells) -> Iterator[str]:
    """Name the smallest patient whom a new rule catches."""
    try:
        table = Table(cells, [rule.when])
        row = table.smallest(table.bounds(rule.when).certain)
    except (KeyError, TooLargeError):
        return
    if row is not None:
        yield f"catches the patient who says: {_patient(table, row, cells)}"


def _patient(table: Table, row: int, cells: Cells) -> str:
    items = cells.pack.items
    return "; ".join(
        f"{items[subject].ask} {words_for(items[subject], answer)}"
        for subject, answer in table.answers(row).items()
    )


def _changes(before: Rule, after: Rule, cells: Cells) -> Iterator[str]:
    if before.level is not after.level:
        way = "milder" if after.level.triage.rank > before.level.triage.rank else "stricter"
        yield f"is {way}: {after.level} instead of {before.level}"
    yield from _condition(before.when, after.when, cells)
    for name, was, now in (
        ("title", before.title, after.title),
        ("meaning", before.meaning, after.meaning),
        ("action", before.action, after.action),
        ("words for the patient", before.patient_text, after.patient_text),
        ("who decides", before.reviewer, after.reviewer),
        ("basis", ", ".join(before.basis), ", ".join(after.basis)),
        ("sources", ", ".join(before.sources), ", ".join(after.sources)),
        ("topics", ", ".join(before.covers), ", ".join(after.covers)),
        ("conflicts", ", ".join(before.conflicts), ", ".join(after.conflicts)),
        ("device labels", _labels(before), _labels(after)),
        ("floor", str(before.floor), str(after.floor)),
        ("mildest level a clinic may choose", str(before.lowest), str(after.lowest)),
        ("review by", str(before.review_by), str(after.review_by)),
    ):
        if was != now:
            yield f"{name}: was '{was}', is '{now}'"


def _labels(rule: Rule) -> str:
    return "; ".join(
        f"{strict.label} {strict.level}, {strict.because}" for strict, _ in rule.stricter
    )


def _condition(before: Condition, after: Condition, cells: Cells) -> Iterator[str]:
    """Say which lines came and went, and what that does to patients."""
    was = dict.fromkeys(sentence.text for sentence in before.sentences())
    now = dict.fromkeys(sentence.text for sentence in after.sentences())
    gone, come = [t for t in was if t not in now], [t for t in now if t not in was]
    yield from (f"line gone: {text}" for text in gone)
    yield from (f"line new: {text}" for text in come)
    if before == after:
        return
    try:
        table = Table(cells, [before, after])
        mine, theirs = table.bounds(before), table.bounds(after)
    except (KeyError, TooLargeError):
        yield "asks other questions than before; the two cannot be compared patient by patient"
        return
    more = theirs.possible & ~mine.possible | theirs.certain & ~mine.certain
    fewer = mine.possible & ~theirs.possible | mine.certain & ~theirs.certain
    for rows, words in ((more, "now also catches"), (fewer, "no longer catches")):
        row = table.smallest(rows)
        if row is not None:
            yield f"{words} the patient who says: {_patient(table, row, cells)}"
    if gone or come:
        return
    if not more and not fewer:
        yield "is written differently and does the same"


def _questions(before: Mapping[str, Item], after: Mapping[str, Item]) -> Iterator[Difference]:
    called = renamed(before, after)
    for link_id in {**before, **after}:
        was, now, about = before.get(link_id), after.get(link_id), f"question {link_id}"
        if link_id in called.values():
            continue
        if link_id in called:
            yield Difference(about, f"was called {called[link_id]}")
            was = before[called[link_id]]
        if now is None and was is not None:
            yield Difference(about, f"is gone: {was.ask}")
        elif was is None and now is not None:
            yield Difference(about, f"is new: {now.ask}")
        elif was is not None and now is not None:
            yield from (Difference(about, words) for words in _question(was, now))


def _question(was: Item, now: Item) -> Iterator[str]:
    if was.ask != now.ask:
        yield f"is asked differently: was '{was.ask}', is '{now.ask}'"
    for code in {**dict.fromkeys(was.codes), **dict.fromkeys(now.codes)}:
        if code not in was.codes:
            yield f"has a new answer: {now.text_of(code)}"
        elif code not in now.codes:
            yield f"has an answer less: {was.text_of(code)}"
        elif was.text_of(code) != now.text_of(code):
            words = f"was '{was.text_of(code)}', is '{now.text_of(code)}'"
            yield f"has an answer in other words: {words}"
    if was.hint != now.hint:
        yield f"has another hint: was '{was.hint}', is '{now.hint}'"
    if was.enable_when != now.enable_when:
        yield "is asked of other patients than before"
    yield from _fields(was, now, _OF_AN_ITEM)
    areas = [{option.code: option.area for option in item.options} for item in (was, now)]
    if areas[0] != areas[1]:
        yield "has a region that belongs to another area"


_OF_AN_ITEM = (
    "kind",
    "words",
    "unit",
    "minimum",
    "maximum",
    "decimals",
    "offers_unknown",
    "required",
    "informational",
    "harmless",
    "from_record",
    "private",
    "freshness",
    "covers",
)
"""Fields of a question beyond its words, answers and gate."""


def _pages(old: RulePack, new: RulePack) -> Iterator[Difference]:
    before, after = ({page.id: page for page in p.questionnaire.pages} for p in (old, new))
    both = old.items.keys() & new.items.keys()
    for name in {**before, **after}:
        was, now, about = before.get(name), after.get(name), f"page {name}"
        if was is None or now is None:
            yield Difference(about, "is new" if now else "is gone")
            continue
        for words in _fields(was, now, ("title", "why", "says", "private", "covers")):
            yield Difference(about, words)
        orders = [[i.link_id for i in page.items if i.link_id in both] for page in (was, now)]
        if orders[0] != orders[1]:
            yield Difference(about, "asks its questions in another order, or others")


def _settings(old: RulePack, new: RulePack) -> Iterator[Difference]:
    for name in {**old.settings, **new.settings}:
        was, now, about = old.settings.get(name), new.settings.get(name), f"setting {name}"
        if was is None or now is None:
            yield Difference(about, "is new" if now else "is gone")
        elif (str(was), was.range) != (str(now), now.range):
            words = f"was {was} (from {was.range}), is {now} (from {now.range})"
            yield Difference(about, words)
        if was is not None and now is not None:
            names = ("title", "basis", "source_note", "sources")
            yield from (Difference(about, words) for words in _fields(was, now, names))


def _medicines(old: RulePack, new: RulePack) -> Iterator[Difference]:
    was, now = ({m.name: m for m in pack.vocabulary.medicines} for pack in (old, new))
    for name in {**was, **now}:
        about = f"medicine {name}"
        if name not in was or name not in now:
            yield Difference(about, "is new" if name in now else "is gone")
        elif _counts_as(was[name]) != _counts_as(now[name]):
            words = (", ".join(sorted(medicine.classes)) for medicine in (was[name], now[name]))
            yield Difference(about, "counts as something else: was {}, is {}".format(*words))
        elif was[name] != now[name]:
            yield Difference(about, "has other names")


def _counts_as(medicine: Medicine) -> object:
    """Return everything a name of it can count as."""
    by_route = (medicine.by_route, medicine.maybe_by_route)
    return medicine.classes, medicine.maybe, by_route
