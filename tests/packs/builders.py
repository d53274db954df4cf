"""A tiny complete pack as texts by file name, and short ways to spoil it."""

import pytest

from intake import packs
from intake.core.errors import PackError
from tests.conftest import TODAY

PACK = """\
name: tiny
title: Tiny pack
version: 1.0.0
effective: 2026-01-01
plan:
  - id: area
    ask: Which areas are to be treated?
    type: choices
    options:
      - face: Face
      - arms: Arms
    harmless: [arms]
  - id: device
    ask: Which device is planned?
    type: choice
    options:
      - pen: The pen
      - generic: Another device
    harmless: [generic]
"""

QUESTIONNAIRE = """\
sections:
  - id: skin
    title: Your skin
    pages:
      - id: birth
        title: Your date of birth
        items:
          - id: birth_date
            ask: What is your date of birth?
            type: date
            record: birth_date
            unknowns: no
      - id: cold_sores
        title: Cold sores
        why: Needles can spread them.
        items:
          - id: cold_sore_ever
            ask: Have you ever had a cold sore?
            type: yes_no
      - id: healing
        title: Healing
        private: yes
        items:
          - id: cold_sore_healed
            ask: When had it fully healed?
            type: date
            words: {still: It has not healed yet}
            enable_when: cold_sore_ever is yes
"""

CONDITIONS = """\
conditions:
  face_planned:
    title: The face is to be treated
    when: plan.area includes face
"""

SETTINGS = """\
settings:
  sore_healed:
    title: Days after a cold sore has fully healed
    default: 14 days
    range: 0 days to 28 days
    basis: [expert default]
    source_note: Sources run from none to 2 weeks.
"""

LABELS = """\
labels:
  pen:
    title: The pen
    note: A pen.
    sources: [pen-manual]
"""

MEDICINES = """\
classes:
  blood_thinner: Blood thinners
medicines:
  - name: warfarin
    brands: [Coumadin (US UK)]
    classes: [blood_thinner]
  - name: paracetamol
    classes: []
"""

SOURCES = """\
sources:
  pen-manual:
    citation: Manual of the pen, page 3.
    says: Lists cold sores.
    read: yes
"""

RULES = """\
rules:
  - id: cold-sore
    title: A cold sore, or one healed a short time ago
    level: defer
    covers: [C-HSV-A]
    when:
      all:
        - face_planned
        - cold_sore_healed within sore_healed
    meaning: The virus may spread.
    action: Wait until it has healed.
    basis: [label]
    sources: [pen-manual]
    reviewer: practitioner
    review_by: 2027-06-15
    stricter:
      - label: pen
        level: stop
        because: The manual says so.
  - id: under-age
    title: Under eighteen
    level: stop
    floor: yes
    covers: [C-AGE]
    when: age is below 18 years
    meaning: A child.
    action: Do not treat.
    basis: [local policy]
    reviewer: dermatologist
    review_by: 2027-06-15
"""

BASE = """\
on: 2026-06-15
plan: {area: [face], device: generic}
answers:
  birth_date: 1988-03-12
  cold_sore_ever: no
"""

VIGNETTES = """\
vignettes:
  - id: healthy
    title: Nothing to report
    expect:
      triage: routine
      silent: [cold-sore, under-age]
      exactly: yes
  - id: thirteen-days
    title: Healed thirteen days ago
    answers:
      cold_sore_ever: yes
      cold_sore_healed: 2026-06-02
    expect:
      triage: defer
      fires: [cold-sore]
      earliest: 2026-06-16
  - id: child
    title: Fifteen years old
    answers:
      birth_date: 2011-01-01
    expect:
      triage: stop
      fires: [under-age]
  - id: fourteen-days
    title: Healed fourteen days ago
    answers:
      cold_sore_ever: yes
      cold_sore_healed: 2026-06-01
    expect:
      triage: routine
      silent: [cold-sore]
      exactly: yes
  - id: under-the-pen
    title: Not healed yet, and the pen is planned
    plan: {device: pen}
    answers:
      cold_sore_ever: yes
      cold_sore_healed: still
    expect:
      triage: stop
      fires: [cold-sore]
  - id: eighteenth-birthday
    title: Eighteen today
    answers:
      birth_date: 2008-06-15
    expect:
      triage: routine
      silent: [under-age]
      exactly: yes
"""

TINY = {
    "pack.yaml": PACK,
    "questionnaire.yaml": QUESTIONNAIRE,
    "conditions.yaml": CONDITIONS,
    "settings.yaml": SETTINGS,
    "labels.yaml": LABELS,
    "medicines.yaml": MEDICINES,
    "sources.yaml": SOURCES,
    "rules/all.yaml": RULES,
    "vignettes/base.yaml": BASE,
    "vignettes/all.yaml": VIGNETTES,
}


def edited(*edits: tuple[str, str, str]) -> dict[str, str]:
    """Take the tiny pack and replace, in each named file, the first place of a text by another."""
    texts = dict(TINY)
    for name, old, new in edits:
        texts.setdefault(name, "")
        assert old in texts[name], f"{old!r} is not in {name}"
        texts[name] = texts[name].replace(old, new, 1)
    return texts


def line_of(text: str, fragment: str) -> int:
    """Return the number of the first line that holds *fragment*."""
    return text[: text.index(fragment)].count("\n") + 1


def problems_in(texts: dict[str, str]) -> tuple[str, ...]:
    """Load a pack that cannot be used and return what is said about it."""
    with pytest.raises(PackError) as caught:
        packs.load_texts(texts, TODAY)
    return caught.value.problems


def written(folder, texts: dict[str, str]):
    """Write a pack into a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder
