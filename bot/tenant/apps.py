"""The two PIN reset apps."""

from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Apps, AppState
from bot.tenant.graph import Graph


async def read_apps(graph: Graph) -> Apps:
    """Raises what bot.tenant.graph raises."""
    found = {app.app_id: app for app in await graph.pin_reset_apps()}

    def state(app_id: str) -> AppState:
        app = found.get(app_id)
        if app is None:
            return AppState.MISSING
        return AppState.ENABLED if app.account_enabled is not False else AppState.DISABLED

    return Apps(service=state(PIN_SERVICE), client=state(PIN_CLIENT))
