"""Signing and checking evidence: Ed25519 keys (RFC 8032), by the library ``cryptography``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import EvidenceError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_file(database: Path) -> Path:
    """Where the signing key lies: ``LPR_SIGNING_KEY``, or else beside the database, ``lpr.db.signing-key``."""
    named = os.environ.get("LPR_SIGNING_KEY")
    return Path(named) if named else database.with_name(f"{database.name}.signing-key")


@dataclass(frozen=True)
class SigningKey:
    """A private key. ``public`` is what others need to check a signature: 32 bytes as hexadecimal digits."""

    public: str
    _private: Ed25519PrivateKey

    def sign(self, content: bytes) -> str:
        """The signature, 64 bytes as hexadecimal digits."""
        return self._private.sign(content).hex()


def signing_key(path: Path) -> SigningKey:
    """The key in a PEM file (PKCS 8), made where there is none, readable by its owner only. Raises EvidenceError."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        if not path.exists():
            fresh = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(fresh)
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise EvidenceError(
            f"the signing key {path} cannot be used ({error}); name another place with LPR_SIGNING_KEY"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise EvidenceError(f"the signing key {path} is no Ed25519 key; openssl genpkey -algorithm ed25519 makes one")
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return SigningKey(raw.hex(), private)


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """Whether ``signature`` is of ``content`` by the holder of the key ``public``, both in hexadecimal digits."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
