// Adaptive Cards as Teams draws them. Text blocks are read as markdown, so that foreign text that was not made safe shows.
import { registerCharts } from "./charts.js";
import { make } from "./dom.js";
import { leave } from "./leave.js";
import { searching } from "./search.js";
import { hostConfig } from "./theme.js";
import { words } from "./words.js";

const library = window.AdaptiveCards;
const markdown = window.markdownit?.({ html: false }).disable(["table", "heading", "lheading"]); // Teams has none

/** False when the libraries are not installed. */
export const ready = Boolean(library && markdown);

if (ready) {
    registerCharts(library);
    library.GlobalSettings.setTabIndexAtCardRoot = false;
    library.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = markdown.render(text);
        result.didProcess = true;
    };
}

/** A bot's message without a card. */
export function drawText(text) {
    const element = make("div", { class: "text" });
    element.innerHTML = markdown.render(text); // HTML in it stays text: html is off
    element.addEventListener("click", asked);
    return element;
}

/** The card in a tree of its own, since ids of cards repeat. `act(action)` is told of Execute and Submit;
 * `find(dataset, text)` gives what a field that searches may offer. */
export function drawCard(json, act, find = async () => []) {
    const holder = make("div", { class: "card" });
    const tree = holder.attachShadow({ mode: "open" });
    tree.append(make("link", { rel: "stylesheet", href: "/page/card.css" }));
    const problems = [];
    try {
        tree.append(drawn(json, { act, find }, problems));
        if (problems.length) tree.append(note(words.partly, problems));
    } catch (error) {
        tree.append(note(words.noCard, [error.message]));
    }
    return holder;
}

function drawn(json, { act, find }, problems) {
    if (json?.type !== "AdaptiveCard") throw new Error(words.notACard);
    const context = new library.SerializationContext(library.Versions.v1_6);
    const card = new library.AdaptiveCard();
    card.hostConfig = new library.HostConfig(hostConfig());
    card.hostConfig.inputs.allowDynamicallyFilteredChoiceSet = false; // no key reaches the library's own list in here
    card.onExecuteAction = (action) => execute(action, act);
    card.onInputValueChanged = searching(library, find);
    card.onAnchorClicked = (_element, anchor) => Boolean(leave(anchor.href) ?? true);
    card.parse(json, context);
    problems.push(...problemsOf(context, json));
    const element = card.render();
    if (card.getItemCount() + card.getActionCount() === 0) throw new Error(problems[0] ?? words.emptyCard);
    if (element.hasAttribute("aria-label")) element.setAttribute("role", "group"); // a name needs a role
    element.querySelectorAll("[aria-labelledby] > input[list]").forEach(named);
    return element;
}

/** The library gives the name of a field with a list to the box around it. */
function named(field) {
    field.setAttribute("aria-labelledby", field.parentElement.getAttribute("aria-labelledby"));
}

function execute(action, act) {
    const kind = action.getJsonTypeName();
    if (kind === "Action.OpenUrl") leave(action.url);
    else if (kind === "Action.Execute" || kind === "Action.Submit") act(action);
    else queueMicrotask(() => tidy(action.parent.getRootElement().renderedElement));
}

/** The library calls what it shows and hides expanded, which only buttons may be. */
function tidy(card) {
    card.querySelectorAll("[aria-expanded]:not(button)").forEach((one) => one.removeAttribute("aria-expanded"));
}

/** What the library found wrong; an element that it does not know is no problem when the card says what to draw instead. */
function problemsOf(context, json) {
    const replaced = [];
    JSON.stringify(json, (_name, value) => {
        if (value?.fallback) replaced.push(`"${value.type}"`);
        return value;
    });
    const { UnknownElementType, UnknownActionType } = library.ValidationEvent;
    const events = Array.from({ length: context.eventCount }, (_, number) => context.getEventAt(number));
    const isReplaced = ({ event, message }) =>
        [UnknownElementType, UnknownActionType].includes(event) && replaced.some((type) => message.includes(type));
    return events.filter((event) => !isReplaced(event)).map(({ message }) => message);
}

function note(title, problems) {
    return make("div", { class: "broken" }, make("p", {}, title), make("ul", {}, ...problems.map((text) => make("li", {}, text))));
}

function asked(event) {
    const anchor = event.target.closest("a");
    if (!anchor) return;
    event.preventDefault();
    leave(anchor.href);
}
