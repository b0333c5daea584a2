"""Does a wrong setting stop the start with its name, its problem and an example?"""

from pathlib import Path

import pytest

from tocsin.runtime import settings
from tocsin.runtime.settings import SettingError

WRONG = [
    ("TOCSIN_DATABASE_URL", "mysql://db/tocsin", "is not a postgresql:// address"),
    ("TOCSIN_PUBLIC_URL", "tocsin.example.org", "is not an http or https address"),
    ("TOCSIN_PUBLIC_URL", "", "is not an http or https address"),
    ("TOCSIN_GATE_URLS", "https://a.example ftp://b.example", "is not an http or https address"),
    ("TOCSIN_GATE_BIND", "8100", "is not host:port"),
    ("TOCSIN_WEB_BIND", "127.0.0.1:65536", "is not host:port"),
    ("TOCSIN_CARRIER_BIND", "127.0.0.1:-1", "is not host:port"),
    ("TOCSIN_CARRIER_SMTP_BIND", ":25", "is not host:port"),
    ("TOCSIN_SPOOL_MB", "7", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "4097", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "much", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SMTP_URL", "mail.example.org", "is not an smtp://, smtps:// or smtp+tls:// address"),
    ("TOCSIN_PUSH_CONTACT", "operator@example.org", "is not a mailto: address"),
    ("TOCSIN_HEARTBEAT_URL", "watch.example.org", "is not an http or https address"),
    ("TOCSIN_PRIVATE_WEBHOOKS", "true", "is neither yes nor no"),
    ("TOCSIN_DEMO", "1", "is neither yes nor no"),
    ("TOCSIN_PLAIN_LOGS", "YES", "is neither yes nor no"),
]


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_wrong_value_says_which_setting_what_is_wrong_and_an_example(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({name: value})
    said = str(refused.value)
    assert said.startswith(f"{name}: {value!r} {problem}")
    assert f"Example: {name}=" in said


def test_a_misspelt_setting_is_not_ignored() -> None:
    with pytest.raises(SettingError, match="TOCSIN_SPOOL_SIZE: no such setting"):
        settings.load({"TOCSIN_SPOOL_SIZE": "64"})


@pytest.mark.parametrize(
    "setting",
    [each for each in settings.SETTINGS if each.name != "TOCSIN_GATEWAYS"],
    ids=lambda setting: setting.name,
)
def test_every_example_is_one_that_works(setting: settings.Setting) -> None:
    settings.load({setting.name: setting.example})


def test_everything_has_a_default() -> None:
    assert settings.load({}).gate_bind == ("127.0.0.1", 8100)


def test_keys_spool_and_sockets_lie_in_the_data_folder_unless_said_otherwise() -> None:
    config = settings.load({"TOCSIN_DATA": "/d", "TOCSIN_SPOOL": "/s"})
    assert (config.keys_dir, config.spool_dir, config.run_dir) == (
        Path("/d/keys"),
        Path("/s"),
        Path("/d/run"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[sms]\nkind = 'carrier pigeon'\norganisation = 'o'\nurl = 'u'\nnumber = 'n'", "pigeon"),
        ("[sms]\nkind = 'http'", "missing 3 required"),
        ("[sms]\nkind = 'http'\ncolour = 'red'", "colour"),
        ("[sms", "at the end of a table"),
        ("\xff", "decode"),
    ],
)
def test_a_wrong_gateways_file_says_what_is_wrong_in_it(
    tmp_path: Path, text: str, problem: str
) -> None:
    file = tmp_path / "gateways.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingError, match=problem) as refused:
        settings.load({"TOCSIN_GATEWAYS": str(file)})
    assert str(refused.value).startswith("TOCSIN_GATEWAYS: ")


def test_a_gateways_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"none\.toml"):
        settings.load({"TOCSIN_GATEWAYS": str(tmp_path / "none.toml")})


def test_a_child_gets_this_environment_with_the_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "a")
    assert settings.environment({"TOCSIN_DEMO": "yes"}).items() >= {
        ("KEPT", "a"),
        ("TOCSIN_DEMO", "yes"),
    }
