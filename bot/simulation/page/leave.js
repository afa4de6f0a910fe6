// A link says where it goes before it leaves.
import { make } from "./dom.js";
import { words } from "./words.js";

/** Ask before a page outside is opened; anything but http and https is shown and not opened. */
export function leave(address) {
    const isPage = /^https?:\/\//i.test(address);
    const dialog = make(
        "dialog",
        { "aria-labelledby": "leaving", onclose: () => dialog.remove() },
        make("p", { id: "leaving" }, isPage ? words.leaving : words.notAPage),
        make("p", { class: "address" }, address),
        make(
            "form",
            { method: "dialog" },
            isPage && make("a", { href: address, target: "_blank", rel: "noopener noreferrer", onclick: () => dialog.close() }, words.open),
            make("button", {}, words.stay),
        ),
    );
    document.body.append(dialog);
    dialog.showModal();
}
