"""The settings at the desk: each with where it comes from, and no secret."""

from dataclasses import replace

from intake.settings import read_settings
from intake.settings_words import told
from tests.conftest import KEYS
from tests.web.conftest import OWN_PASSWORDS


def test_every_setting_says_where_it_comes_from(cleo, app, house_of, settings, clock):
    given = replace(settings, given=frozenset({"INTAKE_CLINIC_NAME"}))
    app.extensions["intake"] = house_of(given, clock)

    rows = [tr.text for tr in cleo.get("/desk/settings").root.one("table").all("tr")[1:]]

    named = next(row for row in rows if "INTAKE_CLINIC_NAME" in row)
    assert "Test clinic the environment" in named
    assert sum("the default" in row for row in rows) == len(rows) - 1


def test_no_secret_is_shown(cleo):
    page = cleo.get("/desk/settings").html

    assert not [key for key in (KEYS.database, KEYS.trail) if key.hex() in page]
    assert not [word for word in OWN_PASSWORDS.values() if word in page]


def test_every_setting_there_is_can_be_read(tmp_path):
    """A setting that is added must be told as well."""
    asked = set()

    class Watched(dict):
        def get(self, name, default=None):
            asked.add(name)
            return default

    found = {one.name for one in told(read_settings(Watched()))}

    assert found == asked
