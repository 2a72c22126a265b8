"""Put the files of a new model into the project: all of them, or none."""

import shutil
from collections.abc import Callable
from pathlib import Path

TEMPLATE = "template.yaml"


def put(staged: Path, root: Path, text: str, check: Callable[[], object]) -> None:
    """Give the project this template, then the files of `staged`, which it must not have, then `check` it.

    What fails, Ctrl-C too, leaves the project as it was. The template comes first: should the process be
    killed, its marks let `coldframe remove` clear away the rest.
    """
    before = (root / TEMPLATE).read_bytes()
    made: list[Path] = []
    try:
        write_template(root, text.encode())
        for path in sorted(staged.rglob("*")):
            _put(path, root / path.relative_to(staged), made)
        check()
    except BaseException:
        for path in reversed(made):
            clear(path)
        write_template(root, before)
        raise


def write_template(root: Path, data: bytes) -> None:
    """Swap the template in one step: nobody reads half of one."""
    new = root / f".{TEMPLATE}.new"
    try:
        new.write_bytes(data)
        shutil.copymode(root / TEMPLATE, new)
        new.replace(root / TEMPLATE)
    finally:
        new.unlink(missing_ok=True)


def clear(path: Path) -> None:
    """Delete a file, or a folder with what is in it; nothing is fine."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _put(path: Path, target: Path, made: list[Path]) -> None:
    if path.is_dir():
        if not target.is_dir():
            made.append(target)
            target.mkdir()
    else:
        with path.open("rb") as source, target.open("xb") as file:
            made.append(target)  # no sooner: what was there before stays
            shutil.copyfileobj(source, file)
