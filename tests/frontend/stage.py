"""A page with the real front end and the real widget, joined by a stand-in for the notebook's connection.

Messages travel as they do in a notebook (JSON and bytes, in order), only without a kernel in between, so that
a browser test takes a second instead of a minute.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comm.base_comm import BaseComm
from playwright.sync_api import Page

MODEL = (Path(__file__).parent / "stage.js").read_text().partition("\n")[2].rstrip().rstrip(";")

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")


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

    def __init__(self, page: Page, widget):
        self.page, self.widget = page, widget
        self.wire = Wire()
        self.bytes_sent = 0
        widget.comm = self.wire
        self.faults = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: line.type in {"error", "warning"} and self.faults.append(line.text))
        page.route("http://stage.test/**", self._serve)
        page.route(
            "https://pictures.test/**", lambda route: route.fulfill(body=PIXEL, content_type="image/gif")
        )
        page.expose_function("wire", self._from_page)
        page.goto("http://stage.test/")
        state = {name: value for name, value in widget.get_state().items() if not name.startswith("_")}
        state = {
            name: value for name, value in state.items() if name not in {"layout", "tooltip", "tabbable"}
        }
        page.evaluate(MODEL, json.loads(json.dumps(state)))
        self.open_view()

    def open_view(self):
        before = self.page.locator(".ham").count()
        self.page.evaluate("window.addView()")
        self.page.locator(".ham").nth(before).wait_for()

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
            self.bytes_sent += (
                len(json.dumps(data, ensure_ascii=False).encode()) if data["method"] != "echo_update" else 0
            )
            coded = [base64.b64encode(each).decode() for each in buffers]
            messages.append({**json.loads(json.dumps(data)), "buffers": coded})
        return messages

    def _serve(self, route):
        name = route.request.url.rpartition("/")[2].partition("?")[0]
        if name == "interface.js":
            route.fulfill(body=self.widget._esm, content_type="text/javascript")
        elif name == "":
            style = f"body {{ margin: 0 }} {self.widget._css}"
            page = f"<!DOCTYPE html><html lang=en><title>Stage</title><style>{style}</style><main></main>"
            route.fulfill(body=page, content_type="text/html; charset=utf-8")
        else:
            route.abort()
