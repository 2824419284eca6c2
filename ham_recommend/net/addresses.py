"""Addresses: which are on the web, which are public, and which part of one is a secret."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments: DS-Lite, the dummy address, discovery of NAT64
            "192.88.99.0/24",  # 6to4 relays
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2002::/16",  # 6to4: leads to any IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
"""Networks of IANA's special-purpose registries that not every Python knows to be special."""
_PRIVATE_NAMES = ("local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")
"""Ends of names that stand for something else in every network."""
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
"""What browsers drop from an address, or read as a slash."""


def on_the_web(place: str) -> bool:
    """Return whether a place is an http(s) address rather than a path on this machine."""
    return place.lower().startswith(("http://", "https://"))


def web_address(text: str) -> str:
    """Return an http(s) address as it is; anything else is none.

    Returns
    -------
    str
        Empty when the text is no address, names no host, has another scheme, or carries a user or password,
        which are nobody's to see.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    acceptable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return text if acceptable else ""


def public_address(text: str) -> str:
    """Return a web address that a browser may be sent to unasked; anything else is none.

    A page that shows a picture makes its reader's browser fetch it, from wherever the reader sits. An address
    is judged as browsers read it: numbers may be short, octal, hexadecimal or written in other digits.

    Returns
    -------
    str
        Empty when :func:`web_address` is, or when the host is this machine, a name or an address of a private
        network, or spelt so that programs read it differently. A public name may stand for a private address
        all the same; only whoever looks it up can tell.
    """
    if not web_address(text) or _AMBIGUOUS.search(text):
        return ""
    parts = urlsplit(text)
    if "%" in parts.netloc:
        return ""
    return text if _is_public_host(parts.hostname or "") else ""


@lru_cache(1 << 10)
def _is_public_host(host: str) -> bool:
    host = unicodedata.normalize("NFKC", host).replace("\u3002", ".").casefold()
    if ":" in host:
        return _is_public_text(host)
    labels = host.removesuffix(".").split(".")
    if not all(labels) or any(unicodedata.category(letter) in {"Cf", "Mn"} for letter in host):
        return False
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return _is_public_text(_dotted(labels))
    return len(labels) > 1 and not any(host.removesuffix(".").endswith(f".{name}") for name in _PRIVATE_NAMES)


def _is_public_text(address: str) -> bool:
    try:
        return is_public(address)
    except ValueError:
        return False


def _dotted(labels: list[str]) -> str:
    """Return the usual form of an IPv4 address as browsers read it; an empty text where it is none."""
    try:
        numbers = [int(label, _base(label)) for label in labels]
        *bytes_, rest = numbers
        return ".".join(map(str, bytes([*bytes_, *rest.to_bytes(4 - len(bytes_), "big")])))
    except (ValueError, OverflowError):
        return ""


def _base(label: str) -> int:
    if label.startswith("0x"):
        return 16
    return 8 if label.startswith("0") and label != "0" else 10


def is_public(address: str) -> bool:
    """Return whether an IP address is one that anybody on the internet may reach.

    Parameters
    ----------
    address : str
        IPv4 or IPv6; an IPv4 address wrapped in IPv6 is judged as the IPv4 address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in _SPECIAL)
    return ip.is_global and not special


@dataclass(frozen=True, slots=True)
class Secret:
    """A part of the query string that is sent to one place and shown to nobody.

    Parameters
    ----------
    name, value : str
        As in ``name=value``.
    place : str
        Scheme and host of the addresses it belongs to, such as ``"https://api.example.org"``: a redirect to
        the same host without encryption does not get it.
    """

    name: str
    value: str = field(repr=False)
    place: str

    def query_for(self, url: str) -> str:
        """Return what to add to the query string of an address; empty for any other place."""
        parts, own = urlsplit(url), urlsplit(self.place)
        fits = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        return f"{self.name}={quote(self.value, safe='')}" if fits else ""

    def without(self, url: str) -> str:
        """Return an address from which this part of the query string, quoted by a server, is taken out."""
        return url.replace(quote(self.value, safe=""), "").replace(self.value, "")
