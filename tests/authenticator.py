"""A security key of software: answers as a device does, with nothing but a key of its own."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, ATTESTED = 0x01, 0x40


@dataclass(frozen=True)
class Device:
    """A device with one passkey.

    Attributes:
        uses: How often it says it was used.
    """

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    uses: int = 0
    flags: int = PRESENT

    def used(self, times: int) -> Device:
        return replace(self, uses=times)

    def make(self, asked: str, origin: str, host: str = "") -> str:
        """Answer a page that wants to add a passkey."""
        options = json.loads(asked)
        about = self._about(host or options["rp"]["id"], self.flags | ATTESTED)
        about += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public()
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        told = _told("webauthn.create", options["challenge"], origin)
        return self._answer(told, attestationObject=attested)

    def sign(self, asked: str, origin: str, host: str = "") -> str:
        """Answer a page that wants to see the passkey."""
        options = json.loads(asked)
        about = self._about(host or options["rpId"], self.flags)
        told = _told("webauthn.get", options["challenge"], origin)
        signed = self.key.sign(about + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        return self._answer(told, authenticatorData=about, signature=signed)

    def _about(self, host: str, flags: int) -> bytes:
        return (
            hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")
        )

    def _public(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (point.x, point.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, told: bytes, **parts: bytes) -> str:
        parts = {"clientDataJSON": told, **parts}
        answer: dict[str, Any] = {
            "id": bytes_to_base64url(self.id),
            "rawId": bytes_to_base64url(self.id),
            "type": "public-key",
            "response": {name: bytes_to_base64url(part) for name, part in parts.items()},
        }
        return json.dumps(answer)


def _told(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()
