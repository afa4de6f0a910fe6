"""Spans and figures of the bot's own, through the API of OpenTelemetry: bot.observed.Observer."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from bot.observed import Backlog, CallSeen, Service, TurnEnd, TurnSeen
from bot.telemetry.paths import template

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # the upper ends
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class Telemetry:
    """What it is handed is its own: a provider set for the whole process would make the Graph SDK tell of addresses
    with ids and names in them."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._meter = meter
        self._turns = meter.create_histogram(
            "pinbot.turn.duration", "s", "Until a turn was answered", explicit_bucket_boundaries_advisory=SECONDS
        )
        self._calls = meter.create_histogram(
            "http.client.request.duration", "s", "Of calls", explicit_bucket_boundaries_advisory=SECONDS
        )
        self._throttled = meter.create_counter("pinbot.throttled", "{call}", "Calls answered with 429")
        self._requests = meter.create_gauge("pinbot.request.state", "{request}", "Open requests")
        self._news = meter.create_gauge("pinbot.outbox.size", "{letter}", "News that was not told yet")
        self._oldest = meter.create_gauge("pinbot.outbox.oldest.age", "s", "Since the oldest of it")

    @contextmanager
    def turn(self, kind: str) -> Iterator[TurnSeen]:
        """One turn, and around all calls that are made for it."""
        seen, started = TurnSeen(), time.perf_counter()
        with self._tracer.start_as_current_span(
            f"turn {kind}", kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield seen
            except BaseException:
                seen.outcome = TurnEnd.FAILED
                raise
            finally:
                labels = {"pinbot.turn.kind": kind, "pinbot.command": seen.command, "pinbot.outcome": str(seen.outcome)}
                span.set_attributes(labels)
                if seen.outcome is TurnEnd.FAILED:
                    span.set_status(StatusCode.ERROR)
                self._turns.record(time.perf_counter() - started, labels)

    @contextmanager
    def call(self, service: Service, method: str, path: str) -> Iterator[CallSeen]:
        """One call; the text of an error is no part of it, for it may hold an address."""
        seen, started, where = CallSeen(), time.perf_counter(), template(path)
        method = method if method in METHODS else "_OTHER"
        labels: dict[str, str | int] = {
            "pinbot.service": str(service),
            "http.request.method": method,
            "url.template": where,
        }
        with self._tracer.start_as_current_span(
            f"{method} {where}", kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield seen
            except BaseException as error:
                labels["error.type"] = type(error).__name__
                raise
            finally:
                if seen.status:
                    labels["http.response.status_code"] = seen.status
                if seen.status >= 400:
                    labels["error.type"] = str(seen.status)
                span.set_attributes(labels)
                if "error.type" in labels:
                    span.set_status(StatusCode.ERROR)
                self._calls.record(time.perf_counter() - started, labels)
                if seen.status == 429:
                    self._throttled.add(1, {"pinbot.service": str(service)})

    def waiting(self, now: Backlog) -> None:
        """As it is now."""
        for state, count in now.requests.items():
            self._requests.set(count, {"pinbot.request.state": state})
        self._news.set(now.news)
        self._oldest.set(now.seconds)

    def ages(self, read: Callable[[], Mapping[str, float]]) -> None:
        """Asked for at each export, so that a loop that hangs shows."""

        def observe(_options: CallbackOptions) -> list[Observation]:
            return [Observation(seconds, {"pinbot.part": part}) for part, seconds in read().items()]

        self._meter.create_observable_gauge("pinbot.part.age", [observe], "s", "Since the last sign of life")
