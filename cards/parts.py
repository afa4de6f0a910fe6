"""The few pieces that cards are built of, over cards.elements. Version 1.5: Teams on phones draws no later one.

Foreign text goes into text runs only: text blocks and fact sets would read it as markdown.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from cards import actions
from cards.elements import (
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
    written,
)
from dialogs.words import replies
from dialogs.words.replies import Literal, Text
from dialogs.words.texts import Words, literal

MOST_DETAIL = 500  # characters that a person may tell of what happened
MOST_TEXT = 1_000  # characters of any other text field
_HARMLESS = re.compile(r"[^\W_]+(?:[- ][^\W_]+)*")  # words that no reader of markdown takes for more
Action = ExecuteAction | OpenUrlAction | ToggleVisibilityAction
Element = TextBlock | RichTextBlock | Container | ActionSet | ChoiceSetInput | TextInput | StackedHorizontalBarChart


def card(
    body: Sequence[Element],
    bottom: Sequence[Action],
    summary: str,
    *,
    refresh: replies.Button | None = None,
    speak: str = "",
) -> dict[str, Any]:
    """The finished card as JSON. Without user ids a client refreshes it for everybody in a chat of up to sixty.
    `speak`: what a screen reader says of it first, where that is not its title."""
    drawn = AdaptiveCard(
        version="1.5",
        fallback_text=summary,
        speak=speak or summary,
        body=list(body),
        actions=list(bottom) or None,
        refresh=RefreshDefinition(action=_silent(refresh)) if refresh else None,
    )
    return written(drawn)


def _silent(button: replies.Button) -> ExecuteAction:
    return ExecuteAction(verb=button.verb, data=dict(button.data))


def top(title: Text, notices: Iterable[Text], words: Words) -> list[Element]:
    """The heading; where a language is not complete yet, one sentence in it; what must be read first."""
    first = [Text("card.partly_english")] if words.partial else []
    return [heading(title, words), *(notice(text, words) for text in (*first, *notices))]


def heading(text: Text, words: Words, *, large: bool = True) -> TextBlock | RichTextBlock:
    """A heading for screen readers too; one with foreign text that could be markdown only looks like one."""
    said, size = words.plain(text), "Large" if large else "Medium"
    values = (words.shown(value) for value in text.values.values() if not isinstance(value, int | date))
    if all(map(_HARMLESS.fullmatch, values)):
        return TextBlock(text=said, size=size, weight="Bolder", wrap=True, style="heading")
    return RichTextBlock(inlines=[TextRun(text=said, size=size, weight="Bolder")])


def paragraph(text: Text, words: Words, *, small: bool = False) -> TextBlock | RichTextBlock:
    """One sentence or more of ours, with values shown letter by letter."""
    written = words.markdown(text)
    if written is None:
        return RichTextBlock(inlines=_runs(text, words))
    return TextBlock(text=written, wrap=True, **({"size": "Small", "is_subtle": True} if small else {}))


def _runs(text: Text, words: Words) -> list[TextRun]:
    """As few as can be: each takes room on a card that must hold a whole request."""
    alike = groupby(words.runs(text), key=lambda run: run.bold)
    return [_run("".join(run.text for run in runs), bold=bold) for bold, runs in alike]


def strong(text: Text, words: Words) -> RichTextBlock:
    """The one line that matters most."""
    return RichTextBlock(inlines=[_run(words.plain(text), bold=True)])


def line(text: Text | Literal, words: Words) -> Element:
    """A line of a section."""
    if isinstance(text, Text):
        return paragraph(text, words)
    return RichTextBlock(inlines=[_run(literal(text.text))])


def exact(text: str) -> Container:
    """A request as it will be sent: every letter, in a typewriter's type, line by line."""
    return Container(items=[_typed(line) for line in text.splitlines()])


def _typed(text: str) -> RichTextBlock:
    indent = "\N{NO-BREAK SPACE}" * (len(text) - len(text.lstrip()))
    run = TextRun(text=indent + literal(text), size="Small", font_type="Monospace")
    return RichTextBlock(inlines=[run], spacing="None")


def bar(shares: Iterable[replies.Share], words: Words) -> StackedHorizontalBarChart:
    """One stacked bar; clients that can't draw it leave it out, the numbers stand beside it."""
    points = [
        StackedHorizontalBarChartDataPoint(legend=words.plain(share.label), value=float(share.count), color=share.shade)
        for share in shares
    ]
    title = words.plain(Text("card.bar"))
    data = [StackedHorizontalBarChartData(title=title, data=points)]
    return StackedHorizontalBarChart(title=title, data=data, fallback="drop")


def shares(parts: Iterable[replies.Share], words: Words) -> RichTextBlock:
    """The numbers of a bar in one line."""
    said = (Text("card.share", {"label": share.label, "count": share.count}) for share in parts)
    return RichTextBlock(inlines=[_run(" · ".join(map(words.plain, said)))], spacing="Small")


def checked(check: replies.Check, words: Words) -> RichTextBlock:
    """One line of a checklist: a sign, what it is about, and how far that is, in words too."""
    sign, said = (words.plain(Text(f"card.{kind}.{check.mark}")) for kind in ("sign", "mark"))
    runs = [_run(f"{sign} {words.plain(check.title)}", bold=True), _run(f": {said}")]
    return RichTextBlock(inlines=runs, spacing="Small")


def pick(picker: replies.Picker, words: Words) -> ChoiceSetInput:
    """A list that narrows as one types; a client that can search asks the bot for more."""
    return ChoiceSetInput(
        id=picker.name,
        label=words.plain(picker.label),
        style="filtered",
        placeholder=words.plain(Text("card.type_to_search")),
        error_message=words.plain(Text("card.choose_listed")),
        choices=[Choice(title=_title(one.title, words), value=one.value) for one in picker.choices],
        choices_data=QueryData(dataset=picker.dataset),
    )


def field(field: replies.Field, words: Words) -> TextInput:
    """A text field with its label."""
    return TextInput(
        id=field.name,
        label=words.plain(field.label),
        value=field.preset or None,
        is_required=field.required or None,
        error_message=words.plain(Text("card.fill_in")) if field.required else None,
        max_length=float(MOST_TEXT),
        is_multiline=field.long or None,
    )


def notice(text: Text, words: Words) -> Container:
    """What must be read first; set apart by shape, not by colour alone."""
    return boxed((text,), words)


def boxed(sentences: Iterable[Text], words: Words, tone: replies.Tone = replies.Tone.CALM) -> Container:
    """The same with several sentences in one box."""
    return Container(style=tone.value, items=[paragraph(text, words) for text in sentences])


def stated(text: Text, tone: replies.Tone, words: Words) -> Element:
    """The one line that matters most: a sign before its words says the same as the box around them."""
    said = strong(Text(f"card.tone.{tone}", {"text": text}), words)
    return said if tone is replies.Tone.PLAIN else Container(style=tone.value, items=[said])


def numbered(sentences: Iterable[str]) -> TextBlock:
    """Steps as a list that screen readers count."""
    return TextBlock(text="\n".join(f"{number}. {text}" for number, text in enumerate(sentences, 1)), wrap=True)


def bullets(texts: Iterable[Text], words: Words) -> TextBlock:
    """Short sentences below each other."""
    return TextBlock(text="\n".join(f"- {words.markdown(text)}" for text in texts), wrap=True)


def facts(found: Iterable[replies.Fact], words: Words) -> Container:
    """What is known, a line each."""
    return Container(items=[_fact(fact, words, first=number == 0) for number, fact in enumerate(found)])


def _fact(fact: replies.Fact, words: Words, *, first: bool) -> RichTextBlock:
    label = _run(f"{words.plain(fact.label)}: ", bold=True)
    return RichTextBlock(inlines=[label, _run(words.shown(fact.value))], spacing=None if first else "Small")


def _run(text: str, *, bold: bool = False) -> TextRun:
    return TextRun(text=text, weight="Bolder" if bold else None)


def group(items: Sequence[Element], name: str, *, shown: bool) -> Container:
    """Some parts that a tap can show."""
    return Container(id=name, items=list(items), is_visible=None if shown else False)


def taps(buttons: Sequence[Action]) -> ActionSet:
    """Buttons in the middle of the card."""
    return ActionSet(actions=list(buttons))


def bottom(buttons: Iterable[replies.Button], links: Iterable[replies.Link], words: Words) -> list[Action]:
    """What stands at the end of the card."""
    return [*(press(button, words) for button in buttons), *(open_page(link, words) for link in links)]


def press(button: replies.Button, words: Words, *, alone: bool = False) -> ExecuteAction:
    """A button; clients too old for Action.Execute send the same data as a message. `alone`: no input is asked for."""
    title, data = words.plain(button.title), actions.write(button)
    return ExecuteAction(
        title=title,
        verb=button.verb,
        data=dict(button.data),
        style="positive" if button.main else None,
        associated_inputs="none" if alone else None,
        fallback=SubmitAction(title=title, data=data, associated_inputs="none" if alone else None),
    )


def open_page(link: replies.Link, words: Words) -> OpenUrlAction:
    """A page outside Teams."""
    return OpenUrlAction(title=words.plain(link.title), url=link.url)


def fold(title: Text, words: Words, name: str) -> ToggleVisibilityAction:
    """A tap that shows one part of the card; the next one hides it."""
    return ToggleVisibilityAction(title=words.plain(title), target_elements=[TargetElement(element_id=name)])


def unfold(
    title: Text, words: Words, show: Iterable[str], hide: Iterable[str] = (), *, main: bool = False
) -> ToggleVisibilityAction:
    """A tap that shows some parts of the card and hides others, without asking the bot."""
    targets = [TargetElement(element_id=name, is_visible=True) for name in show]
    targets += [TargetElement(element_id=name, is_visible=False) for name in hide]
    style = "positive" if main else None
    return ToggleVisibilityAction(title=words.plain(title), target_elements=targets, style=style)


def choose(ask: replies.Ask, words: Words) -> ChoiceSetInput:
    """One of several, none preset."""
    return ChoiceSetInput(
        id="choice",
        label=words.plain(ask.label),
        is_required=True,
        error_message=words.plain(Text("card.choose_one")),
        style="expanded",
        wrap=True,
        choices=[Choice(title=_title(choice.title, words), value=choice.value) for choice in ask.choices],
    )


def _title(title: Text | Literal, words: Words) -> str:
    return words.shown(title)


def write_in(label: Text, words: Words) -> TextInput:
    """A short text."""
    return TextInput(id="detail", label=words.plain(label), max_length=float(MOST_DETAIL), is_multiline=True)
