"""OpenTelemetry, for an operator who names a receiver in the standard OTEL_ settings; else none of it is imported."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dotenv import dotenv_values

from bot.observed import UNOBSERVED, Observer

CLOSE_SECONDS = 5.0  # for what is not sent yet; a receiver that is away holds up no stop

_NOT_INSTALLED = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and what sends there is not installed: run pip install '.[otel]' in the "
    "project's folder, or unset it"
)


@asynccontextmanager
async def observing() -> AsyncIterator[Observer]:
    """Who looks on, as the environment or `.env` says. Raises ValueError, in words, for what can't be."""
    _take_from_file()
    traces, metrics = _is_wanted("TRACES"), _is_wanted("METRICS")
    if not traces and not metrics:
        yield UNOBSERVED
        return
    try:
        from bot.telemetry.otlp import Otlp  # noqa: PLC0415 - only who looks pays for it
    except ModuleNotFoundError:
        raise ValueError(_NOT_INSTALLED) from None
    otlp = Otlp(traces=traces, metrics=metrics)
    try:
        yield otlp.telemetry
    finally:
        await asyncio.to_thread(otlp.close, CLOSE_SECONDS)


def _take_from_file() -> None:
    """The SDK reads the environment alone; an operator may have written these to `.env`, beside the bot's own."""
    for name, value in dotenv_values(".env").items():
        if name.startswith("OTEL_") and value and not os.environ.get(name):
            os.environ[name] = value


def _is_wanted(signal: str) -> bool:
    """By the names and values of OpenTelemetry's specification; a signal's own setting goes before that for all."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if not (_of(signal, "ENDPOINT") and _exporter(signal)):
        return False
    if (protocol := _of(signal, "PROTOCOL") or "http/protobuf") != "http/protobuf":
        raise ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol!r} is not spoken here; set http/protobuf")
    return True


def _of(signal: str, what: str) -> str:
    names = (f"OTEL_EXPORTER_OTLP_{signal}_{what}", f"OTEL_EXPORTER_OTLP_{what}")
    return next((value for name in names if (value := os.environ.get(name, "").strip())), "")


def _exporter(signal: str) -> bool:
    name = f"OTEL_{signal}_EXPORTER"
    if (value := os.environ.get(name, "").strip() or "otlp") not in {"otlp", "none"}:
        raise ValueError(f"{name}: {value!r} is not known here; set otlp or none")
    return value == "otlp"
