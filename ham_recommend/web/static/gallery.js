// @ts-check
// The page of a collection: the interface of the widget, with an address for everything that it shows.

import { h } from "../../frontend/static/dom.js";
import { View } from "../../frontend/static/view.js";
import { Address } from "./address.js";
import { ServerModel } from "./model.js";
import { install, keptTheme, pageHead, reachLine } from "./page.js";

const name = document.documentElement.dataset.collection ?? "";
const model = new ServerModel(name);
const reach = reachLine();
const main = h("main", { class: "page-main", tabindex: "-1" });

model.onReach = reach.draw;
model.onRefused = reach.say;
model.set("theme", keptTheme());
document.body.append(
  pageHead({
    back: { label: "Collections", href: "/" },
    onTheme: (theme) => model.set("theme", theme),
  }),
  reach.element,
  main,
);
install();
await model.start();
reach.say("");
const view = new View(model, main);
view.open();
new Address(view, model, name).start();
