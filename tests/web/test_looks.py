"""A clinic's colour and logo on every page, and as files of their own."""

from dataclasses import replace

import pytest

from intake.colours import Colour
from intake.logo import Logo
from intake.web import create_app
from intake.web.looks import style_of
from tests.conftest import Clock
from tests.web.pages import Visitor
from tests.web.test_doors import access_of, rules_of
from tests.web.test_headers import ALWAYS, POLICY

HOSTILE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)">
<script>fetch("/desk/")</script></svg>"""
PLUM = Colour.read("#7a1f5c")
KEPT_FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def dressed(settings, house_of, clinic_template):
    """Make a browser at a clinic with its own looks; whoever is signed in, and a form in hand."""

    def make(accent=PLUM, logo=None):
        own = replace(settings, accent=accent, logo=logo)
        app = create_app(own, Clock())
        app.extensions["intake"] = house_of(own, Clock())
        visitor = Visitor(app.test_client())
        visitor.client.set_cookie("intake_desk", clinic_template.sessions["ada"], path="/desk")
        visitor.client.set_cookie("intake_visit", clinic_template.visits["begun"], path="/tablet")
        return visitor

    return make


def styles_of(page):
    return [link["href"].split("?")[0] for link in page.root.all("link", rel="stylesheet")]


def address_of(page, start):
    found = [e["href"] or e["src"] for e in page.root.all("link", "img")]
    return next(address for address in found if address.startswith(start))


@pytest.mark.parametrize("path", ["/desk/", "/tablet/welcome", "/tablet/offline", "/nowhere"])
def test_the_colour_comes_after_ours_and_before_what_prints(dressed, path):
    styles = styles_of(dressed().get(path))

    assert styles[:2] == ["/static/intake.css", "/clinic.css"]


def test_without_a_colour_nothing_more_is_asked_for(ada, tablet):
    for page in (ada.get("/desk/"), tablet.get("/tablet/welcome")):
        assert "clinic" not in " ".join(styles_of(page))
        assert page.root.all("img") == []
    assert ada.get("/clinic.css").status == 404


def test_the_colours_are_kept_by_their_fingerprint(dressed):
    visitor = dressed()
    address = address_of(visitor.get("/desk/"), "/clinic.css")

    given, stale = visitor.get(address), visitor.get("/clinic.css?v=0")

    assert given.answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert given.answer.headers["Cache-Control"] == KEPT_FOR_EVER
    assert stale.answer.headers["Cache-Control"] == "no-store"
    assert "--accent: #7a1f5c;" in given.html
    assert {name: given.answer.headers[name] for name in ALWAYS} == ALWAYS


def test_another_colour_has_another_address(dressed):
    plum = address_of(dressed().get("/desk/"), "/clinic.css")
    green = address_of(dressed(Colour.read("#1f5622")).get("/desk/"), "/clinic.css")

    assert plum != green


def test_the_reader_s_own_colours_go_before_the_clinic_s():
    last = style_of(PLUM).splitlines()[-1]

    assert last == "@media (forced-colors: active) { :root { --accent: LinkText; } }"


def test_red_stays_out_of_the_desk_where_it_means_stop():
    red = style_of(Colour.read("#8b0000"))

    assert red.count(":root") == red.count(":root:not(.desk)") == 3
    assert ":not" not in style_of(PLUM)


def test_only_the_accent_is_the_clinic_s():
    names = {part.split(":")[0] for part in style_of(PLUM).split() if part.startswith("--")}

    assert names == {"--accent", "--accent-ink", "--accent-hover", "--accent-soft", "--bar"}


@pytest.mark.parametrize("path", ["/desk/", "/tablet/welcome", "/tablet/offline", "/nowhere"])
def test_the_logo_stands_in_place_of_our_mark_and_says_the_name(dressed, path):
    page = dressed(None, Logo("svg", HOSTILE)).get(path)

    logo = page.root.one("img")
    assert logo["alt"] == "Test clinic"
    assert logo["src"].startswith("/clinic-logo.svg?v=")
    assert "Test clinic" not in page.words


def test_a_hostile_drawing_runs_nothing_where_it_is_opened(dressed):
    visitor = dressed(None, Logo("svg", HOSTILE))

    given = visitor.get(address_of(visitor.get("/desk/"), "/clinic-logo"))

    headers = given.answer.headers
    assert headers["Content-Type"] == "image/svg+xml"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == KEPT_FOR_EVER
    policy = headers["Content-Security-Policy"].split("; ")
    assert set(policy) == {
        *("default-src 'none'", "style-src 'unsafe-inline'", "sandbox"),
        *("base-uri 'none'", "frame-ancestors 'none'"),
    }


def test_a_png_is_served_as_it_is(dressed):
    visitor = dressed(None, Logo("png", b"\x89PNG\r\n\x1a\n"))

    given = visitor.client.get("/clinic-logo.png")

    assert (given.content_type, given.data) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_the_tablet_keeps_the_looks_for_when_the_network_is_cut(dressed):
    visitor = dressed(PLUM, Logo("svg", HOSTILE))
    page = visitor.get("/tablet/offline")

    worker = visitor.get("/tablet/worker.js").html

    for start in ("/clinic.css", "/clinic-logo"):
        assert f'"{address_of(page, start)}"' in worker


def test_a_tablet_takes_up_new_looks(dressed):
    def version(accent):
        worker = dressed(accent).get("/tablet/worker.js").html
        return worker.split('"version": "')[1].split('"')[0]

    assert len({version(accent) for accent in (None, PLUM, Colour.read("#1f5622"))}) == 3


def test_the_app_and_its_icon_are_of_the_clinic_s_colour(dressed):
    visitor = dressed()

    manifest = visitor.client.get("/tablet/manifest.webmanifest").json

    assert manifest["theme_color"] == "#7a1f5c"
    assert "fill='%237a1f5c'" in visitor.get("/desk/").root.one("link", rel="icon")["href"]


def test_the_files_open_no_other_door_and_pages_keep_their_policy(dressed, app):
    visitor = dressed(PLUM, Logo("svg", HOSTILE))
    own = visitor.client.application

    more = {str(r): access_of(own, r) for r in rules_of(own)}.keys() - {
        str(r) for r in rules_of(app)
    }

    assert more == {"/clinic.css", "/clinic-logo.svg"}
    policy = visitor.get("/desk/").answer.headers["Content-Security-Policy"]
    assert policy == "; ".join(" ".join(part) for part in POLICY.items())
