"""The forms of signing in and of one's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from intake.web.desk_forms import DeskForm

if TYPE_CHECKING:
    from wtforms import Field


class SignInForm(DeskForm):
    """User name and password."""

    username = StringField("User name", [DataRequired("Enter your user name."), Length(max=200)])
    password = PasswordField("Password", [DataRequired("Enter your password."), Length(max=1000)])


class PasswordForm(DeskForm):
    """The old password and, twice, the new one."""

    old = PasswordField("Password now", [DataRequired("Enter the password you have now.")])
    new = PasswordField("New password", [DataRequired("Enter a new password."), Length(max=1000)])
    again = PasswordField("New password again", [DataRequired("Enter the new password again.")])

    def validate_again(self, field: Field) -> None:
        """Refuse two new passwords that differ."""
        if field.data and self.new.data != field.data:
            msg = "Enter the same new password twice: these two differ."
            raise ValidationError(msg)
