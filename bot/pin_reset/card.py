"""The card with the reset steps: for one device by the rules, or in general when no device is known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import Field

from bot.chat import notices
from bot.pin_reset import device_facts
from bot.reset_rules.advice import Advice, Flow, Next, ResetSteps, Source
from bot.reset_rules.builds import Band, band
from bot.reset_rules.facts import Device, DeviceKind, Inventory, Join, Recovery, Trust, Whereabouts, is_stale
from bot.reset_rules.rules import decide_both
from dialogs.words import replies
from dialogs.words.replies import Button, Expectation, Fold, Path, Text, Tone

AWAIT = "pin.await"  # the verb of who wants to hear when a PC is ready
MOST_BUTTON = 20  # letters of a PC's name on a button

# What the ways alone do not say; for the other flows the warning, or nothing, says enough.
_EXPLAINED = frozenset(
    {Flow.KEEPS_KEYS, Flow.UNSUPPORTED, Flow.OTHER_SERVICE, Flow.BLOCKED, Flow.CHECK_DATA, Flow.GONE}
)
_MAY_DELETE = Expectation(Text("rollout.warning.may_delete_keys"), Tone.WARNING)
_WARNINGS = {True: Expectation(Text("rollout.warning.deletes_keys"), Tone.WARNING), None: _MAY_DELETE}
_GENERAL_STEPS = {Whereabouts.LOCKED: "rollout.steps.general_locked", Whereabouts.SIGNED_IN: "rollout.steps.settings"}
# The worst case behind each answer to "how do you sign in with a password?".
MOST_OFFERED = 2  # of their PCs, each by a button; all others are behind one
_KINDS = {"entra": Join.ENTRA, "domain": Join.ON_PREMISES}


class ForgotArguments(notices.DeviceArguments):
    """`choice`: the device that was picked. `state`: a value of Whereabouts, where the person said so. `anyway`: the
    steps all the same. `kind`: how they sign in with a password. `page`: of the list of their devices."""

    choice: str = ""
    state: str = ""
    anyway: str = ""
    kind: str = ""
    page: int = Field(1, ge=1, le=999)

    @property
    def picked(self) -> str:
        """The reference of one device, from a form or a button."""
        return self.choice or self.device


@dataclass(frozen=True, slots=True)
class Context:
    """What the tenant, the person's words and the time add to a device."""

    trust: Trust
    now: datetime
    help_desk: str = ""
    situation: str = ""  # e.g. pin_blocked: its words come first
    state: str = ""  # a value of State, where the person said so: that way is open at once
    notices: tuple[Text, ...] = ()
    picked: bool = False  # the device, by its name on a button or in the list
    offered: tuple[Device, ...] = ()  # other PCs of theirs, each by a button


def not_theirs(name: str, device: Device | None, own: Sequence[Device], moment: Context) -> Context:
    """Said first: none of their PCs has the name that they wrote, and for which one these steps are, if for one. What
    is not theirs is neither looked up nor told of."""
    values = {"name": name} | ({"pc": device_facts.named(device).text} if device else {})
    notice = Text("forgot.not_yours.instead" if device else "forgot.not_yours.general", values)
    offered = tuple(one for one in own if one is not device)[:MOST_OFFERED]
    return replace(moment, notices=(notice, *moment.notices), offered=offered)


def for_device(device: Device, found: Inventory, moment: Context) -> replies.Steps:
    """The steps for this device, its warning first."""
    advices = decide_both(device, moment.trust, found.account.federated, moment.now.date())
    if all(advice.flow is Flow.ASK for advice in advices):
        return replace(general(Text("rollout.flow.ask"), moment), facts=device_facts.facts(device, moment.now))
    tile = device_facts.tile([device])
    stuck = all(advice.steps is ResetSteps.NONE for advice in advices)
    failed = notices.failed(device.reference)
    others = (*((tell_me(device),) if may_get_ready(device) else ()), *_others(device, found, moment))
    return replies.Steps(
        title=_title_of(device, moment),
        facts=device_facts.facts(device, moment.now),
        paragraphs=(
            *_which(device, moment),
            *_situation(moment),
            *_about(device, moment.now),
            *((Text("forgot.not_covered"),) if device.recovery is Recovery.NONE and may_get_ready(device) else ()),
        ),
        expectations=(*_explained(advices), *(() if stuck else _warning(advices))),
        instead=_instead(advices[0]) if stuck else (),
        ways=() if stuck else tuple(replace(way, tile=tile) for way in _ways(advices, moment)),
        ended=() if stuck else (Button(Text("button.worked"), "pin.worked", main=True), failed),
        buttons=(failed, *others) if stuck else others,
        notices=moment.notices,
        footnotes=_human(moment),
        sources=_sources(advices[0].source),
    )


def may_get_ready(device: Device) -> bool:
    """Is it an organisation's PC that the rollout has not reached, or not wholly?"""
    missing = device.recovery in {Recovery.NONE, Recovery.POLICY_ONLY}
    reached = device.join in {Join.ENTRA, Join.HYBRID} and not device.deleted
    supported = band(device.build) not in {Band.BEFORE_1703, Band.V1703}
    return missing and reached and supported and device.kind is DeviceKind.PC


def tell_me(device: Device) -> Button:
    """When it is ready."""
    return notices.DeviceArguments(device=device.reference).button(Text("button.tell_me"), AWAIT)


def _others(device: Device, found: Inventory, moment: Context) -> tuple[Button, ...]:
    """Of two PCs the other one by its name; the list for who chose already, or has more."""
    if moment.offered:
        return (*_offered(moment), _another(device.reference))
    left = [one for one in found.windows if one.reference != device.reference]
    alike = any(one.name.casefold() == device.name.casefold() for one in left)
    if moment.picked or alike or [one.kind for one in left] != [DeviceKind.PC]:
        return (_another(device.reference),)
    name = notices.shortened(device_facts.named(left[0]).text, MOST_BUTTON)
    return (ForgotArguments(device=left[0].reference).button(Text("button.not_this_one", {"pc": name}), "pin.device"),)


def _offered(moment: Context) -> tuple[Button, ...]:
    return tuple(
        ForgotArguments(device=one.reference).button(
            Text("button.steps_for", {"pc": device_facts.named(one).text}), "pin.device"
        )
        for one in moment.offered
    )


def _another(reference: str = "") -> Button:
    return ForgotArguments(device=reference).button(Text("button.other_device"), "pin.others")


def general(reason: Text, moment: Context, kind: str = "", *, others: bool = False) -> replies.Steps:
    """The steps that suit most PCs, with one question to choose among them; exact once that is answered. `others`:
    there are devices to choose from."""
    join = _KINDS.get(kind)
    questions = tuple(ForgotArguments(kind=one).button(Text(f"button.general_{one}"), "pin.general") for one in _KINDS)
    return replies.Steps(
        title=_title(moment),
        paragraphs=(reason, *_situation(moment)),
        expectations=(_MAY_DELETE,),
        ways=_ways_of_join(join, moment) if join else _most_common_ways(moment),
        question=None if join else Text("forgot.question"),
        ended=(notices.failed(),),
        buttons=(*(() if join else questions), *_offered(moment), *((_another(),) if others else ())),
        notices=moment.notices,
        footnotes=_human(moment),
        sources=_sources(Source.BOTH),
    )


def fold() -> Fold:
    """The steps that suit most PCs, one tap away on a card that is not sure what was meant."""
    return Fold(
        Text("nearest.steps"),
        (Text("rollout.warning.may_delete_keys"),),
        tuple((Text(f"button.{state}"), key) for state, key in _GENERAL_STEPS.items()),
    )


def _title(moment: Context) -> Text:
    return Text(f"situation.{moment.situation}.title" if moment.situation else "forgot.title")


def _title_of(device: Device, moment: Context) -> Text:
    return _title(moment) if moment.situation else Text("forgot.title_of", {"pc": device_facts.named(device).text})


def _which(device: Device, moment: Context) -> tuple[Text, ...]:
    """Which PC it is about, where the title says something else."""
    return (Text("forgot.about", {"pc": device_facts.named(device).text}),) if moment.situation else ()


def _situation(moment: Context) -> tuple[Text, ...]:
    return (Text(f"situation.{moment.situation}.text"),) if moment.situation else ()


def _about(device: Device, now: datetime) -> tuple[Text, ...]:
    """What it is where nobody can sit at it, and what makes the inventory doubtful."""
    stale = Text("forgot.stale", {"date": device.last_seen.date()}) if device.last_seen else None
    elsewhere = () if device.kind is DeviceKind.PC else (Text(f"forgot.elsewhere.{device.kind}"),)
    return (
        *elsewhere,
        *((stale,) if stale and is_stale(device.last_seen, now) else ()),
        *(() if device.enabled else (Text("forgot.disabled"),)),
    )


def _explained(advices: tuple[Advice, Advice]) -> tuple[Expectation, ...]:
    """What holds for both ways is said once, above them."""
    locked, signed_in = advices
    if locked.flow is not signed_in.flow or locked.flow not in _EXPLAINED:
        return ()
    return (Expectation(_flow(locked), Tone.GOOD if locked.flow is Flow.KEEPS_KEYS else Tone.ATTENTION),)


def _flow(advice: Advice) -> Text:
    """What will happen, and where an error is sure which one."""
    disabled = advice.next is Next.ADMIN_ENABLE
    return Text("rollout.flow.blocked_disabled" if disabled else f"rollout.flow.{advice.flow}")


def _warning(advices: tuple[Advice, Advice]) -> tuple[Expectation, ...]:
    """The worse of the two; nothing when there is nothing to click or keys are kept."""
    outcomes = {advice.destructive for advice in advices if advice.steps is not ResetSteps.NONE}
    return next(((state,) for outcome, state in _WARNINGS.items() if outcome in outcomes), ())


def _ways(advices: tuple[Advice, Advice], moment: Context) -> tuple[Path, ...]:
    locked, signed_in = advices
    alike = locked.flow is signed_in.flow
    return (
        _way(Whereabouts.LOCKED, locked, moment, explain=not alike),
        _way(Whereabouts.SIGNED_IN, signed_in, moment, explain=not alike),
    )


def _way(state: Whereabouts, advice: Advice, moment: Context, *, explain: bool) -> Path:
    """What to do instead comes first; where there are steps, what to do should they fail comes last."""
    explained = (_flow(advice),) if explain and advice.flow in _EXPLAINED else ()
    instead = advice.steps is ResetSteps.NONE
    caveats = tuple(Text(f"rollout.caveat.{caveat}") for caveat in advice.caveats)
    return Path(
        title=Text(f"button.{state}"),
        steps="" if instead else f"rollout.steps.{advice.steps}",
        paragraphs=(*explained, *(_next(advice) if instead else ())),
        needs=tuple(Text(f"rollout.need.{need}") for need in advice.needs),
        caveats=(*(() if instead else _next(advice)), *caveats),
        open=moment.state == state,
    )


def _next(advice: Advice) -> tuple[Text, ...]:
    return (Text(f"rollout.next.{advice.next}"),) if advice.next != "nothing" else ()


def _ways_of_join(join: Join, moment: Context) -> tuple[Path, ...]:
    nothing_known = Device(reference="", name="", join=join)
    return _ways(decide_both(nothing_known, moment.trust, None, moment.now.date()), moment)


def _most_common_ways(moment: Context) -> tuple[Path, ...]:
    needs = (Text("rollout.need.work_sign_in"), Text("rollout.need.second_factor"))
    return tuple(
        Path(Text(f"button.{state}"), key, needs=needs, open=moment.state == state)
        for state, key in _GENERAL_STEPS.items()
    )


def _instead(advice: Advice) -> tuple[Text, ...]:
    return (*_next(advice), *(Text(f"rollout.caveat.{caveat}") for caveat in advice.caveats))


def _human(moment: Context) -> tuple[Text, ...]:
    return (Text("forgot.help_desk", {"help_desk": moment.help_desk}),) if moment.help_desk else ()


def _sources(source: Source) -> tuple[Text, ...]:
    return (Text(f"forgot.source_{source}"),)
