"""A disk that is full, fails or lets nobody write: said in words, and over once it is mended."""

import subprocess
import time
from contextlib import contextmanager

import pytest

from tests.faults.conftest import rounds, told
from tests.faults.layer import as_others
from tests.faults.tablets import receipts, send_all, show_all

resource = pytest.importorskip("resource")

AT_ONCE = 8
LONGEST_S, MENDED_S = 12, 5
NOBODY_MAY_WRITE = (0, resource.RLIM_INFINITY)


@contextmanager
def _switched(clinic, fault):
    """Let the layer fail."""
    switch = clinic.data.with_name("switch")
    switch.write_text(fault)
    yield
    switch.write_text("")


@contextmanager
def _read_only(clinic, _fault):
    """Take the right to write from everybody, as a disk does that was mounted anew after an error.

    What SQLite keeps beside the database stays as it is: the server has it open.
    """
    places = [clinic.data, *clinic.data.iterdir()]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(modes[place] & 0o555)
    yield
    for place, mode in modes.items():
        place.chmod(mode)


@contextmanager
def _no_growth(clinic, _fault):
    """Let the system refuse the server every byte behind the first of any file."""
    before = resource.prlimit(clinic.process.pid, resource.RLIMIT_FSIZE, NOBODY_MAY_WRITE)
    yield
    resource.prlimit(clinic.process.pid, resource.RLIMIT_FSIZE, before)


FAULTS = {
    "disk full": (_switched, "full"),
    "error while writing": (_switched, "write"),
    "error while putting on the disk": (_switched, "sync"),
    "error while reading": (_switched, "read"),
    "reading fails now and then": (_switched, "read 0.03"),
    "writing fails now and then": (_switched, "write 0.1"),
    "read-only": (_read_only, ""),
    "no byte more": (_no_growth, ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_saved_is_said_and_all_goes_on_once_it_is_mended(clinic, fault):
    happens, how = FAULTS[fault]
    number = rounds(6, 80)
    (clinic.data.with_name("switch")).write_text("")
    is_layered = happens is _switched
    clinic.serve(
        layered=is_layered,
        others=happens is _read_only,
        **({"INTAKE_FAULT_SWITCH": str(clinic.data.with_name("switch"))} if is_layered else {}),
    )
    tablets, desk = clinic.forms(number), clinic.desk()
    show_all(tablets)
    third = number // 3
    case = f"/desk/cases/{tablets[0].response_id}"
    before, during = tablets[:third], tablets[third : 2 * third]
    answers = _sent(before)

    with happens(clinic, how):
        refused = _sent(during)
        reads = [desk.get("/desk/"), desk.get("/desk/sign-in"), desk.get(case)]
        health = clinic.health()
    began = time.monotonic()
    while clinic.health() != 200:
        assert time.monotonic() - began < MENDED_S
    seconds = time.monotonic() - began
    mended = _sent([*during, *tablets[2 * third :]])

    assert len(receipts(answers)) == third
    for answer in [*refused.values(), *reads]:
        _require_words(answer, saves=answer in refused.values())
    assert health == 503 or (health == 200 and "then" in fault)
    assert len(receipts(mended)) == number - third
    acknowledged = receipts(answers) | receipts(mended)
    assert receipts(refused).items() <= acknowledged.items()
    clinic.require_nothing_lost(acknowledged, [tablet.response_id for tablet in tablets])
    clinic.require_sound()
    log = clinic.log.read_text()
    assert "Traceback" not in log
    assert "Ann Bee" not in log
    told(
        f"C3: {fault}: {number} sendings, {third} of them into the fault, {len(receipts(refused))}"
        f" of those kept, the others told within"
        f" {max(one.seconds for one in refused.values()):.1f} s; healthy again {seconds:.1f} s"
        " after it was mended, all kept"
    )


def _sent(tablets):
    answers = {}
    for first in range(0, len(tablets), AT_ONCE):
        answers |= send_all(tablets[first : first + AT_ONCE])
    return answers


def _require_words(answer, *, saves):
    assert answer.seconds <= LONGEST_S
    assert "Traceback" not in answer.page
    assert "Ann Bee" not in answer.page or answer.status == 200
    assert answer.status == 503 or (answer.status == 200 and (answer.receipt or not saves)), answer
    if answer.status == 503:
        assert "Not saved" in answer.page
        assert "Tell the desk" in answer.page


def _full():
    resource.setrlimit(resource.RLIMIT_FSIZE, NOBODY_MAY_WRITE)


@contextmanager
def _unchanged(_clinic, _fault):
    yield


@pytest.mark.parametrize(
    ("happens", "how", "before"),
    [
        (_read_only, "", as_others),
        (_switched, "full", None),
        (_switched, "read", None),
        (_unchanged, "", _full),
    ],
    ids=["read-only", "full", "not to be read", "no byte more"],
)
def test_a_start_on_such_a_disk_is_refused_in_one_plain_line(clinic, happens, how, before):
    switch = {"INTAKE_FAULT_SWITCH": str(clinic.data.with_name("switch"))}
    more = {"layered": True, **switch} if happens is _switched else {"before": before}

    with happens(clinic, how), clinic.start(output=subprocess.PIPE, **more) as process:
        output = process.communicate(timeout=60)[0]

    assert (process.returncode, clinic.health()) == (2, 0)
    assert len(output.splitlines()) == 1, output
    assert "disk" in output
    assert "Restore" not in output
    told(f"C4: {how or before.__name__}: {output.strip()}")
    clinic.serve()
