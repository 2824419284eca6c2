"""Join the modules of the interface into one, and its style sheets, for hosts that load a single file.

A page imports the modules of `static/` as they are. A notebook gets one text, in which ``./dom.js`` cannot be
found: there each module becomes a function that is called once, in order of dependency, and hands its exports
to those that import them. So names need only be unique within a module, as in the files.

The modules keep to a few forms, each at the start of a line; anything else is refused::

    import { h, icon } from "./dom.js";
    export function …    export class …    export const …    export default …  (in the first module only)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

STATIC = Path(__file__).parent / "static"
ENTRY = "interface.js"

_IMPORT = re.compile(r'^import \{ ?([\w\s,]+?),?\s\} from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_SHEET = re.compile(r'^@import "\./([\w.]+)";$', re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*|^.*\bimport\(.*", re.MULTILINE)


class ModuleError(ValueError):
    """A module of the interface has a form that cannot be joined."""


@cache
def interface_module() -> str:
    """Return the whole interface as one ES module."""
    return joined({path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}, ENTRY)


@cache
def interface_style() -> str:
    """Return the whole style of the interface as one sheet."""
    sheet = (STATIC / "interface.css").read_text("utf-8")
    return _SHEET.sub(lambda found: (STATIC / found[1]).read_text("utf-8"), sheet)


def joined(modules: Mapping[str, str], entry: str) -> str:
    """Return one ES module that does what ``entry`` does with all it imports.

    Parameters
    ----------
    modules : mapping of str to str
        File name → text.
    entry : str
        The module whose default export the joined one has.

    Raises
    ------
    ModuleError
        A module imports or exports in another form, imports what is not exported, or imports in a circle.
    """
    parts = {name: _read(name, text) for name, text in modules.items()}
    *rest, _ = order = list(_in_order(parts, entry, ()))
    _check_names(parts, order)
    return "\n".join([*(_as_function(name, parts[name]) for name in rest), parts[entry].body])


@dataclass(frozen=True, slots=True)
class _Module:
    imports: tuple[tuple[str, str], ...]
    """Each imported name, and the file it comes from."""
    exports: tuple[str, ...]
    has_default: bool
    body: str

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(file for _, file in self.imports))


def _read(name: str, text: str) -> _Module:
    imports = tuple(
        (each.strip(), file) for names, file in _IMPORT.findall(text) for each in names.split(",")
    )
    has_default = _DEFAULT.search(text) is not None
    exports = tuple(_EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(_taken, text))
    other = _LEFT.search(_DEFAULT.sub("", body))
    if other:
        raise ModuleError(f"{name} has a form that cannot be joined: {other[0]!r:.100}.")
    return _Module(imports, exports, has_default, f"// ---- {name}\n{body}")


def _taken(found: re.Match[str]) -> str:
    return f"const {{ {' '.join(found[1].split())} }} = {_variable(found[2])};"


def _as_function(file: str, module: _Module) -> str:
    exports = ", ".join(module.exports)
    return f"const {_variable(file)} = (() => {{\n{module.body}return {{ {exports} }};\n}})();\n"


def _variable(file: str) -> str:
    return f"${file.removesuffix('.js')}"


def _in_order(parts: Mapping[str, _Module], name: str, path: tuple[str, ...]) -> Iterator[str]:
    """Yield each module that is needed once, after all that it imports."""
    if name in path:
        raise ModuleError(f"{' imports '.join((*path[path.index(name) :], name))}: that is a circle.")
    if name not in parts:
        raise ModuleError(f"{path[-1] if path else 'Something'} imports {name}, which is not there.")
    before = (_in_order(parts, file, (*path, name)) for file in parts[name].files)
    yield from dict.fromkeys([*chain.from_iterable(before), name])


def _check_names(parts: Mapping[str, _Module], order: list[str]) -> None:
    *rest, entry = order
    for name in order:
        for imported, file in parts[name].imports:
            if imported not in parts[file].exports:
                raise ModuleError(f"{name} imports {imported!r} from {file}, which does not export it.")
    if not parts[entry].has_default or parts[entry].exports:
        raise ModuleError(f"{entry} must have a default export and no other.")
    for name in rest:
        if parts[name].has_default:
            raise ModuleError(f"{name} has a default export; only {entry} may.")
