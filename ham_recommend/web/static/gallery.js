// @ts-check
// The page of a collection: the interface of the widget, with an address for everything that it shows.

import { h } from "../../frontend/static/dom.js";
import { View } from "../../frontend/static/view.js";
import { Address } from "./address.js";
import { searchByPicture } from "./by_picture.js";
import { ServerModel } from "./model.js";
import { install, keptTheme, pageHead, reachLine } from "./page.js";

const name = document.documentElement.dataset.collection ?? "";
const model = new ServerModel(name);
const reach = reachLine();
const about = fetch(`/api/v1/collections/${encodeURIComponent(name)}`).then((response) => response.json());
const byPicture = searchByPicture(name, (itemId) => address?.open(itemId));
/** @type {Address | undefined} */
let address;
const main = h("main", { class: "page-main", tabindex: "-1" });

model.onReach = reach.draw;
model.set("theme", keptTheme());
document.body.append(
  pageHead({
    back: { label: "Collections", href: "/" },
    links: [byPicture.button],
    onTheme: (theme) => model.set("theme", theme),
  }),
  reach.element,
  main,
  byPicture.element,
);
byPicture.button.hidden = true;
install();
await model.start();
const view = new View(model, main);
view.open();
address = new Address(view, model, name);
address.start();
about
  .then(({ searches_by_picture }) => {
    byPicture.button.hidden = !searches_by_picture;
  })
  .catch(() => {});
