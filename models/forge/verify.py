"""Is a published version what it was, and does it work: every byte, whether it opens, what it predicts."""

from coldframe.changes import Target
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.loading import LoadedModel, Stopwatch, fetch
from coldframe.store import Store
from models.forge.opens import check_opens
from models.forge.smoke import failures


def faults(store: Store, name: str, target: Target) -> list[str]:
    """Say what is wrong with a version, a sentence each; none when it is sound.

    Raises `StoreUnavailable`. A part of other models makes no predictions: it is only opened.
    """
    try:
        manifest, files = fetch(store, name, target, Stopwatch())
        opened = check_opens(manifest, files)
        return [] if opened is None else failures(LoadedModel(target, manifest, opened))
    except (ArtifactError, ObjectNotFound) as error:
        return [str(error)]
