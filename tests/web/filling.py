"""A raw answer, as vignettes hold it, to the controls in which a patient gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intake.core.questionnaire import Item, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.answers import Raw
    from intake.core.questionnaire import Page as Topic
    from tests.web.pages import Page, Visitor

UNKNOWN = ("not_sure", "withheld")


def boxes(item: Item, raw: Raw) -> dict[str, list[str]]:
    """Return the values of the controls of one question by their names."""
    if raw is None:
        return {}
    name = item.link_id
    values = [str(value) for value in raw] if isinstance(raw, list) else [str(raw)]
    match item.kind:
        case Kind.NUMBER | Kind.TEXT:
            return {f"{name}-unknown" if raw in UNKNOWN else f"{name}-value": values}
        case Kind.DATE:
            return _date_boxes(name, str(raw))
        case Kind.MEDICINES:
            return _medicine_boxes(name, raw if isinstance(raw, list) else [raw])
        case _:
            return {name: values}


def _date_boxes(name: str, raw: str) -> dict[str, list[str]]:
    if found := re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", raw):
        parts = {"year": found[1], "month": found[2], "day": found[3]}
        return {
            f"{name}-way": ["date"],
            **{f"{name}-{part}": [value] for part, value in parts.items() if value},
        }
    if found := re.fullmatch(r"about (\d+) (day|week|month|year)s? ago", raw):
        return {
            f"{name}-way": ["about"],
            f"{name}-count": [found[1]],
            f"{name}-unit": [f"{found[2]}s"],
        }
    return {f"{name}-way": [raw]}


def _medicine_boxes(name: str, rows: list[Raw]) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    number = 0
    for row in rows:
        if row in (*UNKNOWN, "none"):
            sent.setdefault(f"{name}-more", []).append(str(row))
            continue
        parts = row if isinstance(row, dict) else {"name": row}
        here = f"{name}-entries-{number}"
        sent |= {f"{here}-{part}": [str(v)] for part, v in parts.items() if part != "stopped"}
        if stopped := parts.get("stopped"):
            sent |= _date_boxes(f"{here}-stopped", str(stopped))
        number += 1
    return sent


def page_boxes(topic: Topic, answers: Mapping[str, Raw]) -> dict[str, list[str]]:
    """Return the values of the controls of a whole page."""
    sent: dict[str, list[str]] = {}
    for item in topic.items:
        sent |= boxes(item, answers.get(item.link_id))
    return sent


def page_id_of(address: str) -> str:
    """Return the page in the name of an address."""
    return address.partition("/tablet/page/")[2].partition("?")[0].partition("/")[0]


def fill(
    tablet: Visitor, topics: Mapping[str, Topic], answers: Mapping[str, Raw], until: str = ""
) -> Page:
    """Answer page after page, from the welcome up to the page *until* or the review.

    Returns:
        The answer that leads to the page where it stopped.
    """
    page = tablet.post("/tablet/welcome")
    if page.location == "/tablet/company":
        page = tablet.post(page.location, {"company": "nobody"})
    while (here := page_id_of(page.location)) and here != until:
        page = tablet.post(page.location, page_boxes(topics[here], answers))
    return page
