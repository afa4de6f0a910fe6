"""For libraries that trace by themselves: whoever sets a provider for the whole process would get addresses of theirs,
with object ids and names in them."""

from opentelemetry.trace import NoOpTracer

SILENT = NoOpTracer()
