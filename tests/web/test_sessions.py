"""Sessions at the server: what ends them, what does not move their end, and showing it is you."""

from datetime import timedelta
from itertools import cycle

import pytest

from intake.actions import staff
from intake.actions.accounts import IDLE_LIMIT
from intake.actions.permission import COMMAND_LINE
from intake.core.records import Role
from intake.storage import people as people_kept
from tests.conftest import NOW
from tests.web.conftest import OWN_PASSWORDS, choose_password, sign_in
from tests.web.pages import Visitor

NEW = "seven quiet boats at dawn"
MINUTE = timedelta(minutes=1)
BY = {"by": COMMAND_LINE, "now": NOW}
ENDINGS = {
    "sign-out": lambda ada, store, who: ada.post("/desk/sign-out"),
    "password change": lambda ada, store, who: choose_password(ada, OWN_PASSWORDS["ada"], NEW),
    "password reset": lambda ada, store, who: staff.reset(store, account_id=who.id, **BY),
    "role change": lambda ada, store, who: staff.change_role(
        store, account_id=who.id, role=Role.DERMATOLOGIST, **BY
    ),
    "disabling": lambda ada, store, who: staff.disable(store, account_id=who.id, **BY),
    "administrator": lambda ada, store, who: staff.sign_out_everywhere(
        store, account_id=who.id, **BY
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_copied_cookie_is_dead_on_the_next_request(ada, at_desk, store, people, ending):
    copied = at_desk("ada")
    assert copied.get("/desk/").status == 200

    ENDINGS[ending](ada, store, people.ada)

    assert copied.get("/desk/").location == "/desk/sign-in"
    assert copied.post("/desk/find", {"text": "Maria"}).location == "/desk/sign-in"


TRICKS = [
    {"query_string": {"skip_timeout_reset": "1"}},
    {"query_string": {"keepalive": "1"}},
    {"query_string": {"no_timeout": "true"}},
    {"query_string": {"timeout": "999999"}},
    {"query_string": {"idle": "0"}},
    {"query_string": {"session_lifetime": "86400"}},
    {"query_string": {"permanent": "1"}},
    {"query_string": {"remember": "1"}},
    {"query_string": {"now": "2026-06-15T09:30:00Z"}},
    {"query_string": {"created_at": "2036-01-01"}},
    {"headers": {"X-Session-Timeout": "999999"}},
    {"headers": {"X-Keep-Alive": "1"}},
    {"headers": {"Keep-Alive": "timeout=999999"}},
    {"headers": {"Date": "Mon, 15 Jun 2026 09:30:00 GMT"}},
    {"headers": {"X-Original-URL": "/desk/password"}},
    {"headers": {"X-Rewrite-URL": "/desk/password"}},
    {"headers": {"X-HTTP-Method-Override": "GET"}},
    {"headers": {"If-Modified-Since": "Mon, 15 Jun 2026 09:30:00 GMT"}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Requested-With": "XMLHttpRequest"}},
]


def is_sent_away(visitor, trick):
    with visitor.client.get("/desk/keys", **trick) as answer:
        return answer.headers.get("Location") == "/desk/sign-in"


def test_no_parameter_or_header_keeps_an_idle_session_awake(ada, clock):
    clock.at = NOW + 10 * MINUTE + timedelta(seconds=1)

    assert [trick for trick in TRICKS if not is_sent_away(ada, trick)] == []


def test_no_parameter_or_header_takes_a_session_past_twelve_hours(ada, clock):
    busy = cycle(TRICKS)
    while clock.at + 9 * MINUTE <= NOW + timedelta(hours=12):
        clock.at += 9 * MINUTE
        assert not is_sent_away(ada, next(busy))

    clock.at = NOW + timedelta(hours=12, seconds=1)

    assert [trick for trick in TRICKS if not is_sent_away(ada, trick)] == []


@pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(days=3650)], ids=["back", "ahead"])
def test_no_session_lives_longer_by_a_clock_that_was_wrong(app, ada, clock, away):
    clock.at = NOW + away
    assert ada.get("/desk/").location == "/desk/sign-in"
    meanwhile = Visitor(app.test_client())
    assert sign_in(meanwhile, "ben", OWN_PASSWORDS["ben"]).location == "/desk/"

    clock.at = NOW
    assert meanwhile.get("/desk/").location == "/desk/sign-in"
    clock.at = NOW + 11 * MINUTE
    assert ada.get("/desk/").location == "/desk/sign-in"


def ends(page):
    return [form["action"] for form in page.root.all("form") if form["action"].endswith("/end")]


def test_ones_own_sessions_are_listed_and_one_is_ended(app, ada):
    other = Visitor(app.test_client())
    other.client.environ_base["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
    sign_in(other, "ada", OWN_PASSWORDS["ada"])
    page = ada.get("/desk/own-account")

    found = ends(page)
    ada.post(found[0])

    assert "Firefox on Linux" in page.words
    assert len(found) == 1
    assert other.get("/desk/").location == "/desk/sign-in"
    assert ada.get("/desk/").status == 200


def test_nobody_ends_the_session_of_somebody_else_as_their_own(ada, ben, store):
    session = people_kept.session(store, ben.cookie("intake_desk", "/desk"))

    page = ada.post(f"/desk/own-account/sessions/{session.id}/end")

    assert page.status == 404
    assert ben.get("/desk/").status == 200


def test_all_others_are_ended_at_once(app, ada):
    others = [Visitor(app.test_client()) for _ in range(2)]
    for other in others:
        sign_in(other, "ada", OWN_PASSWORDS["ada"])

    ada.post("/desk/own-account/end-other-sessions")

    assert [other.get("/desk/").location for other in others] == ["/desk/sign-in"] * 2
    assert ada.get("/desk/").status == 200


def test_an_administrator_ends_one_session(app, ada, cleo, people):
    other = Visitor(app.test_client())
    sign_in(other, "ada", OWN_PASSWORDS["ada"])
    found = ends(cleo.get(f"/desk/accounts/{people.ada.id}"))

    cleo.post(found[0])

    alive = [one.get("/desk/").status == 200 for one in (other, ada)]
    assert len(found) == 2
    assert sorted(alive) == [False, True]


def test_signing_in_anew_ends_the_session_that_the_browser_had(stranger):
    sign_in(stranger, "ada", OWN_PASSWORDS["ada"])
    first = stranger.cookie("intake_desk", "/desk")
    copied = Visitor(stranger.client.application.test_client())
    copied.client.set_cookie("intake_desk", first, path="/desk")

    sign_in(stranger, "ada", OWN_PASSWORDS["ada"])

    assert stranger.cookie("intake_desk", "/desk") != first
    assert copied.get("/desk/").location == "/desk/sign-in"


def test_an_administrator_unlocks_an_account(app, cleo, people):
    for _ in range(5):
        sign_in(Visitor(app.test_client()), "ada", "wrong")
    page = cleo.get(f"/desk/accounts/{people.ada.id}")
    locked = sign_in(Visitor(app.test_client()), "ada", OWN_PASSWORDS["ada"])

    cleo.post(f"/desk/accounts/{people.ada.id}/unlock")

    assert "locked out" in page.words
    assert locked.status == 429
    assert "locked out" not in cleo.get(f"/desk/accounts/{people.ada.id}").words
    assert sign_in(Visitor(app.test_client()), "ada", OWN_PASSWORDS["ada"]).location == "/desk/"


class TestShowingOnceMoreWhoOneIs:
    @pytest.fixture
    def kept_busy(self, cleo, clock):
        """Cleo, who signed in sixteen minutes ago and was busy since."""
        for _ in range(2):
            clock.at += 8 * MINUTE
            cleo.get("/desk/accounts")
        return cleo

    @pytest.mark.parametrize(
        ("path", "typed"),
        [
            ("/desk/accounts", {"username": "dora", "name": "Dora Finch", "role": "dermatologist"}),
            ("/desk/accounts/{ada}/reset", {}),
            ("/desk/accounts/{ada}/role", {"role": "dermatologist"}),
            ("/desk/accounts/{ada}/disable", {}),
            ("/desk/accounts/{ada}/sites", {"everywhere": "y"}),
            ("/desk/audit/export", {}),
            ("/desk/tablets", {"name": "Room 3"}),
            ("/desk/backups/forget", {}),
            ("/desk/emergency", {"reason": "Reaction in room 2, nobody there"}),
            ("/desk/emergency/any/seen", {}),
            ("/desk/own-account/end-other-sessions", {}),
            ("/desk/own-account/sessions/any/end", {}),
        ],
    )
    def test_is_asked_before_what_a_desk_left_open_must_not_lend(
        self, kept_busy, contents, people, path, typed
    ):
        before = contents()

        page = kept_busy.post(path.format(ada=people.ada.id), typed)

        form = page.form_to("/desk/confirm").controls()
        assert page.status == 422
        assert form.items() >= {name: [value] for name, value in typed.items()}.items()
        assert contents() == before

    @pytest.mark.parametrize("path", ["/desk/cases/{routine}/document", "/desk/day"])
    def test_is_asked_before_patients_leave_the_house(self, ada, clock, contents, ids, path):
        for _ in range(2):
            clock.at += 8 * MINUTE
            ada.get("/desk/rules")
        before = contents()

        page = ada.post(path.format(**ids), {"form": "html"})

        assert page.status == 422
        assert page.form_to("/desk/confirm").controls()["form"] == ["html"]
        assert contents() == before

    def test_goes_on_with_what_was_typed(self, kept_busy, people, store):
        path = f"/desk/accounts/{people.ada.id}/role"
        page = kept_busy.post(path, {"role": "dermatologist"})
        form = {k: v[0] for k, v in page.form_to("/desk/confirm").controls().items()}

        answer = kept_busy.post("/desk/confirm", {**form, "again-password": OWN_PASSWORDS["cleo"]})
        kept_busy.post(answer.location, form)

        assert (answer.status, answer.location) == (307, path)
        assert people_kept.practitioner(store, people.ada.id).role is Role.DERMATOLOGIST

    def test_a_wrong_password_goes_nowhere(self, kept_busy, people):
        path = f"/desk/accounts/{people.ada.id}/disable"

        page = kept_busy.post("/desk/confirm", {"again-to": path, "again-password": "wrong"})

        assert page.status == 422
        assert page.form_to("/desk/confirm").controls()["again-to"] == [path]
        assert kept_busy.post(path).status == 422

    def test_five_wrong_passwords_are_looked_at(self, kept_busy):
        sent = {"again-to": "/desk/accounts", "again-password": "wrong"}
        for _ in range(5):
            kept_busy.post("/desk/confirm", sent)

        page = kept_busy.post("/desk/confirm", {**sent, "again-password": OWN_PASSWORDS["cleo"]})

        assert page.status == 422

    @pytest.mark.parametrize(
        "to",
        [
            "//evil.example/desk/",
            "https://evil.example/",
            "//desk/queue",
            "///desk/accounts",
            "/\\desk/accounts",
            "\\\\desk/accounts",
            "/desk/accounts?\r\nSet-Cookie: a=b",
            "/desk/accounts?\x00",
            "/desk/accounts?a\tb",
            "/desk/accounts?\\",
            "/tablet/",
            "",
        ],
    )
    def test_leads_nowhere_but_to_the_desk(self, kept_busy, to):
        sent = {"again-to": to, "again-password": OWN_PASSWORDS["cleo"]}

        assert kept_busy.post("/desk/confirm", sent).location == "/desk/"

    def test_is_not_asked_of_somebody_who_just_did(self, cleo, people):
        assert cleo.post(f"/desk/accounts/{people.ada.id}/disable").location


@pytest.mark.parametrize(
    "to",
    ["//desk/accounts", "/\\desk/accounts", "/desk/accounts\r\nA: b", "/desk/accounts\t"],
)
def test_signing_in_again_leads_nowhere_but_to_the_desk(cleo, clock, to):
    clock.at += IDLE_LIMIT + MINUTE
    sent = {"again-to": to, "again-password": OWN_PASSWORDS["cleo"]}

    assert cleo.post("/desk/sign-in-again", sent).location == "/desk/sign-in"
