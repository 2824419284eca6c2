"""The notebook's interface. Reads the answers of step 5; writes findings as HTML, CSV, JSON or Markdown.

``HAM_recommend`` is a thin view: the thinking is in :class:`ham_recommend.Session`, the drawing in `static/`.
"""

from ham_recommend.widget.widget import HAM_recommend

__all__ = ["HAM_recommend"]
