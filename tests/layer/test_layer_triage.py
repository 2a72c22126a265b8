"""Tickets from the built layer alone, on Lambda's Python: the same bits as here."""

import json
from pathlib import Path
from typing import Any

from coldframe.triage.opening import open_triage
from models.forge.version import read_version
from tests.layer.conftest import RunInLayer

TICKETS = [
    "The printer in the back office is jammed again",
    "my till login is locked",
    "word " * 400,
    "🖨️ 壊れた",
]
ANSWER = """
import json, sys
from pathlib import Path
from coldframe.manifest import Manifest
from coldframe.triage.opening import open_triage
manifest = Manifest.parse((folder / "manifest.json").read_bytes())
triage = open_triage(manifest, {one.name: (folder / one.name).read_bytes() for one in manifest.files})
print(json.dumps([triage.predict(tickets), sorted(sys.modules)]))
"""


def test_it_answers_tickets_with_the_same_bits_as_here(run_in_layer: RunInLayer, tmp_path: Path) -> None:
    version = read_version("tickets")
    for name, data in version.files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "manifest.json").write_bytes(version.manifest.to_bytes())
    given = f"from pathlib import Path\nfolder, tickets = Path({str(tmp_path)!r}), {TICKETS!r}"
    there = run_in_layer(given + ANSWER)
    assert (there.returncode, there.stderr) == (0, "")
    answers, modules = json.loads(there.stdout)
    here = open_triage(version.manifest, version.files).predict(TICKETS)
    assert [timeless(one) for one in answers] == [timeless(one) for one in here]
    assert not {"huggingface_hub", "boto3"}.intersection(modules)


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if not name.endswith("_ms")}
