"""Addresses: which are on the web, which are public, and which part of one is a secret."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
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
