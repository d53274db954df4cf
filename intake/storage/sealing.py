"""A column whose text only this clinic's key opens, and only in its own row.

The name of the table, the column and the row are sealed in with the text (AES-256-GCM, as
associated data), so that a value moved to another row does not open.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intake.core.errors import StorageError

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "1"
"""Of how a value is written: the first thing in it, so that a later way can be told apart."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of one table that is kept sealed."""

    table: str
    column: str

    def seal(self, key: bytes, row: str, text: str) -> str:
        """Return what is stored of a text in the row of that id."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(_derived(key)).encrypt(nonce, text.encode(), self._place(row))
        return f"{_VERSION}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, key: bytes, row: str, stored: str) -> str:
        """Return the text that was sealed in the row of that id.

        Raises:
            StorageError: it was sealed with another key, in another place, or was changed.
        """
        version, _, text = stored.partition(":")
        try:
            raw = base64.b64decode(text, validate=True) if version == _VERSION else b""
            nonce, sealed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return AESGCM(_derived(key)).decrypt(nonce, sealed, self._place(row)).decode()
        except (InvalidTag, ValueError) as error:
            msg = f"A value of {self.table}.{self.column} does not open with this clinic's key."
            raise StorageError(msg) from error

    def _place(self, row: str) -> bytes:
        return "\0".join((self.table, self.column, row)).encode()


def _derived(key: bytes) -> bytes:
    """Return a key for this use alone."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"intake sealed columns 1").derive(key)
