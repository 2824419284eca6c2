"""Replies to a view that asks to see something: works, one work in full, pictures, a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ham_recommend.errors import SettingsError
from ham_recommend.frontend import export, messages
from ham_recommend.frontend.pictures import thumbnail
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork, Turn

Content = dict[str, Any]
Reply = tuple[Content, list[bytes]]


def works_reply(session: Session, content: Content) -> Reply:
    """Return the cards of works, such as those liked before this view was opened."""
    works = known_works(session, messages.strings(content.get("items")))
    return {"type": "works", "works": [messages.work_card(work) for work in works.values()]}, []


def detail_reply(session: Session, content: Content) -> Reply:
    """Return everything about one work, and why it is in a turn."""
    item_id, turn = content["item"], turn_of(session, content["turn"])
    hit = next((hit for hit in turn.ranking if hit.item_id == item_id), None)
    work = session.recommender.catalog[item_id]
    told = messages.detail(work, hit, lambda other: title_of(session, other))
    return {"type": "detail", "work": told, "turn": turn.turn_id, "for": content.get("for")}, []


def pictures_reply(session: Session, content: Content) -> Reply:
    """Return thumbnails as bytes, in the order asked for; empty where there is none."""
    wanted = messages.strings(content.get("items"))
    root = session.recommender.workspace.root
    works = known_works(session, wanted)
    found = [thumbnail(root, works[item_id]) if item_id in works else None for item_id in wanted]
    types = [picture.mime if picture else "" for picture in found]
    return {"type": "pictures", "items": wanted, "types": types}, [
        picture.content if picture else b"" for picture in found
    ]


def file_reply(session: Session, content: Content) -> Reply:
    """Return an export for the browser to save."""
    name = f"{session.recommender.workspace.name}.{content.get('format')}"
    file = {"type": "file", "name": name, "mime": export.mime(name), "for": content.get("for")}
    return file, [export.content(session, name)]


REPLIES: Mapping[str, Callable[[Session, Content], Reply]] = {
    "works": works_reply,
    "detail": detail_reply,
    "pictures": pictures_reply,
    "export": file_reply,
}


def known_works(session: Session, item_ids: Iterable[str]) -> dict[str, Artwork]:
    """Return the works that the catalog has."""
    catalog = session.recommender.catalog
    return catalog.get([item_id for item_id in item_ids if item_id in catalog])


def title_of(session: Session, item_id: str) -> str:
    """Return a work's title, or its id when the catalog does not have it."""
    work = known_works(session, [item_id]).get(item_id)
    return work.title if work else item_id


def turn_of(session: Session, turn_id: object) -> Turn:
    """Return a turn.

    Raises
    ------
    SettingsError
        There is no such turn.
    """
    for turn in session.turns:
        if turn.turn_id == turn_id:
            return turn
    raise SettingsError(f"There is no turn {turn_id} in this session.")
