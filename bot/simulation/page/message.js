// One message as one person sees it.
import { drawCard, drawText } from "./cards.js";
import { make } from "./dom.js";
import { words } from "./words.js";

const AT = /<at>.*?<\/at>/g;
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });

/** What was written, with a mention as people see it. */
const written = (text) => text.replace(AT, words.mention);

/** The card that this person sees: their own view, else everybody's. */
const cardOf = (said, person) => said.views[person.key] ?? said.card;

/** `people`: by key; `shared`: others are there too. `act(said, action)` is told of a press. */
export function drawMessage(said, person, people, shared, act) {
    const isBot = said.sender === "bot";
    const name = isBot ? words.bot : (people.get(said.sender)?.name ?? said.sender);
    const card = cardOf(said, person);
    const when = new Date(Number(said.id));
    const head = make(
        "p",
        { class: "head" },
        make("b", {}, name),
        make("time", { datetime: when.toISOString() }, clock.format(when)),
        said.updated > 0 && make("span", {}, words.updated),
        shared && said.views[person.key] && make("span", {}, words.onlyYou(person.name)),
    );
    const content = card ? drawCard(card, (action) => act(said, action)) : isBot ? drawText(said.text) : make("p", { class: "text plain" }, written(said.text));
    const sender = isBot ? "bot" : said.sender === person.key ? "own" : "other";
    return make("article", { class: `message ${sender}`, tabindex: "-1", "data-id": said.id }, head, content);
}

/** The Action.Execute that Teams presses by itself when it shows this card to this person, if any. */
export function ownRefresh(said, person, conversation) {
    const refresh = said.card?.refresh;
    if (refresh?.action?.type !== "Action.Execute" || said.views[person.key]) return null;
    const mayRefresh = refresh.userIds ? refresh.userIds.includes(person.address) : conversation.members.length <= 60;
    return mayRefresh ? refresh.action : null;
}
