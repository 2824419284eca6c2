"""Which column of a stranger's table holds which field of a record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ham_recommend.errors import SettingsError
from ham_recommend.records import RawRecord

KNOWN_FIELDS = tuple(field.name for field in fields(RawRecord))

# The likeliest name comes first: the first one a table has is taken. Life dates of the artist
# ("artist_dates", "artist_begin_date") are in no list on purpose: they are not the years of the work.
_USUAL_NAMES: dict[str, str] = {
    "item_id": """
        item_id id object_id objectid obj_id artwork_id work_id painting_id record_id identifier uid uuid
        object_number object_no accession_number accession_no accession acc_no inventory_number inventory_no
        inventory inv_no system_number catalogue_number catalog_number objekt_id objekt_nr objektnummer
        inventarnummer inventar_nr inv_nr numero_inventaire numero_d_inventaire no_inventaire inventaire
        numero_inventario numero_d_inventario numero_de_inventario inventario objectnummer inventarisnummer
        作品番号 编号""",
    "title": """
        title object_title work_title artwork_title painting_title display_title primary_title titel
        objekttitel werktitel titre titolo titulo name bezeichnung benennung nom naam nome nombre
        作品名 題名 标题""",
    "artist": """
        artist artist_name artist_display_name artist_title artists artist_display maker maker_name makers
        creator creator_name creators author painter principal_maker principal_or_first_maker attribution
        people kunstler kuenstler kunstler_in kunstlername urheber artiste auteur peintre artista autor
        autore pintor pittore kunstenaar maker_naam vervaardiger schilder konstnar kunstner
        作家名 作者 艺术家""",
    "culture": """
        culture cultures cultural_context nationality artist_nationality kultur kulturkreis herkunft
        culture_origine cultura cultuur place_of_origin origin country place_of_production""",
    "date": """
        date dated date_text date_display display_date object_date creation_date date_created
        date_of_creation production_date dating year years work_year datierung datum entstehungszeit jahr
        date_de_creation datation annee fecha ano anno datazione datering jaar jaartal data 制作年 年代""",
    "year_begin": """
        year_begin begin_year year_start start_year year_from earliest_year date_begin begin_date date_start
        start_date date_from date_earliest earliest_date object_begin_date creation_date_earliest jahr_von
        datum_von datierung_von annee_debut date_debut ano_inicio fecha_inicio anno_inizio jaar_van""",
    "year_end": """
        year_end end_year year_to latest_year date_end end_date date_to date_latest latest_date
        object_end_date creation_date_latest jahr_bis datum_bis datierung_bis annee_fin date_fin ano_fin
        fecha_fin anno_fine jaar_tot""",
    "classification": """
        classification classifications classification_title object_classification object_type work_type
        work_types category object_category objektart objekttyp gattung sachgruppe klassifikation
        classificazione clasificacion classificacao categorie object_name objektbezeichnung objecttype genre
        type""",
    "medium": """
        medium medium_display materials material materials_and_techniques material_and_technique
        medium_and_support materialien material_technik materiau materiaux matiere matieres materiali
        materiale materiales materiaal 材質 材料""",
    "technique": """
        technique techniques technik technik_en tecnica tecniche tecnicas techniek technieken""",
    "period": """
        period period_name style_period style movement art_movement dynasty era epoch periode epoche stil
        stilrichtung epoque periodo epoca estilo stile stijl""",
    "department": """
        department department_title departments curatorial_department division collection abteilung sammlung
        departement dipartimento departamento afdeling""",
    "picture": """
        picture picture_url image image_url primary_image_url primary_image image_link image_web web_image
        img img_url photo photo_url image_full image_path image_file picture_path picture_file file
        file_name file_path filename path bild bild_url bilddatei abbildung foto immagine imagen imagem
        afbeelding images thumbnail_url thumbnail 画像 图片""",
    "page_url": """
        page_url object_url object_page object_link work_url artwork_url web_page webpage permalink
        link_resource link url web_url source_url uri objekt_url lien enlace collegamento""",
    "rights": """
        rights license licence rights_and_reproduction usage_rights image_rights license_status
        share_license_status rights_statement copyright lizenz rechte droits diritti derechos licentie
        rechten""",
    "credit": """
        credit credit_line credits courtesy provenance_credit kreditzeile creditline herkunftsnachweis
        ligne_de_credit linea_de_credito""",
    "popularity": """
        popularity total_page_views page_views views""",
    "copies_allowed": """
        copies_allowed""",
}

_TEXT_STEMS = """
    description descriptions beschreibung beschreibungstext descripcion descrizione beschrijving
    descricao alt_text alternative_text label_text wall_text gallery_text gallery_label caption captions
    annotation annotations curatorial_text contextual_text commentary 説明 描述"""

# What follows a text column's name when a column tells something about the text instead of being one.
_ABOUT_TEXT = """
    kind model source language lang id ids date url link author by type license licence count length
    score confidence status embedding embeddings vector embedding_model"""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column that describes the works, and its companions.

    Parameters
    ----------
    name : str
        The column's own name.
    at : int
        Position in :attr:`Columns.names`.
    model, kind, source : int or None
        Positions of the columns that say, row by row, which model wrote the text, what kind of text it is and
        who wrote it.
    """

    name: str
    at: int
    model: int | None = None
    kind: int | None = None
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns worth reading and what they hold.

    Parameters
    ----------
    names : tuple of str
        The columns to read.
    fields : mapping of str to int
        Field of :class:`RawRecord` → position in ``names``; without ``descriptions``.
    texts : tuple of TextColumn
        The description columns, in the table's order.
    """

    names: tuple[str, ...]
    fields: Mapping[str, int]
    texts: tuple[TextColumn, ...]


def choose_columns(columns: Sequence[str], mapping: Mapping[str, str], ignore: Collection[str]) -> Columns:
    """Decide which column holds which field.

    Parameters
    ----------
    columns : sequence of str
        All columns of the table.
    mapping : mapping of str to str
        Field → column, as :func:`canonical_mapping` returns it; goes before the usual names.
    ignore : collection of str
        Columns to leave out.

    Raises
    ------
    SettingsError
        A column of ``mapping`` or ``ignore`` is not in the table.
    """
    mapped = {field: _find(column, columns) for field, column in mapping.items()}
    left_out = {_find(column, columns) for column in ignore}
    free = {
        name_key(column): column
        for column in reversed(columns)
        if column not in left_out and column not in mapped.values()
    }
    found = {**_usual_fields(free), **mapped}
    texts = [found.pop("descriptions")] if "descriptions" in found else []
    texts += [column for column in columns if free.get(name_key(column)) == column and _is_text(column)]
    names = tuple(dict.fromkeys([*found.values(), *texts, *_companions(texts, free)]))
    return Columns(
        names,
        {field: names.index(column) for field, column in found.items()},
        tuple(_text_column(text, names, free) for text in texts),
    )


def canonical_mapping(mapping: object) -> dict[str, str]:
    """Return a mapping whose fields carry their own names: ``{"id": "Nr"}`` → ``{"item_id": "Nr"}``.

    Raises
    ------
    SettingsError
        It is no mapping of names to names, or a field is unknown; the message lists the known ones.
    """
    pairs: Iterable[tuple[Any, Any]] = mapping.items() if isinstance(mapping, Mapping) else [(None, None)]
    if not all(isinstance(name, str) for pair in pairs for name in pair):
        raise SettingsError(
            f"A mapping says which column holds a field, such as {{'title': 'Titel'}}, not {mapping!r:.60}."
        )
    return {_field(name): column for name, column in pairs}


def name_key(name: str) -> str:
    """Return what is left of a column name without case, accents, spaces and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def _field(name: str) -> str:
    if name in KNOWN_FIELDS:
        return name
    key = name_key(name)
    if key in _TEXT_KEYS:
        return "descriptions"
    if key in _FIELD_OF_KEY:
        return _FIELD_OF_KEY[key]
    raise SettingsError.unknown("field", name, KNOWN_FIELDS)


def _find(column: str, columns: Sequence[str]) -> str:
    if column in columns:
        return column
    alike = [name for name in columns if name_key(name) == name_key(column)]
    if len(alike) == 1:
        return alike[0]
    raise SettingsError.unknown("column", column, columns)


def _usual_fields(free: Mapping[str, str]) -> dict[str, str]:
    found = {
        field: next((free[key] for key in keys if key in free), None)
        for field, keys in _KEYS_OF_FIELD.items()
    }
    return {field: column for field, column in found.items() if column is not None}


def _is_text(column: str) -> bool:
    key = name_key(column)
    if key in _FIELD_OF_KEY:
        return False
    return bool(_TEXT_NAME.search(key)) and not _ABOUT_TEXT_NAME.search(key)


def _companions(texts: Iterable[str], free: Mapping[str, str]) -> list[str]:
    keys = [name_key(text) + about for text in texts for about in ("model", "kind", "source")]
    return [free[key] for key in keys if key in free]


def _text_column(text: str, names: Sequence[str], free: Mapping[str, str]) -> TextColumn:
    def companion(about: str) -> int | None:
        column = free.get(name_key(text) + about)
        return None if column is None else names.index(column)

    return TextColumn(text, names.index(text), companion("model"), companion("kind"), companion("source"))


def _keys(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name_key(name) for name in names.split()))


_KEYS_OF_FIELD = {field: _keys(names) for field, names in _USUAL_NAMES.items()}
_FIELD_OF_KEY = {key: field for field, keys in _KEYS_OF_FIELD.items() for key in keys}
_TEXT_KEYS = frozenset(_keys(_TEXT_STEMS))
_STEM = "(" + "|".join(map(re.escape, sorted(_TEXT_KEYS, key=len, reverse=True))) + ")"
_TEXT_NAME = re.compile(f"^{_STEM}|{_STEM}$")
_ABOUT_TEXT_NAME = re.compile(f"^.*{_STEM}.*({'|'.join(_keys(_ABOUT_TEXT))})$")
