"""The models of a bucket, opened when a file needs one."""

import difflib
from functools import lru_cache

from coldframe import limits
from coldframe.adopting import first_fit
from coldframe.changes import CHAMPION, Target
from coldframe.errors import FileRefused, ModelUnavailable, ObjectNotFound
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.manifest import FEATURE_ROWS, NAME
from coldframe.registry import live_names, own_environment, read_aliases
from coldframe.store import Store


class Models:
    """Opens versions of models, and keeps the last ones open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._environment = own_environment()
        self.open = lru_cache(limits.BATCH_MODELS_MAX_COUNT)(self._open)

    def live(self, name: str) -> Target:
        """Return the version that is live, or the one before it when that is not fit to serve.

        Raises `FileRefused` when there is no model of that name or it does not answer to texts,
        `ModelUnavailable` when none of its versions can be opened, `StoreUnavailable` when the store does not
        answer.
        """
        opened, refusals = first_fit(self._candidates(name), lambda target: self.open(name, target))
        if opened is None:
            raise ModelUnavailable("; ".join(refusals) or f"{name} has no {CHAMPION}: publish a version")
        _check_reads_texts(opened)
        return opened.target

    def _candidates(self, name: str) -> list[Target]:
        try:
            if not NAME.fullmatch(name):
                raise ObjectNotFound(name)
            return read_aliases(self._store, name)[0].line(self._environment)
        except ObjectNotFound as error:
            raise self._unknown(name) from error

    def _unknown(self, name: str) -> FileRefused:
        names = live_names(self._store, self._environment)
        near = difflib.get_close_matches(name, names, 1) or names
        known = ", ".join(f"{one}/" for one in near) or "one that is published"
        if not name:
            return FileRefused("The file lies in no model's folder", f"drop it into the folder {known}")
        return FileRefused(f"There is no model {name}", f"drop the file into the folder {known}")

    def _open(self, name: str, target: Target) -> LoadedModel:
        return load(self._store, name, target, Stopwatch())


def _check_reads_texts(model: LoadedModel) -> None:
    if model.manifest.kind == FEATURE_ROWS:
        raise FileRefused(
            f"{model.manifest.name} is of kind {FEATURE_ROWS}: it scores numbers, and files hold texts",
            "drop the file into the folder of a model of texts",
        )
