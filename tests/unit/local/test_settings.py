from pathlib import Path

import pytest

from infra.local.errors import SettingRefused
from infra.local.settings import LOCAL_PLAN, THROTTLED_PLAN, Settings


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings.port == 3000
    assert settings.plans == {"local-key": LOCAL_PLAN, "local-key-throttled": THROTTLED_PLAN}


def test_port_and_key_come_from_the_environment() -> None:
    settings = Settings.from_environment({"COLDFRAME_PORT": "4000", "COLDFRAME_API_KEY": "mine"})
    assert settings.port == 4000
    assert settings.plans == {"mine": LOCAL_PLAN, "local-key-throttled": THROTTLED_PLAN}


@pytest.mark.parametrize("given", ["old,new", " old , new ,"])
def test_two_keys_have_the_same_plan(given: str) -> None:
    settings = Settings.from_environment({"COLDFRAME_API_KEY": given})
    assert settings.key == "old"
    assert settings.plans == {"old": LOCAL_PLAN, "new": LOCAL_PLAN, "local-key-throttled": THROTTLED_PLAN}


@pytest.mark.parametrize("port", ["0", "65535", "-1", "http", "3000.5", "٣"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingRefused, match="COLDFRAME_PORT"):
        Settings.from_environment({"COLDFRAME_PORT": port})


def test_parameters_of_the_template_can_be_set() -> None:
    settings = Settings.from_environment(
        {"COLDFRAME_PARAMETERS": "LogInputs=on, GuardianSchedule=rate(2 seconds)"}
    )
    assert settings.parameters["LogInputs"] == "on"
    assert settings.parameters["GuardianSchedule"] == "rate(2 seconds)"
    assert settings.parameters["Environment"] == "dev"


@pytest.mark.parametrize("given", ["LogInputs", "=on", "LogInputs=on,x"])
def test_what_sets_no_parameter_is_refused(given: str) -> None:
    with pytest.raises(SettingRefused, match="Name=value"):
        Settings.from_environment({"COLDFRAME_PARAMETERS": given})


def test_a_model_key_is_a_file_and_requires_nothing_until_it_is_read() -> None:
    settings = Settings.from_environment({"COLDFRAME_MODEL_KEY": "keys/mine.pem"})
    assert settings.model_key == Path("keys/mine.pem")
    assert "ModelSigning" not in settings.parameters
    signed = settings.requiring_signed_models("AAAA")
    assert signed.parameters["ModelSigning"] == "required"
    assert signed.parameters["ModelPublicKeys"] == "AAAA"
    assert Settings.from_environment({}).model_key is None
