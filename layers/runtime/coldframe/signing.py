"""Is a version signed by whom it must be: `models/<name>/<version>/manifest.sig`, checked without a network.

Signed are the 32 bytes of the manifest's SHA-256, which speaks for every file: ECDSA on P-256 with SHA-256,
as AWS KMS signs a RAW message with ECDSA_SHA_256. Imported, and `cryptography` with it, only where versions
must be signed. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import ObjectNotFound, SignatureInvalid
from coldframe.registry import signature_key
from coldframe.store import Store

ALGORITHM = "ECDSA_P256_SHA256"
KEYS_VARIABLE = "MODEL_PUBLIC_KEYS"


@dataclass(frozen=True)
class Signature:
    """A signature's document: its algorithm, the id of the key, and the signature, DER in base64."""

    algorithm: str
    key_id: str
    signature: str

    @classmethod
    def of(cls, key_id: str, signature: bytes) -> Self:
        """Describe a signature (DER) by the key of this id."""
        return cls(ALGORITHM, key_id, base64.b64encode(signature).decode())

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the document. Raises `SignatureInvalid` unless it is written as `to_bytes` writes it."""
        try:
            found = cls(**json.loads(data))
            well_formed = (
                found.to_bytes() == data and base64.b64encode(found.der()).decode() == found.signature
            )
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise SignatureInvalid(f"the signature is malformed ({error}): sign the version again") from error
        if not well_formed or found.algorithm != ALGORITHM:
            raise SignatureInvalid(
                f"the signature is not an {ALGORITHM} document as `coldframe sign` writes it: "
                "sign the version again"
            )
        return found

    def to_bytes(self) -> bytes:
        """Write as JSON; one signature has one form, so that no byte of it can change unseen."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    def der(self) -> bytes:
        """Return the signature in DER. Raises `ValueError` when it is not base64."""
        return base64.b64decode(self.signature, validate=True)


def key_id(public_key: bytes) -> str:
    """Return the id of a public key (DER, SubjectPublicKeyInfo): 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def check(store: Store, name: str, target: Target) -> None:
    """Raise `SignatureInvalid` unless a key of MODEL_PUBLIC_KEYS signed the manifest that `target` names.

    Raises `StoreUnavailable` when the store does not answer.
    """
    keys = public_keys(os.environ.get(KEYS_VARIABLE, ""))
    try:
        stored = store.get(signature_key(name, target.version), limits.MODEL_SIGNATURE_MAX_BYTES)
    except ObjectNotFound as error:
        raise SignatureInvalid(
            f"{name} {target.version} is not signed, and must be: coldframe sign {name} {target.version}"
        ) from error
    verify(stored.data, target.manifest_sha256, keys)


def verify(data: bytes, manifest_sha256: str, keys: Mapping[str, EllipticCurvePublicKey]) -> None:
    """Raise `SignatureInvalid` unless `data` is a signature of this SHA-256 (hex) by one of `keys`."""
    signature = Signature.parse(data)
    key = keys.get(signature.key_id)
    if key is None:
        raise SignatureInvalid(
            f"the signature is by the key {signature.key_id!r}, and known are {', '.join(keys)}: sign the "
            f"version with one of those, or add that key to {KEYS_VARIABLE}"
        )
    try:
        key.verify(signature.der(), bytes.fromhex(manifest_sha256), ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise SignatureInvalid(
            f"the signature by the key {signature.key_id} is not of these bytes: the manifest or the "
            "signature was changed"
        ) from error


def public_keys(text: str) -> dict[str, EllipticCurvePublicKey]:
    """Return the keys by id: base64 of their DER, separated by commas.

    Raises `SignatureInvalid` when there is none, and for one that is no public key on P-256.
    """
    entries = [entry for one in text.split(",") if (entry := one.strip())]
    if not entries:
        raise SignatureInvalid(
            f"versions must be signed, and {KEYS_VARIABLE} holds no key to check them with"
        )
    return dict(_public_key(number, entry) for number, entry in enumerate(entries, 1))


def _public_key(number: int, entry: str) -> tuple[str, EllipticCurvePublicKey]:
    try:
        der = base64.b64decode(entry, validate=True)
        key = load_der_public_key(der)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise SignatureInvalid(f"key {number} of {KEYS_VARIABLE} is not DER in base64: {error}") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise SignatureInvalid(f"key {number} of {KEYS_VARIABLE} is no public key on the curve P-256")
    return key_id(der), key
