"""Every page of the desk, for the pictures in `docs/desk.md`: `make pictures`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeskPage:
    """One page to take a picture of.

    Attributes:
        name: That of the picture, and the anchor in the document.
        endpoint: The view it shows.
        path: Where it is; ids are filled in by name.
        who: Who looks at it.
    """

    name: str
    endpoint: str
    path: str
    who: str = "ada"


PAGES = (
    DeskPage("sign-in", "sign_in", "/desk/sign-in", ""),
    DeskPage("password", "password", "/desk/password"),
    DeskPage("second-factor", "second_factor", "/desk/second-factor"),
    DeskPage("own-account", "own_account", "/desk/own-account"),
    DeskPage("emergency", "emergency_page", "/desk/emergency", "cleo"),
    DeskPage("queue", "queue", "/desk/"),
    DeskPage("recalls", "recalls_page", "/desk/recalls"),
    DeskPage("devices", "devices_page", "/desk/devices"),
    DeskPage("begin", "begin", "/desk/begin"),
    DeskPage("appointments", "appointments", "/desk/appointments"),
    DeskPage("plan", "begin_for", "/desk/begin/{patient}"),
    DeskPage("plan-change", "plan", "/desk/cases/{begun}/plan"),
    DeskPage("hand-over", "hand_over", "/desk/hand-over/{begun}"),
    DeskPage("paper", "paper", "/desk/paper"),
    DeskPage("paper-form", "blank_paper", "/desk/paper/es"),
    DeskPage("case", "case", "/desk/cases/{stop}", "ben"),
    DeskPage("ask-again", "ask_again", "/desk/cases/{stop}/ask-again"),
    DeskPage("statement", "statement", "/desk/cases/{entered}/statement"),
    DeskPage("chair", "chair", "/desk/cases/{ahead}/chair"),
    DeskPage("session", "session", "/desk/cases/{confirmed}/session"),
    DeskPage("course", "course", "/desk/patients/{treated_patient}"),
    DeskPage("aftercare", "aftercare", "/desk/cases/{treated}/aftercare"),
    DeskPage("document", "document", "/desk/cases/{stop}/document"),
    DeskPage("day", "day_list", "/desk/day"),
    DeskPage("rules", "rules", "/desk/rules"),
    DeskPage("rule", "rule", "/desk/rules/melasma"),
    DeskPage("figures", "figures", "/desk/figures"),
    DeskPage("export", "export", "/desk/export"),
    DeskPage("keys", "keys", "/desk/keys"),
    DeskPage("accounts", "accounts_page", "/desk/accounts", "cleo"),
    DeskPage("account", "account", "/desk/accounts/{ada}", "cleo"),
    DeskPage("sites", "sites_page", "/desk/sites", "cleo"),
    DeskPage("tablets", "tablets_page", "/desk/tablets", "cleo"),
    DeskPage("systems", "systems_page", "/desk/systems", "cleo"),
    DeskPage("packs", "packs_page", "/desk/packs", "cleo"),
    DeskPage("pack", "pack_page", "/desk/packs/{pack}", "cleo"),
    DeskPage("impact", "impact_page", "/desk/packs/{other_pack}/impact", "cleo"),
    DeskPage("choices", "choices_page", "/desk/choices", "cleo"),
    DeskPage("choosables", "choosables", "/desk/choices/settings", "cleo"),
    DeskPage("choice", "choice", "/desk/choices/settings/botulinum", "cleo"),
    DeskPage("settings", "settings_page", "/desk/settings", "cleo"),
    DeskPage("backups", "backups_page", "/desk/backups", "cleo"),
    DeskPage("retention", "retention_page", "/desk/retention", "cleo"),
    DeskPage("due", "due_page", "/desk/retention/due", "cleo"),
    DeskPage("audit", "audit", "/desk/audit", "cleo"),
)

SHOWN_ELSEWHERE = frozenset(
    {
        "sign_in_code",  # as "sign-in", with one box
        "case_paper",  # as "paper", for one patient
        "paper_of",  # as "paper-form", with a name on it
        "next_case",  # leads to a case
        "queue_now",  # the table of the queue, fetched by its page
        "rule_book",  # a document to read and print
        "pack_book",  # the same, of a kept pack
    }
)
"""Views that another picture shows, or that show no page of the desk."""
