"""Whom the help desk means, their PCs, the steps that they would get, and what came of sending these. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.chat.command import Arguments
from bot.chat.notices import at, shortened
from bot.helpdesk.why_card import WhyArguments
from bot.pin_reset import device_facts
from bot.reset_rules.facts import Account, Device, Recovery, Trust, is_stale
from bot.reset_rules.rules import decide_both
from bot.reset_rules.why import Evidence, remedies
from bot.tenant import MOST_CHOICES, FoundPeople, PersonsPcs
from dialogs.words.replies import Ask, Button, Choice, Details, Fact, Literal, Say, Section, Steps, Text

SHOW, STEPS, SEND = "desk.person", "desk.steps", "desk.send"
MOST_CAUSES = 2  # of one PC on a card of several; `why` shows all


class PersonArguments(Arguments):
    """`person`: a name, as it was typed."""

    person: str = ""


class ChosenArguments(Arguments):
    """`choice`: the object id of somebody, from a list or a button. `page`: of their PCs."""

    choice: str = ""
    page: int = Field(1, ge=1, le=999)


class StepsArguments(Arguments):
    """`who`: an object id. `device`: a reference of one of their PCs; empty for the steps that suit most."""

    who: str = ""
    device: str = ""


def choose(found: FoundPeople, name: str) -> Ask:
    """One of several people: two of one name differ by how they sign in."""
    more = (Text("desk.which.more"),) if found.more else ()
    return Ask(
        title=Text("desk.which.title"),
        paragraphs=(Text(f"desk.which.{'exact' if found.exact else 'near'}", {"name": shortened(name)}), *more),
        label=Text("desk.which.label"),
        choices=tuple(Choice(Literal(_who(person)), person.object_id) for person in found.people),
        send=Button(Text("button.show_person"), SHOW, main=True),
    )


def nobody(name: str) -> Say:
    """Nobody is called like that."""
    return Say(Text("desk.nobody.title"), (Text("desk.nobody.text", {"name": shortened(name)}),))


def overview(found: PersonsPcs, page: int, trust: Trust, now: datetime, zone: ZoneInfo | None = None) -> Details:
    """Their PCs, each with what a reset does there and why."""
    person = found.account
    title = Text("desk.person.title", {"who": shortened(person.display_name or person.user_principal_name)})
    if person.guest:
        return Details(title=title, status=Text("desk.person.guest"), facts=_facts(person))
    return Details(
        title=title,
        status=None if found.pcs else Text("desk.person.no_pc"),
        facts=_facts(person),
        sections=tuple(_section(one, person, trust, now, only=len(found.pcs) == 1) for one in found.pcs),
        buttons=(*_steps_for_none(found), *_more(found, page)),
        footnotes=(Text("desk.person.private"), Text("status.as_of", {"time": at(now, zone)})),
    )


def preview(drawn: Steps, person: Account, device: Device | None) -> Steps:
    """The card that they would get, to be looked at and sent."""
    who = {"name": shortened(person.display_name or person.user_principal_name)}
    chosen = StepsArguments(who=person.object_id, device=device.reference if device else "")
    return replace(
        drawn,
        notices=(Text("desk.preview", who),),
        buttons=(
            chosen.button(Text("button.send_steps"), SEND, main=True),
            *((_why(device),) if device else ()),
            ChosenArguments(choice=person.object_id).button(Text("button.all_pcs"), SHOW),
        ),
    )


def sent(outcome: str, person: Account) -> Say:
    """Whether it reached them, and what to do where it did not."""
    who = {"name": shortened(person.display_name or person.user_principal_name)}
    return Say(
        Text("desk.sent.title" if outcome == "sent" else "desk.sent.not"),
        (Text(f"desk.sent.{outcome}", who),),
        buttons=(ChosenArguments(choice=person.object_id).button(Text("button.all_pcs"), SHOW),),
    )


def _who(person: Account) -> str:
    return f"{shortened(person.display_name)} ({shortened(person.user_principal_name)})"


def _facts(person: Account) -> tuple[Fact, ...]:
    return (Fact(Text("whoami.sign_in"), Literal(shortened(person.user_principal_name))),)


def _section(one: Evidence, person: Account, trust: Trust, now: datetime, *, only: bool) -> Section:
    device = one.device
    steps = StepsArguments(who=person.object_id, device=device.reference)
    return Section(
        device_facts.heading(device),
        tuple(_lines(one, person, trust, now)),
        buttons=(steps.button(Text("button.steps_for", {"pc": device_facts.named(device).text}), STEPS, main=only),),
        status=Text(f"desk.covered.{device.recovery}"),
        tone=device_facts.TONES[device.recovery],
    )


def _lines(one: Evidence, person: Account, trust: Trust, now: datetime) -> Iterator[Text]:
    device = one.device
    if device.last_seen and is_stale(device.last_seen, now):
        yield Text("desk.stale", {"date": device.last_seen.date()})
    yield from _ways(device, person, trust, now)
    if device.recovery is not Recovery.READY:
        yield from (Text(f"why.change.{remedy}") for remedy in remedies(one, now)[:MOST_CAUSES])


def _ways(device: Device, person: Account, trust: Trust, now: datetime) -> Iterator[Text]:
    """What happens from the sign-in screen and from Settings; once where that is the same."""
    locked, signed_in = decide_both(device, trust, person.federated, now.date())
    if locked.flow is signed_in.flow:
        yield Text(f"desk.flow.{locked.flow}")
        return
    yield Text("desk.locked")
    yield Text(f"desk.flow.{locked.flow}")
    yield Text("desk.signed_in")
    yield Text(f"desk.flow.{signed_in.flow}")


def _steps_for_none(found: PersonsPcs) -> tuple[Button, ...]:
    """The steps that suit most PCs, for who has none."""
    none = StepsArguments(who=found.account.object_id).button(Text("button.show_steps"), STEPS, main=True)
    return () if found.pcs else (none,)


def _more(found: PersonsPcs, page: int) -> tuple[Button, ...]:
    """To the next page, and from the last one to the first."""
    if found.count <= MOST_CHOICES:
        return ()
    following = page + 1 if found.count > page * MOST_CHOICES else 1
    chosen = ChosenArguments(choice=found.account.object_id, page=following)
    return (chosen.button(Text("button.more_pcs"), SHOW),)


def _why(device: Device) -> Button:
    return WhyArguments(pc=device.name, device=device.reference).button(Text("button.why"), "desk.why")
