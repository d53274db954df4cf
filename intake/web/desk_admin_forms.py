"""The forms of administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from intake.actions.clients import LONGEST_DAYS, USUAL_DAYS
from intake.actions.clients import LONGEST_NAME as LONGEST_SYSTEM
from intake.actions.rule_packs import LONGEST_REASON
from intake.actions.sites import LONGEST_NAME
from intake.core.clients import ROLE_MEANS, ClientRole
from intake.core.display import CHOICE_CODE, ROLE
from intake.core.trail_words import AUDIT
from intake.web.choices import offered
from intake.web.desk_forms import (
    DATES,
    DayField,
    DeskForm,
    FilterForm,
    SiteForm,
    codes_of,
    one_kind_of_line_end,
    require_offered,
)
from intake.web.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wtforms import Field

    from intake.actions.choices import Choosable
    from intake.core.records import Site

_ACTS = [(action, words[:1].upper() + words[1:]) for action, words in sorted(AUDIT.items())]
_DAYS = f"Enter for how many days, 1 to {LONGEST_DAYS}."
_ROLES = offered((role.value, words) for role, words in ROLE.items())


class TabletForm(SiteForm):
    """What a tablet is called, and where it stands."""

    name = StringField(
        "Name of the tablet",
        [Worded("Enter a name, such as the room the tablet is used in."), Length(max=80)],
    )


class SiteNameForm(DeskForm):
    """What a site is called."""

    name = StringField(
        "Name of the site",
        [
            Worded("Enter a name, such as the street or the town."),
            Length(max=LONGEST_NAME, message=f"Write at most {LONGEST_NAME} characters."),
        ],
    )


class WorksAtForm(DeskForm):
    """Whose cases somebody may read: those of every site, or of some."""

    everywhere = BooleanField("Every site, also those to come")
    sites = SelectMultipleField("Sites", validate_choice=False)

    def offering(self, sites: Iterable[Site]) -> WorksAtForm:
        """Offer the sites."""
        self.sites.choices = offered((site.id, site.name) for site in sites)
        return self

    @property
    def chosen(self) -> list[str] | None:
        """The ids of the sites ticked; None for every site."""
        return None if self.everywhere.data else list(self.sites.data or [])

    def validate_sites(self, field: SelectMultipleField) -> None:
        """Ask for one site at least, and refuse one that is not offered."""
        if not self.everywhere.data and not field.data:
            msg = "Tick at least one site, or every site."
            raise ValidationError(msg)
        if not codes_of(field).issuperset(field.data or []):
            msg = "Tick sites that are offered."
            raise ValidationError(msg)


class DaysForm(DeskForm):
    """For how long a token is good."""

    days = IntegerField(
        "Good for so many days",
        [InputRequired(_DAYS), NumberRange(1, LONGEST_DAYS, _DAYS)],
        default=USUAL_DAYS,
    )

    @property
    def span(self) -> int:
        """The number of days."""
        return int(self.days.data or 0)


class SystemForm(DaysForm, WorksAtForm):
    """Another system that is let in: its name, what it may do, where and for how long."""

    name = StringField(
        "Name of the other system",
        [
            Worded("Enter a name, such as “Appointment book”."),
            Length(max=LONGEST_SYSTEM, message=f"Write at most {LONGEST_SYSTEM} characters."),
        ],
    )
    role = SelectField(
        "What it may do",
        [AnyOf([*ROLE_MEANS], "Select one of those offered.")],
        choices=offered((role.value, means) for role, means in ROLE_MEANS.items()),
        default=ClientRole.SCHEDULER.value,
        validate_choice=False,
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


class PackForm(DeskForm):
    """A rule pack, as a zip or as the files of its folder."""

    packed = FileField("A zip of the pack’s folder")
    folder = MultipleFileField("Or the folder itself")


IMPACT_SHAPES = {"html": "Document", "csv": "CSV", "json": "JSON"}


class ImpactExportForm(DeskForm):
    """As what to take out what another pack would do."""

    shape = SelectField(
        "Form",
        [AnyOf([*IMPACT_SHAPES], "Select a form.")],
        choices=offered(IMPACT_SHAPES.items()),
        validate_choice=False,
    )


class ActivateForm(DeskForm):
    """Why a pack is put in force.

    Attributes:
        seen: The hash of the pack in force that it was compared with.
    """

    seen = HiddenField("Compared with", [Optional(), Length(max=64)])
    reason = TextAreaField(
        "Reason",
        [
            Worded("Write why it is put in force."),
            Length(max=LONGEST_REASON, message=f"Write at most {LONGEST_REASON} characters."),
        ],
        filters=[one_kind_of_line_end],
    )
    despite_problems = BooleanField("I have read what the check found")


class ChoiceForm(DeskForm):
    """What the clinic chooses about one thing, who answers for it, why and until when."""

    value = StringField("Value", [Length(max=60)])
    lead = StringField(
        "Medical lead who answers for it",
        [Worded("Name the medical lead who answers for it."), Length(max=200)],
    )
    why = TextAreaField(
        "Why",
        [
            Worded("Write why the clinic chooses this."),
            Length(max=LONGEST_REASON, message=f"Write at most {LONGEST_REASON} characters."),
        ],
        filters=[one_kind_of_line_end],
    )
    until = DayField(
        "Counts until",
        [InputRequired("Enter the day from which it no longer counts.")],
        format=DATES,
    )

    about: Choosable | None = None

    def offering(self, about: Choosable) -> ChoiceForm:
        """Ask about one thing."""
        self.about = about
        return self

    @property
    def offers(self) -> dict[str, str]:
        """The codes that can be chosen, in words."""
        return {code: CHOICE_CODE[code] for code in self.about.offers} if self.about else {}

    def validate_value(self, field: Field) -> None:
        """Ask for a value where there is one, and refuse a code that is not offered."""
        if self.about is None or not self.about.key:
            return
        if not (field.data or "").strip():
            msg = "Select what is chosen." if self.offers else "Enter a value."
            raise ValidationError(msg)
        if self.offers and field.data not in self.offers:
            msg = "Select one of those offered."
            raise ValidationError(msg)


class TrailForm(DeskForm):
    """Which events are read; it lives in the address, so it holds ids and codes only."""

    class Meta:
        """Nothing is changed by looking; taking it out is guarded by the application."""

        csrf = False

    actor = SelectField("Who", choices={}, validate_choice=False)
    action = SelectField("What", choices=offered([("", "Anything"), *_ACTS]), validate_choice=False)
    record = StringField("Record", [Length(max=100, message="A record’s id is shorter.")])
    since = DayField("From", [Optional()], format=DATES)
    until = DayField("To", [Optional()], format=DATES)

    validate_until = FilterForm.validate_until

    def knowing(self, actors: dict[str, str]) -> TrailForm:
        """Offer everybody who may have acted."""
        named = sorted(actors.items(), key=lambda pair: pair[1].casefold())
        self.actor.choices = offered([("", "Anybody"), *named])
        return self

    def validate_actor(self, field: SelectField) -> None:
        """Refuse somebody who is not offered."""
        require_offered(field)

    def validate_action(self, field: SelectField) -> None:
        """Refuse an act that is not offered."""
        require_offered(field)

    @property
    def is_narrowed(self) -> bool:
        """Whether less than the whole trail was asked for."""
        return any(field.data for field in self)
