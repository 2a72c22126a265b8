"""What the gate found, as gate.json: written once, and read by who publishes."""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from coldframe.errors import ArtifactError
from coldframe.manifest import sha256
from models.forge.gate.artifact import Artifact
from models.forge.gate.figures import Figures
from models.forge.gate.rule import SAFE, judge

GATE, PICTURE = "gate.json", "gate.svg"
_MADE_WITH = ("numpy", "onnxruntime", "scikit-learn", "tokenizers")
_INT8_INSTRUCTIONS = ("avx2", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
_CPU = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Judged:
    """One of the two files, as it was measured."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Gate:
    """The verdict (SAFE or UNSAFE) on a quantized artifact, what it follows from, and the file that ships."""

    verdict: str
    reasons: tuple[str, ...]
    ships: str
    parent: Judged
    quantized: Judged
    figures: Figures
    cpu: str
    made_with: Mapping[str, str]

    @property
    def safe(self) -> bool:
        """Whether the quantized artifact may ship."""
        return self.verdict == SAFE

    def speaks_of(self, sha256: str) -> bool:
        """Say whether the verdict is on the quantized artifact of this SHA-256, to the byte."""
        return self.quantized.sha256 == sha256


_GATE = TypeAdapter(Gate)


def gate(parent: Artifact, quantized: Artifact, figures: Figures) -> Gate:
    """Judge the figures: the quantized artifact ships when it is SAFE, otherwise its parent."""
    verdict, reasons = judge(figures)
    return Gate(
        verdict,
        reasons,
        quantized.file if verdict == SAFE else parent.file,
        Judged(parent.file, sha256(parent.data)),
        Judged(quantized.file, sha256(quantized.data)),
        figures,
        _cpu(),
        {"python": platform.python_version(), **{name: version(name) for name in _MADE_WITH}},
    )


def write_gate(folder: Path, found: Gate) -> Path:
    """Write gate.json into the folder and return its path. It has no date: equal figures, equal bytes."""
    path = folder / GATE
    path.write_bytes(_GATE.dump_json(found, indent=2, ensure_ascii=False) + b"\n")
    return path


def read_gate(folder: Path) -> Gate | None:
    """Read a folder's gate.json; None where there is none.

    Raises `ArtifactError` when it cannot be read, or says another thing than the rule says of its figures.
    """
    path = folder / GATE
    if not path.exists():
        return None
    try:
        found = _GATE.validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        raise ArtifactError(f"{path} is not what coldframe gate writes ({error}): run it again") from error
    says = (found.verdict, found.reasons, found.ships)
    verdict, reasons = judge(found.figures)
    if says != (verdict, reasons, (found.quantized if verdict == SAFE else found.parent).file):
        raise ArtifactError(
            f"{path} says {found.verdict} and ships {found.ships}; by the rule its figures are {verdict}: "
            "run coldframe gate again"
        )
    return found


def _cpu() -> str:
    """Name the processor, and those of its instructions that INT8 is multiplied with."""
    text = _CPU.read_text(encoding="utf-8") if _CPU.exists() else ""
    facts = dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$", text, re.MULTILINE))
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    able = " ".join(name for name in _INT8_INSTRUCTIONS if name in flags)
    return f"{facts.get('model name', platform.machine())} ({able or 'no INT8 instructions'})"
