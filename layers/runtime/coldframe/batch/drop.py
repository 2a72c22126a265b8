"""One file that was dropped into the inbox, and the names of all that is made of it."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_plus

from coldframe import limits

REPORT_ENDING = ".report.json"
_COLUMN = re.compile(r"\?column=(.*)$", re.DOTALL)
ENDINGS = re.compile(r"(\.(csv|tsv|tab|txt))?(\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Drop:
    """One version of one object: `key` is <model>/<name>.csv, by choice with ?column=<name> behind it.

    `version` is "null" where the bucket keeps no versions; `etag` has no quotation marks.
    """

    bucket: str
    key: str
    version: str
    etag: str

    @property
    def model(self) -> str:
        """The folder's name; empty when the file lies in none."""
        return self.key.partition("/")[0] if "/" in self.key else ""

    @property
    def column(self) -> str | None:
        """The input column that the key names."""
        found = _COLUMN.search(self.key)
        return unquote_plus(found[1]) if found else None

    @cached_property
    def name(self) -> str:
        """<model>/<stem>.<id8>: different for every object version, the same for every event of one."""
        stem = ENDINGS.sub("", _COLUMN.sub("", self.key))
        whole = stem.encode()[: limits.BATCH_STEM_MAX_BYTES].decode(errors="ignore")
        return f"{whole}.{_id8(self.key, self.version, self.etag)}"

    @property
    def result_key(self) -> str:
        return f"{self.name}.csv"

    @property
    def rejected_key(self) -> str:
        return f"{self.name}.rejected.csv"

    @property
    def progress_key(self) -> str:
        return f"{self.name}.progress.json"

    @property
    def report_key(self) -> str:
        return f"{self.name}{REPORT_ENDING}"

    @property
    def job_key(self) -> str:
        """Outside every model's folder: no model's name begins with an underscore."""
        return f"_jobs/{self.name}.json"


def _id8(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
