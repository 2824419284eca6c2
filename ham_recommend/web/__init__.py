"""Step 8. Reads collections; writes answers for browsers and programs: a page and an API.

The page draws a Conversation and loads the same modules as the widget (``ham_recommend.frontend.static``),
one by one. Everything it asks goes through the API, which any other program may ask too; :mod:`.app` puts
both together.
"""
