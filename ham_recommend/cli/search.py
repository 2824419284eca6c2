"""``ham search``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ham_recommend.cli._show import (
    AsJson,
    Count,
    Encoder,
    Exclude,
    Filters,
    Manifest,
    Semantic,
    WorkspaceFolder,
    examples,
    filters,
    show,
    timed,
)
from ham_recommend.errors import SettingsError

EXAMPLES = examples(
    'ham search artifacts/sample "ships in a storm"',
    'ham search artifacts/sample "portrait" -k 6 --where classification=Paintings --where years=1600:1700',
    'ham search artifacts/sample "circus cat" --json',
    "ham search artifacts/sample --picture photo.jpg",
    "ham search artifacts/sample --colour '#2a559e'",
)


def search(
    workspace: WorkspaceFolder,
    text: Annotated[
        str | None, typer.Argument(help="What to look for, in plain words.", show_default=False)
    ] = None,
    *,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Look for works like this picture instead."),
    ] = None,
    colour: Annotated[
        str | None,
        typer.Option("--colour", metavar="#RRGGBB", help="Look for works that have a colour instead."),
    ] = None,
    k: Count = 12,
    where: Filters = None,
    exclude: Exclude = None,
    image_weight: Annotated[
        float | None,
        typer.Option(
            "--image-weight",
            metavar="0–1",
            help="What pictures count beside texts, where they were encoded with clip.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="FIELD=VALUE", help="What the words do not name after all."),
    ] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="Do not correct spelling.")] = False,
    encoder: Encoder = None,
    semantic: Semantic = None,
    manifest: Manifest = None,
    as_json: AsJson = False,
) -> None:
    """Search a collection in plain words, by a picture of your own, or by a colour."""
    from ham_recommend.recommend.recommender import Recommender

    if [text, picture, colour].count(None) != 2:
        raise SettingsError("Say what to look for: in words, with --picture FILE or with --colour #RRGGBB.")
    recommender = Recommender.load(workspace, encoder=encoder, semantic=semantic, manifest=manifest)
    wanted = filters(recommender.catalog, where)
    if colour is not None:
        ranking, ms = timed(
            lambda: recommender.search_by_colour(colour, k, where=wanted, exclude=exclude or ())
        )
        heading = f"Works with the colour {ranking.query.colour}"
    elif text is None:
        ranking, ms = timed(
            lambda: recommender.search_by_picture(str(picture), k, where=wanted, exclude=exclude or ())
        )
        heading = f"Works like {picture}"
    else:
        ranking, ms = timed(
            lambda: recommender.search(
                text,
                k,
                where=wanted,
                exclude=exclude or (),
                correct=not as_is,
                image_weight=image_weight,
                ignore=ignore or (),
            )
        )
        heading = f"Works for “{text}”"
    show(ranking, ms, recommender.workspace, heading=heading, as_json=as_json)
