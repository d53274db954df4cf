"""A walk past every page there is, so that what must hold on all of them is looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.web.pages import Visitor

NOBODY = "0" * 32


def pages_of_a_stranger(stranger: Visitor) -> Iterator[Page]:
    for path in ("/desk/sign-in", "/tablet/", "/tablet/thanks", "/tablet/not-me"):
        yield stranger.get(path)
    for path in ("/tablet/enrol/code", "/nowhere"):
        yield stranger.get(path)
    yield stranger.get("/tablet/nowhere")
    yield stranger.post("/desk/sign-in")
    yield stranger.post("/tablet/enrol/code")
    yield Page(stranger.client.post("/desk/sign-in"))
    yield Page(stranger.client.post("/tablet/review"))
    yield stranger.post("/healthz")


def pages_of_the_tablet(
    begun: Visitor, filled: Visitor, enrolled: Visitor, page_ids: list[str]
) -> Iterator[Page]:
    yield begun.get("/tablet/welcome")
    for page_id in page_ids:
        yield begun.get(f"/tablet/page/{page_id}")
        yield begun.post(f"/tablet/page/{page_id}")
        yield filled.get(f"/tablet/page/{page_id}?from=review")
    yield filled.get("/tablet/page/medicine_names?more=1")
    yield begun.get("/tablet/review")
    yield filled.get("/tablet/review")
    yield filled.post("/tablet/review")
    yield from pages_with_company(filled)
    yield enrolled.get("/tablet/")
    yield enrolled.post("/tablet/start")


def pages_with_company(helped: Visitor) -> Iterator[Page]:
    yield helped.get("/tablet/company")
    yield helped.post("/tablet/company")
    helped.post("/tablet/company", {"company": "relative"})
    yield helped.get("/tablet/page/pregnancy")
    yield helped.get("/tablet/alone/pregnancy")
    yield helped.get("/tablet/review")
    helped.post("/tablet/alone/pregnancy")
    yield helped.get("/tablet/page/pregnancy")
    yield helped.get("/tablet/page/today")
    yield helped.post("/tablet/review", {"do": "show"})


def pages_of_a_clinician(
    who: Visitor, ids: Mapping[str, str], rule_ids: list[str]
) -> Iterator[Page]:
    for path in ("/desk/", "/desk/?since=x&triage=y", "/desk/begin", "/desk/export", "/desk/rules"):
        yield who.get(path)
    yield who.get("/desk/?status=withdrawn")
    yield who.get("/desk/figures")
    yield who.get("/desk/figures?since=x")
    yield who.post("/desk/figures", {"table": "patients"})
    for query in ("", "?day=2026-01-01", "?day=x"):
        yield who.get(f"/desk/day{query}")
    yield who.post("/desk/day")
    for rule_id in rule_ids:
        yield who.get(f"/desk/rules/{rule_id}")
    for key, case in ids.items():
        if key != "patient":
            yield who.get(f"/desk/cases/{case}")
            yield who.post(f"/desk/cases/{case}/decide")
    yield from pages_of_the_day(who, ids)
    patient, case = ids["patient"], ids["begun"]
    for path in (
        f"/desk/begin/{patient}",
        f"/desk/cases/{case}/plan",
        f"/desk/cases/{ids['stop']}/plan",
        f"/desk/hand-over/{case}",
        "/desk/paper",
        "/desk/paper/en",
        f"/desk/cases/{case}/paper",
        f"/desk/cases/{case}/paper/en",
        f"/desk/cases/{ids['stop']}/document",
        f"/desk/cases/{NOBODY}",
        "/desk/password",
        "/desk/own-account",
        "/desk/emergency",
        "/desk/second-factor",
        "/desk/audit",
    ):
        yield who.get(path)
    for path in (
        "/desk/begin",
        f"/desk/begin/{patient}",
        f"/desk/cases/{ids['stop']}/addendum",
        f"/desk/cases/{ids['routine']}/withdraw",
        f"/desk/cases/{ids['stop']}/document",
        "/desk/password",
        "/desk/own-account",
        "/desk/emergency",
        "/desk/second-factor",
        "/desk/export",
    ):
        yield who.post(path)
    yield from pages_of_who_enters(who, case, ids["filled"])
    yield who.post("/desk/begin", {"register": "yes"})
    yield who.post("/desk/begin", {"text": "a"})
    yield who.post("/desk/find", {"text": "a"})
    yield who.post("/desk/find", {"text": "zzz"})


def pages_of_the_day(who: Visitor, ids: Mapping[str, str]) -> Iterator[Page]:
    """Walk past the day of treatment, from the questions at the chair to the course."""
    for case in (ids["ahead"], ids["confirmed"]):
        yield who.get(f"/desk/cases/{case}/chair")
        yield who.post(f"/desk/cases/{case}/chair")
    yield who.get(f"/desk/cases/{ids['confirmed']}/session")
    yield who.post(f"/desk/cases/{ids['confirmed']}/session")
    yield who.get(f"/desk/cases/{ids['treated']}/aftercare")
    treated = who.get(f"/desk/cases/{ids['treated']}")
    course = next(a["href"] for a in treated.root.all("a") if "/patients/" in a["href"])
    yield who.get(course.partition("#")[0])
    form = next(
        f for f in who.get(course).root.all("form") if "/reaction" in f.attributes.get("action", "")
    )
    yield who.post(form["action"])


def pages_of_who_enters(who: Visitor, begun: str, filled: str) -> Iterator[Page]:
    """Walk past what is there while a practitioner enters answers, and after that."""
    yield who.post(f"/desk/enter/{begun}")
    yield who.get(f"/desk/cases/{begun}/statement")
    for case in (begun, filled):
        who.post(f"/desk/enter/{case}", {"source": "paper"})
        for path in ("welcome", "page/your_goals", "page/pregnancy", "review"):
            yield who.get(f"/tablet/{path}")
        for path in ("statement", ""):
            yield who.get(f"/desk/cases/{case}/{path}".rstrip("/"))


def pages_of_the_administrator(who: Visitor) -> Iterator[Page]:
    yield who.get("/desk/tablets")
    yield who.post("/desk/tablets")
    yield who.post("/desk/tablets", {"name": "Room 3"})
    for path in ("/desk/accounts", "/desk/audit", "/desk/rules", "/desk/figures", "/desk/cases/x"):
        yield who.get(path)
    yield who.post("/desk/accounts")
    yield who.post("/desk/accounts", {"username": "dora", "name": "Dora", "role": "practitioner"})
    yield who.get(account := who.get("/desk/accounts").root.one("table").all("a")[0]["href"])
    yield who.post(f"{account}/role")
    yield who.post(f"{account}/enable")
    yield who.get("/desk/audit?since=x&actor=y")
    yield who.get("/desk/audit?record=nothing")
    yield who.post("/desk/sites")
    who.post("/desk/sites", {"name": "Harbour"})
    yield who.get("/desk/sites")
    yield who.post("/desk/sites/first/rename")
    yield who.get(account)
    yield who.post(f"{account}/sites")
    yield who.get("/desk/tablets")
    yield who.get("/desk/packs")
    yield who.post("/desk/packs")
    yield who.get(pack := who.get("/desk/packs").root.one("table").all("a")[0]["href"])
    yield who.post(f"{pack}/activate")
    for path in (
        "settings",
        "backups",
        "choices",
        "choices/settings",
        "choices/levels",
        "choices/settings/botulinum",
    ):
        yield who.get(f"/desk/{path}")
    yield who.get("/desk/choices/levels/melasma")
    yield who.post("/desk/choices/settings/botulinum")
    yield who.post("/desk/choices/levels/melasma", {"value": "stop", "until": "x"})


def of_every_side(
    at: Callable[[str], Visitor], ids: Mapping[str, str], page_ids: list[str], rule_ids: list[str]
) -> dict[str, list[Page]]:
    """Walk past all of them; what is only redirected is left out."""
    sides = {
        "stranger": pages_of_a_stranger(at("stranger")),
        "tablet": pages_of_the_tablet(at("begun"), at("filled"), at("enrolled"), page_ids),
        "ada": pages_of_a_clinician(at("ada"), ids, rule_ids),
        "ben": pages_of_a_clinician(at("ben"), ids, rule_ids[:1]),
        "cleo": pages_of_the_administrator(at("cleo")),
    }
    return {side: [p for p in pages if p.status != 303] for side, pages in sides.items()}
