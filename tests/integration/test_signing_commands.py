"""keygen, sign, publish --key, package, unpack: with moto in the place of CloudFormation, S3 and KMS."""

import json
import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from typer.testing import CliRunner, Result

from coldframe.changes import CHAMPION
from coldframe.loading import Stopwatch, load
from coldframe.registry import read_aliases, signature_key
from coldframe.signing import Signature
from coldframe.store import Store
from infra.cli.main import app
from models.forge.folder_version import read_folder
from models.forge.keys import KeyFile, KmsKey, UnusableKey, as_parameter, open_key
from tests.keys import new_key

TEMPLATE: dict[str, dict[str, Any]] = {
    "Resources": {"ModelBucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {"ModelBucketName": {"Value": {"Ref": "ModelBucket"}}},
}


@pytest.fixture
def stack(aws: str, request: pytest.FixtureRequest) -> str:
    name = f"signing-{abs(hash(request.node.nodeid)):x}"
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    return name


@pytest.fixture
def store(stack: str) -> Store:
    outputs = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return Store.open(outputs[0]["OutputValue"])


@pytest.fixture
def kms(aws: str) -> Any:
    return boto3.Session().client("kms")


def kms_key(kms: Any, spec: str = "ECC_NIST_P256") -> str:
    arn: str = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return arn


def invoked(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def opened(store: Store, monkeypatch: pytest.MonkeyPatch, public_key: str) -> str:
    monkeypatch.setenv("REQUIRE_SIGNATURE", "on")
    monkeypatch.setenv("MODEL_PUBLIC_KEYS", public_key)
    target = read_aliases(store, "sentiment")[0].aliases[CHAMPION]
    return load(store, "sentiment", target, Stopwatch()).manifest.version


def test_from_a_key_file_to_a_version_that_opens(
    stack: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "key.pem")
    public_key = run("keygen", file).splitlines()[-1]
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    run("publish", "sentiment", "--stack", stack, "--key", file)
    assert opened(store, monkeypatch, public_key) == "v1.0.0"


@pytest.mark.parametrize("word", ["promote", "canary"])
def test_where_versions_must_be_signed_no_other_goes_live(aws: str, tmp_path: Path, word: str) -> None:
    stack, file = f"signing-required-{word}", str(tmp_path / "key.pem")
    outputs = TEMPLATE["Outputs"] | {"ModelSigning": {"Value": "required"}}
    body = json.dumps(TEMPLATE | {"Outputs": outputs})
    boto3.client("cloudformation").create_stack(StackName=stack, TemplateBody=body)
    for version in ("v1.0.0", "v1.0.1"):
        run("publish", "sentiment", "--version", version, "--stack", stack)
    refused = invoked(word, "sentiment", "v1.0.1", "--stack", stack)
    assert "functions here open no such version" in str(refused.exception)
    run("keygen", file)
    run("sign", "sentiment", "v1.0.1", "--key", file, "--stack", stack)
    assert "→ v1.0.1" in run(word, "sentiment", "v1.0.1", "--stack", stack)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    run("keygen", str(file))
    before = file.read_bytes()
    result = invoked("keygen", str(file))
    assert isinstance(result.exception, UnusableKey)
    assert "is there already" in str(result.exception)
    assert file.read_bytes() == before


def test_a_key_of_kms_signs_a_version_that_is_published(
    stack: str, store: Store, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"alias/{stack}"
    kms.create_alias(AliasName=key, TargetKeyId=kms_key(kms))
    run("publish", "sentiment", "--stack", stack)
    printed = run("sign", "sentiment", "v1.0.0", "--stack", stack, "--key", key)
    public_key = printed.splitlines()[-1]
    assert read_aliases(store, "sentiment")[0].aliases[CHAMPION].manifest_sha256 in printed
    assert opened(store, monkeypatch, public_key) == "v1.0.0"
    signed = store.get(signature_key("sentiment", "v1.0.0"), 1_000)
    run("sign", "sentiment", "v1.0.0", "--stack", stack, "--key", key)
    assert store.get(signature_key("sentiment", "v1.0.0"), 1_000) == signed


def test_the_key_of_kms_has_the_id_of_its_public_key(kms: Any) -> None:
    key = KmsKey(kms, kms_key(kms))
    document = Signature.of(key.key_id, key.sign(b"message"))
    assert Signature.parse(document.to_bytes()).key_id == key.key_id
    assert len(as_parameter(key)) == 124


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P384"])
def test_a_key_of_another_kind_is_refused(kms: Any, spec: str) -> None:
    with pytest.raises(UnusableKey, match="no key on the curve P-256"):
        open_key(kms_key(kms, spec), lambda: kms)


def test_files_that_are_no_key_are_refused(tmp_path: Path) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    written = {
        "empty": b"",
        "text": b"no key",
        "curve": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "locked": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
    }
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnusableKey, match=name):
            KeyFile.read(tmp_path / name)
    with pytest.raises(UnusableKey, match="cannot be read"):
        KeyFile.read(tmp_path / "missing")
    with pytest.raises(UnusableKey, match="cannot be written"):
        KeyFile.make(tmp_path / "missing" / "key")


def test_a_package_goes_from_one_stack_to_a_folder(
    stack: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("keygen", "key.pem")
    run("publish", "sentiment", "--stack", stack, "--key", "key.pem")
    assert "sentiment-v1.0.0.tar.gz" in run("package", "sentiment", "v1.0.0", "--stack", stack)
    assert "with a signature" in run("unpack", "sentiment-v1.0.0.tar.gz")
    version, signature = read_folder(Path("sentiment-v1.0.0"))
    assert (version.manifest.name, version.manifest.version) == ("sentiment", "v1.0.0")
    assert signature == store.get(signature_key("sentiment", "v1.0.0"), 1_000).data
    run("package", "sentiment", "v1.0.0", "--stack", stack, "--into", "again.tar.gz")
    assert Path("again.tar.gz").read_bytes() == Path("sentiment-v1.0.0.tar.gz").read_bytes()


def test_a_file_is_a_key_unless_it_looks_like_one_of_kms(tmp_path: Path) -> None:
    made = KeyFile.make(tmp_path / "key.pem")
    read = open_key(str(tmp_path / "key.pem"), lambda: pytest.fail("KMS was asked"))
    assert read.key_id == made.key_id != new_key().key_id
