// A stand-in for anywidget's model over HTTP: events are posted, state and messages come as server-sent events.

import front from "/static/interface.js";

const listeners = new Map();
const of = (event) => listeners.get(event) ?? [];
const fire = (event, ...given) => {
  for (const callback of of(event)) callback(...given);
};
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
const state = { theme: null };
const model = {
  get: (name) => state[name],
  on: (event, callback) => listeners.set(event, [...of(event), callback]),
  off: (event, callback) =>
    listeners.set(
      event,
      of(event).filter((each) => each !== callback),
    ),
  send: (event) => fetch("/events", { method: "POST", body: JSON.stringify(event) }),
};

let drawn = false;
new EventSource("/messages").onmessage = ({ data }) => {
  const [message, buffers] = JSON.parse(data);
  if (message.type !== "state") return fire("msg:custom", message, buffers.map(bytes));
  Object.assign(state, message.changes);
  for (const name of Object.keys(message.changes)) fire(`change:${name}`);
  if (!drawn) front.render({ model, el: document.querySelector("main") });
  drawn = true;
};
