"""The keys of a clinic: made once, outside its data, readable by their owner alone."""

import os
from dataclasses import replace

import pytest

from intake.keys import DATABASE, FILES, TRAIL, KeysError, keys_in, make_keys, read_keys, write_key
from intake.settings import read_settings
from intake.storage import Keys

HEX = {"INTAKE_DATABASE_KEY": "ab" * 32, "INTAKE_TRAIL_KEY": "CD" * 32}


@pytest.fixture
def place(tmp_path):
    """The settings of a clinic that has no keys yet."""
    return read_settings({"INTAKE_DATA": str(tmp_path / "clinic")})


@pytest.fixture
def keyed(place):
    """The settings of a clinic with keys of its own."""
    make_keys(place.key_folder)
    return place


def test_keys_are_beside_the_data_and_never_in_it(place):
    assert place.key_folder == place.data.with_name("clinic-keys")


def test_keys_that_were_made_are_read_back_and_never_the_same(keyed):
    other = replace(keyed, keys=keyed.data.with_name("others"))
    make_keys(other.key_folder)

    both = [read_keys(keyed, {}), read_keys(other, {})]

    assert read_keys(keyed, {}) == both[0]
    assert len({key for keys in both for key in (keys.database, keys.trail)}) == 4


def test_only_their_owner_can_read_the_keys(keyed):
    assert keyed.key_folder.stat().st_mode & 0o077 == 0
    assert [(keyed.key_folder / name).stat().st_mode & 0o777 for name in FILES] == [0o600, 0o600]


def test_keys_are_never_made_over_others(keyed):
    before = read_keys(keyed, {})

    with pytest.raises(KeysError):
        make_keys(keyed.key_folder)

    assert read_keys(keyed, {}) == before


def test_the_environment_may_hold_the_keys(place):
    keys = read_keys(place, HEX)

    assert (keys.database, keys.trail) == (b"\xab" * 32, b"\xcd" * 32)
    assert keys_in(place, HEX) == ["INTAKE_DATABASE_KEY", "INTAKE_TRAIL_KEY"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_key_is_named_with_what_to_do(keyed, name):
    (keyed.key_folder / name).unlink()

    with pytest.raises(KeysError, match=rf"no key .*{name}.*INTAKE_KEYS"):
        read_keys(keyed, {})


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_that_others_can_read_is_refused(keyed, mode):
    (keyed.key_folder / TRAIL).chmod(mode)

    with pytest.raises(KeysError, match="chmod 600"):
        read_keys(keyed, {})


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o755, 0o740, 0o720, 0o1777, 0o702])
def test_keys_in_a_folder_that_others_can_list_or_write_are_refused(keyed, mode):
    keyed.key_folder.chmod(mode)

    with pytest.raises(KeysError, match="chmod 700"):
        read_keys(keyed, {})


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o700, 0o500, 0o711])
def test_a_folder_that_nobody_else_can_list_holds_keys(keyed, mode):
    keyed.key_folder.chmod(mode)

    assert read_keys(keyed, {}).database


@pytest.mark.parametrize("text", ["", "secret words", "ab" * 31, "ab" * 33, "ab" * 31 + "zz"])
def test_what_is_no_key_is_refused_and_not_told(keyed, text):
    file = keyed.key_folder / DATABASE
    file.unlink()
    file.touch(mode=0o600)
    file.write_text(text)

    with pytest.raises(KeysError) as refusal:
        read_keys(keyed, {})

    assert "is not a key" in str(refusal.value)
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("variable", HEX)
def test_an_error_about_the_environment_does_not_tell_what_is_there(place, variable):
    with pytest.raises(KeysError, match=variable) as refusal:
        read_keys(place, {**HEX, variable: "hunter2" * 9})

    assert "hunter" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_keys_show_nothing_when_they_are_printed():
    keys = Keys(b"\xab" * 32, b"\xcd" * 32)

    assert repr(keys) == str(keys) == "Keys()"


def test_a_secret_of_one_purpose_tells_nothing_of_another():
    keys = Keys(None, b"\xcd" * 32)

    assert keys.derived("one") == keys.derived("one") != keys.derived("other")
    assert keys.trail.hex() not in keys.derived("one")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_none(length):
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(None, bytes(length))


def test_a_key_is_never_written_over_another(tmp_path):
    write_key(tmp_path / "a.key", b"1" * 32)

    with pytest.raises(FileExistsError):
        write_key(tmp_path / "a.key", b"2" * 32)
