"""An environment for the SDKs that ours is measured against: never in the lock, made when the bench asks for it."""

import asyncio
import sys
from pathlib import Path

FOLDER = Path(".cache/peers")
PACKAGES = (
    "microsoft-agents-hosting-aiohttp==1.9.0",
    "microsoft-agents-authentication-msal==1.9.0",
    "microsoft-teams-apps==2.1.1",
)
MADE = FOLDER / "made.txt"


async def python() -> Path | None:
    """The interpreter of that environment; None where its packages can't be had, and why is printed."""
    interpreter, wanted = FOLDER / "bin/python", "\n".join(PACKAGES)
    if MADE.exists() and MADE.read_text() == wanted:
        return interpreter
    uv = Path(sys.executable).parent / "uv"
    for command in (
        (sys.executable, "-m", "venv", "--without-pip", FOLDER),
        (uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", interpreter, *PACKAGES),
    ):
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, trouble = await process.communicate()
        if process.returncode:
            last = trouble.decode(errors="replace").strip().splitlines()[-1:]
            print(f"The Agents SDK and the Teams SDK are left out, their packages can't be had: {' '.join(last)}")
            return None
    MADE.write_text(wanted)
    return interpreter
