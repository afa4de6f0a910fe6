"""A question on a card: the base that everybody in the channel may see, what one of them may do, and the answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.chat.command import Arguments, Number
from bot.chat.notices import at, shortened
from bot.chat.people import called, name
from bot.pin_reset import device_facts
from bot.reset_rules.facts import Account, Device
from bot.store.questions import NewQuestion, Question, Stage
from dialogs.words.replies import Button, Details, Fact, Field, Literal, Say, Section, Text, Tone

MOST_IN_TITLE = 80  # letters of a question
_TONES = {
    Stage.OPEN: Tone.CALM,
    Stage.TAKEN: Tone.CALM,
    Stage.ANSWERED: Tone.CALM,
    Stage.DELIVERED: Tone.GOOD,
    Stage.UNREACHED: Tone.WARNING,
}
VIEW, TAKE, ANSWER = "question.view", "question.take", "question.answer"


class DeskArguments(Arguments):
    """A card in the channel: its question, the revision that it was drawn of, and the `answer` that was typed."""

    number: Number = None
    revision: Number = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the tenant tells beside what is stored; who is missing is shown by the id."""

    people: Mapping[str, Account] = field(default_factory=dict)
    device: Device | None = None


def base(question: Question, known: KnownFacts, days: int, *, outcome: tuple[Text, ...] = ()) -> Details:
    """What everybody may see. Of a question that is taken, each client asks for the view of whoever looks."""
    number = Text("question.title", {"number": str(question.number)})
    if question.stage is Stage.ERASED:
        return Details(title=number, status=status(question, known))
    view = _button("answer_question", VIEW, question)
    buttons = {Stage.OPEN: (_button("take_question", TAKE, question, main=True),), Stage.TAKEN: (view,)}
    return Details(
        title=title(question, known),
        subtitle=number,
        status=status(question, known),
        tone=_TONES[question.stage],
        facts=(*facts(question.content, known), Fact(Text("question.asked_at"), at(question.created_at))),
        sections=(*_said(question), *_pc(known)),
        buttons=buttons.get(question.stage, ()),
        footnotes=(Text("question.delivery", {"days": days}),),
        outcome=outcome,
        refresh=view if question.stage is Stage.TAKEN else None,
    )


def view(base: Details, question: Question, person: str) -> Details:
    """The base with the text field for who took it; all others may take it over."""
    if question.stage is not Stage.TAKEN:
        return base
    if person != question.taker:
        return replace(base, buttons=(_button("take_over", TAKE, question),))
    field = Field("answer", Text("question.answer_label"), required=True, long=True)
    return replace(base, fields=(field,), buttons=(_button("send_answer", ANSWER, question, main=True),))


def answered(question: Question, known: KnownFacts) -> Say:
    """The answer as it comes to who asked."""
    return Say(
        Text("question.told.title", {"number": str(question.number)}),
        (Text("question.told.text", {"answer": question.answer}),),
        facts=(
            Fact(Text("question.asked"), Literal(question.content.text)),
            Fact(Text("question.told.who"), Literal(called(question.taker, known.people))),
        ),
    )


def title(question: Question, known: KnownFacts) -> Text:
    """Who asks what; the whole of a long question stands below."""
    who = called(question.content.asker, known.people)
    return Text("question.asks", {"who": who, "what": shortened(question.content.text, MOST_IN_TITLE)})


def facts(content: NewQuestion, known: KnownFacts) -> Iterator[Fact]:
    """What is handed on beside the words."""
    yield Fact(Text("fact.person"), Literal(name(content.asker, known.people)))
    if content.what:
        yield Fact(Text("fact.what_happened"), Text(f"failed.choice.{content.what}"))
    if content.code:
        yield Fact(Text("fact.code"), Literal(content.code))


def _pc(known: KnownFacts) -> tuple[Section, ...]:
    if known.device is None:
        return ()
    return (Section(Text("card.about_pc"), facts=device_facts.facts(known.device), folded=True),)


def status(question: Question, known: KnownFacts) -> Text:
    """Where it stands, and with whom."""
    who = {"who": called(question.taker, known.people)} if question.taker else {}
    return Text(f"question.stage.{question.stage}", who)


def _said(question: Question) -> Iterator[Section]:
    if len(question.content.text) > MOST_IN_TITLE:
        yield Section(Text("question.asked"), (Literal(question.content.text),))
    if question.answer:
        yield Section(Text("question.answer"), (Literal(question.answer),))


def _button(title: str, verb: str, question: Question, *, main: bool = False) -> Button:
    drawn = DeskArguments(number=question.number, revision=question.revision)
    return drawn.button(Text(f"button.{title}"), verb, main=main)
