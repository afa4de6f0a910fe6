// The page: columns of people side by side, kept in the address (?as=user&as=admin:channel), and what goes wrong in the tenant.
import { ready } from "./cards.js";
import { Column } from "./column.js";
import { trouble } from "./dom.js";
import { Trouble, follow, wish } from "./server.js";
import { wireTheme } from "./theme.js";
import { words } from "./words.js";

const FIRST = ["user", "admin", "approver"];
const world = { people: new Map(), conversations: new Map(), installed: new Set(), clients: {}, locale: "" };
const place = document.getElementById("columns");
const tenant = document.getElementById("tenant");
const columns = [];

function asked() {
    const found = new URLSearchParams(location.search).getAll("as");
    return (found.length ? found : FIRST).map((one) => one.split(":"));
}

function remember() {
    const address = new URL(location);
    address.searchParams.delete("as");
    for (const { key, where } of columns) address.searchParams.append("as", where === "personal" ? key : `${key}:${where}`);
    history.replaceState(null, "", address);
}

function open(key, where = "personal") {
    const column = new Column(world, key, where, { changed: remember, closed: close });
    columns.push(column);
    place.append(column.element);
    return column;
}

function close(column) {
    columns.splice(columns.indexOf(column), 1);
    column.element.remove();
    remember();
    document.getElementById("add").focus();
}

function add() {
    const shown = new Set(columns.map((column) => column.key));
    const key = [...world.people.keys()].find((one) => !shown.has(one)) ?? FIRST[0];
    const column = open(key);
    column.draw();
    remember();
    column.who.focus();
    column.element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function redraw() {
    columns.forEach((column) => column.draw());
}

function settle({ installed, clients, locale, trouble, consent }) {
    world.installed = new Set(installed);
    Object.assign(world, { clients, locale });
    tenant.elements.trouble.value = trouble;
    tenant.elements.consent.checked = consent;
}

function keep(conversation) {
    const kept = { ...conversation, said: new Map((conversation.said ?? []).map((said) => [said.id, said])) };
    world.conversations.set(conversation.id, kept);
    return kept;
}

/** Everything so far takes the place of what was known: nothing is shown twice after a loss. */
function learn(told) {
    trouble("");
    world.people = new Map(told.people.map((person) => [person.key, person]));
    world.conversations.clear();
    told.conversations.forEach(keep);
    settle(told);
    redraw();
}

function hear(event) {
    settle(event.settings);
    const conversation = world.conversations.get(event.conversation.id) ?? keep(event.conversation);
    if (event.kind === "delete") conversation.said.delete(event.said.id);
    else if (event.said) conversation.said.set(event.said.id, event.said);
    columns.forEach((column) => column.told({ ...event, conversation }));
}

async function change(name, wished) {
    try {
        settle(await wish(name, wished));
        trouble("");
    } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        trouble(error.message);
    }
}

function wireTenant() {
    const { trouble, consent } = tenant.elements;
    trouble.forEach((choice) => choice.addEventListener("change", () => change("trouble", { graph: choice.value })));
    consent.addEventListener("change", () => change("consent", { given: consent.checked }));
}

wireTheme(redraw);
if (ready) {
    wireTenant();
    document.getElementById("add").addEventListener("click", add);
    asked().forEach(([key, where]) => open(key, where));
    follow({ history: learn, event: hear, lost: () => trouble(words.lost) });
} else {
    trouble(words.noLibrary);
}
