"""Asking the hub for checkpoints: once, and not at all where nobody said so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ham_recommend.errors import EncodeError

Checkpoint = TypeVar("Checkpoint")
Unloadable = Callable[[str, str], EncodeError]


def loaded(name: str, fetch: bool, read: Callable[..., Checkpoint], unloadable: Unloadable) -> Checkpoint:
    """Return a checkpoint, from this machine where it is there.

    Parameters
    ----------
    name : str
        Its folder, or its name at the hub.
    fetch : bool
        Whether the hub may be asked for what is not here.
    read : callable
        What reads it with transformers, given ``name`` and ``local_files_only``.
    unloadable : callable
        Name and reason → the error that says so.

    Raises
    ------
    EncodeError
        It is missing or damaged, or may not be asked for.
    """
    if not fetch and name.replace("\\", "/").startswith("//"):  # asking for it would already tell its server
        raise unloadable(name, "They lie on another machine, which is asked only where a person names it")
    try:
        try:
            with offline():
                return read(name, local_files_only=True)
        except OSError:  # not downloaded yet
            if Path(name).is_dir():
                raise
            if not fetch:
                reason = "They are not on this machine, and are fetched only where a person names them"
                raise unloadable(name, reason) from None
            ask_hub(name, unloadable)
            return read(name, local_files_only=False)
    except EncodeError:
        raise
    except Exception as error:  # a missing or damaged checkpoint raises anything in transformers
        raise unloadable(name, " ".join(str(error).split())[:300] or type(error).__name__) from error


@contextmanager
def offline() -> Iterator[None]:
    """Let nobody be asked meanwhile: huggingface_hub asks for more than models."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def ask_hub(name: str, unloadable: Unloadable) -> None:
    """Ask once whether there is a way to a checkpoint; transformers would go on asking for half a minute.

    Raises
    ------
    EncodeError
        There is none: what ``unloadable`` makes of the name and the reason.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        get_hf_file_metadata(hf_hub_url(name, "config.json"))
    except HFValidationError as error:
        raise unloadable(name, "There is no such folder, and no hub has such names.") from error
    except HfHubHTTPError:
        raise  # says itself what is wrong
    except Exception as error:
        reason = f"They are not on this machine, and no hub can be reached ({type(error).__name__})."
        raise unloadable(name, reason) from error
