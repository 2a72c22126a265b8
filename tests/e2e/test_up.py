"""`coldframe up` and the commands beside it, as a user types them, with the model that is shipped."""

import json
import os
import shlex
import subprocess
import time
import urllib.request

from tests.e2e.running import COLDFRAME, Cloud

SHOWCASE = {
    "この商品は素晴らしいです！": "positive",
    "最悪の商品でした": "negative",
    "普通の商品だと思います": "neutral",
}


def test_the_printed_curl_line_works(cloud: Cloud) -> None:
    words = shlex.split(cloud.printed[-1])
    headers = dict(word.split(": ", 1) for word in words if ": " in word and not word.startswith("{"))
    request = urllib.request.Request(words[1], words[-1].encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["result"] == "ポジティブ"


def test_the_showcase_texts_come_out_right(cloud: Cloud) -> None:
    status, answer = cloud.call("/sentiment/predict", {"texts": list(SHOWCASE)})
    assert status == 200
    assert [one["label"] for one in answer["predictions"]] == list(SHOWCASE.values())
    assert [one["result"] for one in answer["predictions"]][:2] == ["ポジティブ", "ネガティブ"]


def test_the_command_line_gives_the_same_bits_as_the_api(cloud: Cloud) -> None:
    texts = [*SHOWCASE, "値段の割に良かったが、すぐ壊れた", "a", "😀"]
    printed = cloud.command("predict", "sentiment", "--json", given="\n".join(texts))
    assert printed.returncode == 0, printed.stderr
    _, answer = cloud.call("/sentiment/predict", {"texts": texts})
    assert [json.loads(line) for line in printed.stdout.splitlines()] == answer["predictions"]


def test_where_to_drop_files_is_printed_and_there(cloud: Cloud) -> None:
    assert any("s3://coldframe-inbox/<model>/" in line for line in cloud.printed)
    names = {bucket["Name"] for bucket in cloud.s3().list_buckets()["Buckets"]}
    assert names >= {"coldframe-inbox", "coldframe-results"}


def test_texts_are_printed_as_they_are(cloud: Cloud) -> None:
    printed = cloud.command("predict", "sentiment", "[/b]良い", "[red]:x:")
    assert printed.returncode == 0, printed.stderr
    assert "[/b]良い" in printed.stdout
    assert "[red]:x:" in printed.stdout


def test_the_command_line_takes_any_number_of_lines_and_shows_them_as_they_are(cloud: Cloud) -> None:
    printed = cloud.command("predict", "sentiment", "--json", given="良い\n\n" * 1500)
    assert len(printed.stdout.splitlines()) == 1500, printed.stderr
    assert "[red]" in cloud.command("predict", "sentiment", "[red]良い[/b]").stdout
    assert (
        "iconv"
        in subprocess.run(
            [*COLDFRAME, "predict", "sentiment"],
            env=cloud.environment,
            input="良い".encode("cp932"),
            capture_output=True,
        ).stderr.decode()
    )


def test_models_and_logs_show_what_is_there(cloud: Cloud) -> None:
    cloud.call("/sentiment/predict", {"text": "良い"})
    listed = cloud.command("models").stdout
    assert "sentiment" in listed
    assert "v1.0.0" in listed
    assert "model loaded" in cloud.logged("ColdStarts")


def test_a_tampered_version_is_refused_and_the_one_before_serves(cloud: Cloud) -> None:
    for words in (("publish", "sentiment", "--version", "v1.1.0"), ("promote", "sentiment", "v1.1.0")):
        done = cloud.command(*words)
        assert done.returncode == 0, done.stderr
    key = "models/sentiment/v1.1.0/weights.npz"
    stored = bytearray(cloud.s3().get_object(Bucket="coldframe-models", Key=key)["Body"].read())
    stored[len(stored) // 2] ^= 1
    cloud.s3().put_object(Bucket="coldframe-models", Key=key, Body=bytes(stored))
    for environment in cloud.environments():
        environment.kill()
        environment.wait(10)
    status, answer = cloud.call("/sentiment/predict", {"text": "良い"})
    assert (status, answer["model_version"]) == (200, "v1.0.0")
    status, health = cloud.call("/sentiment/health")
    assert (status, health["status"]) == (200, "degraded")
    assert "v1.1.0 is refused" in health["message"]
    assert "model not loaded" in cloud.logged('"LoadFailures":[1.0]')
    again = cloud.command("publish", "sentiment", "--version", "v1.1.0")
    assert again.returncode == 1
    assert "--version" in again.stderr


def test_errors_of_the_command_say_what_to_do(cloud: Cloud) -> None:
    assert "There is no model nonsense" in cloud.command("publish", "nonsense").stderr
    assert "text 1" in cloud.command("predict", "sentiment", "").stderr
    second = cloud.command("up")
    assert second.returncode == 1
    assert "COLDFRAME_PORT" in second.stderr
    nowhere = subprocess.run(
        [*COLDFRAME, "models"],
        env={**os.environ, "COLDFRAME_PORT": "1"},
        capture_output=True,
        text=True,
    )
    assert nowhere.returncode == 1
    assert "make run" in nowhere.stderr


def test_the_throttled_key_keeps_the_predecessors_plan(cloud: Cloud) -> None:
    begin = time.monotonic()
    statuses = [cloud.call("/sentiment/health", key="local-key-throttled")[0] for _ in range(150)]
    refilled = (time.monotonic() - begin) * 1.67
    assert statuses[:100] == [200] * 100
    assert 100 <= statuses.count(200) <= 100 + refilled + 1
    assert set(statuses) == {200, 429}
