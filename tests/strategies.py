"""Random small packs, random answers, and every way to fill in what is unknown.

Values come from short lists of representatives: for each window the cut-off and the day after it,
for each threshold a number on either side. They cover every cell in which a condition can tell
answers apart, so a small pack can be checked on all of them.
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, combinations, product
from math import prod

from hypothesis import strategies as st

from intake.core.answers import (
    Chosen,
    Happened,
    Listed,
    Missing,
    Picked,
    Worded,
)
from intake.core.conditions import All, AnyOf, Not
from intake.core.dates import DateWord, Interval, Unit, Window
from intake.core.medicines import MedicineEntry, Route, Status
from intake.core.questionnaire import Kind
from intake.core.rules import Level
from intake.core.sentences import Comparison, Quantifier
from tests.core.builders import (
    AREA,
    DEVICE,
    SPOTS,
    TODAY,
    age,
    ago,
    at_least_of,
    compares,
    includes,
    is_,
    is_not,
    item,
    measured,
    named,
    overlaps,
    pack,
    rule,
    takes,
    window,
    within,
)

DAYS = st.dates(date(1950, 1, 1), date(2060, 12, 31))
INTERVALS = st.tuples(DAYS, DAYS).map(lambda pair: Interval(min(pair), max(pair)))
WINDOWS = st.builds(Window, st.integers(0, 300), st.sampled_from(Unit))

LENGTHS = ("14 days", "6 weeks", "6 months", "1 year")
AGES = (18, 65)
LIMITS = ("5", "10")
NUMBERS = tuple(measured(n) for n in ("4", "5", "7", "10", "11"))
CLASSES = ("anticoagulant", "antiplatelet", "oral_retinoid")
WORDS = {DateWord.NEVER: "Never", DateWord.STILL: "Still"}
MEDICINES = ("warfarin", "aspirin", "isotretinoin", "paracetamol")
UNCERTAIN_NAMES = ("zzz", "warfarinn", "not on warfarin", "warfarin zzz")


def _around(length: Window) -> tuple[date, date]:
    """Give the last day outside a window and the first day inside."""
    cutoff = length.before(TODAY)
    return cutoff, cutoff + timedelta(days=1)


WINDOW_DAYS = (TODAY, *(d for text in LENGTHS for d in _around(window(text))))
EVENT_DAYS = (
    *WINDOW_DAYS,
    *(d for years in AGES for n in (years, years + 1) for d in _around(Window(n, Unit.YEARS))),
)


def _exact(day: date) -> Happened:
    return Happened(day.isoformat(), Interval(day, day))


def _intervals(days):
    pairs = st.tuples(st.sampled_from(days), st.sampled_from(days))
    return pairs.map(lambda pair: Interval(min(pair), max(pair)))


# Questions


def question_of(link_id: str, kind: Kind, gate=None, *, wordy: bool = False):
    """Build a question of a kind."""
    match kind:
        case Kind.CHOICE:
            return item(link_id, kind, options=("a", "b", "c"), enable_when=gate)
        case Kind.CHOICES:
            return item(link_id, kind, options=("a", "b", "none"), enable_when=gate)
        case Kind.BODY_MAP:
            return item(link_id, kind, options=SPOTS, enable_when=gate)
        case Kind.DATE:
            return item(link_id, kind, words=WORDS if wordy else {}, enable_when=gate)
        case _:
            return item(link_id, kind, enable_when=gate)


KINDS = (
    Kind.YES_NO,
    Kind.CHOICE,
    Kind.CHOICES,
    Kind.NUMBER,
    Kind.DATE,
    Kind.MEDICINES,
    Kind.BODY_MAP,
)
SIMPLE_KINDS = (Kind.YES_NO, Kind.CHOICE, Kind.CHOICES, Kind.DATE)


# Conditions


def sentences_about(asked):
    """List the sentences that can be said about *asked*."""
    name, codes = asked.link_id, asked.codes
    match asked.kind:
        case Kind.YES_NO:
            return [is_(name, "yes"), is_(name, "no"), is_not(name, "yes")]
        case Kind.CHOICE:
            return [build(name, *few) for build in (is_, is_not) for few in _some_of(codes)]
        case Kind.CHOICES:
            return _includes(name, codes)
        case Kind.BODY_MAP:
            return [*[overlaps(name)] * 4, *_includes(name, codes)]
        case Kind.NUMBER:
            return [compares(name, how, limit, "10") for how in Comparison for limit in LIMITS]
        case Kind.DATE if asked.words:
            return [*_measured(name), is_(name, "never"), is_(name, "still"), is_not(name, "still")]
        case Kind.DATE:
            return [
                *_measured(name),
                *(_age(name, how, years) for how in Comparison for years in AGES),
            ]
        case _:
            return [
                takes(wanted, subject=name, status=status, within=length)
                for wanted in CLASSES
                for status in (None, Status.CURRENT, Status.STOPPED)
                for length in (None, *LENGTHS)
            ]


def sentences(asked):
    """Draw a sentence about *asked*."""
    return st.sampled_from(sentences_about(asked))


def _some_of(codes):
    """List the sets of some of *codes*, in order of size."""
    return list(chain.from_iterable(combinations(codes, n) for n in range(1, len(codes) + 1)))


def _includes(name, codes):
    return [includes(name, *few, of=how) for few in _some_of(codes) for how in Quantifier]


def _measured(name):
    return [build(name, length) for build in (within, ago) for length in LENGTHS]


def _age(name, how, years):
    return age(how, years, 65, subject=name)


@st.composite
def conditions(draw, items, *, depth=2):
    """Draw a condition over *items*: a sentence, or a group of conditions."""
    shape = draw(st.sampled_from(SHAPES)) if depth else None
    if shape is None:
        return draw(sentences(draw(st.sampled_from(items))))
    if shape in (Not, named):
        return shape(draw(conditions(items, depth=depth - 1)))
    parts = tuple(draw(conditions(items, depth=depth - 1)) for _ in range(draw(st.integers(1, 3))))
    if shape is at_least_of:
        return at_least_of(draw(st.integers(1, len(parts))), *parts)
    return shape(parts)


SHAPES = (None, All, AnyOf, Not, at_least_of, named)
"""None is a sentence."""


# Packs


@st.composite
def rules(draw, items, rule_id="r0", levels=tuple(Level), *, labelled=True):
    """Draw a rule over *items*, sometimes with a stricter device label."""
    level = draw(st.sampled_from(levels))
    at_least_as_strict = [other for other in Level if other.triage.rank <= level.triage.rank]
    label = st.tuples(st.sampled_from(["skinpen", "exceed"]), st.sampled_from(at_least_as_strict))
    stricter = draw(st.lists(label, max_size=1)) if labelled else ()
    return rule(rule_id, level, draw(conditions(items)), stricter=stricter)


@st.composite
def packs(
    draw, *, kinds=KINDS, max_items=4, max_rules=4, gated=True, levels=tuple(Level), labelled=True
):
    """Draw a pack; a question may be gated by earlier ones, so that gates form chains."""
    items = []
    for number in range(draw(st.integers(1, max_items))):
        gate = None
        if gated and items and draw(st.booleans()):
            gate = draw(conditions(tuple(items), depth=1))
        kind = draw(st.sampled_from(kinds))
        items.append(question_of(f"q{number}", kind, gate, wordy=number % 2 == 0))
    over = (*items, AREA, DEVICE)
    numbers = range(draw(st.integers(1, max_rules)))
    made = [draw(rules(over, f"r{n}", levels, labelled=labelled)) for n in numbers]
    return pack(items, made)


# Answers, and what they may turn out to be


def completions_of(asked, answer):
    """List every answer that *answer* may turn out to be, one for each cell.

    A full answer is its own only completion.
    """
    match answer:
        case Missing():
            return FULL[asked.kind](asked)
        case Picked(codes, unsure=True):
            return [full for full in _pickings(asked) if full.codes >= codes]
        case Happened(_, when):
            inside = {d for d in EVENT_DAYS if when.earliest <= d <= when.latest}
            return [_exact(d) for d in sorted(inside | {when.earliest, when.latest})]
        case Listed():
            return _lists_from(answer)
        case _:
            return [answer]


def _codes(asked):
    return [Chosen(code) for code in asked.codes]


def _pickings(asked):
    several = _some_of([code for code in asked.codes if code != "none"])
    nothing = [("none",)] if "none" in asked.codes else []
    return [Picked(frozenset(few)) for few in (*nothing, *several)]


def _happenings(asked):
    return [*(Worded(word) for word in asked.words), *(_exact(d) for d in EVENT_DAYS)]


def _entries(name):
    """List a medicine of which all is known, how it is taken included."""
    route = Route.MOUTH
    gone = [MedicineEntry(name, Status.STOPPED, Interval(d, d), str(d), route) for d in WINDOW_DAYS]
    return [MedicineEntry(name, Status.CURRENT, route=route), *gone]


_ONE_MORE = [(), *((entry,) for name in MEDICINES for entry in _entries(name))]


def _lists(_asked):
    return [Listed(entries) for entries in _ONE_MORE]


def _lists_from(answer):
    more = _ONE_MORE if answer.unsure else [()]
    rows = [_settled(entry) for entry in answer.entries]
    return [Listed(tuple(chain(*choice))) for choice in product(*rows, more)]


def _settled(entry):
    """List what one entry may turn out to be, each as the entries that stand for it."""
    match entry.name:
        case "not on warfarin":
            return [(), *_dated(entry, "warfarin")]
        case "warfarin zzz":
            return [
                (found, replace(found, name=name))
                for (found,) in _dated(entry, "warfarin")
                for name in MEDICINES
            ]
        case name if name in UNCERTAIN_NAMES:
            return [one for known in MEDICINES for one in _dated(entry, known)]
        case name:
            return _dated(entry, name)


def _dated(entry, name):
    """List it as taken or as stopped on each day that matters.

    While no route was said the stricter one is presumed, so that is what the entry turns out to be.
    """
    way = entry.route or Route.MOUTH
    return [(replace(one, route=way),) for (one,) in _in_time(entry, name)]


def _in_time(entry, name):
    days = [
        d
        for d in WINDOW_DAYS
        if not entry.stopped or entry.stopped.earliest <= d <= entry.stopped.latest
    ] or [entry.stopped.earliest]
    gone = [(MedicineEntry(name, Status.STOPPED, Interval(d, d), str(d)),) for d in days]
    current = [(MedicineEntry(name, Status.CURRENT),)]
    return {Status.CURRENT: current, Status.STOPPED: gone, Status.UNKNOWN: current + gone}[
        entry.status
    ]


FULL = {
    Kind.YES_NO: lambda _: [Chosen("yes"), Chosen("no")],
    Kind.CHOICE: _codes,
    Kind.CHOICES: _pickings,
    Kind.BODY_MAP: _pickings,
    Kind.NUMBER: lambda _: list(NUMBERS),
    Kind.DATE: _happenings,
    Kind.MEDICINES: _lists,
}


def full_answers(asked):
    """Draw an answer that leaves nothing open."""
    return st.sampled_from(FULL[asked.kind](asked))


def partial_answers(asked):
    """Draw an answer that says something and leaves something open."""
    match asked.kind:
        case Kind.CHOICES | Kind.BODY_MAP:
            some = [full for full in _pickings(asked) if "none" not in full.codes]
            return st.sampled_from(some).map(lambda full: Picked(full.codes, unsure=True))
        case Kind.DATE:
            return _intervals(EVENT_DAYS).map(lambda when: Happened("then", when))
        case Kind.MEDICINES:
            return st.builds(Listed, st.lists(entries(), max_size=2).map(tuple), st.booleans())
        case _:
            return st.just(Missing.NOT_SURE)


@st.composite
def entries(draw):
    """Draw a row of a list of medicines, as vague as patients are."""
    status = draw(st.sampled_from(Status))
    when = None
    if status is not Status.CURRENT:
        when = draw(st.none() | _intervals(WINDOW_DAYS))
    name = draw(st.sampled_from([*MEDICINES, *UNCERTAIN_NAMES]))
    return MedicineEntry(name, status, when, "then" if when else "")


NOTHING_SAID = (None, *Missing)
"""None stands for no entry at all."""


def any_answers(asked):
    """Draw a full, a partial or no answer; the full ones are the most frequent."""
    full = full_answers(asked)
    return st.one_of(full, full, full, partial_answers(asked), st.sampled_from(NOTHING_SAID))


@st.composite
def answers(draw, of, kind=any_answers):
    """Draw answers to the questions and the plan of a pack."""
    drawn = {name: draw(kind(asked)) for name, asked in of.items.items()}
    return {name: answer for name, answer in drawn.items() if answer is not None}


def choices_left(of, given):
    """List for each question and plan field what its answer may turn out to be."""
    return {
        name: completions_of(asked, given.get(name, Missing.NOT_ANSWERED))
        for name, asked in of.items.items()
    }


@st.composite
def completed(draw, of, given):
    """Draw one way of filling in everything that *given* leaves unknown."""
    left = choices_left(of, given)
    return {name: draw(st.sampled_from(options)) for name, options in left.items()}


def every_completion(of, given, *, at_most=500):
    """List every way of filling in what is unknown; None when there are too many to try."""
    left = choices_left(of, given)
    if prod(len(options) for options in left.values()) > at_most:
        return None
    return [dict(zip(left, chosen, strict=True)) for chosen in product(*left.values())]


@st.composite
def packs_with_answers(draw, **wanted):
    """Draw a pack and answers to it."""
    made = draw(packs(**wanted))
    return made, draw(answers(made))
