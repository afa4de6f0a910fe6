"""The settings: a bot that is only half configured refuses to start and says what to mend, never a value."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import config

APP = "8d1f9c1e-52a6-4a52-9c0f-6b1f3a3d7f10"
TENANT = "3c3f8f0e-0d1e-4b75-8f5a-0c1b2a394857"
GROUP = "b1e0c2d3-4f5a-4b6c-8d7e-9f0a1b2c3d4e"
SECRET = "s3cr3t-of-the-operator"
GOOD = {
    "MICROSOFT_APP_ID": APP,
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_PASSWORD": SECRET,
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "PINBOT_ADMIN_GROUP_ID": GROUP,
    "PINBOT_APPROVER_GROUP_ID": GROUP,
    "PINBOT_AUDIT_KEY": f"{SECRET} {SECRET}",
}
SIMULATED = {"PINBOT_GRAPH_URL": "http://127.0.0.1:4010"}

OF_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")

# What is changed against GOOD (None: taken away), and the setting that the message must name.
BAD: list[tuple[Mapping[str, str | None], str]] = [
    ({"MICROSOFT_APP_ID": None}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_ID": ""}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_ID": "{" + APP + "}"}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_ID": "my-bot"}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_ID": None, "MicrosoftAppId": APP}, "MICROSOFT_APP_ID"),
    ({"MICROSOFT_APP_TYPE": None}, "MICROSOFT_APP_TYPE"),
    ({"MICROSOFT_APP_TYPE": "MultiTenant"}, "MICROSOFT_APP_TYPE"),
    ({"MICROSOFT_APP_TYPE": "singletenant"}, "MICROSOFT_APP_TYPE"),
    ({"MICROSOFT_APP_PASSWORD": None}, "MICROSOFT_APP_PASSWORD"),
    ({"MICROSOFT_APP_PASSWORD": ""}, "MICROSOFT_APP_PASSWORD"),
    ({"MICROSOFT_APP_CERTIFICATE": "/dev/null"}, "MICROSOFT_APP_CERTIFICATE"),
    ({"MICROSOFT_APP_PASSWORD": None, "MICROSOFT_APP_CERTIFICATE": "no-such.pem"}, "MICROSOFT_APP_CERTIFICATE"),
    ({"MICROSOFT_APP_TYPE": "UserAssignedMSI"}, "MICROSOFT_APP_PASSWORD"),
    ({"MICROSOFT_APP_PASSWORD_FILE": "/dev/null"}, "MICROSOFT_APP_PASSWORD_FILE"),
    ({"MICROSOFT_APP_PASSWORD": None, "MICROSOFT_APP_PASSWORD_FILE": "/dev/null"}, "MICROSOFT_APP_PASSWORD_FILE"),
    ({"MICROSOFT_APP_PASSWORD": None, "MICROSOFT_APP_PASSWORD_FILE": "no-such"}, "MICROSOFT_APP_PASSWORD_FILE"),
    ({"MICROSOFT_APP_PASSWORD": None, "AZURE_FEDERATED_TOKEN_FILE": "no-such"}, "AZURE_FEDERATED_TOKEN_FILE"),
    ({"PINBOT_AUDIT_KEY_FILE": "/dev/null"}, "PINBOT_AUDIT_KEY_FILE"),
    ({"PINBOT_AUDIT_KEY": None, "PINBOT_AUDIT_KEY_FILE": "/dev/null"}, "PINBOT_AUDIT_KEY_FILE"),
    ({"PINBOT_AUDIT_KEY": None, "PINBOT_AUDIT_KEY_FILE": "no-such"}, "PINBOT_AUDIT_KEY_FILE"),
    ({"PINBOT_AUDIT_KEYS_BEFORE": f"{SECRET} {SECRET},{SECRET}"}, "PINBOT_AUDIT_KEYS_BEFORE"),
    ({"PINBOT_AUDIT_KEYS_BEFORE": SECRET, "PINBOT_AUDIT_KEYS_BEFORE_FILE": "x"}, "PINBOT_AUDIT_KEYS_BEFORE_FILE"),
    ({"MICROSOFT_APP_TENANT_ID": None}, "MICROSOFT_APP_TENANT_ID"),
    ({"MICROSOFT_APP_TENANT_ID": "common"}, "MICROSOFT_APP_TENANT_ID"),
    ({"PINBOT_ADMIN_GROUP_ID": None}, "PINBOT_ADMIN_GROUP_ID"),
    ({"PINBOT_APPROVER_GROUP_ID": None}, "PINBOT_APPROVER_GROUP_ID"),
    ({"PINBOT_APPROVER_GROUP_ID": "Approvers"}, "PINBOT_APPROVER_GROUP_ID"),
    ({"PINBOT_HELP_DESK_GROUP_ID": "Help desk"}, "PINBOT_HELP_DESK_GROUP_ID"),
    ({"PINBOT_AUDIT_KEY": None}, "PINBOT_AUDIT_KEY"),
    ({"PINBOT_AUDIT_KEY": SECRET}, "PINBOT_AUDIT_KEY"),
    ({"PINBOT_APPROVALS_NEEDED": "assign=0"}, "PINBOT_APPROVALS_NEEDED"),
    ({"PINBOT_APPROVALS_NEEDED": "assign=2;profile=2"}, "PINBOT_APPROVALS_NEEDED"),
    ({"PINBOT_REASON_PATTERN": "(CHG"}, "PINBOT_REASON_PATTERN"),
    ({"PINBOT_TIME_ZONE": "Berlin"}, "PINBOT_TIME_ZONE"),
    ({"PINBOT_WORK_STARTS": "18", "PINBOT_WORK_ENDS": "8"}, "PINBOT_WORK_STARTS must be before PINBOT_WORK_ENDS"),
    ({"PINBOT_WORK_STARTS": "18"}, "PINBOT_WORK_STARTS must be before PINBOT_WORK_ENDS"),
    ({"PINBOT_REQUEST_HOURS": "0"}, "PINBOT_REQUEST_HOURS"),
    ({"PINBOT_READ_ONLY": "perhaps"}, "PINBOT_READ_ONLY"),
    ({"PINBOT_PORT": "99999"}, "PINBOT_PORT"),
    ({"PINBOT_CLOUD": "china"}, "PINBOT_CLOUD"),
    ({"PINBOT_TRUST_MODEL": "kerberos"}, "PINBOT_TRUST_MODEL"),
    ({"PINBOT_GROUP_POLICY": "perhaps"}, "PINBOT_GROUP_POLICY"),
    ({"PINBOT_TURNS_PER_MINUTE": "0"}, "PINBOT_TURNS_PER_MINUTE"),
    ({"PINBOT_DATABASE_URL": "pinbot.db"}, "PINBOT_DATABASE_URL"),
    ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///"}, "PINBOT_DATABASE_URL"),
    ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, "PINBOT_DATABASE_URL"),
    ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///?cache=shared"}, "PINBOT_DATABASE_URL"),
    ({"PINBOT_DATABASE_URL": "sqlite+aiosqlite:///file:x?mode=memory&uri=true"}, "PINBOT_DATABASE_URL"),
    ({"PINBOT_GRAPH_URL": "https://graph.example.com"}, "PINBOT_GRAPH_URL"),
    ({"PINBOT_OPENID_URL": "http://127.0.0.1.example.com"}, "PINBOT_OPENID_URL"),
    ({"PINBOT_CONNECTOR_URL": "http://user@127.0.0.1:4010"}, "PINBOT_CONNECTOR_URL"),
    ({"PINBOT_LOGIN_URL": "https://127.0.0.1:4011"}, "PINBOT_LOGIN_CA"),
    ({**SIMULATED, "PINBOT_HOST": "0.0.0.0"}, "PINBOT_HOST"),
    ({"PINBOT_HELPDESK": "call us"}, "PINBOT_HELPDESK"),
    ({"PINBOT_LOG": "xml"}, "PINBOT_LOG"),
    ({"PINBOT_PUBLIC_URL": "https://pinbot.example.com/api/messages"}, "PINBOT_PUBLIC_URL"),
    ({"PINBOT_PUBLIC_URL": "https://pinbot.example.com/?a=b"}, "PINBOT_PUBLIC_URL"),
    ({"MICROSOFT_APP_PASSWORD": f"'{SECRET}'"}, "MICROSOFT_APP_PASSWORD: stands between quotes"),
    ({"PINBOT_HELP_DESK": '"phone 4357"'}, "PINBOT_HELP_DESK: stands between quotes"),
    ({"MICROSOFT_APP_PASSWORD": " \n"}, "MICROSOFT_APP_PASSWORD"),
    ({"HTTPS_PROXY": "proxy:8080"}, "HTTPS_PROXY: must be an address such as http://"),
    ({"https_proxy": "proxy.example.com"}, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "socks5://127.0.0.1:1080"}, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "http://"}, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "http://proxy:port"}, "HTTPS_PROXY"),
    ({"ALL_PROXY": "http://proxy:8080"}, "ALL_PROXY: .*set HTTPS_PROXY instead"),
    ({"SSL_CERT_FILE": "/no/such.pem"}, "SSL_CERT_FILE: names no file"),
    ({"REQUESTS_CA_BUNDLE": "/no/such.pem"}, "REQUESTS_CA_BUNDLE"),
]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    outside = {*OF_PROXIES, *(name.lower() for name in OF_PROXIES), "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
    for name in {*GOOD, *outside, *(str(field.alias) for field in config.Settings.model_fields.values())}:
        monkeypatch.delenv(name, raising=False)


def _set(monkeypatch: pytest.MonkeyPatch, changes: Mapping[str, str | None]) -> None:
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("changes", "named"), BAD)
def test_a_bad_configuration_is_refused_by_the_name_of_the_setting(
    monkeypatch: pytest.MonkeyPatch, changes: Mapping[str, str | None], named: str
) -> None:
    _set(monkeypatch, changes)
    with pytest.raises(config.SettingsError) as refusal:
        config.read()
    assert re.search(named, str(refusal.value))
    assert SECRET not in str(refusal.value)


def test_a_good_proxy_is_taken_and_a_secret_without_the_end_of_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = {"HTTPS_PROXY": "http://user:p%40ss@proxy.example.com:8080", "ALL_PROXY": "http://proxy:8080"}
    _set(monkeypatch, {**proxy, "MICROSOFT_APP_PASSWORD": f"{SECRET}\r\n"})
    password = config.read().app_password
    assert password
    assert password.get_secret_value() == SECRET


def test_a_simulated_tenant_names_the_settings_that_do_not_fit_it_too() -> None:
    with pytest.raises(config.SettingsError, match="PINBOT_PORT: ") as refusal:
        config.simulated({**GOOD, "PINBOT_PORT": "99999"})
    assert SECRET not in str(refusal.value)


def test_a_full_configuration_is_read_with_its_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"MICROSOFT_APP_ID": APP.upper()})
    settings = config.read()
    assert (settings.app_id, settings.host, settings.port) == (APP, "127.0.0.1", 3978)
    assert settings.database_url.startswith("sqlite+aiosqlite:///")
    assert (settings.trust_model, settings.turns_per_minute) == ("unknown", 30)
    assert SECRET not in repr(settings)


def test_mounted_secrets_are_read_from_their_files_without_the_end_of_the_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    (tmp_path / "before").write_text("a, with a comma, of forty characters....\n" + "b" * 40 + "\r\n\n")
    files = {"PINBOT_AUDIT_KEY_FILE": "key", "PINBOT_AUDIT_KEYS_BEFORE_FILE": "before"}
    _set(monkeypatch, {"PINBOT_AUDIT_KEY": None, **files})
    settings = config.read()
    assert settings.audit_keys == (b"k" * 40, (b"a, with a comma, of forty characters....", b"b" * 40))
    assert "kkkk" not in repr(settings)


def test_keys_of_before_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"PINBOT_AUDIT_KEYS_BEFORE": f"{'a' * 40}, {'b' * 40}"})
    assert config.read().audit_keys[1] == (b"a" * 40, b"b" * 40)


def test_a_key_in_a_file_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    _set(monkeypatch, {"PINBOT_AUDIT_KEY": None, "PINBOT_AUDIT_KEY_FILE": "key"})
    with pytest.raises(config.SettingsError, match="PINBOT_AUDIT_KEY: must have 32 characters") as refusal:
        config.read()
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("app_type", ["SingleTenant", "UserAssignedMSI"])
def test_a_federated_token_is_used_where_no_other_credential_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_type: str
) -> None:
    (tmp_path / "token").write_text("token")
    workload = {"AZURE_FEDERATED_TOKEN_FILE": "token", "MICROSOFT_APP_TYPE": app_type}
    _set(monkeypatch, {**workload, "MICROSOFT_APP_PASSWORD": None})
    assert config.read().federated == Path("token")


def test_a_secret_that_is_set_goes_before_a_federated_token_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"AZURE_FEDERATED_TOKEN_FILE": "/gone"})
    assert config.read().federated is None


def test_overrides_are_honoured_on_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SIMULATED)
    assert config.read().graph_url == SIMULATED["PINBOT_GRAPH_URL"]


def test_names_without_values_as_in_a_template_are_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _set(monkeypatch, {"PINBOT_PORT": ""})
    empty = [str(field.alias) for field in config.Settings.model_fields.values() if str(field.alias) not in GOOD]
    (tmp_path / ".env").write_text("".join(f"{name}=\n" for name in empty))
    settings = config.read()
    assert (settings.host, settings.port, settings.app_certificate) == ("127.0.0.1", 3978, None)
    assert settings.graph_url is None


def test_a_dotenv_file_counts_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()) + "PINBOT_PORT=4000\n")
    assert config.read().port == 4000
    monkeypatch.setenv("PINBOT_PORT", "4001")
    assert config.read().port == 4001


def test_a_misspelt_setting_in_the_dotenv_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PINBOT_TRUST=key\n")
    with pytest.raises(config.SettingsError, match="PINBOT_TRUST"):
        config.read()


def test_the_readme_documents_every_setting_and_no_other() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    rows = [
        line.split("|")[1:4]
        for line in readme.splitlines()
        if line.startswith(("| `MICROSOFT_", "| `PINBOT_", "| `AZURE_"))
    ]
    documented = {name.strip(" `"): (default.strip(), text.strip()) for name, default, text in rows}
    expected = {
        str(field.alias): (_default(field), field.description) for field in config.Settings.model_fields.values()
    }
    assert documented == expected


def _default(field: object) -> str:
    from pydantic.fields import FieldInfo

    assert isinstance(field, FieldInfo)
    if field.is_required():
        return "required"
    return f"`{field.default}`" if field.default not in {None, "", ()} else ""
