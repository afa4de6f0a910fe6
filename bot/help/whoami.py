"""Who the bot takes somebody for, and what they may do."""

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, bound
from bot.help.services import HelpServices
from bot.reset_rules.facts import Standing
from dialogs.words.replies import Fact, Literal, Say, Text


async def run(asked: Asked, services: HelpServices) -> Answer:
    """From the verified call and from the tenant, never from the name that the client shows."""
    person = asked.turn.person
    account = await services.people.account(person.object_id)
    admin, approver = (
        await services.roles.is_admin(person.object_id),
        await services.roles.is_approver(person.object_id),
    )
    help_desk = await services.roles.is_help_desk(person.object_id)
    standing = await services.roles.standing(person.object_id)
    known = (("admin", admin), ("approver", approver), ("help_desk", help_desk))
    roles = tuple(Text(f"whoami.{role}") for role, has in known if has)
    return Answer(
        Say(
            Text("whoami.title"),
            roles or _none(standing),
            facts=(
                Fact(Text("fact.person"), Literal(account.display_name)),
                Fact(Text("whoami.sign_in"), Literal(account.user_principal_name)),
                Fact(Text("whoami.object_id"), Literal(person.object_id)),
            ),
            buttons=(*((notices.status(),) if roles else (notices.forgot(),)), notices.what_can_you_do()),
        )
    )


def _none(standing: Standing) -> tuple[Text, ...]:
    why = () if standing is Standing.MEMBER else (Text(f"role.account.{standing}"),)
    return Text("whoami.nothing"), *why


def commands(services: HelpServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(bound(run, services), intents=("whoami",), private=True),)
