"""What is copied onto a host is what its own programs take, and agrees with the Dockerfile and the settings."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bot.config import Settings

MANIFEST = Path("manifest")
CADDYFILE, UNIT = MANIFEST / "linux/Caddyfile", MANIFEST / "linux/pinbot.service"
COMPOSE: Any = yaml.safe_load((MANIFEST / "container/compose.yaml").read_text())
DOCKERFILE = (MANIFEST / "container/Dockerfile").read_text()
SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}
NEEDS_CADDY = pytest.mark.skipif(not shutil.which("caddy"), reason="needs Debian's caddy")
NEEDS_SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs Debian's systemd")


def _caddy(file: Path) -> subprocess.CompletedProcess[str]:
    names = {"PINBOT_HOST_NAME": "pinbot.contoso.com", "PINBOT_UPSTREAM": "127.0.0.1:3978"}
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(file)]
    return subprocess.run(command, env=os.environ | names, capture_output=True, text=True, check=False)


def _said_of_the_unit(folder: Path, text: str) -> str:
    """What systemd says of it; the programs of the bot are there."""
    program = folder / "pin-reset-bot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (folder / "pinbot.service").write_text(text.replace("/opt/pinbot/bin/pin-reset-bot", str(program)))
    command = ["systemd-analyze", "verify", "--man=no", str(folder / "pinbot.service")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return "\n".join(line for line in ended.stderr.splitlines() if "pinbot.service" in line)


@NEEDS_CADDY
def test_caddy_takes_the_caddyfile_and_would_refuse_a_slip_in_it(tmp_path: Path) -> None:
    taken = _caddy(CADDYFILE)
    assert taken.returncode == 0, taken.stderr
    (tmp_path / "Caddyfile").write_text(CADDYFILE.read_text().replace("reverse_proxy", "revers_proxy"))
    assert _caddy(tmp_path / "Caddyfile").returncode != 0


@NEEDS_SYSTEMD
def test_systemd_takes_the_unit_and_would_tell_a_slip_in_it(tmp_path: Path) -> None:
    assert _said_of_the_unit(tmp_path, UNIT.read_text()) == ""
    assert "ProtectSystm" in _said_of_the_unit(tmp_path, UNIT.read_text().replace("ProtectSystem", "ProtectSystm"))


@NEEDS_SYSTEMD
def test_systemd_finds_the_unit_well_shut_off() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNIT)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-500:]


def test_the_unit_names_settings_of_this_bot() -> None:
    named = set(re.findall(r"\b((?:PINBOT|MICROSOFT_APP)_[A-Z_]+)=", UNIT.read_text()))
    assert named
    assert named <= SETTINGS


def _instruction(name: str) -> str:
    """The last of this name; a line that ends with a backslash goes on."""
    last: str = re.findall(rf"^{name} ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)[-1]
    return last.replace("\\\n", " ")


def test_the_compose_file_starts_what_the_dockerfile_builds() -> None:
    bot = COMPOSE["services"]["pinbot"]
    environment = dict(one.split("=", 1) for one in _instruction("ENV").split())
    volume, folder = bot["volumes"][0].split(":")
    assert bot["user"] == _instruction("USER")
    assert folder == _instruction("VOLUME")
    assert environment["PINBOT_DATABASE_URL"].startswith(f"sqlite+aiosqlite:///{folder}/")
    assert volume in COMPOSE["volumes"]
    assert bot["expose"] == [_instruction("EXPOSE")] == [environment["PINBOT_PORT"]]
    assert {name for name in environment if name.startswith("PINBOT_")} <= SETTINGS


def test_the_compose_file_shuts_the_bot_off() -> None:
    bot = COMPOSE["services"]["pinbot"]
    assert (bot["read_only"], bot["cap_drop"], bot["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert "ports" not in bot


def test_the_proxy_of_the_compose_file_leads_to_the_bot_with_the_files_and_names_that_it_needs() -> None:
    proxy = COMPOSE["services"]["proxy"]
    file = proxy["volumes"][0].split(":")[0]
    assert (MANIFEST / "container" / file).resolve() == CADDYFILE.resolve()
    named = set(re.findall(r"\{\$(\w+)", CADDYFILE.read_text()))
    assert named == set(proxy["environment"])
    service, _, port = proxy["environment"]["PINBOT_UPSTREAM"].partition(":")
    assert [port] == COMPOSE["services"][service]["expose"]


def test_what_the_dockerfile_copies_is_there_and_is_let_through() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]]
    let_through = [
        line[1:] for line in (MANIFEST / "container/Dockerfile.dockerignore").read_text().split() if line[0] == "!"
    ]
    assert [name for name in copied if not Path(name).exists()] == []
    assert sorted(copied) == sorted(let_through)
