"""What a model version says of itself: `models/<name>/<version>/manifest.json`."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from coldframe import limits
from coldframe.decisions import check_decision
from coldframe.errors import IntegrityError, ManifestError

MANIFEST_VERSION = 1
LINEAR_TEXT, ENCODER, KNOWLEDGE, FEATURE_ROWS = "linear-text", "encoder", "knowledge", "features"
KINDS = (LINEAR_TEXT, ENCODER, KNOWLEDGE, FEATURE_ROWS)
FEATURES = ("characters", "words")
CALIBRATIONS = ("platt", "isotonic")

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
VERSION = re.compile(r"v[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")
_OWNER = re.compile(f"{NAME.pattern}/{VERSION.pattern}")
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"  # lie beside the files
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileEntry:
    """One file of the version: its name, its size in bytes, and the SHA-256 of its bytes in hex.

    `owner` is another version that has it, as in "encoder/v1.0.0"; empty for the manifest's own files.
    """

    name: str
    size: int
    sha256: str
    owner: str = ""

    @classmethod
    def of(cls, name: str, data: bytes) -> Self:
        """Describe these bytes."""
        return cls(name, len(data), sha256(data))

    def check(self, data: bytes) -> None:
        """Raise `IntegrityError` unless `data` has this size and then this SHA-256."""
        if len(data) != self.size:
            raise IntegrityError(f"{self.name} has {len(data):,} bytes; its manifest lists {self.size:,}")
        if sha256(data) != self.sha256:
            raise IntegrityError(f"{self.name} does not have the SHA-256 that its manifest lists")


@dataclass(frozen=True)
class Manifest:
    """One immutable model version.

    `verdict` names the two opposite labels whose likelier one is also given as a word (label to word).
    `alarm` is a name for some of the labels together, {"name", "labels"}. `thresholds` say for labels and the
    alarm from which "value" on they count as there, and how that was chosen. `outcomes` are the words to say,
    {"when": those that are there, column: word}: the first that fits. `smoke` are examples {"text", "label"}
    that a version must get right before it may be live. `metrics` are figures on held-out data, each with its
    data and their terms; `made_with` maps libraries to versions; `parity` compares the artifact with its
    unquantized parent.
    """

    name: str
    version: str
    kind: str
    files: tuple[FileEntry, ...]
    labels: tuple[str, ...]
    verdict: Mapping[str, str] = field(default_factory=dict)
    features: str = "characters"
    calibration: str = "platt"
    alarm: Mapping[str, Any] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outcomes: tuple[Mapping[str, Any], ...] = ()
    input: Mapping[str, Any] = field(default_factory=dict)
    smoke: tuple[Mapping[str, str], ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    made_with: Mapping[str, str] = field(default_factory=dict)
    parity: Mapping[str, Any] = field(default_factory=dict)
    manifest_version: int = MANIFEST_VERSION

    @property
    def text_max_chars(self) -> int:
        """The longest text that is taken; TEXT_MAX_CHARS where the manifest says nothing."""
        most: int = self.input.get("maxLength", limits.TEXT_MAX_CHARS)
        return most

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The numbers of a row, in order, of the kind that scores such rows; of others, none."""
        return tuple(self.input.get("features", ()))

    def to_bytes(self) -> bytes:
        """Write as JSON: the same manifest always gives the same bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read and check. Raises `ManifestError` with what is wrong and what to do."""
        document = _object(data)
        if document.get("manifest_version") != MANIFEST_VERSION:
            raise ManifestError(
                f"manifest version {document.get('manifest_version')!r} is unknown; this runtime reads "
                f"{MANIFEST_VERSION}: publish the model again, or deploy a newer runtime"
            )
        document.pop("threshold", None)  # of manifests from before there were several; it was always empty
        try:
            manifest = cls(**document | _tuples(document))
            manifest._check()
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise ManifestError(f"the manifest has not the expected fields: {error}") from error
        return manifest

    def _check(self) -> None:
        if self.kind not in KINDS:
            raise ManifestError(
                f"kind {self.kind!r} is unknown to this runtime, which serves {', '.join(KINDS)}: "
                "deploy a newer one"
            )
        _match(NAME, self.name, "name")
        check_version(self.version)
        _check_files(self.files)
        if self.kind != ENCODER and not 2 <= len(self.labels) == len(set(self.labels)):
            raise ManifestError(f"labels {list(self.labels)} must be two or more, all different")
        if type(self.text_max_chars) is not int or self.text_max_chars < 1:
            raise ManifestError(f"input.maxLength {self.text_max_chars!r} must be a number of characters")
        if self.features not in FEATURES or self.calibration not in CALIBRATIONS:
            raise ManifestError(
                f"features {self.features!r} or calibration {self.calibration!r} is unknown to this runtime: "
                "deploy a newer one"
            )
        _check_smoke(self.smoke, self.labels)
        if self.kind == LINEAR_TEXT:
            check_decision(self)
        if self.kind == KNOWLEDGE:
            _check_thresholds(self.thresholds)
        if self.kind == FEATURE_ROWS:
            _check_features(self.input.get("features"))


def check_version(version: object) -> None:
    """Raise `ManifestError` unless this is a version, as in v1.2.3."""
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise ManifestError(f"{version!r} is not a version, such as v1.2.3")


def _check_files(files: tuple[FileEntry, ...]) -> None:
    if len(files) > limits.FILES_MAX_COUNT:
        raise ManifestError(f"{len(files)} files are more than the {limits.FILES_MAX_COUNT} allowed")
    for entry in files:
        _match(_FILE_NAME, entry.name, "file name")
        if entry.name in (MANIFEST, SIGNATURE):
            raise ManifestError(f"no file of a version can be called {entry.name}: give it another name")
        _match(_SHA256, entry.sha256, f"SHA-256 of {entry.name}")
        if entry.owner != "":
            _match(_OWNER, entry.owner, f"owner of {entry.name}")
        if type(entry.size) is not int or not 0 <= entry.size <= limits.FILE_MAX_BYTES:
            raise ManifestError(f"{entry.name}: size {entry.size!r} is not within the limit")
    names = [entry.name for entry in files]
    if len(set(names)) < len(names):
        raise ManifestError(f"two files have one name: {', '.join(names)}")


def _check_thresholds(thresholds: Mapping[str, Mapping[str, Any]]) -> None:
    for name, chosen in thresholds.items():
        value = chosen["value"]
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise ManifestError(f"threshold {name!r} is {value!r}, and must be a number from 0 to 1")


def _check_smoke(examples: tuple[Mapping[str, str], ...], labels: tuple[str, ...]) -> None:
    for example in examples:
        if _text(example["text"]) and _text(example["label"]) not in labels:
            raise ManifestError(f"the smoke example {example!r} has none of the labels {list(labels)}")


def _check_features(names: object) -> None:
    if not isinstance(names, list | tuple) or not 1 <= len(names) <= limits.FEATURES_MAX_COUNT:
        raise ManifestError(f"input.features must be a list of 1 to {limits.FEATURES_MAX_COUNT:,} names")
    for name in map(_text, names):
        if not name.strip() or len(name) > limits.FEATURE_NAME_MAX_CHARS:
            raise ManifestError(
                f"feature {name[: limits.FEATURE_NAME_MAX_CHARS]!r} must have 1 to "
                f"{limits.FEATURE_NAME_MAX_CHARS} characters"
            )
    if len(set(names)) < len(names):
        raise ManifestError("two features have one name")


def sha256(data: bytes) -> str:
    """Return the SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _object(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ManifestError("the manifest is not JSON") from error
    if not isinstance(document, dict):
        raise ManifestError("the manifest is not a JSON object")
    return document


def _tuples(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "files": tuple(FileEntry(**entry) for entry in document["files"]),
        "labels": tuple(map(_text, document["labels"])),
        "outcomes": tuple(document.get("outcomes", ())),
        "smoke": tuple(document.get("smoke", ())),
        "verdict": {label: _text(word) for label, word in document.get("verdict", {}).items()},
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be a string")
    return value


def _match(pattern: re.Pattern[str], value: object, what: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ManifestError(f"{what} {value!r} does not have the form {pattern.pattern}")
