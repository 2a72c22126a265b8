"""The TypeScript client: its types against the OpenAPI documents, its calls against a running local cloud."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coldframe.registry import aliases_key
from tests.e2e.running import KEY, ROOT, Cloud

CLIENT = ROOT / "clients/typescript"
BIN = Path(sys.executable).parent  # Node and npm are installed beside Python
TSC = CLIENT / "node_modules/typescript/bin/tsc"
TSC_OPTIONS = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--noEmit")
OTHER_MODEL = """\
import type { Coldframe } from "../src/index.ts";

export async function ask(client: Coldframe): Promise<"positive" | "neutral" | "negative"> {
  return (await client.predict("complaints", "良い")).label;
}
"""


def printed(folder: Path, program: str, *words: str | Path, **more: str) -> str:
    environment = os.environ | {"PATH": os.pathsep.join((str(BIN), os.environ["PATH"]))} | more
    done = subprocess.run(
        [BIN / program, *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def asking(cloud: Cloud) -> dict[str, str]:
    return {"COLDFRAME_URL": f"http://127.0.0.1:{cloud.port}/v1", "COLDFRAME_API_KEY": KEY}


def block(language: str) -> str:
    """The one block of code in this language on the client's page."""
    page = (ROOT / "docs/typescript.md").read_text("utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module", autouse=True)
def _checked() -> None:
    """Right use compiles, and wrong use does not: see test/types.ts."""
    printed(CLIENT, "npm", "run", "check")


def test_the_client_gets_right_answers(cloud: Cloud) -> None:
    tests = sum(path.read_text("utf-8").count('\ntest("') for path in (CLIENT / "test").glob("*.test.ts"))
    assert f"pass {tests}\n" in printed(CLIENT, "npm", "test", **asking(cloud))


def test_the_packed_client_runs_the_example_of_its_page(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    printed(CLIENT, "npm", "pack", "--pack-destination", tmp_path)
    (package,) = tmp_path.glob("*.tgz")
    printed(tmp_path, "npm", "install", "--offline", package)
    address, local_key = "http://127.0.0.1:3000/v1", '"local-key"'
    example = block("ts")
    assert address in example
    assert local_key in example
    example = example.replace(address, asking(cloud)["COLDFRAME_URL"]).replace(local_key, f'"{KEY}"')
    (tmp_path / "example.ts").write_text(example, "utf-8")
    printed(tmp_path, "node", TSC, *TSC_OPTIONS, "example.ts")
    assert printed(tmp_path, "node", "example.ts") == block("text")


def test_a_model_of_the_users_own_is_one_more_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs/openapi", tmp_path / "docs/openapi")
    client = tmp_path / "clients/typescript"
    shutil.copytree(CLIENT, client, ignore=shutil.ignore_patterns("node_modules"))
    (client / "node_modules").symlink_to(CLIENT / "node_modules")
    (client / "test/other.ts").write_text(OTHER_MODEL, "utf-8")
    sentiment = (tmp_path / "docs/openapi/sentiment.json").read_text("utf-8")
    own = sentiment.replace("/sentiment/", "/complaints/")
    (tmp_path / "docs/openapi/complaints.json").write_text(own, "utf-8")
    printed(client, "npm", "run", "check")


def test_a_model_without_a_version_is_not_available(cloud: Cloud) -> None:
    cloud.s3().delete_object(Bucket="coldframe-models", Key=aliases_key("sentiment"))
    for environment in cloud.environments():
        environment.kill()
        environment.wait(10)
    assert "pass 1\n" in printed(CLIENT, "node", "--test", "test/without-model.ts", **asking(cloud))
