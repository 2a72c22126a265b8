"""The folder that training writes to."""

from pathlib import Path
from tempfile import TemporaryFile

from coldframe.errors import ColdframeError


class UnusableFolder(ColdframeError):
    """Raise when training could not write what it makes."""


def make_writable(folder: Path) -> None:
    """Create the folder, and see that it takes a file. Raises UnusableFolder, naming the fix."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        raise UnusableFolder(f"{folder} is a file or lies below one: name a folder (--into).") from error
    except OSError as error:
        raise UnusableFolder(
            f"{folder} cannot be written to ({error.strerror}): name another folder (--into)."
        ) from error
