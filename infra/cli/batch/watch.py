"""A folder whose files are scored as they are dropped into it, one after the other, until Ctrl-C."""

import time
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from coldframe.errors import ColdframeError
from infra.cli.batch.file import Scoring
from infra.cli.batch.folder import Done, Look, look_at, look_of, settled
from infra.cli.notes import note

LOOK_SECONDS = 1.0
RETRY_SECONDS = 60.0  # until what failed here, not in the file, is tried again
RESULTS = "scored"


class Watch:
    """Looks at a folder once a second. Raises `ColdframeError` when there is no such folder."""

    def __init__(self, scoring: Scoring, folder: Path) -> None:
        if not folder.is_dir():
            raise ColdframeError(f"There is no folder {folder} to watch.")
        self._scoring, self._folder, self._into = scoring, folder, folder / RESULTS
        self._into.mkdir(exist_ok=True)
        self._done = Done(self._into / ".done.json")
        self._failed: dict[str, tuple[Look, float]] = {}

    def run(self) -> None:
        """Watch until Ctrl-C. A file that fails does not end it."""
        note(f"Watching {self._folder} for files to score by {self._scoring.model}; Ctrl-C ends it.")
        note(f"Results go to {self._into}")
        before: Mapping[str, Look] = {}
        try:
            while True:
                now = look_at(self._folder)
                for name in settled(before, now):
                    if not self._is_put_off(name, now[name]):
                        self._take_up(name, now[name])
                before = now
                time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            note("The watch has ended; started again, it goes on with what is not done.")

    def _take_up(self, name: str, look: Look) -> None:
        """Score the file, if that is due. What keeps this command from it is said, and tried again later."""
        try:
            key = self._scoring.key(name)
            if not self._done.has(key, look) and look_of(self._folder / name) == look:
                self._scoring.score(self._folder / name, self._into)
                self._done.add(key, look)
        except (ColdframeError, BotoCoreError, ClientError, OSError) as error:
            self._failed[name] = look, time.monotonic()
            note(f"{name}: {error} (It is tried again in {RETRY_SECONDS:.0f} s.)")

    def _is_put_off(self, name: str, look: Look) -> bool:
        failed, at_seconds = self._failed.get(name, (None, 0.0))
        return failed == look and time.monotonic() - at_seconds < RETRY_SECONDS
