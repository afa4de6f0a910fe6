"""A small receiver of OTLP over HTTP: it takes what the real exporters send, and keeps the bytes and what they mean."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Labels = dict[str, str | int]


@dataclass
class Received:
    """`raw`: every body, unpacked."""

    url: str = ""
    raw: list[bytes] = field(default_factory=list)
    traces: list[Any] = field(default_factory=list)
    metrics: list[Any] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        """All of them."""
        return [
            span
            for one in self.traces
            for resource in one.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def scopes(self) -> set[str]:
        """Who made them."""
        spans = (scope for one in self.traces for resource in one.resource_spans for scope in resource.scope_spans)
        figures = (
            scope for one in self.metrics for resource in one.resource_metrics for scope in resource.scope_metrics
        )
        return {scope.scope.name for scopes in (spans, figures) for scope in scopes}

    @property
    def resources(self) -> list[Labels]:
        """Of whom."""
        traces = [resource for one in self.traces for resource in one.resource_spans]
        metrics = [resource for one in self.metrics for resource in one.resource_metrics]
        return [labels(one.resource.attributes) for one in (*traces, *metrics)]

    def points(self, name: str) -> list[tuple[Labels, float]]:
        """Of one metric, the newest for its labels: a count where it has one, else a value."""
        found: dict[str, tuple[Labels, float]] = {}
        for one in self.metrics:
            for resource in one.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        if metric.name == name:
                            kind = getattr(metric, metric.WhichOneof("data"))
                            found |= {str(labels(point.attributes)): _point(point) for point in kind.data_points}
        return [*found.values()]

    @property
    def names(self) -> set[str]:
        """Of all metrics."""
        scopes = (
            scope for one in self.metrics for resource in one.resource_metrics for scope in resource.scope_metrics
        )
        return {metric.name for scope in scopes for metric in scope.metrics}


def labels(attributes: Any) -> Labels:
    """As a dictionary."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def _point(point: Any) -> tuple[Labels, float]:
    if hasattr(point, "count"):
        return labels(point.attributes), float(point.count)
    return labels(point.attributes), float(getattr(point, point.WhichOneof("value")))


@contextmanager
def receiving(status: int = 200) -> Iterator[Received]:
    """Listening on loopback."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            assert self.headers["Content-Type"] == "application/x-protobuf"
            received.raw.append(body)
            if self.path == "/v1/traces":
                received.traces.append(ExportTraceServiceRequest.FromString(body))
            if self.path == "/v1/metrics":
                received.metrics.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    received.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
