"""Ask a person: a question goes to the help desk's channel, somebody there takes it, and the answer comes back."""

import asyncio
from datetime import datetime, timedelta

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, View, bound, reading
from bot.chat.notices import QuestionArguments
from bot.chat.people import people
from bot.chat.turn import PlaceKind
from bot.errors import BotError
from bot.helpdesk import card
from bot.helpdesk.card import ANSWER, TAKE, VIEW, DeskArguments, KnownFacts
from bot.helpdesk.services import HelpDeskServices
from bot.pin_reset import device_facts
from bot.reset_rules.facts import Device
from bot.reset_rules.failures import CHOICES
from bot.store.questions import NewQuestion, Question, Stage
from dialogs.understanding.facts_in_text import error_codes
from dialogs.understanding.redact import clean
from dialogs.understanding.secrets import HIDDEN
from dialogs.words.replies import Details, Field, Reply, Say, Section, Text

MOST_TEXT = 1_000  # characters of a question or an answer
MOST_LISTED = 15
_AGES = (("days", 1_440), ("hours", 60))  # and their minutes


class Refusal(BotError):
    """What can't be done with a question; the key of the sentences that say so."""

    passes = False

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


async def form(asked: Asked, wanted: QuestionArguments, services: HelpDeskServices) -> Answer:
    """What is handed on, and the words; nothing is stored before it is sent."""
    if not services.channel:
        return Answer(Say(Text("question.nobody.title"), (_way_to_a_human(services.help_desk.words),)))
    return Answer(await _form(_content(asked, wanted), services))


async def send(asked: Asked, wanted: QuestionArguments, services: HelpDeskServices) -> Answer:
    """Store it; the channel hears of it in a second, also after a crash."""
    content = _content(asked, wanted)
    if not services.channel:
        return await form(asked, wanted, services)
    if not content.text:
        return Answer(await _form(content, services, Text("question.form.empty")))
    if stranger := await _stranger(asked, services):
        return Answer(await _form(content, services, Text(f"{stranger.key}.text")))
    if asked.turn.place.kind is PlaceKind.PERSONAL:
        await services.conversations.learn(asked.turn.person, asked.turn.place)  # the answer has to find them
    question = await services.questions.ask(content)
    if question is None:
        raise Refusal("errors.question.too_many")
    # Of a PIN or a password the turn itself warns; of a key that only the log of an error holds nobody else does.
    left_out = Text("question.sent.left_out" if asked.turn.secret else "question.sent.secret")
    return Answer(
        Say(
            Text("question.sent.title", {"number": str(question.number)}),
            (Text("question.sent.text"), _kept(services)),
            notices=(left_out,) if HIDDEN in content.text else (),
        )
    )


async def show(asked: Asked, pressed: DeskArguments, services: HelpDeskServices) -> Answer:
    """The card as this person sees it; also what a client's own refresh asks for, in vain only for the buttons."""
    question = await _at_desk(asked, pressed, services)
    if stranger := await _stranger(asked, services):
        if not asked.turn.automatic:
            raise stranger
        return Answer(await _base(services, question))
    return await _shown(asked, services, question)


async def take(asked: Asked, pressed: DeskArguments, services: HelpDeskServices) -> Answer:
    """One takes it: whoever pressed a card of an earlier state is shown who was faster."""
    question = await _in_channel(asked, pressed, services)
    taken, up_to_date = None, pressed.revision == question.revision and not asked.turn.automatic
    if question.stage in {Stage.OPEN, Stage.TAKEN} and up_to_date:
        person = asked.turn.person.object_id
        taken = await services.questions.move(question, Stage.TAKEN, taker=person)
    return await _moved(asked, pressed, services, taken)


async def answer(asked: Asked, pressed: DeskArguments, services: HelpDeskServices) -> Answer:
    """The taker's words, on their way to who asked."""
    question = await _in_channel(asked, pressed, services)
    text = clean(pressed.answer, MOST_TEXT)
    if not text or HIDDEN in text:
        notice = Text("question.no_secrets" if text else "question.no_answer")
        return await _shown(asked, services, question, notice)
    answered = None
    if question.stage is Stage.TAKEN and question.taker == asked.turn.person.object_id:
        answered = await services.questions.move(question, Stage.ANSWERED, answer=text)
    return await _moved(asked, pressed, services, answered)


async def unanswered(_asked: Asked, services: HelpDeskServices) -> Answer:
    """The oldest that wait, with their age, and how many more there are."""
    questions = services.questions
    found, total = await questions.unanswered(MOST_LISTED), await questions.count_unanswered()
    ids = {person for one in found for person in (one.content.asker, one.taker) if person}
    shown = KnownFacts(await people(ids, services.people, services.deadlines.names))
    sections = tuple(_listed(one, shown, services.now()) for one in found)
    more = (Text("questions.more", {"count": total - len(found)}),) if total > len(found) else ()
    return Answer(
        Details(
            title=Text("questions.title"),
            status=None if found else Text("questions.none"),
            sections=sections,
            buttons=(notices.status(), notices.what_can_you_do()),
            footnotes=more,
        )
    )


async def known(
    content: NewQuestion, taker: str, services: HelpDeskServices, seconds: float | None = None
) -> KnownFacts:
    """Who they are and which PC it is about, as far as the tenant says in time; `seconds` as for people."""
    seconds = services.deadlines.name if seconds is None else seconds
    ids = {person for person in (content.asker, taker) if person}
    accounts, device = await asyncio.gather(
        people(ids, services.people, seconds), _device_of(content, services, seconds)
    )
    return KnownFacts(accounts, device)


async def _device_of(content: NewQuestion, services: HelpDeskServices, seconds: float) -> Device | None:
    """Among the asker's own ones, whatever a card carried."""
    if not content.device:
        return None
    try:
        async with asyncio.timeout(seconds):
            devices = (await services.devices.so_far(content.asker, (content.device,))).devices
    except (BotError, TimeoutError):
        return None
    return next((one for one in devices if one.reference == content.device), None)


def _content(asked: Asked, wanted: QuestionArguments) -> NewQuestion:
    return NewQuestion(
        asker=asked.turn.person.object_id,
        text=clean(wanted.question, MOST_TEXT),
        device=device_facts.reference(wanted.device),
        code=next(iter(error_codes(wanted.code)), ""),
        what=next((one.value for one in CHOICES if one == wanted.what), ""),
    )


async def _form(content: NewQuestion, services: HelpDeskServices, *notices: Text) -> Details:
    about = QuestionArguments(device=content.device, code=content.code, what=content.what)
    shown = await known(content, "", services)
    preset = "" if HIDDEN in content.text else content.text
    return Details(
        title=Text("question.form.title"),
        status=Text("question.form.text"),
        facts=(*card.facts(content, shown), *(device_facts.facts(shown.device) if shown.device else ())),
        fields=(Field("question", Text("question.form.label"), required=True, preset=preset, long=True),),
        buttons=(about.button(Text("button.hand_on"), "question.send", main=True),),
        notices=notices,
        footnotes=(Text("question.form.never"), _kept(services)),
    )


def _way_to_a_human(help_desk: str) -> Text:
    return Text("failed.answer.help_desk", {"help_desk": help_desk}) if help_desk else Text("question.nobody.text")


def _kept(services: HelpDeskServices) -> Text:
    return Text("question.form.kept", {"days": services.days})


async def _in_channel(asked: Asked, pressed: DeskArguments, services: HelpDeskServices) -> Question:
    """The question that a member of the tenant pressed in the channel. Raises Refusal."""
    question = await _at_desk(asked, pressed, services)
    if stranger := await _stranger(asked, services):
        raise stranger
    return question


async def _at_desk(asked: Asked, pressed: DeskArguments, services: HelpDeskServices) -> Question:
    """The question of a card in the channel, whoever pressed it. Raises Refusal."""
    channel, pressed_in = services.channel, asked.turn.place.conversation_id.partition(";")[0]
    if not channel or pressed_in != channel:
        raise Refusal("errors.question.elsewhere")
    question = await services.questions.find(pressed.number) if pressed.number else None
    if question is None:
        raise Refusal("errors.question.gone")
    return question


async def _stranger(asked: Asked, services: HelpDeskServices) -> Refusal | None:
    """What others will read is for members only: a guest, and who can't be looked up in time, is refused."""
    try:
        async with asyncio.timeout_at(asked.until):
            account = await services.people.account(asked.turn.person.object_id)
    except (BotError, TimeoutError):
        return Refusal("errors.role_unknown")
    return Refusal("errors.guest") if account.guest else None


async def _moved(asked: Asked, pressed: DeskArguments, services: HelpDeskServices, moved: Question | None) -> Answer:
    if moved:
        return await _shown(asked, services, moved)
    question = await _in_channel(asked, pressed, services)
    return await _shown(asked, services, question, Text("question.somebody_faster"))


async def _shown(asked: Asked, services: HelpDeskServices, question: Question, *outcome: Text) -> Answer:
    """The card as this person sees it."""

    async def now() -> Question:
        return await services.questions.find(question.number) or question

    async def base() -> tuple[Reply, int]:
        newest = await now()
        return await _base(services, newest), newest.revision

    async def own(outcome: tuple[Text, ...]) -> tuple[Reply, int]:
        newest = await now()
        return await _view(asked, services, newest, outcome), newest.revision

    return Answer(await _view(asked, services, question, outcome), view=View(question.revision, base, own))


async def _view(asked: Asked, services: HelpDeskServices, question: Question, outcome: tuple[Text, ...]) -> Reply:
    return card.view(await _base(services, question, outcome), question, asked.turn.person.object_id)


async def _base(services: HelpDeskServices, question: Question, outcome: tuple[Text, ...] = ()) -> Details:
    shown = await known(question.content, question.taker, services)
    return card.base(question, shown, services.days, outcome=outcome)


def _listed(question: Question, shown: KnownFacts, now: datetime) -> Section:
    minutes = (now - question.created_at) // timedelta(minutes=1)
    long = ((unit, minutes // size) for unit, size in _AGES if minutes >= 2 * size)
    unit, count = next(long, ("minutes", minutes))
    asked = Text(f"questions.asked.{unit}", {"number": str(question.number), "count": count})
    return Section(card.title(question, shown), (asked, card.status(question, shown)))


def commands(services: HelpDeskServices) -> tuple[Command, ...]:
    """Of this file. Those in the channel look themselves who it is, and fail closed."""
    at_desk = ((VIEW, show), (TAKE, take), (ANSWER, answer))
    return (
        Command(reading(QuestionArguments, form, services), ("ask_person",), ("question.ask",), private=True),
        Command(reading(QuestionArguments, send, services), verbs=("question.send",), private=True, once=True),
        Command(bound(unanswered, services), ("questions",), audience=For.STAFF, private=True),
        *(
            Command(reading(DeskArguments, run, services), verbs=(verb,), audience=For.EVERYBODY)
            for verb, run in at_desk
        ),
    )
