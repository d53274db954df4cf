"""Boxes of the desk in which something must be written that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms.validators import DataRequired, StopValidation

from intake.core.blank import is_blank

if TYPE_CHECKING:
    from wtforms import Field
    from wtforms.form import BaseForm


class Worded(DataRequired):
    """Ask for words: neither space, nor signs that nobody sees, nor dots alone."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Refuse what says nothing.

        Raises:
            StopValidation: it does.
        """
        super().__call__(form, field)
        if is_blank(field.data):
            field.errors = []
            raise StopValidation(str(self.message))
