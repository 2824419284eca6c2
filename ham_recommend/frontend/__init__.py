"""Step 7. Reads the answers of step 5; writes messages for a front end, and findings as files.

What any front end shares: a :class:`Conversation`, whose protocol is on one page in :mod:`.protocol`; the
exports; the modules and styles of `static/`. An adapter such as ``ham_recommend.widget`` carries it.
"""

from pathlib import Path

from ham_recommend.frontend.conversation import Conversation

STATIC = Path(__file__).parent / "static"
"""The modules and styles of the interface. A page imports `interface.js` from here as it is."""

__all__ = ["STATIC", "Conversation"]
