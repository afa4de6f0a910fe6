"""`python -m tests.adding.reset`: what somebody with a PC of the Education edition reads who forgot the PIN, and each
rule whose example selects another one."""

import asyncio

import cards
from bot.demo.gallery.example import Example
from bot.demo.gallery.questions import Owned
from bot.reset_rules.facts import Device, Edition, Join, Recovery
from bot.reset_rules.rules import RULES, select
from cards.plain import plain
from dialogs.words import texts

PC = Device("a1", "CON-LT-0142", join=Join.ENTRA, build=26100, edition=Edition.EDUCATION, recovery=Recovery.READY)

if __name__ == "__main__":
    reply = asyncio.run(Example(devices=Owned((PC,))).said("forgot"))
    print(plain(cards.render(reply, texts.words("en"))))
    print(*(f"not selected: {rule.row}" for rule in RULES if select(rule.example) is not rule), sep="\n")
