"""The name by which a browser calls the clinic is believed only where somebody vouched for it."""

from dataclasses import replace

import pytest

from intake.web import create_app
from tests.web.pages import Page, Visitor

FORGED = {"Host": "evil.example"}


def link_of(visitor, **headers):
    token = visitor.token()
    answer = visitor.client.post(
        "/desk/tablets", data={"name": "Room 9", "csrf_token": token}, headers=headers
    )
    return Page(answer).root.one("p", class_="link").text


@pytest.fixture
def named(settings, clock, clinic_template):
    """The desk of a clinic that says how it is reached."""
    app = create_app(replace(settings, hosts=("intake.example",)), clock)
    client = app.test_client()
    for domain in ("localhost", "intake.example"):
        client.set_cookie(
            "intake_desk", clinic_template.sessions["cleo"], path="/desk", domain=domain
        )
    return Visitor(client)


def test_a_link_for_a_tablet_repeats_no_name_that_a_request_claims(cleo, app):
    token = cleo.token()
    cookies = "; ".join(
        f"{c.key}={c.value}" for c in cleo.client._cookies.values() if c.path in ("/desk", "/")
    )

    answer = app.test_client(use_cookies=False).post(
        "/desk/tablets",
        data={"name": "Room 9", "csrf_token": token},
        headers={**FORGED, "Cookie": cookies},
    )

    link = Page(answer).root.one("p", class_="link").text
    assert link.startswith("/tablet/enrol/")
    assert "evil" not in answer.text


def test_on_the_computer_itself_the_link_is_whole(cleo):
    assert link_of(cleo).startswith("http://localhost/tablet/enrol/")


def test_a_clinic_that_says_how_it_is_reached_refuses_other_names(named):
    answers = {
        path: named.client.get(path, headers=FORGED)
        for path in ("/", "/tablet/", "/desk/sign-in", "/static/intake.css", "/nowhere")
    }

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(
        answers, 400
    )
    assert all("evil" not in answer.text for answer in answers.values())
    assert all("default-src 'none'" in str(a.headers) for a in answers.values())


def test_a_clinic_that_says_how_it_is_reached_answers_to_that_name(named):
    assert named.client.get("/desk/", headers={"Host": "intake.example:8443"}).status_code == 303
    assert named.client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "host",
    ["INTAKE.EXAMPLE", "Intake.Example:8443", "[::1]", "[::1]:8000", "LOCALHOST", "[FD00::9]"],
)
def test_the_clinics_own_names_are_known_however_they_are_written(settings, clock, host):
    app = create_app(replace(settings, hosts=("intake.example", "[fd00::9]")), clock)

    answer = app.test_client().get("/desk/sign-in", headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    ["[::2]", "intake.example.evil", "evil.intake.example", "intake.exampl", "[", "[::1].evil"],
)
def test_names_that_only_look_like_the_clinics_are_refused(settings, clock, host):
    app = create_app(replace(settings, hosts=("intake.example",)), clock)

    answer = app.test_client().get("/desk/sign-in", headers={"Host": host})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "evil\\x", "x" * 9000, "<script>", "a:b:c", "[::1", "١"]
)
def test_a_name_that_is_none_is_no_fault_of_ours(app, host):
    answer = app.test_client().get("/desk/sign-in", headers={"Host": host})

    assert answer.status_code in (200, 400)
    assert host not in answer.text


@pytest.mark.parametrize("path", ["/desk", "/tablet", "/desk//day?at=1", "//desk"])
def test_a_redirect_repeats_no_name_that_a_request_claims(app, path):
    answer = app.test_client().get(path, headers=FORGED)

    assert answer.status_code == 308
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")
    assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("name", ["evil.example", "localhost"])
def test_a_redirect_leads_to_where_the_path_does(app, name):
    client = app.test_client()

    found = [client.get(path, headers={"Host": name}).location for path in ("/desk", "/tablet?a=1")]

    assert found == ["/desk/", "/tablet/?a=1"]
