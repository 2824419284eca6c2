"""Commands whose help shows a switch without a value to give it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class _Switches:
    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters; a switch is on by being there, so no ``<bool>`` stands beside it."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if getattr(param, "is_flag", False):
                param.metavar = ""
        return params


class Command(_Switches, TyperCommand):
    """A command."""


class Group(_Switches, TyperGroup):
    """A command that has commands."""
