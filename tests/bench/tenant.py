"""A simulated tenant of many people in a process of its own, so that its cost is neither the bot's nor the load's.

Run as `python -m tests.bench.tenant PEOPLE`. It prints a JSON line (settings, token, service URL, object ids) and then
obeys JSON lines on standard input ({"slow" | "hang" | "throttle": place}, {"clear": ""}), answering each with what the
bot has sent since: {"sent": n, "general": n}.
"""

import asyncio
import json
import sys
from dataclasses import dataclass

from aiohttp import web

from bot.simulation.faults import Faults
from bot.simulation.people import Company, Employee, SimulatedDevice, load
from bot.simulation.world import World, simulate

DEVICE = "LOAD-PC"
SLOW_SECONDS = 0.05


@dataclass
class Sink:
    """A Teams connector that takes everything at once; the same for our bot and for the stock one."""

    sent: int = 0
    general: int = 0

    def app(self, faults: Faults) -> web.Application:
        """POST and PUT of activities."""
        app = web.Application()
        app.router.add_route("*", "/sink/{rest:.*}", faults.over("sink", self.take, _unwell))
        return app

    async def take(self, request: web.Request) -> web.Response:
        """Count; a card without the device's name holds general instructions."""
        body = await request.text()
        if request.method == "POST":
            self.sent += 1
            self.general += DEVICE not in body
        return web.json_response({"id": str(self.sent)}, status=201 if request.method == "POST" else 200)

    def report(self) -> dict[str, int]:
        """The counts since the last report."""
        counted = {"sent": self.sent, "general": self.general}
        self.sent = self.general = 0
        return counted


def _unwell(_request: web.Request, status: int) -> web.Response:
    return web.Response(status=status)


def company_of(people: int) -> Company:
    """The usual company, so many more people with a PC each, and one person with a hundred."""
    company = load()
    for number in range(people):
        key = f"load-{number}"
        device = SimulatedDevice(f"{DEVICE}-{number}", key)
        company.people[key] = Employee(key, f"Load {number}", "contoso.example", devices=(device,))
    many = tuple(SimulatedDevice(f"{DEVICE}-{number}", "many") for number in range(100))
    company.people["many"] = Employee("many", "Many Devices", "contoso.example", devices=many)
    return company


async def main() -> None:
    """Serve until standard input ends."""
    company, sink = company_of(int(sys.argv[1])), Sink()
    async with simulate(company=company) as world:
        runner = web.AppRunner(sink.app(world.faults), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/sink"
        print(
            json.dumps(
                {
                    "settings": {**world.settings(), "PINBOT_CONNECTOR_URL": url},
                    "service_url": url,
                    "token": world.channel.token(world.login.app_id, url),
                    "object_ids": {key: person.object_id for key, person in company.people.items()},
                }
            ),
            flush=True,
        )
        while line := await asyncio.to_thread(sys.stdin.readline):
            _obey(world, json.loads(line))
            print(json.dumps(sink.report()), flush=True)
        world.faults.clear()
        await runner.cleanup()


def _obey(world: World, order: dict[str, str]) -> None:
    for what, place in order.items():
        match what:
            case "slow":
                world.faults.slow(place, SLOW_SECONDS)
            case "hang":
                world.faults.hang(place)
            case "throttle":
                world.faults.throttle(place, retry_after="5")
            case _:
                world.faults.clear()


if __name__ == "__main__":
    asyncio.run(main())
