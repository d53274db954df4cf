"""The cases of a day, one after another, each short enough to be taken to the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core import display
from intake.exports.documents import direction
from intake.exports.pdf import Paper, pdf_of
from intake.exports.sealing import Form, Sealed, seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from jinja2 import Environment

    from intake.exports.dossier import Dossier, Maker


def day_page(
    maker: Maker,
    day: date,
    dossiers: Sequence[Dossier],
    environment: Environment,
    form: Form = Form.HTML,
) -> str:
    """Return one page with a summary of each case, to be shown and printed."""
    return environment.get_template("documents/day.html").render(
        maker=maker,
        day=day,
        dossiers=dossiers,
        form=form,
        show=display,
        direction=direction,
    )


def day_pdf(
    maker: Maker,
    day: date,
    dossiers: Sequence[Dossier],
    environment: Environment,
    paper: Paper,
) -> Sealed:
    """Return the same as one PDF.

    Raises:
        StateError: this computer cannot make one; says what to install.
    """
    page = day_page(maker, day, dossiers, environment, Form.PDF)
    return seal(Form.PDF, pdf_of(page, environment, paper))
