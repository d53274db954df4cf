"""What goes with every answer: headers, cookies, and a page without inline code."""

import gc
import re
import warnings

import pytest
from werkzeug.test import EnvironBuilder

from intake.storage.driver import sqlite3
from intake.web import desk_queue
from tests.web.pages import Page, SecureVisitor

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
SIDES = ("stranger", "tablet", "ada", "ben", "cleo")


def policy_of(answer):
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def broken(*_args, **_kwargs):
    raise sqlite3.OperationalError


@pytest.fixture
def answers(app, stranger, ada, tablet, monkeypatch):
    """One answer of each kind."""
    found = {
        "page": ada.get("/desk/"),
        "patient's page": tablet.get("/tablet/welcome"),
        "redirect": stranger.get("/desk/"),
        "refused form": stranger.post("/desk/sign-in"),
        "without a token": Page(stranger.client.post("/desk/sign-in")),
        "not found": stranger.get("/nowhere"),
        "no such method": Page(stranger.client.put("/desk/")),
        "too much": Page(stranger.client.post("/desk/sign-in", data={"x": "x" * 10**6})),
        "health": stranger.get("/healthz"),
        "json": Page(tablet.client.post("/tablet/medicines")),
        "download": ada.post("/desk/export", {"shape": "cases", "form": "csv"}),
        "style": stranger.get("/static/intake.css"),
        "script": stranger.get("/static/intake.js"),
        "missing file": stranger.get("/static/nothing.css"),
    }
    monkeypatch.setattr(desk_queue, "list_cases", broken)
    found["failure"] = ada.get("/desk/")
    assert found["failure"].status == 500
    assert found["too much"].status == 413
    return {kind: page.answer for kind, page in found.items()}


def test_every_answer_carries_the_headers(answers):
    lacking = {
        (kind, name)
        for kind, answer in answers.items()
        for name, value in ALWAYS.items()
        if answer.headers.get(name) != value
    }

    assert lacking == set()


def test_every_answer_allows_only_our_own_code(answers):
    assert [kind for kind, answer in answers.items() if policy_of(answer) != POLICY] == []


def test_every_answer_asks_for_no_camera_place_or_money(answers):
    wanted = {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"}

    given = {kind: set(a.headers["Permissions-Policy"].split(", ")) for kind, a in answers.items()}

    assert [kind for kind, found in given.items() if not wanted <= found] == []


def test_only_static_files_may_be_kept(answers):
    kept = {kind for kind, a in answers.items() if a.headers.get("Cache-Control") != "no-store"}

    assert kept == {"style", "script"}


@pytest.mark.parametrize(
    ("method", "headers", "status", "may_be_kept"),
    [
        ("GET", {"If-None-Match": "*"}, 304, True),
        ("GET", {"Range": "bytes=0-5"}, 206, True),
        ("HEAD", {}, 200, True),
        ("GET", {"Range": "bytes=99999999-"}, 416, False),
        ("OPTIONS", {}, 200, False),
        ("POST", {}, 405, False),
    ],
)
def test_of_a_static_file_only_the_file_may_be_kept(app, method, headers, status, may_be_kept):
    with app.test_client().open("/static/intake.css", method=method, headers=headers) as answer:
        kept = answer.headers.get("Cache-Control") != "no-store"

    assert (answer.status_code, kept) == (status, may_be_kept)


def test_answers_do_not_name_versions(answers):
    shown = " ".join(str(answer.headers) for answer in answers.values())

    assert not re.search(r"(?i)python|flask|gunicorn|x-powered-by", shown)


def test_over_tls_browsers_are_told_to_stay_there(app):
    over_tls = app.test_client().get("/desk/sign-in", base_url="https://localhost")
    without = app.test_client().get("/desk/sign-in")

    assert over_tls.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in without.headers


@pytest.mark.parametrize(
    ("base", "prefix"), [("http://localhost", ""), ("https://localhost", "__Secure-")]
)
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    app, ids, clinic_template, base, prefix
):
    visitor = SecureVisitor(app.test_client(), base)
    visitor.client.set_cookie(f"{prefix}intake_desk", clinic_template.sessions["ada"], path="/desk")
    handed = visitor.post(f"/desk/hand-over/{ids['begun']}").answer

    cookies = handed.headers.getlist("Set-Cookie")

    paths = {"intake_desk": "/desk", "intake_visit": "/tablet"}
    names = {f"{prefix}{name}": path for name, path in paths.items()}
    whole = "__Host-" if prefix else ""
    names |= {f"{whole}intake_device": "/", f"{whole}intake_form": "/"}
    assert sorted(cookie.split("=")[0] for cookie in cookies) == sorted(names)
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ("; Secure" in cookie) is bool(prefix)
        assert f"Path={names[cookie.split('=')[0]]};" in f"{cookie};"


def test_under_tls_the_cookie_of_form_tokens_is_tied_to_the_host(app):
    with app.test_client().get("/desk/sign-in", base_url="https://localhost") as answer:
        (cookie,) = answer.headers.getlist("Set-Cookie")

    assert cookie.startswith("__Host-intake_form=")
    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert "Domain" not in cookie


def test_the_visit_cookie_ends_with_the_browser_and_holds_only_a_key(ada, ids):
    handed = ada.post(f"/desk/hand-over/{ids['begun']}").answer

    cookie = next(c for c in handed.headers.getlist("Set-Cookie") if "intake_visit" in c)

    assert "Max-Age" not in cookie
    assert "Expires" not in cookie
    assert re.match(r"intake_visit=[\w-]{40,}; ", cookie)


@pytest.mark.parametrize("side", SIDES)
def test_no_page_holds_inline_code(walked, side):
    for page in walked[side]:
        for element in page.root.walk():
            assert "style" not in element, page.title
            assert element.tag != "style", page.title
            assert not [a for a in element.attributes if a.startswith("on")], page.title
            if element.tag == "script":
                assert element["src"].startswith("/static/"), page.title
                assert element.text == "", page.title


@pytest.mark.parametrize("side", SIDES)
def test_no_page_loads_anything_from_elsewhere(walked, side):
    for page in walked[side]:
        loaded = [
            e["src"] or e["href"]
            for e in page.root.all("link", "script", "img", "iframe", "source")
        ]
        ours = ("/static/", "/tablet/manifest", "data:image/svg+xml,")
        assert [a for a in loaded if not a.startswith(ours)] == []


@pytest.mark.parametrize("side", SIDES)
def test_every_page_is_whole(walked, side):
    for page in walked[side]:
        html = page.root.one("html")
        assert (html["lang"], html["dir"]) == ("en", "ltr")
        assert len(page.root.all("h1")) == 1, page.title
        assert len(page.root.all("main")) == 1, page.title
        assert page.status != 500, page.title


@pytest.mark.parametrize("side", SIDES)
def test_ids_are_unique_on_a_page(walked, side):
    for page in walked[side]:
        ids = [element["id"] for element in page.root.walk() if "id" in element]
        assert sorted(set(ids)) == sorted(ids), page.title


@pytest.mark.parametrize("side", SIDES)
def test_every_control_has_a_name_people_can_read(walked, side):
    for page in walked[side]:
        labelled = {label["for"] for label in page.root.all("label")}
        for control in page.root.all("input", "select", "textarea"):
            if control["type"] == "hidden":
                continue
            named = "aria-label" in control or control["id"] in labelled
            assert named, f"{page.title}: {control.attributes}"


@pytest.mark.parametrize("side", SIDES)
def test_descriptions_point_at_words_that_are_there(walked, side):
    for page in walked[side]:
        ids = {element["id"] for element in page.root.walk() if "id" in element}
        for element in page.root.walk():
            for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
                missing = set(element[name].split()) - ids
                assert not missing, f"{page.title}: {missing}"


@pytest.mark.parametrize("side", SIDES)
def test_a_page_with_faults_says_so_in_its_title_and_leads_to_each(walked, side):
    for page in walked[side]:
        summaries = page.root.all("section", id="error-summary")
        assert page.title.startswith("Error: ") == bool(summaries), page.title
        ids = {element["id"] for element in page.root.walk() if "id" in element}
        for summary in summaries:
            assert page.status in (422, 409), page.title
            for link in summary.all("a"):
                assert link["href"].removeprefix("#") in ids, f"{page.title}: {link['href']}"


@pytest.mark.parametrize("side", SIDES)
def test_every_form_that_changes_something_carries_a_token(walked, side):
    for page in walked[side]:
        for form in page.root.all("form"):
            has_token = bool(form.controls().get("csrf_token"))
            assert has_token == (form["method"] == "post"), page.title


def test_a_static_file_is_closed_even_when_nobody_waits_for_its_end(app):
    environ = EnvironBuilder(
        path="/static/intake.css", headers={"Accept-Encoding": "gzip"}
    ).get_environ()

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        body = app.wsgi_app(environ, lambda *_: lambda _: None)
        del body
        gc.collect()

    assert [str(warning.message) for warning in said if warning.category is ResourceWarning] == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Quillfeather", "a form without its token refused in desk.sign_in"),
        ("Quillfeather" * 10**5, "RequestEntityTooLarge refused in desk.sign_in"),
    ],
    ids=["a forged form", "too much"],
)
def test_what_no_page_of_ours_sends_is_in_the_log_without_a_word_of_it(
    stranger, caplog, sent, words
):
    stranger.client.post("/desk/sign-in", data={"username": sent})

    assert words in caplog.messages
    assert "Quillfeather" not in caplog.text
