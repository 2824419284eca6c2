// @ts-check
// A picture frame: the wall, or the page on which one decides what hangs there.

import { h } from "../../frontend/static/dom.js";
import { keepSettings, keptSettings, settingsForm } from "./frame_settings.js";
import { Frame } from "./frame_wall.js";
import { install, pageHead } from "./page.js";
import { ask } from "./sending.js";

const collection = new URL(location.href).searchParams.get("of") ?? "";
install();
if (collection) new Frame(collection).start();
else choose();

/** The page on which a frame is set up. */
async function choose() {
  document.documentElement.classList.add("frame-choosing");
  const main = h("main", { class: "page-main page-start page-narrow" }, h("h1", { text: "A picture frame" }));
  main.append(
    h("p", {
      class: "page-lead",
      text: "One work at a time, chosen by what you like. Nothing returns before everything was shown.",
    }),
  );
  document.body.append(pageHead({ back: { label: "Collections", href: "/" } }), main);
  const { collections } = await ask("/collections");
  const names = collections.map((/** @type {{ name: string }} */ each) => each.name);
  if (!names.length) return main.append(h("p", { text: "No collection is served yet." }));
  return main.append(
    settingsForm({
      settings: keptSettings(),
      collections: names,
      collection: localStorage.getItem("frame of") ?? "",
      action: "Hang it",
      onDone(chosen, of) {
        keepSettings(chosen);
        localStorage.setItem("frame of", of);
        location.href = `/frame?of=${encodeURIComponent(of)}`;
      },
    }),
  );
}
