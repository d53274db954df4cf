"""What a clinic sets: taken, or refused with words that say what to do."""

import pytest

from intake.colours import Colour
from intake.logo import MAX_LOGO_BYTES
from intake.settings import SettingsError, read_settings

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)


@pytest.fixture
def logo(tmp_path):
    """Write a file and take it for the logo."""

    def take(name: str, data: bytes):
        path = tmp_path / name
        path.write_bytes(data)
        return read_settings({"INTAKE_LOGO": str(path)}).logo

    return take


def test_a_clinic_has_our_looks_unless_it_says_otherwise():
    settings = read_settings({"INTAKE_LOGO": "", "INTAKE_ACCENT": ""})

    assert (settings.logo, settings.accent) == (None, None)


@pytest.mark.parametrize(("name", "data"), [("a.svg", SVG), ("b.PNG", PNG)])
def test_a_logo_is_taken(logo, name, data):
    taken = logo(name, data)

    assert (taken.kind, taken.data) == (name[-3:].lower(), data)


@pytest.mark.parametrize(
    ("name", "data", "advice"),
    [
        ("a.jpg", b"\xff\xd8\xff", "ends in .svg or .png"),
        ("a", SVG, "ends in .svg or .png"),
        ("a.png", SVG, "save it as PNG again"),
        ("a.png", PNG[:12], "save it as PNG again"),
        ("a.svg", PNG, "save it as SVG again"),
        ("a.svg", b"", "save it as SVG again"),
        ("a.svg", b"<html/>", "save it as SVG again"),
        ("a.svg", SVG.replace(b"http://www.w3.org/2000/svg", b"x"), "save it as SVG again"),
        ("a.svg", SVG.replace(b"viewBox", b"width"), "viewBox"),
        ("a.png", PNG + bytes(MAX_LOGO_BYTES), "20 KB is the most"),
    ],
)
def test_a_file_that_is_no_logo_is_refused_with_advice(logo, name, data, advice):
    with pytest.raises(SettingsError, match="INTAKE_LOGO") as refused:
        logo(name, data)

    assert advice in str(refused.value)


def test_a_logo_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="check the path"):
        read_settings({"INTAKE_LOGO": str(tmp_path / "none.svg")})


def test_a_colour_that_can_be_read_is_taken():
    assert read_settings({"INTAKE_ACCENT": "#7A1F5C"}).accent == Colour.read("#7a1f5c")


def test_a_colour_too_light_is_refused_with_one_that_works():
    with pytest.raises(SettingsError, match="INTAKE_ACCENT is #e84393") as refused:
        read_settings({"INTAKE_ACCENT": "#e84393"})

    assert "#911250" in str(refused.value)
    assert read_settings({"INTAKE_ACCENT": "#911250"}).accent


def test_what_is_no_colour_is_refused():
    with pytest.raises(SettingsError, match=r"INTAKE_ACCENT: 'plum' is no colour.*#7a1f5c"):
        read_settings({"INTAKE_ACCENT": "plum"})


def test_a_second_factor_is_asked_for_unless_somebody_says_no():
    assert read_settings({}).second_factor
    assert not read_settings({"INTAKE_SECOND_FACTOR": "no"}).second_factor


def test_no_web_server_is_believed_unless_it_was_named():
    assert read_settings({}).proxies == 0
    assert read_settings({"INTAKE_PROXIES": "2"}).proxies == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE_SECOND_FACTOR", "maybe"),
        ("INTAKE_PROXIES", "-1"),
        ("INTAKE_PROXIES", "6"),
        ("INTAKE_PROXIES", "two"),
        ("INTAKE_PROXIES", "\u0662"),
    ],
)
def test_a_way_in_that_cannot_be_read_is_refused(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(
    "name",
    [".example", ".", "..", "a..b", "example.", "-a", "a-", "a_b", "x" * 64, "a." * 127 + "a",
     "[::1", "[]", "[1]", "[:::]", "https://a", "a:80", "\u00e4"],
)  # fmt: skip
def test_a_name_that_no_browser_calls_is_refused_at_the_start(name):
    with pytest.raises(SettingsError, match="INTAKE_HOSTS names"):
        read_settings({"INTAKE_HOSTS": f"intake.example,{name}"})


def test_names_of_the_clinic_are_the_same_in_capitals():
    settings = read_settings({"INTAKE_HOSTS": "Intake.EXAMPLE, 10.0.0.5,[FD00::9], front-desk"})

    assert settings.hosts == ("intake.example", "10.0.0.5", "[fd00::9]", "front-desk")


class TestAServer:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://clinic@localhost/clinic",
            "postgres:///clinic",
            "postgresql://clinic@127.0.0.1:5433/clinic",
            "postgresql://clinic@[::1]/clinic",
            "postgresql:///clinic?host=/run/postgresql",
            "postgresql://clinic@db.example/clinic?sslmode=verify-full",
            "postgresql://clinic@a.example,b.example:1/clinic?sslmode=verify-ca&sslrootcert=x",
        ],
    )
    def test_is_taken(self, url):
        assert read_settings({"INTAKE_DATABASE_URL": url}).server.url == url

    @pytest.mark.parametrize(
        "url", ["sqlite:///clinic.db", "db.example/clinic", "postgresql://db", "postgresql://[/a"]
    )
    def test_has_to_be_one_with_a_database(self, url):
        with pytest.raises(SettingsError, match="names no database"):
            read_settings({"INTAKE_DATABASE_URL": url})

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://clinic@db.example/clinic",
            "postgresql://clinic@db.example/clinic?sslmode=require",
            "postgresql://clinic@localhost,db.example/clinic",
            "postgresql://localhost@db.example/clinic",
            "postgresql:///clinic?host=db.example",
            "postgresql://clinic@db.example/clinic?sslmode=verify-full&sslmode=disable",
            "postgresql://clinic@localhost/clinic?hostaddr=10.0.0.9",
            "postgresql://clinic@localhost.evil.example/clinic",
        ],
    )
    def test_on_another_computer_has_to_prove_itself(self, url):
        with pytest.raises(SettingsError, match="sslmode=verify-full"):
            read_settings({"INTAKE_DATABASE_URL": url})

    @pytest.mark.parametrize("sign", ["@", "/", "#", "%", " "])
    def test_is_not_taken_where_its_password_would_be_read_as_something_else(self, sign):
        word = f"hush{sign}hush"
        url = f"postgresql://clinic:{word}@localhost/clinic?sslmode=verify-full"

        with pytest.raises(SettingsError, match="@ is %40") as refused:
            read_settings({"INTAKE_DATABASE_URL": url})

        assert "hush" not in str(refused.value)

    def test_is_taken_with_a_password_that_was_escaped(self):
        word = "hush%40%2F%23"
        url = f"postgresql://clinic:{word}@localhost/clinic"

        assert str(read_settings({"INTAKE_DATABASE_URL": url}).place) == "clinic on localhost"

    def test_is_never_shown_with_its_password(self):
        word = "hush" * 3
        settings = read_settings({"INTAKE_DATABASE_URL": f"postgresql://c:{word}@localhost/clinic"})
        with pytest.raises(SettingsError) as refused:
            read_settings({"INTAKE_DATABASE_URL": f"postgresql://c:{word}@db.example/clinic"})

        assert word not in f"{settings!r} {settings.server} {settings.place} {refused.value}"
        assert str(settings.place) == "clinic on localhost"

    def test_takes_the_place_of_the_file(self):
        url = "postgresql:///clinic"

        assert read_settings({"INTAKE_DATABASE_URL": url}).place.url == url
        assert read_settings({}).place == read_settings({}).database
