// Light or dark: as the address says (?theme=dark), else as the machine is set. Cards carry Teams' colours of it.
import { words } from "./words.js";

const THEMES = ["light", "dark"];
const HEADING_LEVEL = 3; // below the page's own headings
const machine = matchMedia("(prefers-color-scheme: dark)");

show(); // before anything is fetched, so that nothing flashes
const configs = Object.fromEntries(await Promise.all(THEMES.map(async (name) => [name, await config(name)])));

async function config(name) {
    const read = await (await fetch(`/page/hostconfig-${name}.json`)).json();
    read.textBlock.headingLevel = HEADING_LEVEL;
    read.inputs = { errorMessage: { weight: "bolder" } }; // Teams' red on dark has too little contrast to read
    return read;
}

function theme() {
    const asked = new URLSearchParams(location.search).get("theme");
    return THEMES.includes(asked) ? asked : machine.matches ? "dark" : "light";
}

function show() {
    document.documentElement.dataset.theme = theme();
    document.getElementById("theme").textContent = words.theme[theme() === "dark" ? "light" : "dark"];
}

/** The library's settings for the colours of now. */
export const hostConfig = () => configs[theme()];

/** Wire the switch; `redraw` is called now and whenever the colours change. */
export function wireTheme(redraw) {
    const change = () => {
        show();
        redraw();
    };
    document.getElementById("theme").addEventListener("click", () => {
        const address = new URL(location);
        address.searchParams.set("theme", theme() === "dark" ? "light" : "dark");
        history.replaceState(null, "", address);
        change();
    });
    machine.addEventListener("change", change);
    change();
}
