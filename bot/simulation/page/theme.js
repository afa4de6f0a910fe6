// Light or dark: as the address says (?theme=dark), else as the machine is set. Cards carry Teams' colours of it.
import { words } from "./words.js";

const HEADING_LEVEL = 3; // below the page's own headings
const machine = matchMedia("(prefers-color-scheme: dark)");
const configs = { light: await config("light"), dark: await config("dark") };

async function config(name) {
    const read = await (await fetch(`/page/hostconfig-${name}.json`)).json();
    read.textBlock.headingLevel = HEADING_LEVEL;
    read.inputs = { errorMessage: { weight: "bolder" } }; // Teams' red on dark has too little contrast to read
    return read;
}

function theme() {
    const asked = new URLSearchParams(location.search).get("theme");
    return asked in configs ? asked : machine.matches ? "dark" : "light";
}

export const hostConfig = () => configs[theme()];

/** Wire the switch; `redraw` is called whenever the colours change. */
export function wireTheme(redraw) {
    const button = document.getElementById("theme");
    const show = () => {
        document.documentElement.dataset.theme = theme();
        button.textContent = words.theme[theme() === "dark" ? "light" : "dark"];
        redraw();
    };
    button.addEventListener("click", () => {
        const address = new URL(location);
        address.searchParams.set("theme", theme() === "dark" ? "light" : "dark");
        history.replaceState(null, "", address);
        show();
    });
    machine.addEventListener("change", show);
    show();
}
