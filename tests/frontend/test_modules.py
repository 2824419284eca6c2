"""The modules of the interface can be joined into one that does the same, and only clear forms are taken."""

from __future__ import annotations

import re

import pytest

from ham_recommend.frontend import STATIC
from ham_recommend.frontend.modules import ModuleError, interface_module, joined

ENTRY = 'import { greet } from "./greet.js";\n\nexport default { says: greet("you") };\n'
GREET = """import {
  HELLO,
  word,
} from "./words.js";

export function greet(who) {
  return word(HELLO, who);
}
"""
WORDS = """export const HELLO = "Hello";

const greet = (first, second) => `${first} ${second}`;

export function word(first, second) {
  return greet(first, second);
}

export class Unused {}

export async function later() {}
"""


def run(page, text):
    """Return the default export of a module, run in the browser."""
    blob = "new Blob([text], { type: 'text/javascript' })"
    return page.evaluate(f"async (text) => (await import(URL.createObjectURL({blob}))).default", text)


@pytest.mark.browser
def test_modules_become_one_that_does_the_same(page):
    text = joined({"entry.js": ENTRY, "greet.js": GREET, "words.js": WORDS}, "entry.js")
    assert run(page, text) == {"says": "Hello you"}


@pytest.mark.browser
def test_a_module_that_two_others_import_runs_once(page):
    modules = {
        "entry.js": 'import { a } from "./a.js";\nimport { b } from "./b.js";\nexport default [a === b];\n',
        "a.js": 'import { shared } from "./shared.js";\nexport const a = shared;\n',
        "b.js": 'import { shared } from "./shared.js";\nexport const b = shared;\n',
        "shared.js": "export const shared = {};\n",
    }
    assert run(page, joined(modules, "entry.js")) == [True]


def test_what_the_entry_does_not_need_is_left_out():
    text = joined({"entry.js": "export default {};\n", "other.js": "export const other = 1;\n"}, "entry.js")
    assert "other" not in text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("greet.js", 'import greet from "./words.js";\n', "a form that cannot be joined"),
        ("greet.js", 'import * as words from "./words.js";\n', "a form that cannot be joined"),
        ("greet.js", 'import "./words.js";\n', "a form that cannot be joined"),
        ("greet.js", 'import { word } from "../words.js";\n', "a form that cannot be joined"),
        ("greet.js", 'import { word } from "far-away";\n', "a form that cannot be joined"),
        ("greet.js", 'const words = await import("./words.js");\n', "a form that cannot be joined"),
        ("greet.js", 'export { word } from "./words.js";\n', "a form that cannot be joined"),
        ("greet.js", "export let changing = 1;\n", "a form that cannot be joined"),
        ("greet.js", "export const { a } = words;\n", "a form that cannot be joined"),
        ("greet.js", "const greet = 1;\n", "imports 'greet' from greet.js, which does not export it"),
        (
            "greet.js",
            'import { word as greet } from "./words.js";\n',
            "imports 'word as greet' from words.js",
        ),
        (
            "greet.js",
            'import { no } from "./words.js";\nexport const greet = no;\n',
            "imports 'no' from words.js",
        ),
        ("greet.js", "export const greet = 1;\nexport default greet;\n", "only entry.js may"),
        (
            "greet.js",
            'import { x } from "./lost.js";\nexport const greet = x;\n',
            "lost.js, which is not there",
        ),
        ("words.js", 'import { greet } from "./greet.js";\n', "greet.js imports words.js imports greet.js"),
        ("entry.js", "const nothing = 1;\n", "entry.js must have a default export"),
        (
            "entry.js",
            "export const a = 1;\nexport default a;\n",
            "entry.js must have a default export and no other",
        ),
    ],
)
def test_other_forms_are_refused(name, text, message):
    modules = {"entry.js": ENTRY, "greet.js": GREET, "words.js": WORDS, name: text}
    with pytest.raises(ModuleError, match=re.escape(message)):
        joined(modules, "entry.js")


def test_the_whole_interface_is_in_the_joined_module():
    text = interface_module()
    for path in STATIC.glob("*.js"):
        assert text.count(f"// ---- {path.name}\n") == 1, f"{path.name} is imported by no other module"
    assert not re.search(r"^import\b", text, re.MULTILINE)


def test_the_modules_stay_readable():
    page = STATIC.parents[1] / "web" / "static"
    written = [path for folder in (STATIC, page) for path in folder.glob("*.*")]
    for path in (path for path in written if path.suffix in {".js", ".ts", ".css"}):
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 450, f"{path.name} has grown too long to read at one sitting"
        assert [line for line in lines if len(line) > 110] == [], path.name
    for path in STATIC.glob("*.js"):
        assert path.read_text("utf-8").startswith("// @ts-check\n"), path.name
