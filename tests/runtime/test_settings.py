"""Does a wrong setting stop the start with its name, its problem and an example?"""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tocsin.runtime import gateway_file, settings
from tocsin.runtime.settings import SettingError

# Held in `test_wrong_settings.py`, with its own.
WRONG = [
    ("TOCSIN_DATABASE_URL", "mysql://db/tocsin", "is not a postgresql:// address"),
    ("TOCSIN_PUBLIC_URL", "tocsin.example.org", "is not an http or https address"),
    ("TOCSIN_PUBLIC_URL", "", "is not an http or https address"),
    ("TOCSIN_GATE_URLS", "https://a.example ftp://b.example", "is not an http or https address"),
    ("TOCSIN_DATA", "", "is empty, or has blanks around it"),
    ("TOCSIN_DATA", " /var/lib/tocsin", "is empty, or has blanks around it"),
    ("TOCSIN_DATA", "~nobody-of-that-name/x", "begins with a home folder that is not known"),
    ("TOCSIN_PUBLIC_URL", "https://a.example/x?y", "has a name, a password, a question or a frag"),
    ("TOCSIN_PUBLIC_URL", "https://a.example/#x", "has a name, a password, a question or a frag"),
    ("TOCSIN_GATE_URLS", "https://a.example,https://b.example", "is not one address: several are"),
    ("TOCSIN_GATE_URLS", "https://a.example/sos", "ends with /sos, which each phone adds itself"),
    ("TOCSIN_GATE_BIND", "8100", "is not host:port"),
    ("TOCSIN_GATE_BIND", "http://0.0.0.0:8100", "is not host:port"),
    ("TOCSIN_GATE_BIND", "*:8100", "is not host:port"),
    ("TOCSIN_WEB_BIND", "127.0.0.1:\u00b2", "is not host:port"),
    ("TOCSIN_SPOOL_MB", "\u00b2", "is not a whole number from 8 to 4096"),
    ("TOCSIN_WEB_BIND", "127.0.0.1:65536", "is not host:port"),
    ("TOCSIN_CARRIER_BIND", "127.0.0.1:-1", "is not host:port"),
    ("TOCSIN_CARRIER_SMTP_BIND", ":25", "is not host:port"),
    ("TOCSIN_SPOOL_MB", "7", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "4097", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SPOOL_MB", "much", "is not a whole number from 8 to 4096"),
    ("TOCSIN_SMTP_URL", "mail.example.org", "is not an smtp://, smtps:// or smtp+tls:// address"),
    ("TOCSIN_SMTP_URL", "smtp://", "has no host or no readable port: write it percent-encoded"),
    ("TOCSIN_SMTP_URL", "smtp://mail.example.org:twentyfive", "has no host or no readable port"),
    ("TOCSIN_SMTP_URL", "smtp://mail.example.org:0", "has no host or no readable port"),
    ("TOCSIN_SMTP_URL", "smtp://mail.example.org/inbox", "goes on after its host and port: write"),
    ("TOCSIN_SMTP_URL", "smtp://mail.example.org:25\n", "has blanks or characters that cannot"),
    ("TOCSIN_MQTT_URL", "http://broker", "is not an mqtt:// or mqtts:// address"),
    ("TOCSIN_MQTT_URL", "mqtt://broker:x", "has no host or no readable port: write it percent-"),
    ("TOCSIN_MAIL_FROM", "Tocsin <a@b>", "is not a mail address alone, without a name or <>"),
    ("TOCSIN_MAIL_FROM", "", "is not a mail address alone"),
    ("TOCSIN_MAIL_FROM", f"{'a' * 251}@b.c", "is not a mail address alone"),
    ("TOCSIN_GATE_URLS", "", "names 0 gates, not 1 to 16: a phone would have nowhere to press"),
    ("TOCSIN_GATE_URLS", "http://a " * 17, "names 17 gates, not 1 to 16"),
    ("TOCSIN_GATE_URLS", "https://sos.example.org:https", "has no host or no readable port"),
    ("TOCSIN_PUBLIC_URL", "https://:443", "has no host or no readable port"),
    ("TOCSIN_PUSH_CONTACT", "operator@example.org", "is not a mailto: address"),
    ("TOCSIN_PUSH_CONTACT", "mailto:@", "is not a mailto: address"),
    ("TOCSIN_HEARTBEAT_URL", "watch.example.org", "is not an http or https address"),
    ("TOCSIN_PRIVATE_WEBHOOKS", "true", "is neither yes nor no"),
    ("TOCSIN_DEMO", "1", "is neither yes nor no"),
    ("TOCSIN_PLAIN_LOGS", "YES", "is neither yes nor no"),
]


@pytest.mark.parametrize(
    ("value", "bound"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:8000", ("::1", 8000)), ("::1:80", ("::1", 80))],
)
def test_an_address_to_listen_on_may_be_of_either_family(
    value: str, bound: tuple[str, int]
) -> None:
    assert settings.load({"TOCSIN_WEB_BIND": value}).web_bind == bound


def test_an_address_below_a_folder_of_its_host_is_one() -> None:
    given = {
        "TOCSIN_PUBLIC_URL": "https://a.example/tocsin/",
        "TOCSIN_GATE_URLS": "http://[::1]:1/g",
    }
    found = settings.load(given)
    assert (found.public_url, found.gate_urls) == (
        "https://a.example/tocsin",
        ("http://[::1]:1/g",),
    )


@pytest.mark.parametrize("secret", ["pa/ss", "pa#ss", "pa?ss", "12/34", "12#34", "pa[ss", "pa ss"])
@pytest.mark.parametrize(
    ("name", "scheme"), [("TOCSIN_SMTP_URL", "smtp+tls"), ("TOCSIN_MQTT_URL", "mqtts")]
)
def test_a_password_that_would_be_read_as_a_port_or_a_path_is_refused_and_not_shown(
    name: str, scheme: str, secret: str
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({name: f"{scheme}://tocsin:{secret}@mail.example.org:587"})
    said = str(refused.value)
    assert said.startswith(f"{name}: '{scheme}://...' ")
    assert secret not in said
    assert f"Example: {name}={scheme}://" in said


def test_a_percent_encoded_password_is_taken_as_it_is() -> None:
    url = "smtp+tls://tocsin:p%2Fa%23s%3Fs@mail.example.org:587"
    assert settings.load({"TOCSIN_SMTP_URL": url}).smtp_url == url


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
        ("[sms]\nkind = 'http'", "organisation is missing"),
        ("[sms]\nkind = 'http'\ncolour = 'red'", r"\[sms\] colour: there is no such field"),
        ("kind = 'http'", "'kind' stands outside a table"),
        ("['my gateway']\nkind = 'http'", r"\[my gateway\] is not a name for an address"),
        ("", "has 0 gateways, not 1 to 1000"),
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


RIGHT = {
    "kind": "'http'",
    "organisation": "'harbour'",
    "url": "'https://sms.example.org/send?to={to}&text={text}'",
    "number": "'+13125550190'",
}
TWILIO = {"kind": "'twilio'", "account": "'AC1'", "secret": "'token'"}
WRONG_FIELDS = [
    ("kind", "'carrier pigeon'", "'carrier pigeon' is none of twilio, http"),
    ("organisation", "'Harbour EMS'", "'Harbour EMS' is not a short name"),
    ("url", "'sms.example.org'", "'sms.example.org' is not an http or https address"),
    ("url", "'https://h:port/{to}{text}'", "has no host, no readable port"),
    ("url", "'https://me:pw@h/{to}{text}'", "a name before its host (use account and secret)"),
    ("url", "'https://h/{to}{txt}'", "has a place {txt} that is none of to, from, text"),
    ("number", "13125550190", "13125550190 is not text in quotation marks"),
    ("number", "''", "'' is not a number or a sender's name"),
    ("account", "['me']", "['me'] is not text in quotation marks"),
    ("account", r'"me\u0007"', "or some that cannot be printed"),
    ("method", "'PUSH'", "'PUSH' is none of GET, POST"),
    ("body", f"'{'x' * 4097}'", "has more than 4096 characters"),
    ("content_type", "'json'", "'json' is not a content type"),
    ("ok_status", "['200']", "['200'] is not a list of numbers from 200 to 299"),
    ("ok_status", "200", "200 is not a list of numbers"),
    ("ok_status", "[]", "[] is not a list of numbers"),
    ("ok_status", "[200, 500]", "[200, 500] is not a list of numbers from 200 to 299"),
    ("ok_status", "[true]", "[True] is not a list of numbers"),
    ("id_path", "'('", "'(' is no regular expression (missing ), unterminated subpattern"),
    ("id_path", "'id: .*'", "is neither a dotted path nor an expression with one group"),
    ("id_path", "'(a)(b)'", "is neither a dotted path nor an expression with one group"),
    ("opted_out", "'('", "'(' is no regular expression (missing ), unterminated subpattern"),
    ("opted_out", "'(code)?'", "'(code)?' is found in any answer"),
    ("inbound_from", "''", "'' is not the name of a field"),
    ("inbound_text", "'a b'", "'a b' is not the name of a field"),
    ("inbound_auth", "'hamc'", "'hamc' is none of hmac, basic, header"),
    ("region", "'UK'", "'UK' is no country's two capital letters (ISO 3166)"),
    ("region", "1", "1 is no country's two capital letters (ISO 3166)"),
    ("concurrency", "0", "0 is not a whole number from 1 to 64"),
    ("concurrency", "65", "65 is not a whole number from 1 to 64"),
    ("concurrency", "true", "True is not a whole number from 1 to 64"),
    ("concurrency", "'16'", "'16' is not a whole number from 1 to 64"),
]
WRONG_TOGETHER = [
    ({"method": "'GET'", "body": "'{to}'"}, "body: a GET has none", "method = "),
    ({"url": "'https://h/?to={to}'"}, "no place {text}, so nobody could be reached", "body = "),
    ({"url": "'https://h/?text={text}'"}, "no place {to}, so nobody could be reached", "body = "),
    (
        {"body": """'{"to": {to}, "text": "{text}",}'""", "content_type": "'application/json'"},
        "body: is no JSON",
        "body = ",
    ),
    ({"inbound_auth": "'header'"}, "inbound_secret is missing", "inbound_secret = "),
    ({"inbound_from": "'text'"}, "inbound_text is the same field as inbound_from", "inbound_text"),
    (TWILIO | {"secret": "''"}, "secret is missing: Twilio refuses every text", "secret = "),
    (TWILIO | {"method": "'GET'"}, 'method has no meaning with kind = "twilio"', "kind = "),
]


def a_gateways_file(folder: Path, changes: dict[str, str]) -> str:
    file = folder / "gateways.toml"
    lines = [f"{field} = {value}" for field, value in (RIGHT | changes).items()]
    file.write_text("\n".join(["[sms]", *lines]), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(("field", "value", "problem"), WRONG_FIELDS)
def test_a_wrong_field_of_a_gateway_is_named_with_what_is_wrong_and_an_example(
    tmp_path: Path, field: str, value: str, problem: str
) -> None:
    file = a_gateways_file(tmp_path, {field: value})
    with pytest.raises(SettingError) as refused:
        settings.load({"TOCSIN_GATEWAYS": file})
    said = str(refused.value)
    assert said.startswith(f"TOCSIN_GATEWAYS: {file}: [sms] {field}: ")
    assert problem in said
    assert f"Example: TOCSIN_GATEWAYS=/etc/tocsin/gateways.toml with {field} = " in said


@pytest.mark.parametrize(("changes", "problem", "example"), WRONG_TOGETHER)
def test_fields_of_a_gateway_that_do_not_fit_each_other_are_refused(
    tmp_path: Path, changes: dict[str, str], problem: str, example: str
) -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({"TOCSIN_GATEWAYS": a_gateways_file(tmp_path, changes)})
    said = str(refused.value)
    assert "[sms] " in said
    assert problem in said
    assert f"with {example}" in said


def test_a_secret_that_is_refused_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"\[sms\] secret: is not text") as refused:
        settings.load({"TOCSIN_GATEWAYS": a_gateways_file(tmp_path, {"secret": "271828"})})
    assert "271828" not in str(refused.value)


def test_every_example_of_a_field_is_one_that_works(tmp_path: Path) -> None:
    lines = "\n".join(gateway_file.EXAMPLES.values())
    [gateway] = gateway_file.read_gateways(f"[sms]\n{lines}")
    assert gateway.ok_status == (200, 201, 202)
    assert set(gateway_file.EXAMPLES) == set(gateway_file.CHECKS)
    assert {field.name for field in fields(gateway)} == {"name", *gateway_file.CHECKS}


def test_the_gateways_of_the_how_to_are_taken() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/connect-a-gateway.md").read_text("utf-8")
    tables = "\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL))
    names = [gateway.name for gateway in gateway_file.read_gateways(tables)]
    assert names == ["twilio-main", "modem", "other"]


def test_a_gateways_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"none\.toml"):
        settings.load({"TOCSIN_GATEWAYS": str(tmp_path / "none.toml")})


def test_a_child_gets_this_environment_with_the_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "a")
    assert settings.environment({"TOCSIN_DEMO": "yes"}).items() >= {
        ("KEPT", "a"),
        ("TOCSIN_DEMO", "yes"),
    }
