"""Who may use a command: looked up in the tenant, by object id, before it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.chat.command import Asked, For, RoleLookup
from bot.chat.notices import HelpDesk, again, no_role, note
from bot.errors import BotError
from dialogs.words.replies import Reply


@dataclass(frozen=True, slots=True)
class Access:
    """`is_guest`: of an object id; it and the roles raise the errors of bot.tenant."""

    roles: RoleLookup
    is_guest: Callable[[str], Awaitable[bool]]
    help_desk: HelpDesk

    async def refusal(self, asked: Asked, audience: For) -> Reply | None:
        """Why this person may not. Authority fails closed, help fails open: who can't be looked up in time may ask for
        help like a member and for nothing else. What reaches others looks again itself."""
        person = asked.turn.person.object_id
        try:
            async with asyncio.timeout_at(asked.until):
                match audience:
                    case For.EVERYBODY:
                        return None
                    case For.MEMBERS:
                        return note("errors.guest") if await self.is_guest(person) else None
                    case _:
                        if await self._has_role(person, audience):
                            return None
                        return no_role(audience, self.help_desk, await self.roles.standing(person))
        except (BotError, TimeoutError):
            if audience is For.MEMBERS:
                return None
            press = again(asked.turn)
            return note("errors.role_unknown", *((press,) if press else ()))

    async def _has_role(self, person: str, audience: For) -> bool:
        """Any of the roles that suffice."""
        return any([await has(person) for has in self._lookups(audience)])

    def _lookups(self, audience: For) -> tuple[Callable[[str], Awaitable[bool]], ...]:
        """None for whom no role is enough: then nobody may."""
        roles = self.roles
        known = {
            For.ADMINS: (roles.is_admin,),
            For.APPROVERS: (roles.is_approver,),
            For.STAFF: (roles.is_admin, roles.is_approver),
            For.HELP_DESK: (roles.is_help_desk,),
            For.HELPERS: (roles.is_help_desk, roles.is_admin),
        }
        return known.get(audience, ())
