"""One hash over everything that a function's version is made of: layer, code, template, parameters.

SAM publishes no new version of a function when only its layer changed; given this hash as
`AutoPublishCodeSha256` it does (aws/serverless-application-model #2220), and then goes by it alone.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

SOURCES = ("layers/runtime", "layers/signing", "functions", "template.yaml", "samconfig.toml")


def code_hash(root: Path, sources: Iterable[str] = SOURCES) -> str:
    """Hash the names and bytes of the files that `sources` name or contain under `root`: 64 hex digits.

    The same in every checkout: times, modes, bytecode and hidden files do not count.
    """
    total = hashlib.sha256()
    for name, path in sorted(_files(root, sources)):
        # Digests are of one length, so no name can pass for the end of a content.
        total.update(hashlib.sha256(name.encode()).digest())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(root: Path, sources: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for source in sources:
        for path in (root / source, *(root / source).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not any(map(_is_by_product, relative.parts)):
                yield relative.as_posix(), path


def _is_by_product(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__" or part.endswith(".pyc")


if __name__ == "__main__":
    print(code_hash(Path(__file__).resolve().parent.parent))  # noqa: T201 - the hash is the command's output
