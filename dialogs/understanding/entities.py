"""What an intent needs beside itself, read from the text once the intent is known: groups, a number, days, a PC."""

import re

from dialogs.understanding import facts_in_text, numbers
from dialogs.understanding.groups.sentences import Named, sentences
from dialogs.understanding.windows import BUILDS

# Answers that are reckoned for the PC that a text speaks of.
ABOUT_PCS = frozenset({
    *("minimum_version", "windows_1703", "editions", "pro_edition", "enterprise_edition", "education_edition"),
    *("home_edition", "ltsc", "windows_11", "build_numbers", "end_of_servicing", "hybrid_requirements", "join_types"),
    *("registered_devices", "onprem_requirements", "onprem_service", "keys_lost", "destructive", "canreset", "licence"),
    "canreset_values",
})  # fmt: skip
ALL_DEVICES = "all_devices"  # the answer: what that is, and that it is done in Intune
CHANGES = frozenset({"assign", "unassign"})
MOST_NAMES = 3  # each is looked up
FIRST_SERVED = BUILDS["Windows 10 1709"]

Found = tuple[str, dict[str, str]]  # intent and values

_ONLY_NUMBER = re.compile(r"(?<![\w.,:-])(\d{1,9})(?![\w:-]|[.,]\d)")
_NAMES = re.compile(
    r"[\"“„«‘]([^\"“”„»«’]{2,80})[\"”“»’]"
    r"|((?<![\w-])[^\W\d_a-zß-ÿ]\w*(?:[ &-]+(?:[^\W\d_a-zß-ÿ][\w-]*|\d+))+)"  # Finance Laptops, Ring 2
    r"|(?<=\w )((?<![\w-])[^\W\d_a-zß-ÿ][^\W\d_A-Z]\w+)"  # Executives, but not the first word
    r"|((?<![\w-])\w+(?:[-_]\w+)+)"  # grp-eu-laptops-01
)


def number(text: str) -> str:
    """The number of a request: after a word for it, or the only number that there is; empty where there is none."""
    if match := numbers.of_request().search(text):
        return match[1]
    alone = set(_ONLY_NUMBER.findall(text))
    return alone.pop() if len(alone) == 1 else ""


def names(text: str) -> tuple[str, ...]:
    """The names of groups in a question: what stands where it asks for them, and what is written like one, in quotation
    marks, with capitals, or like a label."""
    written = (next(filter(None, groups)).strip() for groups in _NAMES.findall(text))
    return tuple(dict.fromkeys(sentences().asked(text) or written))[:MOST_NAMES]


def change(text: str, intent: str) -> Found:
    """The groups on both sides and the reason. `usage` where no group is named or not all of it is understood."""
    groups = sentences().read(text) or Named()
    if sentences().are_everybody(groups, text):
        return "answer", {"answer": ALL_DEVICES}
    intent = "unassign" if groups.remove else intent
    if not groups.include and not groups.exclude:
        if asked := sentences().asked(text):
            return "live", {"topic": "assignment", "names": "\n".join(asked[:MOST_NAMES])}
        return "usage", {"command": intent}
    sides = {"include": "\n".join(groups.include), "exclude": "\n".join(groups.exclude), "reason": groups.reason}
    sides["when"] = groups.when
    return intent, {name: value for name, value in sides.items() if value}


def pc(text: str) -> dict[str, str]:
    """What a text says of a PC: build, edition, join, CanReset …; `pasted` for an output of a command."""
    if not facts_in_text.may_tell(text):
        return {}
    facts = facts_in_text.read(text)
    return facts.said() | ({"pasted": "yes"} if facts.pasted or facts.can_reset else {})


def about_pc(said: dict[str, str]) -> str:
    """The answer about such PCs in general, beside what is reckoned for this one."""
    if "can_reset" in said:
        return "canreset_values"
    if said.get("device_auth") == "failed":
        return "device_gone"
    if "provisioning" in said or "hello_set" in said:
        return "ngc_prerequisites"
    edition, build = f"{said.get('edition')}_edition", int(said.get("build", FIRST_SERVED))
    kinds = (
        ("windows_1703", build < FIRST_SERVED),
        ("ltsc", "ltsc" in said),
        (edition, edition in ABOUT_PCS),
        ("join_types", "join" in said),
    )
    return next((name for name, holds in kinds if holds), "editions")
