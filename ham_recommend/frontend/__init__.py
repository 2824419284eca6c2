"""Step 7. Reads the answers of step 5; writes messages for a front end, and findings as files.

What any front end shares: the protocol of one session, exports, and the modules of `static/`.
"""
