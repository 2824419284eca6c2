"""The collections and the browser of every test here."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from collections_and_pages import browser, hostile, museum, page, recommender, stage

__all__ = ["browser", "hostile", "museum", "page", "recommender", "stage"]
