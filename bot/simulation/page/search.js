// A field of a card that searches: the bot is asked as one types, and what it finds joins the list below the field.
const PAUSE_MS = 250; // between two letters of who types quickly

/** For the card's `onInputValueChanged`. `find(dataset, text)` gives titles and values. */
export function searching(library, find) {
    let waiting = 0;
    return (input) => {
        const dataset = input.choicesData?.dataset;
        if (!dataset || isChosen(input)) return;
        clearTimeout(waiting);
        waiting = setTimeout(() => look(library, input, (text) => find(dataset, text)), PAUSE_MS);
    };
}

const field = (input) => input.renderedElement.querySelector("input");
const isChosen = (input) => input.choices.some(({ title }) => title === field(input).value);

async function look(library, input, find) {
    const text = field(input).value;
    const found = await find(text);
    if (field(input)?.value !== text) return; // a later letter has its own answer
    const known = new Set(input.choices.map(({ value }) => value));
    for (const { title, value } of found) {
        if (known.has(value)) continue;
        input.choices.push(new library.Choice(value, title));
        field(input).list.append(new Option(title, title));
    }
}
