// Making elements: text is always text, never markup.

/** An element with attributes, listeners (on…) and children; what is null or false is left out. */
export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (value === true) element.setAttribute(name, "");
        else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null && child !== false));
    return element;
}

/** Show one thing that went wrong; nothing when the text is empty. */
export function trouble(text, place = document.getElementById("trouble")) {
    place.textContent = text;
}
