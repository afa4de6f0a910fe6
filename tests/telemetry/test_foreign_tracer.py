"""Whoever has OpenTelemetry set up for the whole process gets no span of Graph's SDK: those have whole addresses."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)

from bot.errors import BotError
from bot.simulation import simulate
from tests.simulation.clients import real_graph

async def main():
    async with simulate() as world, real_graph(world) as graph:
        user = world.company.people["user"].object_id
        assert (await graph.user(user)).id == user
        await graph.listed(f"/v1.0/users/{user}/managedDevices", dict)
        try:
            await graph.user("00000000-0000-4000-8000-000000000001")
        except BotError:
            pass
        await graph.send_once("POST", "/v1.0/servicePrincipals", {}, {})

asyncio.run(main())
with trace.get_tracer("of the test").start_as_current_span("its own"):
    pass
print(*(span.name for span in kept.get_finished_spans()), sep=",")
"""


def test_calls_of_graph_leave_no_span_with_a_provider_of_somebody_else() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "its own"
