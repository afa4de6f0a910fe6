"""Where two sources of EnablePinRecovery collide: by value and reach."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from bot.reset_rules.sources import RecoverySource, Target, TargetKind, Value

_EVERYBODY = frozenset({TargetKind.ALL_DEVICES, TargetKind.ALL_USERS})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources of different value, or one that contradicts itself (`second` is `first`).

    `where`: the targets of both that surely hold the same devices; empty: devices in targets of both, if there are any.
    """

    first: RecoverySource
    second: RecoverySource
    where: tuple[Target, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Surely some device gets both."""
        return bool(self.where) or self.first is self.second


@dataclass(frozen=True, slots=True)
class _Acting:
    """A source that sets something for somebody, with its assignments read once; None: not read."""

    source: RecoverySource
    included: tuple[Target, ...] | None
    excluded: frozenset[str] = frozenset()

    def sets(self, value: bool) -> bool:
        return any(said is value for _, said in self.source.sets)


def conflicts(sources: Iterable[RecoverySource]) -> Iterator[Conflict]:
    """Where different values reach the same devices, or may. Certain ones first, one at a time: hundreds of policies
    make tens of thousands, of which a card names a few.

    The same value twice is double work and no conflict, and what is assigned to nobody is in nobody's way.
    """
    acting = [_acting(one) for one in sources if one.is_certain and one.may_reach]
    yield from (Conflict(one.source, one.source) for one in acting if one.source.value is Value.CONTRADICTION)
    on, off = ([number for number, one in enumerate(acting) if one.sets(value)] for value in (True, False))
    seen: set[frozenset[int]] = set()  # one that sets both stands on both sides
    for certain, pairs in ((True, _addressing_the_same(acting, on, off)), (False, product(on, off))):
        for first, second in pairs:
            pair = frozenset({first, second})
            if first == second or pair in seen:
                continue
            conflict = _between(acting[first], acting[second])
            if conflict is not None and conflict.is_certain is certain:
                seen.add(pair)
                yield conflict


def conflict_of(first: RecoverySource, second: RecoverySource) -> Conflict | None:
    """Where the assignments of two sources of different value meet; None: no device can be in both."""
    return _between(_acting(first), _acting(second))


def _acting(source: RecoverySource) -> _Acting:
    targets = source.targets
    if targets is None:
        return _Acting(source, None)
    included = tuple(one for one in targets if one.kind is not TargetKind.EXCLUDED_GROUP)
    excluded = frozenset(one.group_id for one in targets if one.kind is TargetKind.EXCLUDED_GROUP)
    return _Acting(source, included, excluded)


def _addressing_the_same(acting: Sequence[_Acting], on: list[int], off: list[int]) -> Iterator[tuple[int, int]]:
    """The pairs that have a group in common, or of which one is for everybody: found without trying each with each."""
    by_group: defaultdict[str, set[int]] = defaultdict(set)
    for number in off:
        for target in acting[number].included or ():
            by_group["" if target.kind in _EVERYBODY else target.group_id].add(number)
    for number in on:
        included = acting[number].included or ()
        if any(target.kind in _EVERYBODY for target in included):
            met = set(off)
        else:
            met = by_group[""].union(*(by_group[target.group_id] for target in included if target.group_id))
        yield from ((number, other) for other in sorted(met))


def _between(first: _Acting, second: _Acting) -> Conflict | None:
    if first.included is None or second.included is None:
        return Conflict(first.source, second.source)
    excluded = first.excluded | second.excluded
    one, other = ([each for each in side.included or () if each.group_id not in excluded] for side in (first, second))
    return Conflict(first.source, second.source, _surely(one, other)) if one and other else None


def _surely(one: list[Target], other: list[Target]) -> tuple[Target, ...]:
    """The targets whose devices surely get both. What a filter narrows, or a collection, can't be evaluated here."""
    first, second = (
        {(each.kind, each.group_id): each for each in side if each.kind is not TargetKind.OTHER and not each.filtered}
        for side in (one, other)
    )
    met = {key: first[key] for key in first.keys() & second.keys() if key[0] is TargetKind.GROUP}
    if any(kind in _EVERYBODY for kind, _ in second):
        met |= {key: target for key, target in first.items() if key[0] is TargetKind.GROUP}
    if any(kind in _EVERYBODY for kind, _ in first):
        met |= second
    return tuple(met[key] for key in sorted(met))
