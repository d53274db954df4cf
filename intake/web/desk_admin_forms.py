"""The forms of administration."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length

from intake.web.choices import offered
from intake.web.desk_forms import DeskForm
from intake.web.display import ROLE

_ROLES = offered((role.value, words) for role, words in ROLE.items())


class TabletForm(DeskForm):
    """What a tablet is called."""

    name = StringField(
        "Name of the tablet",
        [DataRequired("Enter a name, such as the room the tablet is used in."), Length(max=80)],
    )


class RoleForm(DeskForm):
    """What somebody is there for."""

    role = SelectField(
        "Role",
        [AnyOf([*_ROLES], "Select one of the roles offered.")],
        choices=_ROLES,
        validate_choice=False,
    )


class AccountForm(RoleForm):
    """Somebody new at the desk."""

    name = StringField(
        "Full name",
        [DataRequired("Enter the full name, as it is to sign decisions."), Length(max=200)],
    )
    username = StringField(
        "User name",
        [DataRequired("Enter a user name to sign in with."), Length(max=40)],
    )
