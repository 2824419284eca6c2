"""Commands that take a source: one for each that is registered, made from what its class says of itself."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ham_recommend import registry
from ham_recommend.cli._help import Command, Group
from ham_recommend.errors import HamRecommendError, SettingsError

if TYPE_CHECKING:
    from ham_recommend.sources.base import Option, Source


class SourceCommands(Group, ABC):
    """A group of commands named as the sources are, each made when it is asked for.

    A source that cannot be loaded says so in its line of the help, and breaks nothing else.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the sources to choose from."""
        del ctx
        return [name for name in registry.known("source") if self.offers(name)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a source.

        Raises
        ------
        SettingsError
            There is no such source.
        """
        del ctx
        if cmd_name not in registry.known("source"):
            raise SettingsError.unknown("source", cmd_name, registry.known("source"))
        try:
            return self.command_for(loaded(cmd_name))
        except HamRecommendError as error:
            return _refusal(cmd_name, error)

    def offers(self, name: str) -> bool:
        """Whether to list the source of this name."""
        del name
        return True

    @abstractmethod
    def command_for(self, source: type[Source]) -> Any:
        """Return the command of a source; see :func:`command`.

        Raises
        ------
        SettingsError
            It has none.
        """


def loaded(name: str) -> type[Source]:
    """Return the class of a source.

    Raises
    ------
    SettingsError
        It is unknown, cannot be loaded, or calls itself by another name.
    """
    source = registry.load("source", name)
    if source.name != name:
        raise SettingsError(
            f"The source {name!r} calls itself {source.name!r}; one of the two has to change."
        )
    return source


def command(name: str, run: Callable[..., None], options: Sequence[Option], about: str, epilog: str) -> Any:
    """Return a function as a command.

    Parameters
    ----------
    name : str
        What is typed.
    run : callable
        Its parameters, with Typer's annotations, are those of the command; the first is its folder.
    options : sequence of Option
        What the command takes besides; ``run`` gets it as ``**options``.
    about, epilog : str
        What ``--help`` says before and after the options.

    Raises
    ------
    SettingsError
        An option cannot be typed, or is named as one of the command's own.
    """
    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    try:
        app.command(name, cls=Command, help=about, epilog=epilog)(_spelt_out(run, options))
        return typer.main.get_command(app)
    except (ValueError, RuntimeError, AssertionError) as error:
        raise SettingsError(f"The options of the source {name!r} cannot be offered: {error}.") from error


def _spelt_out(run: Callable[..., None], options: Sequence[Option]) -> Callable[..., None]:
    """Return a function that has a parameter for each option, as Typer reads it."""

    def spelt_out(**values: Any) -> None:
        run(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})

    signature = inspect.signature(run, eval_str=True)
    out, *common = (one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD)
    arguments = [_parameter(option) for option in options if option.flag == ""]
    flags = [_parameter(option) for option in options if option.flag != ""]
    named = [one.replace(kind=one.KEYWORD_ONLY) for one in (*arguments, out, *flags, *common)]
    spelt_out.__signature__ = signature.replace(parameters=named)  # type: ignore[attr-defined]
    return spelt_out


def _parameter(option: Option) -> inspect.Parameter:
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=_default(option),
        annotation=Annotated[_type(option), _typed_as(option)],
    )


def _default(option: Option) -> Any:
    if option.flag == "":
        return inspect.Parameter.empty
    return list(option.default) if option.repeated else option.default


def _type(option: Option) -> Any:
    if option.repeated:
        return list[option.type]  # type: ignore[name-defined]
    return option.type if option.flag == "" or option.default is not None else option.type | None


def _typed_as(option: Option) -> Any:
    if option.flag == "":
        return typer.Argument(metavar=option.metavar, help=option.help)
    flag = option.flag or f"--{option.name.replace('_', '-')}"
    if option.type is bool:  # only what is on can be switched off
        flag = f"{flag}/--no-{flag.removeprefix('--')}" if option.default else flag
    return typer.Option(flag, metavar=option.metavar, help=option.help, min=option.least)


def _refusal(name: str, error: HamRecommendError) -> Any:
    """Return the command of a source that has none: all that it does is say why."""

    def refuse() -> None:
        raise error

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command(name, help=str(error), context_settings=anything)(refuse)
    return typer.main.get_command(app)
