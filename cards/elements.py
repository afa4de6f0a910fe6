"""Microsoft's models of Adaptive Cards (microsoft-teams-cards), as far as cards are built of them.

Types are checked against the models themselves. What runs writes the JSON that a model would dump, by its own names and
defaults: to validate each of the sixty parts of a card anew, whose shape never changes, took a fifth of a turn. The
tests hold every card that there is against the models' schema.
"""

# ruff: noqa: TC004 - see above
from typing import TYPE_CHECKING, Any

from microsoft_teams import cards as models

if TYPE_CHECKING:
    from microsoft_teams.cards import (
        ActionSet,
        AdaptiveCard,
        Choice,
        ChoiceSetInput,
        Container,
        ExecuteAction,
        OpenUrlAction,
        QueryData,
        RefreshDefinition,
        RichTextBlock,
        StackedHorizontalBarChart,
        StackedHorizontalBarChartData,
        StackedHorizontalBarChartDataPoint,
        SubmitAction,
        TargetElement,
        TextBlock,
        TextInput,
        TextRun,
        ToggleVisibilityAction,
    )

__all__ = (
    "ActionSet",
    "AdaptiveCard",
    "Choice",
    "ChoiceSetInput",
    "Container",
    "ExecuteAction",
    "OpenUrlAction",
    "QueryData",
    "RefreshDefinition",
    "RichTextBlock",
    "StackedHorizontalBarChart",
    "StackedHorizontalBarChartData",
    "StackedHorizontalBarChartDataPoint",
    "SubmitAction",
    "TargetElement",
    "TextBlock",
    "TextInput",
    "TextRun",
    "ToggleVisibilityAction",
    "written",
)


def written(card: "AdaptiveCard") -> dict[str, Any]:
    """The JSON of a card: it is that already. Numbers have to be floats, as the models make them."""
    return card  # type: ignore[return-value]


def _writer(model: Any) -> type:
    names = {name: field.serialization_alias or field.alias or name for name, field in model.model_fields.items()}
    fixed = {names[name]: field.default for name, field in model.model_fields.items() if field.default is not None}

    class Writer:
        def __new__(cls, **given: Any) -> dict[str, Any]:  # type: ignore[misc]
            return fixed | {names[name]: value for name, value in given.items() if value is not None}

    return Writer


if not TYPE_CHECKING:
    globals().update({name: _writer(getattr(models, name)) for name in __all__ if name != "written"})
