"""The rows of a list of medicines: which there are, what stands for each, how each reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import g

from intake.core.answers import Listed, read_stored
from intake.web.clinic import current_clinic
from intake.web.tablet_base import mark
from intake.web.tablet_medicines import MedicinesQuestion
from intake.web.tablet_review import medicine_words

if TYPE_CHECKING:
    from intake.core.questionnaire import Item
    from intake.web.tablet_forms import PageForm


def lists_of(form: PageForm) -> list[MedicinesQuestion]:
    """Return the questions of a page that are answered with a list of rows."""
    return [question for question in form.questions if isinstance(question, MedicinesQuestion)]


def row_marks(item: Item) -> list[str]:
    """Return what stands for each row of a list in addresses, and for one that is not there yet.

    It changes with the list, so that a page sent twice, or late, never means another row.
    """
    kept = g.response.answers.get(item.link_id)
    rows = [row for row in kept if isinstance(row, dict)] if isinstance(kept, list) else []
    said = json.dumps(rows, sort_keys=True)
    return [mark(f"{item.link_id} {number} {said}") for number in range(len(rows) + 1)]


def number_of(at: str, item: Item) -> int | None:
    """Return the number of the row that a mark stands for; the first of a list that is empty."""
    marks = row_marks(item)
    if at in marks:
        return marks.index(at)
    return 0 if len(marks) == 1 and not at else None


def listed(lists: list[MedicinesQuestion]) -> list[str]:
    """Say each medicine of the list that is on the screen."""
    today = current_clinic().today()
    kept = (read_stored(q.item, g.response.answers.get(q.item.link_id), today) for q in lists)
    return [
        medicine_words(entry, today)
        for answer in kept
        if isinstance(answer, Listed)
        for entry in answer.entries
    ]
