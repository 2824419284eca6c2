"""A page with the real front end and the real widget, joined by a stand-in for the notebook's connection.

Messages travel as they do in a notebook (JSON and bytes, in order), only without a kernel in between, so that a
browser test takes a second instead of a minute.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager

from comm.base_comm import BaseComm
from playwright.sync_api import Page

from ham_recommend.widget.widget import STATIC

MODEL = """
(state) => {
  const listeners = new Map();
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
  const fire = (event, ...rest) => (listeners.get(event) ?? []).slice().forEach((callback) => callback(...rest));
  let changed = {};
  window.held = null;                       // a list keeps what the page sends until it is released
  const toPython = (data) => (window.held ? window.held.push(data) : window.wire(JSON.stringify(data)).then(fromPython));
  const fromPython = (messages) => {
    for (const { method, state: news, content, buffers } of messages) {
      if (method === "custom") fire("msg:custom", content, buffers.map(bytes));
      if (method !== "update") continue;
      Object.assign(state, news);
      for (const name of Object.keys(news)) fire(`change:${name}`);
    }
  };
  window.fromPython = fromPython;
  window.release = async () => { const held = window.held ?? []; window.held = null; for (const data of held) await toPython(data); };
  window.model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = changed[name] = value; fire(`change:${name}`); },
    save_changes: () => { toPython({ method: "update", state: changed, buffer_paths: [] }); changed = {}; },
    on: (event, callback) => listeners.set(event, [...(listeners.get(event) ?? []), callback]),
    off: (event, callback) => listeners.set(event, (listeners.get(event) ?? []).filter((each) => each !== callback)),
    send: (content) => toPython({ method: "custom", content }),
  };
  window.views = [];
  window.addView = () => {
    const el = document.body.appendChild(document.createElement("div"));
    return import("/widget.js").then((module) => window.views.push(module.default.render({ model: window.model, el })));
  };
}
"""


class Wire(BaseComm):
    """Keeps what the widget sends, counted in bytes."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        if msg_type == "comm_msg":
            self.__dict__.setdefault("messages", []).append((data, [bytes(each) for each in buffers or []]))

    def take(self):
        taken, self.messages = self.__dict__.get("messages", []), []
        return taken


class Stage:
    """One widget on one page."""

    def __init__(self, page: Page, widget, *, body="", theme=None):
        self.page, self.widget = page, widget
        self.wire = Wire(comm_id="stage")
        self.bytes_sent = 0
        widget.comm = self.wire
        self.faults = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: line.type in {"error", "warning"} and self.faults.append(line.text))
        page.route("http://stage.test/**", self._serve)
        page.expose_function("wire", self._from_page)
        page.goto(f"http://stage.test/?{body}")
        state = {name: value for name, value in widget.get_state().items() if not name.startswith("_")}
        state = {name: value for name, value in state.items() if name not in {"layout", "tooltip", "tabbable"}}
        page.evaluate(MODEL, json.loads(json.dumps(state)))
        self.open_view()

    def open_view(self):
        self.page.evaluate("window.addView()")
        self.page.locator(".ham").last.wait_for()

    def push(self):
        """Bring to the page what code in Python has changed."""
        self.page.evaluate("(messages) => window.fromPython(messages)", self._taken())

    def search(self, text):
        self.page.get_by_role("searchbox").fill(text)
        self.page.get_by_role("button", name="Search", exact=True).click()

    @contextmanager
    def kernel_busy(self) -> Iterator[None]:
        """Keep what the page sends until the block ends."""
        self.page.evaluate("window.held = []")
        yield
        self.page.evaluate("window.release()")

    def _from_page(self, text):
        self.widget._handle_msg({"content": {"data": json.loads(text)}, "buffers": []})
        return self._taken()

    def _taken(self):
        messages = []
        for data, buffers in self.wire.take():
            self.bytes_sent += len(json.dumps(data, ensure_ascii=False).encode()) if data["method"] != "echo_update" else 0
            coded = [base64.b64encode(each).decode() for each in buffers]
            messages.append({**json.loads(json.dumps(data)), "buffers": coded})
        return messages

    def _serve(self, route):
        name = route.request.url.rpartition("/")[2].partition("?")[0]
        if name == "widget.js":
            route.fulfill(body=(STATIC / "widget.js").read_text(), content_type="text/javascript")
        elif name == "":
            style = (STATIC / "widget.css").read_text()
            route.fulfill(body=f"<!DOCTYPE html><html lang=en><title>Stage</title><style>body{{margin:0}}{style}</style><main></main>", content_type="text/html; charset=utf-8")
        else:
            route.abort()
