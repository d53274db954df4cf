"""The power goes while tablets are sending: every disk it can leave holds what was acknowledged."""

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.faults.conftest import rounds, told
from tests.faults.disk import changes_in, disk_after, put_down
from tests.faults.layer import SYNCED
from tests.faults.tablets import show_all

TABLETS, EACH_RUN, TORN = 8, 10, 4
OFTEN = {"wal_autocheckpoint": "60"}
"""So that the log is brought into the database many times, and not once a day."""


@dataclass
class Run:
    """What a server wrote while tablets sent, and what it acknowledged meanwhile.

    Attributes:
        before: The files as the server found them.
        acknowledged: For each receipt how long the record was when it had been shown, and its form.
    """

    before: dict[str, bytes]
    record: bytes = b""
    acknowledged: list[tuple[int, str, str]] = field(default_factory=list)

    def until(self, cut: int) -> dict[str, str]:
        """Return the receipts that had been shown when the record had so many bytes."""
        return {form: receipt for end, form, receipt in self.acknowledged if end <= cut}


@pytest.fixture
def run(new_clinic, tmp_path):
    """Let tablets send to a server over the layer, and kill it."""

    def run(number, **pragmas):
        clinic = new_clinic()
        tablets = clinic.forms(number)
        made = Run({file.name: file.read_bytes() for file in clinic.data.iterdir()})
        record = tmp_path / "record"
        record.unlink(missing_ok=True)
        clinic.serve(
            layered=True,
            INTAKE_FAULT_RECORD=str(record),
            INTAKE_FAULT_PRAGMAS="; ".join(map(" = ".join, pragmas.items())),
        )
        show_all(tablets)

        def send(tablet):
            receipt = tablet.send().receipt
            made.acknowledged.append((record.stat().st_size, tablet.response_id, receipt))

        with ThreadPoolExecutor(TABLETS) as pool:
            list(pool.map(send, tablets))
        clinic.kill()
        made.record = record.read_bytes()
        assert all(receipt for _, _, receipt in made.acknowledged)
        return clinic, made

    return run


def _images(made, rng, cuts):
    """Yield disks that a cut at random moments can leave: one strict, some torn, for each."""
    first, last = made.acknowledged[0][0], len(made.record)
    for _ in range(cuts):
        cut = rng.randint(first, last)
        disk = disk_after(made.before, made.record, cut)
        for number in range(1 + TORN):
            yield "torn" if number else "strict", cut, disk.torn(rng) if number else disk.strict()


def _lost(clinic, made, files, cut):
    """Return what is wrong with a disk; blank when all that was acknowledged is there."""
    shutil.rmtree(clinic.data)
    clinic.data.mkdir(mode=0o700)
    put_down(files, clinic.data)
    result = clinic.run("verify")
    if result.exit_code:
        return f"not sound: {result.output}"
    acknowledged = made.until(cut)
    known = [form for _, form, _ in made.acknowledged]
    try:
        clinic.require_nothing_lost(acknowledged, known)
    except AssertionError as error:
        return f"lost: {error}"
    return ""


def test_no_disk_that_a_power_cut_can_leave_lacks_what_was_acknowledged(run):
    rng = random.Random(2)  # noqa: S311 - the same ones each time
    cuts, done, acked, counts = rounds(4, 50), 0, 0, {"strict": 0, "torn": 0}

    while done < cuts:
        clinic, made = run(3 * TABLETS, **OFTEN)
        assert _folder_and_files(made) >= {"clinic.db", "clinic.db-wal"}
        for kind, cut, files in _images(made, rng, min(EACH_RUN, cuts - done)):
            assert _lost(clinic, made, files, cut) == "", (kind, cut)
            counts[kind] += 1
            acked += len(made.until(cut))
        done += EACH_RUN

    told(
        f"C2: {cuts} power cuts, {counts['strict']} strict and {counts['torn']} torn disks;"
        f" of {acked} acknowledged sendings on them none lost, all sound"
    )


def _folder_and_files(made):
    """Return which files were synced: the log alone, or the database as well."""
    return {change.name for change in changes_in(made.record) if change.kind == SYNCED}


@pytest.mark.parametrize("weaker", ["NORMAL", "OFF"])
def test_a_program_that_synced_less_would_be_found_out(run, weaker):
    rng = random.Random(3)  # noqa: S311 - the same ones each time
    clinic, made = run(TABLETS, synchronous=weaker)

    found = {
        _lost(clinic, made, files, cut).partition(":")[0] for _, cut, files in _images(made, rng, 3)
    }

    assert "lost" in found
