"""A version that must be signed is opened only when a known key signed its manifest."""

import base64
import hashlib
import json
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from obstore.store import MemoryStore

from coldframe import signing
from coldframe.changes import Target
from coldframe.errors import ArtifactError, ManifestError, ObjectNotFound, SignatureInvalid
from coldframe.loading import Stopwatch, load
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import file_key, make_champion, manifest_key, read_aliases, signature_key
from coldframe.signing import Signature
from coldframe.slot import ModelSlot
from coldframe.store import Store
from models.forge.keys import KeyFile, as_parameter
from models.forge.publish import publish
from models.forge.signing import sign_target, sign_version
from tests import made
from tests.keys import new_key

FLIPS = 2_500


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    """A key whose signature every version must have."""
    key = new_key()
    monkeypatch.setenv("REQUIRE_SIGNATURE", "on")
    monkeypatch.setenv("MODEL_PUBLIC_KEYS", as_parameter(key))
    return key


def signed(store: Store, key: KeyFile | None, version: str = "v1.0.0") -> Target:
    data = made.weights()
    target = publish(store, made.manifest(version, data), {"weights.npz": data}, made.NOTE, signer=key)
    make_champion(store, "sentiment", target, made.NOTE)
    return target


def opened(store: Store, target: Target) -> str:
    return load(store, "sentiment", target, Stopwatch()).manifest.version


def overwrite(store: Store, key: str, data: bytes) -> None:
    store.replace(key, data, store.get(key, 10**9).etag)


def test_a_signed_version_opens(key: KeyFile) -> None:
    store = made.memory_store()
    assert opened(store, signed(store, key)) == "v1.0.0"


def test_two_keys_are_known_while_one_follows_the_other(
    key: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, store = new_key(), made.memory_store()
    monkeypatch.setenv("MODEL_PUBLIC_KEYS", f"{as_parameter(key)}, {as_parameter(new)},")
    target = signed(store, key)
    assert opened(store, target) == "v1.0.0"
    sign_version(store, "sentiment", "v1.0.0", new)
    assert opened(store, target) == "v1.0.0"
    monkeypatch.setenv("MODEL_PUBLIC_KEYS", as_parameter(new))
    assert opened(store, target) == "v1.0.0"


def test_without_a_signature_it_is_refused_and_told_how_to_sign(key: KeyFile) -> None:
    store = made.memory_store()
    target = signed(store, None)
    with pytest.raises(SignatureInvalid, match=r"v1\.0\.0 is not signed.*coldframe sign sentiment v1\.0\.0"):
        opened(store, target)


def test_a_strange_key_is_named(key: KeyFile) -> None:
    store, strange = made.memory_store(), new_key()
    target = signed(store, strange)
    with pytest.raises(SignatureInvalid, match=f"by the key '{strange.key_id}', and known are {key.key_id}"):
        opened(store, target)


def test_a_strange_key_cannot_pass_for_a_known_one(key: KeyFile) -> None:
    store, strange = made.memory_store(), new_key()
    target = signed(store, None)
    forged = Signature.of(key.key_id, strange.sign(bytes.fromhex(target.manifest_sha256)))
    store.create(signature_key("sentiment", "v1.0.0"), forged.to_bytes())
    with pytest.raises(SignatureInvalid, match="is not of these bytes"):
        opened(store, target)


def test_the_signature_of_another_version_does_not_fit(key: KeyFile) -> None:
    store = made.memory_store()
    target = signed(store, key)
    signed(store, key, "v1.0.1")
    other = store.get(signature_key("sentiment", "v1.0.1"), 1_000).data
    overwrite(store, signature_key("sentiment", "v1.0.0"), other)
    with pytest.raises(SignatureInvalid, match="is not of these bytes"):
        opened(store, target)


def test_whoever_can_write_the_alias_and_the_manifest_still_cannot_sign(key: KeyFile) -> None:
    store = made.memory_store()
    signed(store, key)
    theirs = made.manifest("v1.0.0", made.weights(seed=1)).to_bytes()
    overwrite(store, manifest_key("sentiment", "v1.0.0"), theirs)
    with pytest.raises(SignatureInvalid):
        opened(store, Target("v1.0.0", hashlib.sha256(theirs).hexdigest()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 900,
        b'{"algorithm": "ECDSA_P256_SHA256", "key_id": "0", "signature": 1}',
        Signature("none", "0" * 16, "").to_bytes(),
        Signature("ECDSA_P256_SHA256", "0" * 16, "????").to_bytes(),
        Signature("ECDSA_P256_SHA256", "0" * 16, "QR==").to_bytes(),
        Signature.of("0" * 16, b"").to_bytes() + b"\n",
    ],
)
def test_a_malformed_signature_is_refused(key: KeyFile, data: bytes) -> None:
    store = made.memory_store()
    target = signed(store, key)
    overwrite(store, signature_key("sentiment", "v1.0.0"), data)
    with pytest.raises(SignatureInvalid, match="sign the version again"):
        opened(store, target)


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"\x30\x06\x02\x01\x00\x02\x01\x00", b"\x30" * 72])
def test_bytes_that_are_no_signature_are_refused(key: KeyFile, der: bytes) -> None:
    store = made.memory_store()
    target = signed(store, key)
    overwrite(store, signature_key("sentiment", "v1.0.0"), Signature.of(key.key_id, der).to_bytes())
    with pytest.raises(SignatureInvalid, match="is not of these bytes"):
        opened(store, target)


def _public(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "holds no key"),
        (" , ", "holds no key"),
        ("no base64", "key 1 of MODEL_PUBLIC_KEYS is not DER"),
        ("AAAA", "key 1 of MODEL_PUBLIC_KEYS is not DER"),
        (_public(ec.generate_private_key(ec.SECP384R1()).public_key()), "no public key on the curve P-256"),
        (_public(ed25519.Ed25519PrivateKey.generate().public_key()), "no public key on the curve P-256"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(
    key: KeyFile, monkeypatch: pytest.MonkeyPatch, keys: str, words: str
) -> None:
    store = made.memory_store()
    target = signed(store, key)
    monkeypatch.setenv("MODEL_PUBLIC_KEYS", keys)
    with pytest.raises(SignatureInvalid, match=words):
        opened(store, target)


def test_a_setting_that_is_not_off_requires_a_signature(
    key: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = made.memory_store()
    target = signed(store, None)
    monkeypatch.setenv("REQUIRE_SIGNATURE", "true")
    with pytest.raises(SignatureInvalid):
        opened(store, target)
    monkeypatch.setenv("REQUIRE_SIGNATURE", "off")
    assert opened(store, target) == "v1.0.0"


def test_nothing_is_parsed_or_fetched_before_the_signature_is_checked(key: KeyFile) -> None:
    store = made.memory_store()
    data = b"not even JSON"
    store.create(manifest_key("sentiment", "v1.0.0"), data)
    target = Target("v1.0.0", hashlib.sha256(data).hexdigest())
    with pytest.raises(SignatureInvalid, match="is not signed"):
        opened(store, target)
    sign_target(store, "sentiment", target, key)
    with pytest.raises(ManifestError, match="JSON"):
        opened(store, target)


def test_a_slot_falls_back_to_the_version_before(key: KeyFile) -> None:
    store = made.memory_store()
    signed(store, key)
    newer = signed(store, None, "v1.0.1")
    assert read_aliases(store, "sentiment")[0].champion() == newer
    health = ModelSlot(lambda: store, "sentiment").start().wait().health()
    assert health.status == "degraded"
    assert "v1.0.1 is refused: sentiment v1.0.1 is not signed" in health.message
    assert health.message.endswith("serving v1.0.0")


def test_cryptography_is_imported_only_where_signatures_are_required() -> None:
    code = (
        "import sys\nfrom coldframe.loading import load, Stopwatch\nfrom coldframe.changes import Target\n"
        "from coldframe.store import Store\nfrom obstore.store import MemoryStore\nimport hashlib\n"
        "store = Store(MemoryStore())\nstore.create('models/a/v1.0.0/manifest.json', b'x')\n"
        "try:\n    load(store, 'a', Target('v1.0.0', hashlib.sha256(b'x').hexdigest()), Stopwatch())\n"
        "except Exception as error:\n    print(type(error).__name__, 'cryptography' in sys.modules)\n"
    )
    for setting, words in (("off", "ManifestError False"), ("on", "SignatureInvalid True")):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={"REQUIRE_SIGNATURE": setting},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == words


def test_any_changed_byte_of_a_signed_version_is_refused(key: KeyFile) -> None:
    """The figure: every one of FLIPS random changes of a byte, of files, manifest and signature."""
    pristine = made.memory_store()
    target = signed(pristine, key)
    entry = FileEntry("weights.npz", 0, "")
    keys = [
        file_key("sentiment", "v1.0.0", entry),
        manifest_key("sentiment", "v1.0.0"),
        signature_key("sentiment", "v1.0.0"),
    ]
    right = {one: pristine.get(one, 10**9).data for one in keys}
    chance = random.Random(6)
    refused = 0
    for number in range(FLIPS):
        changed = dict(right)
        where = keys[number % len(keys)]
        data = bytearray(changed[where])
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        changed[where] = bytes(data)
        store = Store(MemoryStore())
        for name, content in changed.items():
            store.create(name, content)
        with pytest.raises(ArtifactError):
            opened(store, target)
        refused += 1
    assert refused == FLIPS >= 2_000


def test_every_bit_of_a_signature_counts(key: KeyFile) -> None:
    store = made.memory_store()
    target = signed(store, key)
    right = store.get(signature_key("sentiment", "v1.0.0"), 1_000).data
    known = signing.public_keys(as_parameter(key))
    signing.verify(right, target.manifest_sha256, known)
    for place in range(len(right) * 8):
        data = bytearray(right)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(SignatureInvalid):
            signing.verify(bytes(data), target.manifest_sha256, known)


# ---- signing


class TakenBetween(Store):
    """A store where another signer is faster once, between the look and the write."""

    def __init__(self, faster: KeyFile) -> None:
        super().__init__(MemoryStore())
        self._faster: KeyFile | None = faster

    def create(self, key: str, data: bytes) -> None:
        self._meddle(key)
        super().create(key, data)

    def replace(self, key: str, data: bytes, etag: str) -> None:
        self._meddle(key)
        super().replace(key, data, etag)

    def _meddle(self, key: str) -> None:
        if key.endswith(".sig") and (faster := self._faster):
            self._faster = None
            sign_version(self, "sentiment", "v1.0.0", faster)


def test_signing_again_changes_nothing(key: KeyFile) -> None:
    store = made.memory_store()
    first = signed(store, key)
    document = store.get(signature_key("sentiment", "v1.0.0"), 1_000)
    assert sign_version(store, "sentiment", "v1.0.0", key) == first
    assert store.get(signature_key("sentiment", "v1.0.0"), 1_000) == document


@pytest.mark.parametrize("there_before", [True, False])
def test_a_new_key_wins_over_another_that_signs_at_the_same_time(key: KeyFile, there_before: bool) -> None:
    store = TakenBetween(new_key())
    target = signed(store, new_key() if there_before else None)
    sign_version(store, "sentiment", "v1.0.0", key)
    assert opened(store, target) == "v1.0.0"


@pytest.mark.parametrize("data", [b"", b"{}", b"x" * 900])
def test_what_is_no_signature_is_replaced(key: KeyFile, data: bytes) -> None:
    store = made.memory_store()
    target = signed(store, None)
    store.create(signature_key("sentiment", "v1.0.0"), data)
    sign_version(store, "sentiment", "v1.0.0", key)
    assert opened(store, target) == "v1.0.0"


def test_what_is_not_there_or_another_version_is_not_signed(key: KeyFile) -> None:
    store = made.memory_store()
    with pytest.raises(ObjectNotFound):
        sign_version(store, "sentiment", "v1.0.0", key)
    store.create(manifest_key("sentiment", "v1.0.0"), made.manifest("v1.0.1", b"").to_bytes())
    with pytest.raises(ManifestError, match=r"holds the manifest of sentiment v1\.0\.1"):
        sign_version(store, "sentiment", "v1.0.0", key)
    with pytest.raises(ManifestError, match="is not a version"):
        sign_version(store, "sentiment", "../x", key)


class WatchesOrder(Store):
    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.written: list[str] = []

    def create(self, key: str, data: bytes) -> None:
        self.written.append(key.rpartition("/")[2])
        super().create(key, data)


def test_a_version_is_signed_before_an_alias_names_it(key: KeyFile) -> None:
    store = WatchesOrder()
    signed(store, key)
    assert store.written == ["weights.npz", "manifest.json", "manifest.sig", "aliases.json"]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_no_file_can_have_the_name_of_what_lies_beside_it(name: str) -> None:
    manifest = made.manifest("v1.0.0", b"")
    wrong = replace(manifest, files=(FileEntry.of(name, b""),))
    with pytest.raises(ManifestError, match=f"can be called {name}"):
        Manifest.parse(wrong.to_bytes())


def test_the_document_says_what_it_is(key: KeyFile) -> None:
    store = made.memory_store()
    signed(store, key)
    document = json.loads(store.get(signature_key("sentiment", "v1.0.0"), 1_000).data)
    assert document.keys() == {"algorithm", "key_id", "signature"}
    assert document["algorithm"] == "ECDSA_P256_SHA256"
    assert document["key_id"] == hashlib.sha256(key.public_key).hexdigest()[:16]
