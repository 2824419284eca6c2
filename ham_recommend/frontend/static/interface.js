// @ts-check
// The interface: it draws the state that Python owns, and tells Python what the visitor does.
//
// All it needs is a model with get, on, off and send, and an element to draw in, so the same modules serve a
// notebook and a web page. `protocol.d.ts` says what travels; each other module is one part of what is seen.

import { View } from "./view.js";

/** @import { Model } from "./protocol.d.ts" */

export default {
  /** @param {{ model: Model, el: HTMLElement }} host */
  render({ model, el }) {
    const view = new View(model, el);
    view.open();
    return () => view.close();
  },
};
