"""What the layer is made of: machine code for Lambda, bytecode without this machine's traces, no ballast."""

import hashlib
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection

from tests.layer.conftest import ROOT, BuildLayer

LIMITS = tomllib.loads((ROOT / "layers/runtime/layer.toml").read_text())
EXTENSION_SUFFIXES = (".cpython-313-x86_64-linux-gnu.so", ".abi3.so")
# The newest that Amazon Linux 2023 has: glibc 2.34 and the libstdc++ of GCC 11.
NEWEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0)}
SYSTEM_LIBRARIES = {
    "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6",
    "libpthread.so.0", "librt.so.1", "libstdc++.so.6",
}  # fmt: skip
UNCHECKED_HASH = (0b01).to_bytes(4, "little")  # PEP 552: hash-based, source never looked at


@pytest.fixture(scope="module")
def binaries(layer: Path) -> Iterator[dict[Path, ELFFile]]:
    with ExitStack() as opened:
        found = (path for path in layer.rglob("*") if path.is_file() and _is_elf(path))
        yield {path: ELFFile(opened.enter_context(path.open("rb"))) for path in found}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _exports_init(elf: ELFFile) -> bool:
    tables = (section for section in elf.iter_sections() if isinstance(section, SymbolTableSection))
    return any(symbol.name.startswith("PyInit_") for table in tables for symbol in table.iter_symbols())


def _needed_versions(elf: ELFFile) -> Iterator[tuple[str, tuple[int, ...]]]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _, versions in section.iter_versions():
                for version in versions:
                    family, _, number = version.name.partition("_")
                    yield family, tuple(int(part) for part in number.split("."))


def _needed_libraries(elf: ELFFile) -> Iterator[str]:
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            yield from (tag.needed for tag in section.iter_tags("DT_NEEDED"))  # type: ignore[attr-defined]


def test_every_compiled_file_is_for_lambdas_processor(binaries: dict[Path, ELFFile]) -> None:
    assert len(binaries) > 10
    assert {elf["e_machine"] for elf in binaries.values()} == {"EM_X86_64"}


def test_every_extension_module_has_the_abi_of_python_3_13(binaries: dict[Path, ELFFile]) -> None:
    extensions = [path.name for path, elf in binaries.items() if _exports_init(elf)]
    assert len(extensions) > 10
    assert [name for name in extensions if not name.endswith(EXTENSION_SUFFIXES)] == []


def test_nothing_asks_for_a_newer_system_library_than_lambda_has(binaries: dict[Path, ELFFile]) -> None:
    needs = [(path.name, *need) for path, elf in binaries.items() for need in _needed_versions(elf)]
    assert {family for _, family, _ in needs} >= {"GLIBC", "GLIBCXX"}
    assert [need for need in needs if need[2] > NEWEST[need[1]]] == []


def test_every_library_it_links_to_is_bundled_or_in_the_system(binaries: dict[Path, ELFFile]) -> None:
    bundled = {path.name for path in binaries}
    needed = {library for elf in binaries.values() for library in _needed_libraries(elf)}
    assert needed - SYSTEM_LIBRARIES - bundled == set()


def test_it_weighs_no_more_than_its_limit(layer: Path) -> None:
    total = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    assert LIMITS["unzipped_max_bytes"] == 130_000_000
    assert total <= LIMITS["unzipped_max_bytes"]


def test_the_runtime_in_it_is_this_one(layer: Path) -> None:
    source = ROOT / "layers/runtime/coldframe"
    ours = {path.relative_to(source): path.read_bytes() for path in source.rglob("*.py")}
    theirs = {path.relative_to(layer / "coldframe"): path for path in (layer / "coldframe").rglob("*.py")}
    assert {name: path.read_bytes() for name, path in theirs.items()} == ours


def test_every_module_has_bytecode_that_is_never_checked(layer: Path, python313: Path) -> None:
    modules = list(layer.rglob("*.py"))
    for module in modules:
        header = (module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc").read_bytes()[:8]
        assert header[4:] == UNCHECKED_HASH, module
        assert sys.version_info[:2] != (3, 13) or header[:4] == MAGIC_NUMBER, module
    assert len(modules) == len(list(layer.rglob("*.pyc"))) > 500


def test_no_file_names_a_folder_of_the_machine_that_built_it(layer: Path) -> None:
    places = [f"{place}/".encode() for place in (ROOT, Path.home())]
    found = [path for path in layer.rglob("*") if path.is_file() and path.suffix in {".py", ".pyc", ""}]
    texts = ((path, path.read_bytes()) for path in found)
    assert [path for path, text in texts if any(place in text for place in places)] == []


def test_licences_and_package_metadata_are_kept(layer: Path) -> None:
    packages = list(layer.glob("*.dist-info"))
    assert all((package / "METADATA").exists() for package in packages)
    assert (layer / "onnxruntime/LICENSE").exists()
    assert (layer / "onnxruntime/ThirdPartyNotices.txt").exists()
    assert list(layer.glob("numpy-*.dist-info/licenses/LICENSE.txt"))


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_second_build_gives_the_same_bytes(layer: Path, build_layer: BuildLayer, tmp_path: Path) -> None:
    again = tmp_path / "some where else"
    built = build_layer(again)
    assert built.returncode == 0, built.stderr
    assert _digests(again / "python") == _digests(layer)
