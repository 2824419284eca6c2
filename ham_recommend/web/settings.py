"""How ``ham serve`` is set up, and which setups are refused."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from ham_recommend.draft import MANIFEST
from ham_recommend.errors import SettingsError

STATE = "HAM_STATE"
"""The environment variable that names the folder of what the server keeps beside the collections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request, one visitor and the whole server may ask for.

    Parameters
    ----------
    body : int
        Bytes of a request's body, pictures excepted.
    picture : int
        Bytes of a picture that is searched by.
    k : int
        Works in one answer.
    depth : int
        Works in an answer and all the pages before it.
    searches : int
        Searches at once.
    conversations : int
        Events of visitors at once; each takes some milliseconds, and waits for a worker meanwhile.
    waiting : int
        Searches that wait for their turn, and events too; the next one is told to come back.
    rate, burst : float
        Requests per second of one visitor in the long run, and how many at once before that counts. An opened
        turn asks for a dozen pictures.
    new_visitors : float
        Visitors per second from one address.
    """

    body: int = 256 * 1024
    picture: int = 30 * 1024 * 1024
    k: int = 200
    depth: int = 10_000
    searches: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    conversations: int = 32
    waiting: int = 64
    rate: float = 30.0
    burst: float = 300.0
    new_visitors: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is served, to whom, and where visitors are remembered.

    Parameters
    ----------
    places : tuple of Path
        Collections, or folders that hold some.
    host : str
        The address to listen on.
    port : int
        The port; 0 for any that is free.
    token : str
        What a visitor has to know; empty for nothing.
    read_only : bool
        Whether visitors may only look: nothing is uploaded, renamed or removed.
    public : bool
        Whether everybody who reaches the server may look.
    names : tuple of str
        Names by which the server may be called, beside its address and ``localhost``.
    sessions : Path or None
        Where likes and history are kept, as in :class:`ham_recommend.Session`.
    encoder : str
        The encoder whose vectors others may ask for, such as ``"clip"``; empty for none.
    limits : Limits
        What may be asked for.

    Raises
    ------
    SettingsError
        It would listen beyond this machine with neither a token nor ``read_only`` and ``public``.
    """

    places: tuple[Path, ...] = (Path("artifacts"),)
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    read_only: bool = False
    public: bool = False
    names: tuple[str, ...] = ()
    sessions: Path | None = None
    encoder: str = ""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.token and len(self.token) < 8:
            raise SettingsError("A token of fewer than 8 characters can be guessed. Give a longer one.")
        if self.is_local or self.token or (self.read_only and self.public):
            return
        raise SettingsError(
            f"Listening on {self.host} lets other machines in. Give --token SECRET, which visitors must know,"
            " or --read-only --public to let everybody look and nobody change anything."
        )

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def folder(self) -> Path | None:
        """Where new collections go: the first place that holds collections and is none; else nowhere."""
        return next((place for place in self.places if not (place / MANIFEST).is_file()), None)

    @property
    def state(self) -> Path:
        """The folder that keeps the key of the cookies and the codes for other devices."""
        if self.sessions is not None and self.sessions.suffix != ".sqlite":
            return self.sessions
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(os.environ.get(STATE) or Path(base) / "ham-recommend")

    def knows(self, host: str) -> bool:
        """Return whether a ``Host`` header names this server.

        A page elsewhere whose name was pointed at this machine reaches the server too, but calls it by its
        own name (DNS rebinding). An address cannot be pointed elsewhere.
        """
        name = _without_port(host).casefold()
        if name in {"localhost", self.host.casefold(), *(each.casefold() for each in self.names)}:
            return True
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return address.is_loopback or not self.is_local


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
