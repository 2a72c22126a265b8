"""One hash over everything that the layer and the functions are built from.

SAM publishes no new version of a function when only its layer changed; given this hash as
`AutoPublishCodeSha256` it does (aws/serverless-application-model #2220).
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

CODE_FOLDERS = ("layers/runtime", "functions")


def code_hash(root: Path, folders: Iterable[str] = CODE_FOLDERS) -> str:
    """Hash the names and bytes of the files in `folders` under `root`: 64 hex digits.

    The same in every checkout: times, modes, bytecode and hidden files do not count.
    """
    total = hashlib.sha256()
    for name, path in sorted(_sources(root, folders)):
        # Digests are of one length, so no name can pass for the end of a content.
        total.update(hashlib.sha256(name.encode()).digest())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _sources(root: Path, folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for path in (root / folder).rglob("*"):
            relative = path.relative_to(root)
            if path.is_file() and not any(map(_is_by_product, relative.parts)):
                yield relative.as_posix(), path


def _is_by_product(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__" or part.endswith(".pyc")


if __name__ == "__main__":
    print(code_hash(Path(__file__).resolve().parent.parent))  # noqa: T201 - the hash is the command's output
