"""Import a session, killed at every event of SQLite in turn: killed_imports.py WORKSPACE SESSIONS_FOLDER.

Prints as JSON how often the old and the new session were found afterwards, and whatever else was found.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import sys
import warnings

from ham_recommend import HAM_recommend, Recommender, Session
from ham_recommend.workspace import Workspace

NAME = "mine"
connect = sqlite3.connect


def killed_at(event):
    """Return a way to connect whose connections end this process at an event, counted over all of them."""
    events = itertools.count()

    def count(*_):
        if next(events) == event:
            os._exit(9)
        return 0

    def counted_connect(*args, **how):
        connection = connect(*args, **how)
        connection.set_progress_handler(count, 1)
        connection.set_trace_callback(count)
        return connection

    return counted_connect


def main(workspace, folder):
    warnings.simplefilter("ignore", DeprecationWarning)  # forks: the children only use SQLite
    opened = Recommender.load(workspace, encoder="none")
    recommender = Recommender(Workspace(folder), opened.catalog, opened.text)
    first, second, third, fourth = recommender.catalog.item_ids[:4].tolist()
    old, new = Session(recommender, name=NAME), Session(recommender)
    old.search("ships")
    for item_id in (first, second):
        old.like(item_id)
    new.search("circus cat")
    for item_id in (third, fourth):
        new.like(item_id)
    before, after = old.to_json(), new.to_json()

    found = {"old": 0, "new": 0, "else": []}
    for event in itertools.count():
        child = os.fork()
        if not child:
            sqlite3.connect = killed_at(event)
            HAM_recommend(recommender, session=NAME).import_session(after)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        held = Session(recommender, name=NAME).to_json()
        if held == before:
            found["old"] += 1
        elif held == after:
            found["new"] += 1
        else:
            found["else"].append(event)
        if held != before:
            Session.delete(recommender, NAME)
            Session.from_json(recommender, before, name=NAME)
        if status == 0:
            break
    sys.stdout.write(json.dumps(found))


main(*sys.argv[1:])
