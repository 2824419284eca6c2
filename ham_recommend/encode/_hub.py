"""Asking the hub for checkpoints: once, and not at all where nobody said so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ham_recommend.errors import EncodeError


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


def ask_hub(name: str, unloadable: Callable[[str, str], EncodeError]) -> None:
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
