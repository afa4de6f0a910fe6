"""Sends what was seen to the operator's receiver, by OTLP over HTTP, from threads of its own."""

import time
import uuid

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from bot import __version__
from bot.telemetry.observer import Telemetry

NAME = "pinbot"


class Otlp:
    """Where and how: the SDK reads it from the environment. No provider is set for the whole process."""

    def __init__(self, *, traces: bool, metrics: bool) -> None:
        own = {"service.name": NAME, "service.version": __version__, "service.instance.id": str(uuid.uuid4())}
        resource = Resource(own).merge(OTELResourceDetector().detect())
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        if traces:
            self._traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        readers = [PeriodicExportingMetricReader(OTLPMetricExporter())] if metrics else []
        self._metrics = MeterProvider(readers, resource, shutdown_on_exit=False)
        tracer, meter = self._traces.get_tracer(NAME, __version__), self._metrics.get_meter(NAME, __version__)
        self.telemetry = Telemetry(tracer, meter)

    def close(self, seconds: float) -> None:
        """Send what is left, and give up what is not taken in time. Blocks."""
        until = time.monotonic() + seconds
        self._traces.force_flush(int(seconds * 1000))
        self._traces.shutdown()
        self._metrics.shutdown(max(1.0, (until - time.monotonic()) * 1000))
