"""A tiny pack that says everything the rule language can say, each in rules of its own.

The shipped pack uses most of the language, never all of it; what it does not use could change under
the same version of the engine. Nothing here means anything to a clinic.
"""

from __future__ import annotations

from textwrap import indent

_PLAN = """\
name: language
title: Everything that can be said
version: 1.0.0
effective: 2020-01-01
plan:
  - id: area
    ask: Which areas?
    type: choices
    options: [face: Face, neck: Neck, arms: Arms, not_decided: Not decided]
  - id: device
    ask: Which device?
    type: choice
    options: [pen: Pen, roller: Roller, generic: Another, not_decided: Not decided]
  - id: depth
    ask: How deep?
    type: number
    unit: mm
    min: 0.1
    max: 4
    decimals: 1
  - id: peel
    ask: When was the last one?
    type: date
"""

_PILLS = "medicine of class retinoid, route mouth"
_QUESTIONS: dict[str, str] = {
    "birth_date": "type: date\nrecord: birth_date\nunknowns: no",
    "ever": "type: yes_no",
    "last": "type: date\nwords: {never: Never, still: Still}\nenable_when: ever is yes",
    "bad": "type: yes_no\nenable_when: last within half_year",
    "kind": "type: choice\noptions: [a: A, b: B, c: C]\nenable_when: bad is yes",
    "since": (
        "type: date\nenable_when:\n  any:\n    - kind is one of a, b\n    - not: ever is yes"
    ),
    "marks": (
        "type: body_map\noptions:\n  - cheek: {text: Cheek, area: face}\n"
        "  - elbow: {text: Elbow, area: arms}\n  - back: {text: Back, area: neck}\n  - none: None"
    ),
    "signs": "type: choices\noptions: [itch: Itch, burn: Burn, sting: Sting, none: None]",
    "tone": "type: choice\noptions: [one: One, two: Two, three: Three]",
    "score": "type: number\nunit: points\nmin: 0\nmax: 100\ndecimals: 1",
    "pulse": "type: number\nunit: per minute\nmin: 30\nmax: 220\nrequired: no",
    "takes": "type: medicines",
    "lab": "type: date\nenable_when: medicine of class thinner",
    "more": "type: yes_no\nenable_when: ever is yes",
    "idle": "type: yes_no\nenable_when: bad is yes",
    "pill": f"type: yes_no\nenable_when: {_PILLS}",
    "calm": f"type: yes_no\nenable_when:\n  not: {_PILLS}",
    **{f"day_{n}": "type: date\nwords: {never: Never}" for n in range(1, 9)},
    "late": "type: yes_no\nenable_when: day_1 at least 8 weeks ago",
    "notes": "type: text\ninformational: yes\nrequired: no",
}

_MEDICINES = """\
classes:
  thinner: Thinners
  retinoid: Retinoids
  cream: Creams
  mild: Mild ones
  immune: For immunity
purposes:
  gut: [immune?]
  transplant: [immune]
medicines:
  - {name: warfarin, also: [warfarina], brands: [Coumadin (US UK)], misspelt: [warfrin],
     classes: [thinner]}
  - {name: rivaroxaban, brands: [Xarelto], classes: [thinner]}
  - {name: aspirin, classes: [mild, thinner?]}
  - {name: aspirin with codeine, classes: [mild]}
  - {name: isotretinoin, brands: [Accutane], classes: [retinoid], by_route: {skin: [cream]}}
  - {name: isotretinoin gel, classes: [cream], same_as: isotretinoin}
  - {name: acitretin, classes: [retinoid]}
  - {name: tretinoin, classes: [cream], by_route: {mouth: [retinoid, immune?]}}
  - {name: methotrexate, classes: ['immune?'], by_route: {injection: [immune], mouth: [immune]}}
  - {name: steroid, classes: [any?]}
  - {name: ibuprofen, brands: [Advil], classes: [mild]}
  - {name: paracetamol, brands: [Tylenol], classes: []}
lookalikes:
  - [Coumadin, Cumadin]
"""

_SETTINGS = {
    "half_year": ("6 months", "1 month to 12 months"),
    "fortnight": ("14 days", "0 days to 28 days"),
    "score_max": ("50 points", "10 points to 90 points"),
    "adult": ("18 years", "18 years to 25 years"),
}

_WHO = "who: Dr A Example\n    why: To try it.\n    when: 2026-03-01\n    until: 2026-09-30"
_CLINIC = f"""\
labels:
  pen:
    {_WHO}
settings:
  fortnight:
    value: 21 days
    {_WHO}
levels:
  takes-two:
    level: stop
    {_WHO}
switched_off:
  score-below:
    {_WHO}
"""
"""What a clinic decided, for some of the days: the pack is another one then."""

_NAMED = {
    "troubled": "\nany:\n  - signs includes any of itch, burn\n  - bad is yes",
    "on_thinner": "medicine of class thinner, status current",
}

_ANY_DAY = "\nany:\n" + "\n".join(f"  - day_{n} within 30 days" for n in range(1, 9))

_TWO_OF = (
    "\nat_least: 2\nof:\n  - signs includes sting\n  - score is above 40 points\n"
    "  - tone is three\n  - bad is yes"
)
_NOT_THREE_OF = (
    "\nnot:\n  at_least: 3\n  of:\n    - signs includes itch\n    - ever is yes\n"
    "    - day_6 within 1 month\n    - on_thinner"
)
_ANY_OF_ALL = (
    "\nany:\n  - all:\n      - ever is yes\n      - day_7 within 1 year\n"
    "  - all:\n      - tone is two\n      - not: score is at least 30 points"
)
RULES: dict[str, tuple[str, str]] = {
    "is-yes": ("review", "ever is yes"),
    "is-not": ("caution", "tone is not one"),
    "is-one-of": ("review", "tone is one of two, three"),
    "is-none-of": ("caution", "kind is none of a, b"),
    "still": ("defer", "last is still"),
    "not-never": ("caution", "last is not never"),
    "chain": ("review", "bad is yes"),
    "end-of-chain": ("defer", "since within 2 years"),
    "within-days": ("defer", "last within fortnight"),
    "within-weeks": ("defer", "day_1 within 8 weeks"),
    "within-months": ("defer", "last within 6 months"),
    "within-year": ("caution", "day_2 within 1 year"),
    "at-least-ago": ("review", "day_2 at least 3 months ago"),
    "very-long-ago": ("caution", "birth_date at least 105 years ago"),
    "two-dates": ("defer", "\nall:\n  - day_3 within 6 weeks\n  - day_4 within half_year"),
    "many-dates": ("defer", _ANY_DAY),
    "lab-old": ("review", "lab at least 1 month ago"),
    "lab-new": ("defer", "\nall:\n  - not: lab at least 10 days ago\n  - signs includes sting"),
    "includes": ("review", "signs includes itch"),
    "includes-any": ("caution", "signs includes any of burn, sting"),
    "includes-all": ("stop", "signs includes all of itch, burn"),
    "includes-none": ("caution", "signs includes none of itch, sting"),
    "marks": ("caution", "marks includes any of back, elbow"),
    "overlaps": ("stop", "marks overlaps the treatment area"),
    "no-overlap": ("caution", "\nnot: marks overlaps the treatment area"),
    "area": ("caution", "plan.area includes all of face, neck"),
    "device": ("caution", "plan.device is pen"),
    "other-device": ("caution", "plan.device is none of pen, roller"),
    "under-label": ("defer", "\nall:\n  - plan.device is pen\n  - day_5 within 10 days"),
    "depth": ("review", "plan.depth is above 1.5 mm"),
    "score-below": ("caution", "score is below 10.5 points"),
    "score-at-most": ("caution", "score is at most 10.5 points"),
    "score-at-least": ("review", "score is at least score_max"),
    "score-above": ("stop", "score is above score_max"),
    "score-between": ("caution", "score is between 20 and 30.5 points"),
    "pulse": ("review", "\nnot: pulse is between 50 and 100 per minute"),
    "age-below": ("stop", "age is below adult"),
    "age-at-most": ("caution", "age is at most 21 years"),
    "age-at-least": ("caution", "age is at least 65 years"),
    "age-above": ("review", "age is above 70 years"),
    "age-between": ("caution", "age is between 30 and 40 years"),
    "takes": ("review", "medicine of class thinner"),
    "takes-now": ("stop", "on_thinner"),
    "takes-stopped": ("caution", "medicine of class retinoid, status stopped"),
    "takes-by": ("review", _PILLS),
    "takes-within": ("defer", "medicine of class retinoid, within 6 months"),
    "takes-cream": ("caution", "medicine of class cream, route skin, within 14 days"),
    "takes-mild": ("caution", "medicine of class mild"),
    "takes-immune": ("review", "medicine of class immune, status current"),
    "takes-two": ("review", "at least 2 medicines of class thinner"),
    "takes-two-retinoids": ("review", "at least 2 medicines of class retinoid, within 1 year"),
    "takes-two-creams": ("caution", "at least 2 medicines of class cream"),
    "not-takes": ("caution", "\nnot: medicine of class thinner"),
    "not-takes-by": ("review", f"\nnot: {_PILLS}"),
    "not-takes-retinoid": ("caution", "\nnot: medicine of class retinoid, status current"),
    "not-not": ("caution", "\nnot:\n  not: medicine of class retinoid"),
    "not-more": ("caution", "\nall:\n  - not: more is yes\n  - tone is not one"),
    "then-late": ("defer", "\nany:\n  - day_1 within 8 weeks\n  - late is yes"),
    "gap": ("defer", "\nany:\n  - day_2 within 2 weeks\n  - day_2 at least 6 weeks ago"),
    "not-pill": ("review", "\nnot: pill is yes"),
    "not-calm": ("caution", "\nnot: calm is yes"),
    "peel": ("defer", "plan.peel within 1 month"),
    "calm": ("caution", "\nall:\n  - calm is no\n  - not: ever is no"),
    "not-named": ("caution", "\nall:\n  - not: troubled\n  - tone is three"),
    "named": ("review", "troubled"),
    "at-least": ("review", _TWO_OF),
    "not-at-least": ("caution", _NOT_THREE_OF),
    "any-of-all": ("review", _ANY_OF_ALL),
}
"""Each rule by its id: its level, and when it is met."""

_STRICTER = {
    "is-not": (("pen", "stop"), ("roller", "review")),
    "within-year": (("roller", "stop"),),
    "within-months": (("pen", "stop"), ("roller", "review")),
    "includes-any": (("roller", "defer"),),
    "not-takes": (("pen", "review"),),
}
"""What rules claim under labels of devices: one the clinic works under, and one it may plan."""


def texts() -> dict[str, str]:
    """Return the files of the pack."""
    return {
        "pack.yaml": _PLAN,
        "questionnaire.yaml": _questionnaire(),
        "conditions.yaml": "conditions:\n"
        + "".join(
            f"  {name}:\n    title: {name}\n    when: {_below(when, 6)}\n"
            for name, when in _NAMED.items()
        ),
        "settings.yaml": "settings:\n"
        + "".join(
            f"  {name}:\n    title: {name}\n    default: {default}\n    range: {range_}\n"
            "    basis: local policy\n    source_note: None.\n"
            for name, (default, range_) in _SETTINGS.items()
        ),
        "labels.yaml": "labels:\n  pen: {title: Pen, note: A pen.}\n"
        "  roller: {title: Roller, note: A roller.}\n",
        "medicines.yaml": _MEDICINES,
        "sources.yaml": "sources: {}\n",
        "rules/all.yaml": "rules:\n" + "".join(_rule(id_, *said) for id_, said in RULES.items()),
        "clinic.yaml": _CLINIC,
    }


def _questionnaire() -> str:
    pages = (
        f"      - id: page_{name}\n        title: {name}\n        items:\n"
        f"          - id: {name}\n            ask: What about {name}?\n{indent(said, ' ' * 12)}\n"
        for name, said in _QUESTIONS.items()
    )
    return "sections:\n  - id: all\n    title: All\n    pages:\n" + "".join(pages)


def _rule(id_: str, level: str, when: str) -> str:
    said = (
        f"  - id: {id_}\n    title: The rule {id_}\n    level: {level}\n"
        f"    when: {_below(when, 6)}\n    meaning: None.\n    action: None.\n"
        "    basis: local policy\n    reviewer: practitioner\n    review_by: 2090-01-01\n"
        + ("    highest: stop\n" if id_ == "takes-two" else "")
    )
    stricter = "".join(
        f"      - {{label: {label}, level: {under}, because: It says so.}}\n"
        for label, under in _STRICTER.get(id_, ())
    )
    return said + (f"    stricter:\n{stricter}" if stricter else "")


def _below(when: str, width: int) -> str:
    """Put a condition behind its key; a group stands below it."""
    return indent(when, " " * width) if when.startswith("\n") else when
