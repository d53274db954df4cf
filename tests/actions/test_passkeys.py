"""Passkeys: added, used once for each question, and worth nothing on a forged page."""

import json
from datetime import timedelta

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from intake.actions import accounts, passkeys, second_factor, staff
from intake.actions.passkeys import MOST_PASSKEYS, Place
from intake.actions.permission import COMMAND_LINE
from intake.actions.tries import MOST_FAILURES, SignInRefusedError, TooManyTriesError
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.storage import people as people_kept
from tests.actions.conftest import actions_on, refused, together
from tests.authenticator import Device
from tests.codes import codes
from tests.conftest import NOW, session_of

ORIGIN = "https://desk.clinic.example"
HERE = Place("desk.clinic.example", ORIGIN)


def current(store, username="ada"):
    return next(one for one in accounts.list_accounts(store) if one.username == username)


def own_token(who):
    return f"token of {who.username}"


def enrol(store, who):
    app = codes(second_factor.begin(store, who=who))
    second_factor.confirm(store, who=who, token=session_of(store, who), code=app(NOW, -1), now=NOW)
    with store.write() as db:
        people_kept.add_session(db, own_token(who), who.id, NOW)
    return current(store, who.username)


@pytest.fixture
def ada(store, people):
    """Ada, whose account has a second factor."""
    return enrol(store, people.ada)


def asked_to_add(store, who, place=HERE, now=NOW):
    return passkeys.begin_adding(
        store, who=who, token=own_token(who), place=place, clinic="Clinic", now=now
    )


def add(store, who, answer, name="desk", place=HERE, now=NOW):
    return passkeys.add(
        store, who=who, token=own_token(who), place=place, name=name, answer=answer, now=now
    )


@pytest.fixture
def device(store, ada):
    """A device with a passkey of Ada's."""
    made = Device()
    add(store, ada, made.make(asked_to_add(store, ada), ORIGIN))
    return made


@pytest.fixture
def waiting(store, people):
    """Begin a sign-in that had the right password."""

    def begin(username="ada", now=NOW):
        password = people.passwords[username]
        return accounts.sign_in(store, username=username, password=password, now=now)[1]

    return begin


def asked(store, token, place=HERE, now=NOW):
    return passkeys.begin_sign_in(store, token=token, place=place, now=now)


def finish(store, token, answer, place=HERE, now=NOW):
    return passkeys.finish_sign_in(store, token=token, place=place, answer=answer, now=now)[1]


def is_let_in(store, token, answer, place=HERE, now=NOW):
    try:
        finish(store, token, answer, place, now)
    except SignInRefusedError:
        return False
    return True


def test_a_passkey_stands_in_for_a_code(store, ada, device, waiting):
    token = waiting()

    session = finish(store, token, device.used(1).sign(asked(store, token), ORIGIN))

    assert accounts.who_is(store, token=session, now=NOW).id == ada.id
    assert passkeys.passkeys_of(store, ada)[0].used_at == NOW
    assert actions_on(store, ada.id)[-2:] == ["passkey added", "signed in"]


def test_a_device_that_counts_nothing_is_taken_again_and_again(store, device, waiting):
    for _ in range(3):
        token = waiting()
        assert is_let_in(store, token, device.sign(asked(store, token), ORIGIN))


def test_an_answer_is_taken_once(store, device, waiting):
    token, other = waiting(), waiting()
    answer = device.sign(asked(store, token), ORIGIN)

    assert is_let_in(store, token, answer)
    assert not is_let_in(store, token, answer)
    assert not is_let_in(store, other, answer)


def test_an_answer_given_ten_times_at_once_opens_one_session(settings, store, device, waiting):
    token = waiting()
    answer = device.used(1).sign(asked(store, token), ORIGIN)

    found = together(settings, lambda own, _: finish(own, token, answer), 10)

    assert sum(isinstance(one, str) for one in found) == 1


@pytest.mark.parametrize(
    ("spoil"),
    [
        lambda device, options: device.sign(options, "https://desk.clinic.example.evil.example"),
        lambda device, options: device.sign(options, "http://desk.clinic.example"),
        lambda device, options: device.sign(options, ORIGIN, host="evil.example"),
        lambda device, options: Device().sign(options, ORIGIN),
        lambda device, options: Device(id=device.id).sign(options, ORIGIN),
        lambda device, options: Device(device.key, device.id, flags=0).sign(options, ORIGIN),
        lambda device, options: device.sign(
            json.dumps(json.loads(options) | {"challenge": "AAAA"}), ORIGIN
        ),
        lambda device, options: device.make(
            json.dumps(json.loads(options) | {"rp": {"id": HERE.host}}), ORIGIN
        ),
    ],
    ids=[
        "forged page",
        "without TLS",
        "forged host",
        "unknown device",
        "another key",
        "nobody there",
        "another question",
        "another ceremony",
    ],
)
def test_what_is_no_answer_to_this_question_is_refused(store, ada, device, waiting, spoil):
    token = waiting()

    assert not is_let_in(store, token, spoil(device, asked(store, token)))
    assert actions_on(store, ada.id)[-1] == "passkey refused"


@pytest.mark.parametrize(
    "answer",
    [
        "", "{}", "[]", "null", "7", "nonsense", '{"id": 1}', "\x00", '{"response": {}}',
        '{"id": "\ud800"}', "x" * 1_000_000, "[" * 9000,
        '{"id":"a","rawId":"a","type":"x","response":{}}',
        '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"","authenticatorData":"","signature":""}}',
    ],
)  # fmt: skip
def test_rubbish_is_refused_and_not_a_fault(store, ada, device, waiting, answer):
    token = waiting()
    asked(store, token)

    assert not is_let_in(store, token, answer)
    asked_to_add(store, ada)
    with pytest.raises(AnswerError):
        add(store, ada, answer)


def test_a_copied_device_is_noticed_by_its_count(store, device, waiting):
    first, second = waiting(), waiting()
    assert is_let_in(store, first, device.used(5).sign(asked(store, first), ORIGIN))

    assert not is_let_in(store, second, device.used(5).sign(asked(store, second), ORIGIN))


def test_a_passkey_of_somebody_else_is_refused(store, people, device, waiting):
    enrol(store, people.ben)
    token = waiting("ben")

    assert asked(store, token) == ""
    assert not is_let_in(store, token, device.sign(_question(), ORIGIN))


def _question():
    return json.dumps({"challenge": "AAAA", "rpId": HERE.host})


def test_an_answer_that_took_too_long_is_refused(store, device, waiting):
    token, late = waiting(), NOW + timedelta(minutes=5, seconds=1)
    answer = device.sign(asked(store, token), ORIGIN)

    assert not is_let_in(store, token, answer, now=late)


def test_tries_are_counted_with_those_at_codes_before_they_are_looked_at(store, device, waiting):
    token = waiting()
    for _ in range(MOST_FAILURES):
        assert not is_let_in(store, token, "{}")

    with pytest.raises(TooManyTriesError):
        finish(store, token, device.sign(asked(store, token), ORIGIN))


@pytest.mark.parametrize(
    ("place", "takes"),
    [
        (HERE, True),
        (Place("localhost", "http://localhost:8000"), True),
        (Place("desk.localhost", "http://desk.localhost"), True),
        (Place("desk.clinic.example", "http://desk.clinic.example"), False),
        (Place("192.168.0.7", "https://192.168.0.7"), False),
        (Place("[::1]", "https://[::1]:8000"), False),
        (Place("", "https://"), False),
    ],
    ids=lambda value: getattr(value, "origin", None),
)
def test_where_browsers_take_passkeys(store, ada, place, takes):
    assert place.takes_passkeys is takes
    assert bool(asked_to_add(store, ada, place)) is takes


def test_a_passkey_is_offered_where_it_was_made_and_nowhere_else(store, device, waiting):
    token, elsewhere = waiting(), Place("other.example", "https://other.example")

    assert asked(store, token, elsewhere) == ""
    assert asked(store, token)
    answer = device.sign(asked(store, token), "https://other.example", host="other.example")
    assert not is_let_in(store, token, answer, elsewhere)


def test_a_device_adds_one_passkey(store, ada, device):
    options = asked_to_add(store, ada)

    excluded = [one["id"] for one in json.loads(options)["excludeCredentials"]]

    assert excluded == [one.credential for one in passkeys.passkeys_of(store, ada)]
    with pytest.raises(AnswerError):
        add(store, ada, device.make(options, ORIGIN))


def test_what_a_forged_page_makes_is_not_added(store, ada):
    options = asked_to_add(store, ada)

    with pytest.raises(AnswerError):
        add(store, ada, Device().make(options, "https://evil.example"))

    assert passkeys.passkeys_of(store, ada) == []


def test_a_device_with_a_certificate_that_cannot_be_read_is_not_added(store, ada):
    answer = json.loads(Device().make(asked_to_add(store, ada), ORIGIN))
    said = cbor2.loads(base64url_to_bytes(answer["response"]["attestationObject"]))
    said |= {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x", "x5c": [unreadable()]}}
    answer["response"]["attestationObject"] = bytes_to_base64url(cbor2.dumps(said))

    with pytest.raises(AnswerError):
        add(store, ada, json.dumps(answer))

    assert passkeys.passkeys_of(store, ada) == []


def unreadable():
    """Return a certificate of a version that there is none of."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    whole = made.sign(key, SHA256()).public_bytes(Encoding.DER)
    return whole.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)


def test_an_answer_adds_one_passkey(store, ada):
    answer = Device().make(asked_to_add(store, ada), ORIGIN)
    add(store, ada, answer)

    with pytest.raises(AnswerError):
        add(store, ada, answer)


@pytest.mark.parametrize("name", [" \t", "\u2800", "."], ids=["blank", "unseen", "a dot"])
def test_a_passkey_needs_a_name(store, ada, name):
    answer = Device().make(asked_to_add(store, ada), ORIGIN)

    refused(store, AnswerError, lambda: add(store, ada, answer, name=name))


def test_a_passkey_needs_a_code_to_stand_in_for_it(store, people):
    assert asked_to_add(store, people.ben) == ""
    refused(store, StateError, lambda: add(store, people.ben, "{}"))


def test_ten_passkeys_are_enough(store, ada):
    for _ in range(MOST_PASSKEYS):
        add(store, ada, Device().make(asked_to_add(store, ada), ORIGIN))

    assert asked_to_add(store, ada) == ""


def test_a_removed_passkey_opens_nothing(store, ada, device, waiting):
    token = waiting()
    answer = device.sign(asked(store, token), ORIGIN)

    passkeys.remove(store, who=ada, passkey_id=passkeys.passkeys_of(store, ada)[0].id, now=NOW)

    assert not is_let_in(store, token, answer)
    assert passkeys.passkeys_of(store, ada) == []


def test_nobody_removes_the_passkey_of_somebody_else(store, people, ada, device):
    key = passkeys.passkeys_of(store, ada)[0]

    refused(
        store,
        NotFoundError,
        lambda: passkeys.remove(store, who=people.ben, passkey_id=key.id, now=NOW),
    )


def test_a_reset_takes_the_passkeys_too(store, ada, device):
    staff.reset_second_factor(store, account_id=ada.id, by=COMMAND_LINE, now=NOW)

    assert passkeys.passkeys_of(store, ada) == []
