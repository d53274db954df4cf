"""Passkeys: a key that a device keeps and no page can be lured into giving away (WebAuthn).

They stand beside the one-time codes, which need no connection that is secured: who has lost every
device still has the codes, and who has a passkey cannot be led to type a code into a forged page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from intake.actions import accounts, second_factor
from intake.actions.tries import NOWHERE, SignInRefusedError, counted, of_code
from intake.core.blank import worded
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.storage import audit, factors
from intake.storage.factors import Passkey

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from intake.actions.tries import Origin
    from intake.core.records import Practitioner
    from intake.storage import Store

WAITS = timedelta(minutes=5)
"""For how long a device may take to answer."""
MOST_PASSKEYS = 10
LONGEST_NAME = 60
LONGEST_ANSWER = 20_000
"""Characters of what a browser sends for a device; they need about a thousand."""

REFUSED = "The passkey was not accepted. Try it again, or use a code from your app."
NOT_ADDED = "The passkey was not added: the device took too long or gave another answer. Try again."

_ADDRESS = re.compile(r"[0-9.]+|\[.*\]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where browsers find the desk.

    Attributes:
        host: The name of the server, to which browsers tie a passkey.
        origin: The same with its scheme and port, as browsers tell it.
    """

    host: str
    origin: str

    @property
    def takes_passkeys(self) -> bool:
        """Whether browsers offer passkeys here: not without TLS, and not for a bare number."""
        is_local = self.host == "localhost" or self.host.endswith(".localhost")
        is_named = bool(self.host) and not _ADDRESS.fullmatch(self.host)
        return is_named and (is_local or self.origin.startswith("https://"))


def passkeys_of(store: Store, who: Practitioner) -> list[Passkey]:
    """Return somebody's passkeys, oldest first."""
    return factors.passkeys_of(store, who.id)


def begin_adding(
    store: Store, *, who: Practitioner, token: str, place: Place, clinic: str, now: datetime
) -> str:
    """Return what the browser is to ask a device for, as JSON; blank where none can be added.

    Args:
        store: Where it is kept.
        who: Whose passkey it will be.
        token: That of their session.
        place: Where the desk is found.
        clinic: Its name, which the device shows.
        now: When.
    """
    known = factors.passkeys_of(store, who.id)
    if not (place.takes_passkeys and who.has_second_factor and len(known) < MOST_PASSKEYS):
        return ""
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=clinic,
        user_name=who.username,
        user_display_name=who.name,
        user_id=who.id.encode(),
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    with store.write() as db:
        factors.put_challenge(db, token, bytes_to_base64url(options.challenge), now)
    return webauthn.options_to_json(options)


def add(
    store: Store,
    *,
    who: Practitioner,
    token: str,
    place: Place,
    name: str,
    answer: str,
    now: datetime,
) -> Passkey:
    """Keep a passkey that a device has made.

    Raises:
        AnswerError: it has no name, or the device's answer is not one to what was asked.
        StateError: the account has no second factor yet.
        SignInRefusedError: the session was ended while the device was looked at.
    """
    name = worded(name)[:LONGEST_NAME]
    if not name:
        msg = "Give the passkey a name by which you know the device."
        raise AnswerError(msg)
    if not who.has_second_factor:
        msg = "Add a second factor first; it stands in for a passkey that is lost."
        raise StateError(msg)
    verified = _verified(store, token, place, answer, now)
    credential = bytes_to_base64url(verified.credential_id)
    key = bytes_to_base64url(verified.credential_public_key)
    made = Passkey(
        store.new_id(), who.id, place.host, credential, key, verified.sign_count, name, now, None
    )
    with store.write() as db:
        accounts.require_session(store, who, token)
        is_too_many = len(factors.passkeys_of(store, who.id)) >= MOST_PASSKEYS
        if is_too_many or factors.is_passkey(store, credential):
            raise AnswerError(NOT_ADDED)
        factors.add_passkey(db, made)
        audit.append(db, at=now, actor=who.id, action="passkey added", subject=who.id)
    return made


def _verified(
    store: Store, token: str, place: Place, answer: str, now: datetime
) -> VerifiedRegistration:
    """Return what a device made for what it was asked, which is asked once."""
    asked = _asked(store, token, now)
    if asked is None or not place.takes_passkeys or len(answer) > LONGEST_ANSWER:
        raise AnswerError(NOT_ADDED)
    try:
        return webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=asked,
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except Exception as error:  # what is raised on rubbish, certificates too, has no common kind
        raise AnswerError(NOT_ADDED) from error


def remove(store: Store, *, who: Practitioner, passkey_id: str, now: datetime) -> None:
    """Take a passkey of one's own away.

    Raises:
        NotFoundError: there is none of that id.
    """
    with store.write() as db:
        if not factors.remove_passkey(db, passkey_id, who.id):
            msg = "There is no such passkey; it may have been removed."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=who.id, action="passkey removed", subject=who.id)


def begin_sign_in(store: Store, *, token: str, place: Place, now: datetime) -> str:
    """Return what a device is asked for at sign-in, as JSON; blank where the account has none here.

    Args:
        store: Where they are kept.
        token: That of the sign-in that waits.
        place: Where the desk is found.
        now: When.
    """
    who = second_factor.waiting(store, token=token, now=now)
    known = _known_at(store, who, place) if who else []
    if not known:
        return ""
    options = webauthn.generate_authentication_options(
        rp_id=place.host, allow_credentials=_descriptors(known)
    )
    with store.write() as db:
        factors.put_challenge(db, token, bytes_to_base64url(options.challenge), now)
    return webauthn.options_to_json(options)


def finish_sign_in(
    store: Store, *, token: str, place: Place, answer: str, now: datetime, origin: Origin = NOWHERE
) -> tuple[Practitioner, str]:
    """Let somebody in whose password was right, by one of their passkeys.

    Returns:
        The account and the token of its new session.

    Raises:
        SignInRefusedError: for whatever reason; the sign-in goes on waiting.
    """
    who = second_factor.waiting(store, token=token, now=now)
    if who is None:
        raise SignInRefusedError(second_factor.LAPSED)
    with counted(store, of_code(who), now) as attempt:
        attempt.is_right = _spend(store, who, token, place, answer, now)
        if not attempt.is_right:
            with store.write() as db:
                audit.append(db, at=now, actor=who.id, action="passkey refused", subject=who.id)
            raise SignInRefusedError(REFUSED)
    return who, second_factor.let_in(store, who, token=token, now=now, origin=origin)


def _spend(
    store: Store, who: Practitioner, token: str, place: Place, answer: str, now: datetime
) -> bool:
    """Tell whether a device of theirs answers what was asked, which is asked once."""
    asked, known = _asked(store, token, now), _known_at(store, who, place)
    if asked is None or len(answer) > LONGEST_ANSWER:
        return False
    try:
        given = webauthn.helpers.parse_authentication_credential_json(answer)
        used = next(one for one in known if one.credential == bytes_to_base64url(given.raw_id))
        right = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=asked,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(used.public_key),
            credential_current_sign_count=used.uses,
        )
    except Exception:  # noqa: BLE001 - what is raised on rubbish has no common kind
        return False
    with store.write() as db:
        return factors.use_passkey(db, used.id, used.uses, right.new_sign_count, now)


def _asked(store: Store, token: str, now: datetime) -> bytes | None:
    with store.write() as db:
        found = factors.take_challenge(db, token)
    if found is None or not timedelta(0) <= now - found[1] <= WAITS:
        return None
    return base64url_to_bytes(found[0])


def _known_at(store: Store, who: Practitioner, place: Place) -> list[Passkey]:
    """Return the passkeys that browsers use at a place."""
    if not place.takes_passkeys:
        return []
    return [one for one in factors.passkeys_of(store, who.id) if one.host == place.host]


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in known]
