"""Keys that sign versions: in a file, or in AWS KMS, which they never leave."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from coldframe.errors import ColdframeError
from coldframe.signing import key_id

_KMS_ALGORITHM = "ECDSA_SHA_256"


class UnusableKey(ColdframeError):
    """Raise when a key is not there, cannot be written, or is none on the curve P-256."""


class Signer(Protocol):
    """A private key on P-256, wherever it is."""

    @property
    def public_key(self) -> bytes:
        """Its public key: DER, SubjectPublicKeyInfo."""

    @property
    def key_id(self) -> str:
        """The id that signatures name it by."""

    def sign(self, message: bytes) -> bytes:
        """Return an ECDSA signature, DER, of the SHA-256 of `message`."""


class KeyFile:
    """A key in a PEM file (PKCS 8), not encrypted."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = key_id(self.public_key)

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """Read the file. Raises `UnusableKey`."""
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            raise UnusableKey(
                f"{path} cannot be read ({error.strerror}): name a key file, as `coldframe keygen` makes one."
            ) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UnusableKey(
                f"{path} is no PEM file of a private key without a password: {error}"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not _on_p256(key.public_key()):
            raise UnusableKey(f"{path} holds no key on the curve P-256: make one with `coldframe keygen`.")
        return cls(key)

    @classmethod
    def make(cls, path: Path) -> "KeyFile":
        """Make a key and write it for its owner alone. Raises `UnusableKey`; a file that is there stays."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
        except FileExistsError as error:
            raise UnusableKey(
                f"{path} is there already, and a key is never overwritten: name another."
            ) from error
        except OSError as error:
            raise UnusableKey(f"{path} cannot be written ({error.strerror}): name another.") from error
        return cls(key)

    def sign(self, message: bytes) -> bytes:
        """As Signer has it."""
        return self._key.sign(message, ec.ECDSA(SHA256()))


class KmsKey:
    """A key of AWS KMS, which signs there; `key` is its ARN, or that of its alias, or alias/NAME."""

    def __init__(self, client: Any, key: str) -> None:
        """Ask for the public key. Raises `UnusableKey` for a key of another kind, and botocore's errors."""
        self.public_key: bytes = client.get_public_key(KeyId=key)["PublicKey"]
        if not _on_p256(load_der_public_key(self.public_key)):
            raise UnusableKey(
                f"{key} is no key on the curve P-256: name the output ModelKeyArn of the stack, or another "
                "of the kind ECC_NIST_P256."
            )
        self._client, self._key = client, key
        self.key_id = key_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """As Signer has it."""
        answer = self._client.sign(
            KeyId=self._key, Message=message, MessageType="RAW", SigningAlgorithm=_KMS_ALGORITHM
        )
        signature: bytes = answer["Signature"]
        return signature


def _on_p256(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def open_key(key: str, kms: Callable[[], Any]) -> Signer:
    """Return the key of KMS that an ARN or alias/NAME names, else that of the file at `key`.

    `kms` makes a boto3 client of KMS. Raises as `KeyFile.read` and `KmsKey` do.
    """
    if key.startswith(("arn:", "alias/")):
        return KmsKey(kms(), key)
    return KeyFile.read(Path(key))


def as_parameter(signer: Signer) -> str:
    """Return the public key as the template's parameter ModelPublicKeys takes it: DER in base64."""
    return base64.b64encode(signer.public_key).decode()
