// One person's window: who it is, which place they look at, what stands there, and what they write.
import { make, trouble } from "./dom.js";
import { drawMessage, ownRefresh } from "./message.js";
import { Trouble, wish } from "./server.js";
import { words } from "./words.js";

const TYPING_MS = 10_000;
const MENTION = /^\s*@PIN Reset\b[\s:,]*/i;
const SENT = new Set([0, 200, 201, 202]); // 0: not for the bot
const refreshed = new Set(); // what was asked for once is not asked for again

let count = 0;

export class Column {
    /** `world` holds people, conversations and installed; `changed()` is called when the address must follow. */
    constructor(world, key, where, { changed, closed }) {
        Object.assign(this, { world, key, where, changed, news: { personal: 0, group: 0, channel: 0 } });
        this.id = `column${++count}`;
        this.build(closed);
    }

    get person() {
        return this.world.people.get(this.key);
    }

    build(closed) {
        this.title = make("h2", { id: this.id, class: "unseen" });
        this.who = make("select", { "aria-label": words.who, onchange: () => this.play(this.who.value) });
        this.close = make("button", { type: "button", class: "quiet", onclick: () => closed(this) }, "×");
        this.tabs = Object.keys(words.places).map((where) => this.tab(where));
        this.state = make("p", { class: "state" });
        this.log = make("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
        this.status = make("p", { class: "status", role: "status" });
        this.alert = make("p", { class: "trouble", role: "alert" });
        this.element = make(
            "section",
            { class: "column", "aria-labelledby": this.id },
            make("header", {}, this.title, this.who, this.close),
            make("div", { class: "tabs", role: "radiogroup", "aria-labelledby": this.id }, ...this.tabs),
            this.client(),
            this.state,
            this.log,
            this.status,
            this.alert,
            this.composer(),
        );
    }

    tab(where) {
        const input = make("input", { type: "radio", name: `${this.id}-place`, value: where, onchange: () => this.look(where) });
        return make("label", {}, input, make("span"));
    }

    /** What this person uses: the language of their Teams, and where it runs. */
    client() {
        const use = () => this.ask("client", { person: this.key, locale: this.language.value, platform: this.platform.value });
        this.language = make("select", { "aria-label": words.language, onchange: use });
        this.platform = make("select", { "aria-label": words.platform, onchange: use }, ...options(words.platforms));
        return make("p", { class: "client" }, this.language, this.platform);
    }

    composer() {
        this.text = make("textarea", { rows: "1", maxlength: "20000", onkeydown: (event) => this.keyDown(event) });
        this.mention = make("input", { type: "checkbox", checked: true });
        this.mentioning = make("label", { class: "mention", title: words.mentionHint }, this.mention, ` ${words.mentionLabel}`);
        this.sending = make("button", { class: "main" }, words.send);
        const sent = (event) => {
            event.preventDefault();
            this.send();
        };
        this.form = make("form", { class: "composer", onsubmit: sent }, this.text, this.sending, this.mentioning);
        return this.form;
    }

    keyDown(event) {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.send();
    }

    play(key) {
        this.key = key;
        this.news = { personal: 0, group: 0, channel: 0 };
        this.changed();
        this.draw();
    }

    look(where) {
        this.where = where;
        this.changed();
        this.draw();
    }

    /** Everything anew: after a choice, a change of colours, or when the history is told again. */
    draw() {
        this.items = new Map();
        this.log.replaceChildren();
        trouble("", this.alert);
        trouble("", this.status);
        this.drawHead();
        if (!this.isKnown()) return;
        this.log.setAttribute("aria-busy", "true");
        for (const conversation of this.world.conversations.values()) {
            if (this.shows(conversation)) for (const said of conversation.said.values()) this.put(conversation, said);
        }
        if (this.items.size === 0) this.log.append(make("p", { class: "empty" }, words.empty));
        this.log.scrollTop = this.log.scrollHeight;
        this.log.setAttribute("aria-busy", "false");
    }

    isKnown() {
        const isKnown = this.person && this.where in words.places;
        this.form.hidden = this.log.hidden = !isKnown;
        this.state.hidden = !isKnown || this.where !== "personal";
        if (!this.person) trouble(words.unknownPerson(this.key), this.alert);
        else if (!isKnown) trouble(words.unknownPlace(this.where), this.alert);
        return isKnown;
    }

    drawHead() {
        const name = this.person?.name ?? this.key;
        const options = [...this.world.people.values()].map((one) =>
            make("option", { value: one.key }, words.option(one)),
        );
        this.who.replaceChildren(...(this.person ? [] : [make("option", { value: "" }, words.nobody)]), ...options);
        this.who.value = this.person ? this.key : "";
        this.news[this.where] = 0;
        this.title.textContent = words.column(name, words.places[this.where] ?? this.where);
        this.close.setAttribute("aria-label", words.removeColumn(name));
        this.log.setAttribute("aria-label", words.log(name, words.places[this.where] ?? this.where));
        this.text.setAttribute("aria-label", words.write(name));
        this.text.placeholder = words.write(name);
        this.mentioning.hidden = this.where === "personal";
        this.drawTabs();
        this.drawState();
    }

    drawTabs() {
        for (const label of this.tabs) {
            const [input, text] = label.children;
            input.checked = input.value === this.where;
            text.replaceChildren(words.places[input.value], ...badge(this.news[input.value]));
        }
    }

    /** Whether the app is there; adding it is the other one's button. */
    drawState() {
        const isThere = this.world.installed.has(this.key);
        const change = () => this.ask(isThere ? "remove" : "install", { person: this.key });
        this.state.replaceChildren(
            isThere ? words.installed : words.notInstalled,
            make("button", { type: "button", class: "quiet", onclick: change }, isThere ? words.remove : words.install),
        );
        this.sending.disabled = this.where === "personal" && !isThere;
        const { locale, platform } = this.world.clients[this.key] ?? { locale: this.world.locale, platform: "Windows" };
        this.language.replaceChildren(...options({ ...words.languages, [locale]: words.languages[locale] ?? locale }));
        this.language.value = locale;
        this.platform.value = platform;
    }

    shows(conversation) {
        return conversation.where === this.where && conversation.members.includes(this.key);
    }

    /** A message that is new or has changed. */
    put(conversation, said) {
        const old = this.items.get(said.id);
        const shared = conversation.members.length > 1;
        const act = (one, action) => this.act(one, action, element);
        const take = (one, accept) => this.ask("file", { person: this.key, message: one.id, accept });
        const find = (one, dataset, text) => this.find({ person: this.key, message: one.id, dataset, text });
        const element = drawMessage(said, this.person, this.world.people, shared, { act, take, find });
        this.items.set(said.id, element);
        if (old) {
            const hadFocus = old.contains(document.activeElement);
            old.replaceWith(element);
            if (hadFocus) element.focus();
        } else {
            this.thread(conversation).append(element);
        }
        this.refresh(conversation, said);
        return element;
    }

    /** In a channel each question has its own thread. */
    thread(conversation) {
        this.log.querySelector(".empty")?.remove();
        const found = [...this.log.children].find((one) => one.dataset.conversation === conversation.id);
        const made = () => make("div", { class: "thread", "data-conversation": conversation.id });
        return found ?? this.log.appendChild(made());
    }

    refresh(conversation, said) {
        const action = ownRefresh(said, this.person, conversation);
        const once = `${said.id}/${said.updated}/${this.key}`;
        if (!action || refreshed.has(once)) return;
        refreshed.add(once);
        const press = { person: this.key, message: said.id, verb: action.verb, data: action.data ?? {} };
        this.ask("press", { ...press, trigger: "automatic" });
    }

    /** An event of this person's chats. */
    told({ kind, conversation, said, person, text }) {
        if (!this.person || !(this.where in words.places)) return;
        if (kind === "members") return this.drawState();
        if (kind === "notice") return person === this.key && text && trouble(text, this.status);
        if (!this.shows(conversation)) return this.miss(kind, conversation, said);
        if (kind === "typing") return this.showTyping();
        if (kind === "delete") return this.items.get(said.id)?.remove();
        if (kind === "view" && person !== this.key) return undefined;
        return this.add(kind, conversation, said);
    }

    miss(kind, conversation, said) {
        if (kind !== "message" || said.sender === this.key || !conversation.members.includes(this.key)) return;
        this.news[conversation.where] += 1;
        this.drawTabs();
    }

    /** A new message is scrolled to its beginning, unless the person reads further up. */
    add(kind, conversation, said) {
        const last = [...this.items.values()].at(-1);
        const wasAtEnd = !last || last.getBoundingClientRect().top < this.log.getBoundingClientRect().bottom;
        const element = this.put(conversation, said);
        if (kind !== "message") return;
        if (said.sender === "bot") trouble("", this.status);
        if (wasAtEnd || said.sender === this.key) this.log.scrollTop = element.offsetTop - this.log.offsetTop - 8;
    }

    showTyping() {
        trouble(words.typing, this.status);
        setTimeout(() => this.status.textContent === words.typing && trouble("", this.status), TYPING_MS);
    }

    async send() {
        const text = this.text.value.trim();
        if (!text || this.sending.disabled) return;
        const mention = this.where === "personal" || this.mention.checked || MENTION.test(text);
        const wished = { person: this.key, where: this.where, text: text.replace(MENTION, "") || text, mention };
        this.text.value = "";
        if (!(await this.ask("say", wished))) this.text.value = text;
    }

    async act(said, action, element) {
        const wished = { person: this.key, message: said.id, data: action.data ?? {} };
        const copied = action.data?.msteams?.type === "imBack" && action.data.msteams.value;
        element.classList.add("busy");
        if (copied) await this.ask("say", { person: this.key, where: this.where, text: copied, mention: true });
        else if (action.getJsonTypeName() === "Action.Execute") await this.ask("press", { ...wished, verb: action.verb ?? "" });
        else await this.ask("submit", wished);
        element.classList.remove("busy");
    }

    /** What a client asks as one types; no answer finds nothing. */
    async find(wished) {
        const { body } = await wish("search", wished).catch(() => ({}));
        return body?.value?.results ?? [];
    }

    /** Ask the simulated tenant; what goes wrong is shown here. True when it went well. */
    async ask(name, wished) {
        try {
            const told = await wish(name, wished);
            const wrong = wrongWith(told);
            trouble(wrong, this.alert);
            return !wrong;
        } catch (error) {
            if (!(error instanceof Trouble)) throw error;
            trouble(error.message, this.alert);
            return false;
        }
    }
}

function options(named) {
    return Object.entries(named).map(([value, name]) => make("option", { value }, name));
}

function badge(count) {
    return count ? [" ", make("b", { class: "badge" }, `${count}`, make("span", { class: "unseen" }, words.news))] : [];
}

function wrongWith({ status = 200, body }) {
    if (!SENT.has(status)) return words.botRefused(status);
    return body?.statusCode >= 400 ? words.pressRefused(body.value?.message ?? "") : "";
}
