"""A shard: the share of a collection's pictures that one of several machines reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ham_recommend.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Shard:
    """One share of the works; every machine comes to the same answer on its own.

    Parameters
    ----------
    number : int
        Which, from 1.
    of : int
        Of how many.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read which shard is meant: ``"2/5"`` is the second of five.

        Raises
        ------
        SettingsError
            It is not of this form.
        """
        number, slash, of = (part.strip() for part in text.partition("/"))
        if not (slash and number.isdecimal() and of.isdecimal()):
            raise SettingsError(f"A shard is given as i/n, such as 1/4 for the first of four, not {text!r}.")
        shard = cls(int(number), int(of))
        if not 1 <= shard.number <= shard.of:
            most = max(1, shard.of)
            raise SettingsError(f"There is no shard {text}: they are counted from 1/{most} to {most}/{most}.")
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def __contains__(self, item_id: str) -> bool:
        digest = hashlib.blake2b(item_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.of == self.number - 1
