"""What a build tells of the collection: the facts of its manifest, and what was left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from ham_recommend.builder.run import Run
from ham_recommend.manifest import EncoderFacts, Facts, origins_in
from ham_recommend.vectors import file_names
from ham_recommend.workspace import THUMBNAILS, WORKS

PROBLEMS = "2-catalog/problems.json"


def write_problems(run: Run) -> None:
    """Write down every record and picture that was left out."""
    settings = {"problems": len(run.problems)}
    if not run.problems and run.draft.keep(PROBLEMS, settings=settings, parents={}):
        return
    with run.draft.write(PROBLEMS, rows=len(run.problems), settings=settings) as path:
        content = [asdict(problem) for problem in run.problems]
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def facts_of(run: Run, encoders: Mapping[str, EncoderFacts], wish: str | None) -> Facts:
    """Return the facts of what a build has made; which builds make it is for the caller to add.

    Parameters
    ----------
    run : Run
        The build, done but for the commit.
    encoders : mapping of str to EncoderFacts
        Whose vectors there may be; how many each made is counted here.
    wish : str or None
        Whose vectors are to answer when nobody says which, if there are any.
    """
    files = run.draft.files
    made = {
        name: replace(encoder, pictures=files[file_names(name)[0]].rows)
        for name, encoder in encoders.items()
        if file_names(name)[0] in files
    }
    return Facts(
        works=files[WORKS].rows,
        pictures=files[THUMBNAILS].rows,
        origins=origins_in(files[WORKS].settings),
        encoder=wish if wish in made else min(made, default=None),
        encoders=made,
        problems=len(run.problems),
    )
