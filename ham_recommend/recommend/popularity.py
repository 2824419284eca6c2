"""How popular works are, as the catalogue tells it: a prior that brings them closer, or its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog


class Popularity:
    """Knows how popular the works of a catalog are, beside each other.

    Parameters
    ----------
    catalog : Catalog
        Says of some works how often they are looked at, or the like.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def standing(self, share: float, item_ids: Sequence[str]) -> Vectors:
        """Return how popular works are.

        Parameters
        ----------
        share : float
            What the most popular work gets; the least popular gets minus that.
        item_ids : sequence of str
            The works.

        Returns
        -------
        ndarray of float32, shape (len(item_ids),)
            0 for works of which nothing is known.

        Raises
        ------
        SettingsError
            Nothing is known of any work.
        """
        places = [self._places.get(item_id, 0.0) for item_id in item_ids]
        return np.float32(share) * np.array(places, dtype=np.float32)

    @cached_property
    def _places(self) -> dict[str, float]:
        """Work → its place among all of which something is known, from -1 to 1; equal numbers share one."""
        known = self._catalog.popularity()
        if not known:
            raise SettingsError("The catalogue does not say how popular its works are. Leave popularity out.")
        _, at, counts = np.unique(list(known.values()), return_inverse=True, return_counts=True)
        middles = np.cumsum(counts) - counts / 2
        return dict(zip(known, (2.0 * middles / len(known) - 1.0)[at].tolist(), strict=True))
