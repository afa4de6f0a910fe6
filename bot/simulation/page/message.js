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

/** A file that is offered, as Teams draws it: by name and size, to be taken or left. */
const drawFile = (said, take) =>
    make(
        "div",
        { class: "text file" },
        make("p", {}, words.file(said.file)),
        make("button", { type: "button", class: "main", onclick: () => take(said, true) }, words.take),
        make("button", { type: "button", class: "quiet", onclick: () => take(said, false) }, words.leave),
    );

function drawContent(said, card, { act, take, find }) {
    if (card) return drawCard(card, (action) => act(said, action), (dataset, text) => find(said, dataset, text));
    if (said.file) return drawFile(said, take);
    return said.sender === "bot" ? drawText(said.text) : make("p", { class: "text plain" }, written(said.text));
}

/** `people`: by key; `shared`: others are there too. `act(said, action)` is told of a press, `take(said, accept)` of a
 * file that is taken or left, `find(said, dataset, text)` of what is typed into a field that searches. */
export function drawMessage(said, person, people, shared, wishes) {
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
    const content = drawContent(said, card, wishes);
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
