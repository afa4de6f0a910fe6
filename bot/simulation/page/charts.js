// The charts that the library lacks, from the same JSON as Teams'. The numbers stand in the name and in the legend.
import { make } from "./dom.js";

const ROUND = 100; // the donut's length around, so that a share is a percentage

const total = (parts) => parts.reduce((sum, part) => sum + part.value, 0);
const spoken = (parts) => parts.map((part) => `${part.legend} ${part.value}`).join(", ");
const colour = (part) => `var(--chart-${part.color}, var(--chart-neutral))`;

function legend(parts) {
    const items = parts.map((part) => {
        const item = make("li", {}, make("span", { class: "swatch" }), part.legend);
        item.firstChild.style.background = colour(part);
        return item;
    });
    return make("ul", { class: "legend" }, ...items);
}

function bar(row) {
    const line = make("div", { class: "bar", role: "img", "aria-label": `${row.title}: ${spoken(row.data)}` });
    for (const part of row.data.filter((one) => one.value > 0)) {
        const piece = line.appendChild(make("span"));
        piece.style.flexGrow = part.value;
        piece.style.background = colour(part);
    }
    return make("div", {}, make("p", { class: "bar-title" }, make("b", {}, row.title), make("b", {}, `${total(row.data)}`)), line);
}

function ring(parts) {
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    set(drawing, { viewBox: "0 0 40 40", class: "ring", role: "img", "aria-label": spoken(parts) });
    let before = 0;
    for (const part of parts) {
        const share = (ROUND * part.value) / (total(parts) || 1);
        const arc = drawing.appendChild(document.createElementNS(drawing.namespaceURI, "circle"));
        set(arc, { cx: 20, cy: 20, r: 15.9155, fill: "none", "stroke-dasharray": `${share} ${ROUND - share}`, "stroke-dashoffset": 25 - before });
        arc.style.stroke = colour(part);
        before += share;
    }
    return drawing;
}

const DRAWN = {
    "Chart.HorizontalBar.Stacked": (chart) => [...chart.data.map(bar), legend(chart.data[0]?.data ?? [])],
    "Chart.Donut": (chart) => [ring(chart.data), legend(chart.data.map((part) => ({ ...part, legend: `${part.legend} ${part.value}` })))],
};

/** Teach the library both. */
export function registerCharts({ CardElement, GlobalRegistry, Versions }) {
    for (const [name, draw] of Object.entries(DRAWN)) {
        class Chart extends CardElement {
            getJsonTypeName() {
                return name;
            }

            internalParse(source, context) {
                super.internalParse(source, context);
                this.source = source;
            }

            internalRender() {
                return make("div", { class: "chart" }, ...draw(this.source));
            }
        }
        GlobalRegistry.elements.register(name, Chart, Versions.v1_5);
    }
}
