"""What the host's own commands do there: systemctl reads the unit and starts its process as it says, docker and apt-get
look at what they are given. `PLACE` holds the host's /etc, /opt and /var."""

import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml  # type: ignore[import-untyped]

PLACES = r"(?<![\w.])/(?=(?:opt|etc|var/lib|var/backups)/)"


def mapped(text: str) -> str:
    """The same with every absolute path of the host under its place."""
    return re.sub(PLACES, f"{os.environ['PLACE']}/", text)


def _unit(name: str) -> dict[str, list[str]]:
    """The service of a unit file; a name may stand several times."""
    file = Path(mapped(f"/etc/systemd/system/{name}.service"))
    rows = re.findall(r"^(\w+)=(.*)$", file.read_text(), re.MULTILINE)
    return {name: [value for key, value in rows if key == name] for name, _ in rows}


def _environment(unit: dict[str, list[str]]) -> dict[str, str]:
    """As systemd makes it: nothing of the shell's; the file wins. Then what stands for the internet."""
    made: dict[str, str] = {}
    files = [Path(mapped(file)).read_text() for file in unit.get("EnvironmentFile", [])]
    for line in [*unit.get("Environment", []), *(row for file in files for row in file.splitlines())]:
        made |= dict(one.partition("=")[::2] for one in shlex.split(line))
    made = {name: mapped(value) for name, value in made.items()}
    return made | dict(one.partition("=")[::2] for one in Path(mapped("/etc/internet")).read_text().splitlines())


def _start(name: str) -> None:
    unit = _unit(name)
    folder = Path(mapped(f"/var/lib/{unit['StateDirectory'][0]}"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Path(mapped("/var/lib/log")).open("ab") as log:
        process = subprocess.Popen(
            shlex.split(mapped(unit["ExecStart"][0])),
            cwd=mapped(unit["WorkingDirectory"][0]),
            env=_environment(unit),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _pid(name).write_text(str(process.pid))


def _stop(name: str) -> None:
    """As systemd does, until the process has ended."""
    if not _pid(name).exists():
        return
    pid = int(_pid(name).read_text())
    _pid(name).unlink()
    os.kill(pid, signal.SIGTERM)
    while _runs(pid):
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _pid(name: str) -> Path:
    return Path(mapped(f"/var/lib/{name}.pid"))


def _systemctl(words: list[str]) -> None:
    verb, *names = [word for word in words if word != "--now"]
    if verb == "daemon-reload":
        return
    (name,) = names
    if name == "caddy":
        given = Path(mapped("/etc/systemd/system/caddy.service.d/pinbot.conf")).read_text()
        assert re.search(
            r"^Environment=PINBOT_HOST_NAME=[\w.-]+ PINBOT_UPSTREAM=127\.0\.0\.1:\d+$", given, re.MULTILINE
        )
        assert Path(mapped("/etc/caddy/Caddyfile")).exists()
        return
    for act in {"enable": [_start], "start": [_start], "stop": [_stop], "restart": [_stop, _start]}[verb]:
        act(name)


def _docker(words: list[str]) -> None:
    """Files are there, the image that is started was built, and every variable that the compose file wants is set."""
    given = dict(itertools.pairwise(words))
    if words[0] == "build":
        assert Path(given["--file"]).exists()
        assert Path(words[-1], "pyproject.toml").exists()
        Path(mapped("/var/lib/image")).write_text(given["--tag"])
        return
    file = Path(given["--file"])
    services = yaml.safe_load(file.read_text())["services"]
    assert all(name in os.environ for name in re.findall(r"\$\{(\w+):\?", file.read_text()))
    assert os.environ["PINBOT_IMAGE"] == Path(mapped("/var/lib/image")).read_text()
    assert (file.parent / services["pinbot"]["env_file"]).exists()
    if "exec" in words:
        service, program, *_ = words[words.index("exec") + 1 :]
        assert service in services
        assert program == "pin-reset-bot"


def _apt_get(words: list[str]) -> None:
    assert words[0] == "install"
    Path(mapped("/etc/caddy")).mkdir(parents=True, exist_ok=True)


COMMANDS = {"systemctl": _systemctl, "docker": _docker, "apt-get": _apt_get}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](sys.argv[2:])
