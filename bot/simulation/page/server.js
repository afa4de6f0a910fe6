// What the page asks of the simulated tenant, and what it is told.
import { words } from "./words.js";

const AGAIN_MS = 1000;

/** Something that the page says to its reader. */
export class Trouble extends Error {}

/** Ask for something; the answer's JSON. Throws Trouble. */
export async function wish(name, content) {
    let answer;
    try {
        answer = await fetch(`/chat/${name}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(content),
        });
    } catch {
        throw new Trouble(words.notSent);
    }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Trouble(words.refused[told.refused] ?? words.refused.unknown);
    return told;
}

/** Follow everything; after a loss `history` is told anew. */
export function follow({ history, event, lost }) {
    const stream = new EventSource("/chat/stream");
    stream.addEventListener("history", (message) => history(JSON.parse(message.data)));
    stream.addEventListener("event", (message) => event(JSON.parse(message.data)));
    stream.addEventListener("error", () => {
        stream.close();
        lost();
        setTimeout(follow, AGAIN_MS, { history, event, lost });
    });
}
