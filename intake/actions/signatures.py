"""Requests that another system signs with a key of its own: JSON Web Tokens (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from intake.core.errors import AnswerError

ALGORITHMS = ("ES256", "ES384", "RS256", "RS384")
"""With a private key and a public one: who can check a signature must not be able to make one."""
LONGEST = timedelta(minutes=10)
"""How far ahead a signature may end; CDS Hooks 2.0 advises five minutes."""
CLOCKS = timedelta(minutes=1)
"""By how much two clocks may differ."""
SHORTEST_RSA = 2048
"""Bits of a key of RSA. Source: RFC 7518, section 3.3."""
MOST_KEYS = 20
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Claims:
    """What a signature says of its request.

    Attributes:
        id: Of the request (`jti`), for which it is answered once.
        until: From when on it counts no more.
    """

    id: str
    until: datetime


def require_public_keys(text: str) -> None:
    """Refuse what is no set of public keys.

    Raises:
        AnswerError: it cannot be read, is empty, or holds a key that is not public.
    """
    try:
        keys = jwt.PyJWKSet.from_json(text).keys
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
        msg = "This is no JSON Web Key Set of public keys."
        raise AnswerError(msg) from error
    if not keys or len(keys) > MOST_KEYS or not all(map(_is_good, keys)):
        msg = (
            f"Give the public keys alone, for {', '.join(ALGORITHMS)}; of RSA with at least"
            f" {SHORTEST_RSA} bits."
        )
        raise AnswerError(msg)


def _is_good(key: jwt.PyJWK) -> bool:
    """Tell whether a key is public, checks signatures, and is as its algorithm wants it."""
    is_for_it = key.public_key_use in (None, "sig") and key.algorithm_name in ALGORITHMS
    if isinstance(key.key, EllipticCurvePublicKey):
        return is_for_it and key.algorithm_name == _CURVES.get(key.key.curve.name)
    return is_for_it and isinstance(key.key, RSAPublicKey) and key.key.key_size >= SHORTEST_RSA


_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384"}


def issuer_in(token: str) -> str:
    """Return who says to have signed a token, which is not looked at yet; blank for nobody."""
    try:
        found = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        return ""
    issuer = found.get("iss")
    return issuer if isinstance(issuer, str) and issuer.isascii() else ""


def signed_by(token: str, keys: str, *, issuer: str, audience: str, now: datetime) -> Claims | None:
    """Return what a token says, if one of the keys signed it for this address and it counts now.

    Args:
        token: As it came.
        keys: The public keys, as a JSON Web Key Set.
        issuer: Who has to have signed it.
        audience: The address that was asked.
        now: When.
    """
    named = _header(token).get("kid")
    for key in jwt.PyJWKSet.from_json(keys).keys:
        if named is not None and key.key_id is not None and key.key_id != named:
            continue
        try:
            said = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=issuer,
                options={
                    "require": ["exp", "iat", "jti", "aud", "iss"],
                    "verify_exp": False,  # the clinic's clock tells, below
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError):
            continue
        return _claims(said, now)
    return None


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        return {}


def _claims(said: dict[str, Any], now: datetime) -> Claims | None:
    issued, until = (_instant(said.get(name)) for name in ("iat", "exp"))
    begins, id_ = _instant(said.get("nbf", said.get("iat"))), said.get("jti")
    if issued is None or until is None or begins is None or not isinstance(id_, str):
        return None
    is_id = 0 < len(id_) <= LONGEST_ID and id_.isascii()
    counts = max(issued, begins) <= now + CLOCKS and now < until <= now + LONGEST
    return Claims(id_, until) if counts and is_id else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
