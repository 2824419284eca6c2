// A stand-in for the notebook's model: state, listeners, and a wire to Python that `window.held` can hold up.
(state) => {
  const listeners = new Map();
  const of = (event) => listeners.get(event) ?? [];
  const fire = (event, ...given) => {
    for (const callback of of(event)) callback(...given);
  };
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
  let changed = {};

  window.held = null;
  window.fromPython = (messages) => {
    for (const { method, state: news, content, buffers } of messages) {
      if (method === "custom") fire("msg:custom", content, buffers.map(bytes));
      if (method !== "update") continue;
      Object.assign(state, news);
      for (const name of Object.keys(news)) fire(`change:${name}`);
    }
  };
  const toPython = async (data) => {
    if (window.held) window.held.push(data);
    else window.fromPython(await window.wire(JSON.stringify(data)));
  };
  window.release = async () => {
    const held = window.held;
    window.held = null;
    for (const data of held) await toPython(data);
  };
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = changed[name] = value;
      fire(`change:${name}`);
    },
    save_changes: () => {
      toPython({ method: "update", state: changed, buffer_paths: [] });
      changed = {};
    },
    on: (event, callback) => listeners.set(event, [...of(event), callback]),
    off: (event, callback) =>
      listeners.set(
        event,
        of(event).filter((each) => each !== callback),
      ),
    send: (content) => toPython({ method: "custom", content }),
  };
  window.stopped = () => fire("comm_live_update");
  window.listening = () => [...listeners.values()].flat().length;
  window.views = [];
  window.addView = async () => {
    const module = await import("/interface.js");
    const el = document.querySelector("main").appendChild(document.createElement("div"));
    window.views.push(module.default.render({ model: window.model, el }));
  };
};
