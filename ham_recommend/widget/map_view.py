"""What ``show_map`` returns: the map of a widget, to look at and to take a selection from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ham_recommend.widget.widget import HAM_recommend


class MapView:
    """The map of a widget; get one with :meth:`HAM_recommend.show_map`.

    Parameters
    ----------
    widget : HAM_recommend
        What shows it.
    """

    def __init__(self, widget: HAM_recommend) -> None:
        self._widget = widget

    def __repr__(self) -> str:
        return f"<Map of {self._widget.recommender.workspace.name}: {len(self.selected):,} works selected>"

    @property
    def selected(self) -> pd.DataFrame:
        """The works inside the last lasso; see :attr:`HAM_recommend.selected`."""
        return self._widget.selected

    def _ipython_display_(self) -> None:
        self._widget.show()
