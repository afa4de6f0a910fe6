// Every card that the product can show, drawn at once. ?theme=dark, ?unfolded=yes
import { drawCard, ready } from "./cards.js";
import { make, trouble } from "./dom.js";
import { wireTheme } from "./theme.js";
import { words } from "./words.js";

const place = document.getElementById("cards");
const unfold = document.getElementById("unfold");

const isUnfolded = () => new URLSearchParams(location.search).has("unfolded");
const shown = (card) =>
    isUnfolded() ? JSON.parse(JSON.stringify(card, (name, value) => (name === "isVisible" ? undefined : value))) : card;

function draw(cards) {
    place.replaceChildren(...cards.map(({ name, card }) => {
        const note = make("p", { role: "status" });
        const told = (action) => trouble(words.gallery(action.verb ?? action.getJsonTypeName()), note);
        return make("article", {}, make("h2", {}, name), drawCard(shown(card), told), note);
    }));
    unfold.setAttribute("aria-pressed", isUnfolded());
    place.setAttribute("aria-busy", "false");
}

async function start() {
    if (!ready) return trouble(words.noLibrary);
    const answer = await fetch("/gallery/cards").catch(() => null);
    if (!answer?.ok) return trouble(words.notSent);
    const cards = await answer.json();
    unfold.addEventListener("click", () => {
        const address = new URL(location);
        if (isUnfolded()) address.searchParams.delete("unfolded");
        else address.searchParams.set("unfolded", "yes");
        history.replaceState(null, "", address);
        draw(cards);
    });
    wireTheme(() => draw(cards));
}

start();
