"""Takes out of a collection: all that was built, one encoder's vectors, thumbnails that nothing shows."""

from __future__ import annotations

from dataclasses import replace

from ham_recommend.catalog.thumbnails import ThumbnailFolder, Thumbnails
from ham_recommend.draft import Draft
from ham_recommend.errors import SettingsError
from ham_recommend.manifest import Facts
from ham_recommend.vectors import file_names
from ham_recommend.workspace import ANALYSIS, INDEX, SENTENCES, THUMBNAILS, TILES, Workspace


def sweep(workspace: Workspace) -> None:
    """Remove the thumbnails that no work shows any more; the workspace's lock must be held."""
    now = Workspace(workspace.root)
    shown = Thumbnails.read(now.path(THUMBNAILS)).paths() if now.exists and THUMBNAILS in now else ()
    ThumbnailFolder(workspace.root).remove_all_but(shown)


def remove_built(workspace: Workspace, *, held: bool, drafted: bool) -> None:
    """Remove what was built; sessions, crawled records, and how to build it again stay.

    Parameters
    ----------
    workspace : Workspace
        The collection's folder.
    held : bool
        Whether to remove the collection, and the build that was cut short.
    drafted : bool
        Whether to remove what a build that was cut short left. Half-written files always go.
    """
    with workspace.draft() as draft:
        if held or drafted:
            draft.abandon()
        if held:
            draft.remove(*draft.before.files)
            draft.commit(Facts(builds=draft.before.facts.builds))
        if draft.is_empty:  # else a build that goes on will want its thumbnails
            sweep(workspace)


def remove_tiles(draft: Draft) -> None:
    """Leave the tiles of maps out of the next state: they show works that are no more. Their places stay."""
    draft.remove(*(name for name in draft.before.files if name.startswith(ANALYSIS) and name.endswith(TILES)))


def remove_encoder(workspace: Workspace, encoder: str) -> str:
    """Remove the vectors of one encoder and all that was made of them, and return its name.

    Parameters
    ----------
    workspace : Workspace
        The collection's folder.
    encoder : str
        The encoder's name, with or without its model; of pictures or of texts.

    Raises
    ------
    SettingsError
        It made no vectors here.
    """
    with workspace.draft() as draft:
        facts = draft.before.facts
        read = draft.before.files.get(file_names(SENTENCES)[0])
        reader = "" if read is None else str(read.settings.get("encoder", ""))
        if reader and encoder in (reader, reader.partition(":")[0]):
            draft.remove(*file_names(SENTENCES))
            draft.commit(facts)
            return reader
        name = facts.encoder_named(encoder)
        if name is None:
            raise SettingsError("Name the encoder whose vectors are to go.")
        left = {other: made for other, made in facts.encoders.items() if other != name}
        default = facts.encoder if facts.encoder in left else min(left, default=None)
        made_of_them = (f"{INDEX}/{name}.", f"{ANALYSIS}/{name}.")
        draft.remove(
            *file_names(name), *(file for file in draft.before.files if file.startswith(made_of_them))
        )
        draft.commit(replace(facts, encoder=default, encoders=left))
        return facts.encoders[name].name
