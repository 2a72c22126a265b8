"""What can go wrong, as one tree.

ColdframeError
├── ArtifactError            a stored artifact cannot be used
│   ├── IntegrityError       its bytes are not those that the manifest lists
│   ├── ManifestError        its manifest is malformed or of a kind this code does not know
│   ├── SignatureInvalid     it must be signed, and is not, or not by a key that is known
│   └── MalformedArtifact    its bytes are the right ones, but not an array file of the expected form
├── ModelUnavailable         no version of the model can be served at the moment
├── UnknownModel             there is no model, or no version, of that name
├── ServiceUnavailable       a service that the answer comes from does not answer
├── SignatureRefused         a request is not signed, or not with a signature that may be used
├── RowsRefused              rows of features cannot be scored: a number is missing, or is none
├── RolloutRefused           a new version of a function cannot be tried before it gets traffic
├── VersionTaken             the version is published already, with other bytes
├── ChangeRefused            what is live may not change in this way
├── FileTooLarge             a file, or its answer, does not fit into one request
├── FileRefused              a file cannot be scored at all, whoever tries and however often
└── StoreError               the object store did not do what was asked
    ├── ObjectNotFound       no object has that key
    ├── PreconditionFailed   somebody else wrote first
    └── StoreUnavailable     the store cannot be reached, refuses, or answers too late
"""


class ColdframeError(Exception):
    """Base of all errors that Coldframe raises itself."""


class ArtifactError(ColdframeError):
    """Raise when a stored artifact cannot be used."""


class IntegrityError(ArtifactError):
    """Raise when bytes differ in size or SHA-256 from what the manifest lists."""


class ManifestError(ArtifactError):
    """Raise when a manifest is malformed or of a kind or version that this code does not know."""


class MalformedArtifact(ArtifactError):
    """Raise when an array file has the wrong form, shape, type or size."""


class SignatureInvalid(ArtifactError):
    """Raise when a version must be signed and has no signature by a known key that fits its manifest."""


class ModelUnavailable(ColdframeError):
    """Raise when no version of the model can be served at the moment."""


class UnknownModel(ColdframeError):
    """Raise when there is no model, or no version of it, of that name; the message says what there is."""


class ServiceUnavailable(ColdframeError):
    """Raise when a service that the answer comes from does not answer: 503, to be tried again."""


class SignatureRefused(ColdframeError):
    """Raise when a request's signature is missing, malformed, too old, wrong or used before: 401."""


class RowsRefused(ColdframeError):
    """Raise when rows of features cannot be scored: the message names the row and the feature."""


class RolloutRefused(ColdframeError):
    """Raise when a new version of a function cannot be tried before it gets traffic."""


class VersionTaken(ColdframeError):
    """Raise when the version is published already, with other bytes."""


class ChangeRefused(ColdframeError):
    """Raise when a change of what is live is refused: the message says why, and what to do."""


class FileRefused(ColdframeError):
    """Raise when a file cannot be scored at all: `problem` says why, `fix` what its owner can do."""

    def __init__(self, problem: str, fix: str, columns: list[str] | None = None) -> None:
        super().__init__(f"{problem}: {fix}")
        self.problem, self.fix, self.columns = problem, fix, columns


class FileTooLarge(ColdframeError):
    """Raise when a file, or the answer to it, does not fit into one request."""


class StoreError(ColdframeError):
    """Raise when the object store did not do what was asked."""


class ObjectNotFound(StoreError):
    """Raise when no object has the key."""


class PreconditionFailed(StoreError):
    """Raise when a conditional write lost to another writer."""


class StoreUnavailable(StoreError):
    """Raise when the store cannot be reached, refuses access, or answers too late."""
