"""Which groups can't stand on the two sides of an assignment together."""

from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.assign_effect import Groups, kinds_in, label
from bot.changes.tenant_state import Rows
from dialogs.words.replies import Text


def refuse_same_group(added: Rows, wanted: Rows, groups: Groups) -> None:
    """Raises Refused(SAME_GROUP) for one that comes and is, or comes, on the other side too."""
    for row in added:
        sides = {
            tenant_state.type_of(other)
            for other in wanted
            if tenant_state.group_of(other) == tenant_state.group_of(row)
        }
        if len(sides) > 1:
            raise Refused(Reason.SAME_GROUP, group=label(row, groups))


def refuse_mixed_kinds(current: Rows, wanted: Rows, groups: Groups) -> None:
    """Raises Refused(MIXED_KINDS). Intune does not evaluate an exclusion of users for an inclusion of devices, nor the
    other way round. What others paired before is theirs; the bot adds no such pair."""
    before = _unevaluated(current, groups)
    new = [pair for pair in _unevaluated(wanted, groups) if pair not in before]
    if new:
        raise Refused(Reason.MIXED_KINDS, included=new[0][0], excluded=new[0][1])


def _unevaluated(rows: Rows, groups: Groups) -> list[tuple[Text | str, Text | str]]:
    included = [(row, kinds_in(row, groups)) for row in rows if tenant_state.type_of(row) != tenant_state.EXCLUDED]
    excluded = [(row, kinds_in(row, groups)) for row in rows if tenant_state.type_of(row) == tenant_state.EXCLUDED]
    return [
        (label(one, groups), label(other, groups))
        for one, kinds in included
        for other, other_kinds in excluded
        if len(kinds | other_kinds) > 1 and kinds and other_kinds
    ]
