"""Replies to a view that asks to see something: works, one work in full, pictures, a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

from ham_recommend.frontend import export, messages
from ham_recommend.frontend.events import (
    Export,
    ShowDetail,
    ShowFacets,
    ShowLargePicture,
    ShowPictures,
    ShowWorks,
)
from ham_recommend.frontend.findings import Findings
from ham_recommend.frontend.kept_pictures import KeptPictures
from ham_recommend.frontend.map_replies import where_on
from ham_recommend.frontend.protocol import (
    DetailMessage,
    FacetsMessage,
    FileMessage,
    LargePictureMessage,
    PicturesMessage,
    WorksMessage,
)
from ham_recommend.frontend.thumbnails import large_picture
from ham_recommend.recommend.session import Session
from ham_recommend.recommend.without_words import BROWSED
from ham_recommend.records import Artwork
from ham_recommend.showing import thumbnail


def facets_reply(session: Session, event: ShowFacets) -> FacetsMessage:
    """Return what works can be narrowed to."""
    where = where_on(session, event.where)
    fields = BROWSED if event.field is None else (event.field,)
    found = session.recommender.facets(
        where, fields=fields, limit=messages.MOST_VALUES + 1, containing=event.containing
    )
    timeline = found.timeline
    return {
        "type": "facets",
        "fields": [messages.facet_list(name, values) for name, values in found.fields.items()],
        "field": event.field,
        "containing": event.containing,
        "works": found.works,
        "stretches": [astuple(each) for each in timeline.stretches],
        "centuries": [astuple(each) for each in timeline.centuries],
        "view": event.view,
    }


def works_reply(session: Session, event: ShowWorks) -> WorksMessage:
    """Return the cards of works, such as those liked before this view was opened."""
    works = known_works(session, messages.strings(event.item_ids))
    return {"type": "works", "works": [messages.work_card(work) for work in works.values()]}


def detail_reply(session: Session, event: ShowDetail, kept: KeptPictures | None) -> DetailMessage:
    """Return everything about one work, and why it is in the turn it was opened from.

    A picture that is kept is asked for as one that lies here; any other that may be is kept from now on.
    """
    hits = () if event.turn_id is None else session.turn(event.turn_id).ranking
    hit = next((hit for hit in hits if hit.item_id == event.item_id), None)
    work = session.recommender.catalog[event.item_id]
    detail = messages.detail(work, hit, lambda item_id: title_of(session, item_id))
    if kept and kept.get(work):
        detail["large_picture_url"] = None
    elif kept:
        kept.keep(work)
    return {"type": "detail", "work": detail, "turn_id": event.turn_id, "view": event.view}


def pictures_reply(session: Session, event: ShowPictures) -> tuple[PicturesMessage, list[bytes]]:
    """Return thumbnails and their bytes, in the order asked for."""
    wanted = messages.strings(event.item_ids)
    root = session.recommender.workspace.root
    works = known_works(session, wanted)
    found = [thumbnail(root, works[item_id]) if item_id in works else None for item_id in wanted]
    mimes = [each.mime if each else "" for each in found]
    return {"type": "pictures", "item_ids": wanted, "mimes": mimes}, [
        each.content if each else b"" for each in found
    ]


def large_picture_reply(
    session: Session, event: ShowLargePicture, kept: KeptPictures | None
) -> tuple[LargePictureMessage, list[bytes]]:
    """Return the picture of an opened work, from its file on this machine or from what is kept."""
    work = session.recommender.catalog[event.item_id]
    found = large_picture(work) if work.copies_allowed else None
    if found is None and kept:
        found = kept.get(work)
    mime, content = (found.mime, found.content) if found else ("", b"")
    return {"type": "large_picture", "item_id": event.item_id, "mime": mime, "view": event.view}, [content]


def file_reply(session: Session, event: Export) -> tuple[FileMessage, list[bytes]]:
    """Return an export for the browser to save."""
    name = f"{session.recommender.workspace.name}.{event.format}"
    findings = Findings.of(
        session, likes_only=event.likes_only, turn_id=event.turn_id, set_name=event.set_name
    )
    content = export.content(findings, name)
    return {"type": "file", "name": name, "mime": export.mime(name), "view": event.view}, [content]


def known_works(session: Session, item_ids: Iterable[str]) -> dict[str, Artwork]:
    """Return the works that the catalog has."""
    catalog = session.recommender.catalog
    return catalog.get([item_id for item_id in item_ids if item_id in catalog])


def title_of(session: Session, item_id: str) -> str:
    """Return a work's title, or its id when the catalog does not have it."""
    work = known_works(session, [item_id]).get(item_id)
    return work.title if work else item_id
