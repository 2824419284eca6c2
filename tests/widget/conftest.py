"""The collections and the browser of every test here, which are those of the front end's tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "frontend"))

from collections_and_pages import browser, hostile, museum, page, recommender

__all__ = ["browser", "hostile", "museum", "page", "recommender"]
