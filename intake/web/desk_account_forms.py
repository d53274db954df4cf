"""The forms of signing in, of what proves it, and of one's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from intake.web.desk_forms import DeskForm, one_kind_of_line_end

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


class CodeForm(DeskForm):
    """A one-time code, or a recovery code in its place."""

    code = StringField("Code", [DataRequired("Enter the code."), Length(max=40)])


class PasskeyForm(DeskForm):
    """What a device answered, and by what its owner knows it."""

    name = StringField(
        "Name of the device",
        [DataRequired("Give the passkey a name by which you know the device."), Length(max=60)],
    )
    answer = HiddenField()


class EmergencyForm(DeskForm):
    """Why somebody has to see more than their role lets them."""

    reason = TextAreaField(
        "Why can this not wait?",
        [DataRequired("Write why this cannot wait, in at least 10 characters."), Length(max=500)],
        filters=[one_kind_of_line_end],
    )
