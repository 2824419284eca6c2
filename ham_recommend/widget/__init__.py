"""Step 8. Reads the state and the messages of step 7; shows them in a notebook.

``HAM_recommend`` is an anywidget over a :class:`ham_recommend.frontend.Conversation`, nothing more.
"""

from ham_recommend.widget.widget import HAM_recommend

__all__ = ["HAM_recommend"]
