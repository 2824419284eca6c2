"""The protocol says the same in Python, on its page and to the type checker of the front end."""

from __future__ import annotations

import re
import typing
from dataclasses import MISSING, fields

import pytest

from ham_recommend.frontend import STATIC, events, protocol
from ham_recommend.frontend.state import State

TYPES = "\n".join((STATIC / name).read_text("utf-8") for name in ("events.d.ts", "protocol.d.ts"))
MESSAGES = {each.__name__: each for each in typing.get_args(protocol.Message)}
PARTS = {
    name: each for name, each in vars(protocol).items() if typing.is_typeddict(each) and name not in MESSAGES
}


def interface(name):
    """Return the fields of an interface in `protocol.d.ts`: name → whether it may be left out."""
    found = re.search(rf"interface {name}(?: extends (\w+))? {{\n(.*?)}}", TYPES, re.DOTALL)
    assert found, f"protocol.d.ts has no {name}"
    own = {field: bool(mark) for field, mark in re.findall(r"^  (\w+)(\??):", found[2], re.MULTILINE)}
    return {**(interface(found[1]) if found[1] else {}), **own}


def literal(name):
    return re.search(rf'interface {name}\b[^}}]*?  type: "(\w+)";', TYPES)[1]


@pytest.mark.parametrize("kind", events.EVENTS)
def test_an_event_has_the_fields_that_the_front_end_knows(kind):
    event = events.EVENTS[kind]
    wanted = {
        each.name: each.default is not MISSING or each.default_factory is not MISSING
        for each in fields(event)
    }
    assert interface(event.__name__) == {"type": False, **wanted}
    assert literal(event.__name__) == kind


@pytest.mark.parametrize("name", [*MESSAGES, *PARTS])
def test_a_message_has_the_fields_that_the_front_end_knows(name):
    if name == "StateMessage":
        return  # the adapter keeps it
    part = {**MESSAGES, **PARTS}[name]
    assert interface(name) == dict.fromkeys(typing.get_type_hints(part), False)
    if name in MESSAGES:
        assert (literal(name),) == typing.get_args(typing.get_type_hints(part)["type"])


def test_the_state_has_the_fields_that_the_front_end_knows():
    assert list(interface("State")) == [each.name for each in fields(State)]


def test_the_page_names_every_event_and_message():
    page = protocol.__doc__
    table = page[page.index("====") :]
    for kind in events.EVENTS:
        assert re.search(rf"^{kind}\b|^\w+, {kind}\b", table, re.MULTILINE), kind
    for message in MESSAGES.values():
        assert typing.get_args(typing.get_type_hints(message)["type"])[0] in page


def test_what_an_event_may_leave_out_has_a_default():
    assert events.read_event({"type": "search"}) == events.Search()
    assert events.read_event({"type": "more", "turn_id": 3}) == events.More(turn_id=3)
