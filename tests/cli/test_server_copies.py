"""The server's own backup (`pg_basebackup`): a clinic comes up from it, and what it brings back."""

import pytest

from tests.postgres import ON_A_SERVER, Server, programs

pytestmark = ON_A_SERVER


@pytest.fixture(scope="module")
def source():
    """A server that lets copies of itself be made."""
    made = Server(programs(), "wal_level=replica", "max_wal_senders=2")
    yield made
    made.throw_away()


@pytest.fixture
def clinic(demo, source, run_shipped):
    """A demo clinic on that server; runs a command over it, there or on a copy of the server."""
    name = source.new_database()

    def over(server, *args):
        return run_shipped(*args, INTAKE_DATABASE_URL=server.url(name))

    done = over(source, "move", "--to-server")
    assert done.exit_code == 0, done.output
    yield over
    source.drop(name)


@pytest.fixture
def copy(source, clinic):
    """What the server's own backup makes of it."""
    made = Server(programs(), like=source)
    yield made
    made.throw_away()


def test_a_clinic_comes_up_from_the_servers_own_backup(source, clinic, copy):
    before = clinic(source, "records", "list").output
    source.stop()

    assert clinic(copy, "records", "list").output == before
    found = clinic(copy, "verify")
    assert found.exit_code == 0, found.output
    source.start()


def test_whom_it_brings_back_is_erased_again_by_way_of_a_backup_of_ours(
    source, clinic, copy, tmp_path
):
    listed = [line.split() for line in clinic(source, "records", "list").output.splitlines()]
    number, born = listed[-1][3:5]
    why = ("--born", born, "--reason", "asked for it", "--yes")
    assert clinic(source, "erase", number, *why).exit_code == 0
    assert number in clinic(copy, "records", "list").output

    made = clinic(copy, "backup", tmp_path / "copy.db")
    back = clinic(source, "restore", tmp_path / "copy.db", "--replace")

    assert (made.exit_code, back.exit_code) == (0, 0), made.output + back.output
    assert "Erased again" in back.output
    left = clinic(source, "records", "list").output
    assert number not in left
    assert len(left.splitlines()) == len(listed) - 1
