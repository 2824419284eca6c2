// @ts-check
// Rename and remove a collection that was uploaded; what was removed comes back by a click.

import { h, setText } from "../../frontend/static/dom.js";
import { ask, posted } from "./sending.js";

/** @param {string} name */
export function managed(name) {
  const said = h("span", { class: "page-about", role: "status", hidden: true });
  const field = h("input", {
    class: "page-field page-small",
    "aria-label": `New name of ${name}`,
    value: name,
  });
  const rename = link("Rename", () => {
    form.hidden = false;
    field.select();
  });
  const remove = link("Remove", () => away());
  const address = `/collections/${encodeURIComponent(name)}`;
  const form = h(
    "form",
    { class: "page-rename", hidden: true, onsubmit: (/** @type {Event} */ event) => renamed(event) },
    field,
    h("button", { class: "page-link", text: "Save" }),
  );
  const element = h("p", { class: "page-manage" }, said, rename, remove, form);

  /** @param {Event} event */
  const renamed = async (event) => {
    event.preventDefault();
    await tried(
      () => ask(`${address}/rename`, posted({ name: field.value })),
      () => location.reload(),
    );
  };
  const away = () =>
    tried(
      () => ask(`${address}/remove`, { method: "POST" }),
      ({ undo }) => {
        element.closest("li")?.classList.add("page-removed");
        setText(said, "Removed.");
        const back = () =>
          tried(
            () => ask(`/undo/${undo}`, { method: "POST" }),
            () => location.reload(),
          );
        rename.replaceWith(link("Undo", back));
        remove.remove();
      },
    );

  /** @param {() => Promise<any>} act @param {(answer: any) => void} then */
  const tried = async (act, then) => {
    try {
      then(await act());
    } catch (error) {
      setText(said, error instanceof Error ? error.message : "That did not work.");
    }
  };
  return element;
}

/** @param {string} label @param {() => void} onclick */
function link(label, onclick) {
  return h("button", { type: "button", class: "page-link", text: label, onclick });
}
