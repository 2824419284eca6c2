"""The record of a work as Harvard's API would give it, with the dirt that comes with a real catalogue."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from ham_recommend.sample_museum.drawn import Drawn
from ham_recommend.sample_museum.hues import Hues, hues
from ham_recommend.sample_museum.manners import MANNERS
from ham_recommend.sample_museum.plan import Work
from ham_recommend.sample_museum.words import REFUSALS, VOICES, Glance, caption, sentence, thorough

SITE = "sample:"
"""Where the addresses of pictures begin in its records; they are files beside them, and it has no pages."""

_HOW_MANY = (0.05, 0.12, 0.2, 0.26, 0.22, 0.15)
"""How often a picture has 0, 1, … 5 descriptions."""


def harvard_json(work: Work, drawn: Drawn, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a work as an entry of ``/object`` and its entries of ``/annotation``."""
    rng = np.random.default_rng([seed, work.number, 6])
    colours = hues(drawn.picture)
    glance = Glance(work, drawn.sight, colours, rng)
    pictureless = bool(rng.random() < 0.025)
    images = [] if pictureless else [_image(work, drawn, glance)]
    entry: dict[str, Any] = {
        "id": work.number,
        "objectid": work.number,
        **_title(glance),
        **_dates(work, rng),
        "classification": MANNERS[work.manner].classification,
        "worktypes": [{"worktypeid": str(work.number), "worktype": glance.kind}],
        "medium": "Bronze"
        if work.variant == "chinese bronze"
        else _or_nothing(MANNERS[work.manner].medium, rng),
        "technique": MANNERS[work.manner].technique or None,
        "culture": work.artist.culture if rng.random() < 0.93 else None,
        "period": work.artist.period or None,
        "department": _department(work),
        "division": "Modern and Contemporary Art" if work.year > 1900 else "European and American Art",
        "dimensions": f"{work.size[1] / 10:.1f} x {work.size[0] / 10:.1f} cm",
        "creditline": _credit(rng),
        "people": _people(work, rng),
        **_texts(glance),
        "colors": _colors(colours),
        "url": None,
        "rank": int(rng.integers(1, 250_000)),
        "totalpageviews": int(rng.pareto(1.2) * 12),
        "verificationlevel": int(rng.integers(0, 5)),
        "accesslevel": 1,
        "accessionyear": (str(year) if rng.random() < 0.3 else year)
        if (year := int(rng.integers(1895, 2020)))
        else None,
        "copyright": f"© Estate of {work.artist.name}"
        if work.artist.died > 1955 and rng.random() < 0.4
        else None,
        "imagepermissionlevel": 2 if images and rng.random() < 0.02 else 0,
        "images": images,
        "primaryimageurl": images[0]["baseimageurl"] if images else None,
    }
    for missing in ("images", "people", "primaryimageurl"):
        if not entry[missing] and rng.random() < 0.6:
            del entry[missing]
    return entry, _annotations(glance) if images else []


def _image(work: Work, drawn: Drawn, glance: Glance) -> dict[str, Any]:
    return {
        "imageid": 400_000 + work.number,
        "baseimageurl": f"{SITE}/image/{work.number}",
        "alttext": sentence(drawn.sight.subject) if glance.rng.random() < 0.2 else None,
        "description": None,
        "publiccaption": drawn.sight.title if glance.rng.random() < 0.1 else "",
        "width": drawn.picture.width,
        "height": drawn.picture.height,
        "displayorder": 1,
        "format": "image/jpeg",
        "copyright": None,
    }


def _annotations(glance: Glance) -> list[dict[str, Any]]:
    rng = glance.rng
    speaking = rng.permutation(len(VOICES))[: int(rng.choice(len(_HOW_MANY), p=_HOW_MANY))]
    entries: list[dict[str, Any]] = []
    for at in speaking:
        source, model, write = VOICES[at]
        body = REFUSALS[int(rng.integers(len(REFUSALS)))] if rng.random() < 0.06 else write(glance)
        if rng.random() < 0.05:
            body = f"<p>{html.escape(body)}</p>\n"
        entries.append(_annotation(glance.work, len(entries), "description", source, model, body))
    if rng.random() < 0.4:
        entries.append(
            _annotation(glance.work, len(entries), "tag", "Imaginary", "", glance.sight.subjects[0])
        )
    if rng.random() < 0.1:
        entries.append(
            _annotation(
                glance.work,
                len(entries),
                "face",
                "Imaginary",
                "faces",
                "Age: 23-31; Gender: Female; Confidence: 71%",
            )
        )
    return entries


def _annotation(work: Work, at: int, kind: str, source: str, model: str, body: str) -> dict[str, Any]:
    return {
        "annotationid": work.number * 100 + at,
        "imageid": 400_000 + work.number,
        "body": body,
        "type": kind,
        "source": source,
        "model": model or None,
        "feature": "full",
        "confidence": -1,
        "accesslevel": 1,
        "createdate": "2025-03-14T09:26:53-04:00",
        "lastupdate": "2025-03-14T09:26:53-04:00",
    }


def _title(glance: Glance) -> dict[str, Any]:
    title, chance = glance.sight.title, glance.rng.random()
    if chance < 0.03:
        return {
            "title": None,
            "titles": [{"titleid": glance.work.number, "titletype": "Title", "title": title}],
        }
    if chance < 0.06:
        return {"title": f"<em>{html.escape(title)}</em>"}
    if chance < 0.09:
        return {"title": f"  {title}\u00a0"}
    return {"title": title}


def _dates(work: Work, rng: np.random.Generator) -> dict[str, Any]:
    year, (first, last) = work.year, work.artist.working
    if work.artist.workshop:
        shown, begin, end = _spoken_period(work), first, last
    else:
        shown, begin, end = _spoken_year(year, rng)
    chance = rng.random()
    dates: dict[str, Any] = {"dated": shown, "century": _century(year), "datebegin": begin, "dateend": end}
    if chance < 0.25:
        dates |= {"datebegin": 0, "dateend": 0}
    elif chance < 0.32:
        del dates["datebegin"], dates["dateend"]
    elif chance < 0.37:
        dates |= {"datebegin": None, "dateend": None, "century": None}
    if rng.random() < 0.05:
        dates["dated"] = (None, "", "n.d.", "date unknown")[int(rng.integers(4))]
    return dates


def _spoken_period(work: Work) -> str:
    first, last = work.artist.working
    if work.artist.period[-1].isdigit():
        return work.artist.period
    if last < 0:
        return f"{-first}–{-last} BCE" if work.number % 2 else f"c. {-work.year // 50 * 50} BCE"
    return f"{-first} BCE–{last} CE" if first < 0 else f"{first}–{last}"


def _spoken_year(year: int, rng: np.random.Generator) -> tuple[str, int, int]:
    """Return how a museum might write a year, and the years it means."""
    decade, hundred = year // 10 * 10, year // 100 * 100
    part = min((year - hundred) // 34, 2)
    ways = (
        (str(year), year, year),
        (str(year), year, year),
        (f"c. {year}", year - 5, year + 5),
        (f"c. {year // 5 * 5}", year // 5 * 5 - 5, year // 5 * 5 + 5),
        (_century(year), hundred, hundred + 99),
        (
            f"{('early', 'mid', 'late')[part]} {_century(year)}",
            hundred + 33 * part,
            min(hundred + 33 * part + 34, hundred + 99),
        ),
        (f"{decade}s", decade, decade + 9),
        (f"{year}–{(year + 2) % 100:02d}", year, year + 2)
        if year % 100 < 98
        else (f"{year}–{year + 2}", year, year + 2),
        (f"dated {year}", year, year),
        (f"probably {year}", year, year),
        (f"{year}/{(year + 1) % 100:02d}", year, year + 1),
        (f"before {year + 3}", year - 10, year + 3),
    )
    return ways[int(rng.integers(len(ways)))]


def _century(year: int) -> str:
    number = (year - 1) // 100 + 1 if year > 0 else (-year - 1) // 100 + 1
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in {11, 12, 13} else 0, "th")
    return f"{number}{ending} century" + (" BCE" if year < 0 else "")


def _people(work: Work, rng: np.random.Generator) -> list[dict[str, Any]] | None:
    artist = work.artist
    if artist.workshop and rng.random() < 0.5:
        return None
    dates = None if artist.workshop else f"{artist.born} - {artist.died}"
    return [
        {
            "personid": 30_000 + len(artist.name) * 100 + artist.born % 100,
            "name": artist.name,
            "displayname": artist.name,
            "role": "Artist",
            "prefix": "Attributed to" if not artist.workshop and rng.random() < 0.03 else None,
            "displayorder": 1,
            "culture": artist.culture,
            "displaydate": dates,
            "gender": "unknown",
            "birthplace": None,
            "deathplace": None,
            "alphasort": artist.name.rpartition(" ")[2],
        }
    ]


def _texts(glance: Glance) -> dict[str, Any]:
    rng, sight = glance.rng, glance.sight
    texts: dict[str, Any] = {"description": None, "labeltext": None, "contextualtext": [], "commentary": None}
    chance = rng.random()
    if chance < 0.16:
        texts["description"] = sentence(f"{sight.subject} {sight.setting}")
    elif chance < 0.24:
        texts["labeltext"] = _word_html(
            f"{glance.work.artist.name}’s {glance.work.manner} – {thorough(glance)}"
        )
    elif chance < 0.27:
        texts["contextualtext"] = [
            {"text": f"Shown in the exhibition “{sight.title}”: {caption(glance)}.", "context": "Exhibition"}
        ]
    elif chance < 0.29:
        texts["commentary"] = f"{sentence(sight.composition)}<script>alert('{sight.subjects[0]}')</script>"
    elif chance < 0.31:
        texts["description"] = ""
    return texts


def _word_html(text: str) -> str:
    body = html.escape(text).replace("é", "&eacute;").replace("–", "&ndash;").replace("’", "&rsquo;")
    return (
        '<p class="MsoNormal" style="margin: 0in 0in 0pt">'
        '<span style="font-family: &quot;Times New Roman&quot;">'
        f"{body}<o:p></o:p></span></p>&nbsp;"
    )


def _colors(colours: Hues) -> list[dict[str, Any]]:
    return [
        {"color": code, "spectrum": code, "css3": code, "hue": name.title(), "percent": share}
        for (code, share), name in zip(colours.codes, colours.names, strict=False)
    ]


def _department(work: Work) -> str:
    if work.artist.culture in {"Chinese", "Japanese", "Persian", "Turkish"}:
        return (
            "Department of Asian Art"
            if work.artist.culture in {"Chinese", "Japanese"}
            else "Department of Islamic & Later Indian Art"
        )
    if work.artist.workshop:
        return "Department of Ancient and Byzantine Art & Numismatics"
    return {
        "Prints": "Department of Prints",
        "Drawings": "Department of Drawings",
        "Photographs": "Department of Photographs",
    }.get(MANNERS[work.manner].classification, "Department of Paintings, Sculpture & Decorative Arts")


def _or_nothing(text: str, rng: np.random.Generator) -> str | None:
    return (None, "")[int(rng.integers(2))] if rng.random() < 0.06 else text


def _credit(rng: np.random.Generator) -> str:
    givers = (
        "Gift of the Friends of the Sample Museum",
        "Bequest of Eleanor Whitcombe",
        "Purchase through the Sample Acquisitions Fund",
        "Anonymous Gift",
    )
    return f"Sample Museum, {givers[int(rng.integers(len(givers)))]}"
