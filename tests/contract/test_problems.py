"""The gateway's answers in the template and the functions' own are one family."""

import json
import re
from pathlib import Path

from coldframe.problems import _KINDS

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text("utf-8")


def test_one_type_has_one_title() -> None:
    written = re.findall(r'"type":"urn:coldframe:problem:([a-z-]+)","title":"([^"]+)"', TEMPLATE)
    assert len(written) > 10
    titles = dict(_KINDS.values())
    for slug, title in written:
        assert titles.setdefault(slug, title) == title, json.dumps([slug, title])
