"""What protects less than it should is refused, or said wherever somebody looks."""

from dataclasses import replace

import pytest

from intake.keys import make_keys, read_keys
from intake.protection import Allowed, ProtectionError, require_protection, weaknesses
from intake.settings import SettingsError, read_settings
from intake.storage import database
from intake.storage.driver import has_wal_bug, sqlite3

BUGGY, FIXED = (3, 51, 2), (3, 51, 3)


@pytest.fixture
def place(tmp_path):
    """The settings of a clinic as they are without a word from anybody."""
    return read_settings({"INTAKE_DATA": str(tmp_path / "clinic")})


def _allowing(settings, *allowed):
    return replace(settings, allow=frozenset(allowed))


def test_nothing_is_weak_by_default(place):
    assert weaknesses(place) == []
    assert require_protection(place) == []


@pytest.mark.parametrize(
    ("keys", "data", "backups"),
    [
        ("a", "a", "b"),
        ("a/keys", "a", "b"),
        ("a", "a/data", "b"),
        ("b/keys", "a", "b"),
        ("../here/a", "a", "b"),
    ],
)
def test_keys_that_share_a_folder_with_what_they_open_are_refused(tmp_path, keys, data, backups):
    here = tmp_path / "here"
    settings = read_settings(
        {
            "INTAKE_DATA": str(here / data),
            "INTAKE_KEYS": str(here / keys),
            "INTAKE_BACKUPS": str(here / backups),
        }
    )

    with pytest.raises(ProtectionError, match="INTAKE_ALLOW=keys-beside-data allows it") as refused:
        require_protection(settings)

    assert "Move the keys to a folder of their own" in str(refused.value)


@pytest.mark.parametrize("backups", ["clinic", "clinic/backups", "clinic/../clinic/b"])
def test_backups_in_the_data_folder_are_refused(place, backups):
    settings = replace(place, backups=place.data.parent / backups)

    with pytest.raises(ProtectionError, match="Name another folder in INTAKE_BACKUPS"):
        require_protection(settings)

    assert require_protection(_allowing(settings, Allowed.BACKUPS_IN_DATA))


def test_what_was_allowed_is_said(place):
    settings = _allowing(replace(place, keys=place.data / "keys"), Allowed.KEYS_BESIDE_DATA)

    (said,) = require_protection(settings)

    assert said.startswith("Allowed by INTAKE_ALLOW=keys-beside-data: The keys in ")


def test_no_encryption_is_said(place):
    settings = _allowing(place, Allowed.PLAIN)

    assert "not encrypted" in require_protection(settings)[0]


def test_a_clinic_that_is_encrypted_is_not_called_plain(place):
    settings = _allowing(place, Allowed.PLAIN)
    make_keys(place.key_folder)
    database.create(place.database, read_keys(place))

    assert weaknesses(settings) == []


@pytest.mark.parametrize(("version", "is_buggy"), [(BUGGY, True), (FIXED, False)])
def test_the_versions_with_the_bug_are_known(monkeypatch, version, is_buggy):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)

    assert has_wal_bug() is is_buggy


def test_an_sqlite_with_the_bug_is_refused_unless_it_is_allowed(place, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", BUGGY)

    with pytest.raises(ProtectionError, match="can damage a database that is in use"):
        require_protection(place)

    assert "old-sqlite" in require_protection(_allowing(place, Allowed.OLD_SQLITE))[0]


def test_without_sqlcipher_only_plain_will_do(place, monkeypatch):
    monkeypatch.setattr("intake.protection.IS_SQLCIPHER", False)

    with pytest.raises(ProtectionError, match="pip install sqlcipher3"):
        require_protection(place)

    assert len(require_protection(_allowing(place, Allowed.PLAIN))) == 1


def test_several_things_may_be_allowed():
    allow = read_settings({"INTAKE_ALLOW": "plain, old-sqlite"}).allow

    assert allow == {Allowed.PLAIN, Allowed.OLD_SQLITE}


def test_what_cannot_be_allowed_is_named(place):
    with pytest.raises(SettingsError, match="names 'everything'; it can allow plain, keys-beside"):
        read_settings({"INTAKE_ALLOW": "plain,everything"})
