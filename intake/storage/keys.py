"""The secrets of a clinic: one opens its database, one proves that nobody changed its past."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

LENGTH = 32
"""Of a key, in bytes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Random bytes; nothing shows them when the value is printed.

    Attributes:
        database: Encrypts the database and its backups; None where they are not encrypted.
        trail: Is known to the program and not to the database, so that whoever can write the file
            still cannot forge what depends on it.
        older: What the database was encrypted with before, newest first: older backups still are.
    """

    database: bytes | None = field(repr=False)
    trail: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        given = (self.database, self.trail, *self.older)
        if {len(key) for key in given if key is not None} != {LENGTH}:
            msg = f"a key has {LENGTH} bytes"
            raise ValueError(msg)

    @property
    def openers(self) -> tuple[bytes, ...]:
        """What a file of this clinic may be encrypted with, the present key first."""
        return (*((self.database,) if self.database else ()), *self.older)

    def derived(self, purpose: str) -> str:
        """Return a secret for one purpose, made of the trail key; it tells nothing about it."""
        return hmac.new(self.trail, purpose.encode(), hashlib.sha256).hexdigest()


def fingerprint(key: bytes) -> str:
    """Return what tells keys apart and gives nothing of them away, to compare with a copy."""
    digest = hmac.new(key, b"intake fingerprint", hashlib.sha256).hexdigest()
    return f"{digest[:4]}-{digest[4:8]}"
