"""Rules over concepts: which of them make an intent. The same in every language; the files are TOML."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

MOST_WORDS = 400  # of one text: what comes later does not change what it is about
FIRST = "^"  # before the name of a concept: a clause begins with it, small words of courtesy aside


class Together(BaseModel):
    """`first` and at most `gap` words later `then`, in one clause and no `across` between, make `gives`."""

    model_config = ConfigDict(extra="forbid")

    first: str
    then: str
    gives: str
    gap: int = 2
    across: str = ""


class Rule(BaseModel):
    """An intent and the concepts that make it: all of `all`, one of `any`, one of `also`, none of `none`.

    `least`, `most`: only texts of so many words.
    """

    model_config = ConfigDict(extra="forbid")

    intent: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    least: int = 0
    most: int = MOST_WORDS
    values: dict[str, str] = {}

    def holds(self, about: frozenset[str], words: int) -> bool:
        """Whether a text of so many words about these concepts has this intent."""
        return (
            self.least <= words <= self.most
            and about.issuperset(self.all)
            and about.isdisjoint(self.none)
            and all(not one_of or not about.isdisjoint(one_of) for one_of in (self.any, self.also))
        )


class Intents(BaseModel):
    """intents.toml: what makes an intent, the same in every language; of the rules the first that holds wins."""

    model_config = ConfigDict(extra="forbid")

    together: tuple[Together, ...] = ()
    state: tuple[Rule, ...] = ()
    rule: tuple[Rule, ...]
    detail: dict[str, str] = {}  # concept → the message that Windows shows

    def check(self, known: Iterable[str], more: Iterable[Rule] = ()) -> None:
        """Raises ValueError for a rule that speaks of a concept that no language has."""
        named = set(self.detail)
        for row in self.together:
            named |= {row.first, row.then} | ({row.across} if row.across else set())
        for rule in (*self.rule, *self.state, *more):
            named |= {*rule.all, *rule.any, *rule.also, *rule.none}
        if unknown := {name.removeprefix(FIRST) for name in named} - {*known, *(row.gives for row in self.together)}:
            raise ValueError(f"the rules name unknown concepts: {', '.join(sorted(unknown))}")
