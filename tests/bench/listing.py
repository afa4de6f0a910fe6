"""What listing 100 devices costs: run as `python -m tests.bench.listing GRAPH LOGIN CA APP SECRET TENANT PERSON`.

Prints the seconds of CPU of this process for the first call, and the mean of the next ten.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from bot.tenant.credentials import Credential
from bot.tenant.graph import Graph
from bot.tenant.login import sign_in

CALLS = 10


async def main() -> None:
    """One first call, then ten."""
    graph_url, login_url, ca, app_id, secret, tenant_id, person = sys.argv[1:8]
    login = sign_in(app_id, tenant_id, Credential(secret), login_url=login_url, login_ca=Path(ca))
    await login.token("https://graph.microsoft.com/.default")
    graph = Graph(lambda: login.token("https://graph.microsoft.com/.default"), graph_url)
    costs = []
    for _ in range(CALLS + 1):
        start = time.process_time()
        devices = await graph.managed_devices(person)
        costs.append(time.process_time() - start)
    await graph.close()
    print(json.dumps({"devices": len(devices), "first": costs[0], "next": sum(costs[1:]) / CALLS}))


if __name__ == "__main__":
    asyncio.run(main())
