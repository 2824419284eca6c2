"""What travels, for the description of the API and to check what comes in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from ham_recommend.fields import Field as WorkField
from ham_recommend.recommend.wire import WORK_FIELDS

Pair = Annotated[list[int], Field(min_length=2, max_length=2)]
Counted = Annotated[
    list[str | int], Field(min_length=2, max_length=2, description="A value, and how many works.")
]
ItemIdText = Annotated[str, Field(max_length=500)]
UnderstoodKey = Annotated[str, Field(max_length=2_000)]
WhereValue = Annotated[str, Field(max_length=500)] | Annotated[list[str | int | None], Field(max_length=200)]


class Given(BaseModel):
    """A body that is checked: nothing it does not say."""

    model_config = ConfigDict(extra="forbid")


class DescriptionJson(BaseModel):
    """A description, who wrote it, and with which model."""

    text: str
    source: str
    model: str


def _type(field: WorkField) -> Any:
    if field.kind == "descriptions":
        return list[DescriptionJson]
    if field.several:
        return list[str]
    return {"year": int | None, "number": float | None, "flag": bool}.get(field.kind, str)


_WORK: dict[str, Any] = {
    **{field.name: (_type(field), Field(title=field.label)) for field in WORK_FIELDS},
    "thumbnail_url": (str | None, Field(description="Its thumbnail here, relative to the server.")),
    "picture_url": (str | None, Field(description="Its picture: here, or at the museum.")),
}
WorkJson = create_model("Work", __doc__="A work; fields that may hold several values are lists.", **_WORK)


class WhyJson(BaseModel):
    """Why a work is among the answers: which words it says and where, which channels brought it here."""

    words: list[str]
    places: list[str]
    marked: list[str]
    by: list[str]
    liked: str


class HitJson(BaseModel):
    """A work as an answer."""

    item_id: str
    score: float = Field(description="Higher is better; comparable within one answer only.")
    rank: int
    why: WhyJson
    strongest: str = Field(description="The channel in which it is closest to `nearest_liked`.")
    channels: dict[str, float] = Field(description="What words, meaning and picture gave.")
    folded: list[str] = Field(description="Works with a nearly identical picture that it stands for.")
    nearest_liked: str
    by_picture: bool = Field(
        description="Whether it says next to nothing, so that what it means was told by its picture."
    )
    work: WorkJson  # type: ignore[valid-type]


class UnderstoodJson(BaseModel):
    """Something that words of a search name."""

    field: str
    value: str
    words: str = Field(description="As they were typed.")
    exact: bool = Field(description="Whether it was asked for exactly, so that no other work comes back.")


class AnswerJson(BaseModel):
    """The answers to a question, best first."""

    collection: str
    version: str = Field(description="As long as it stays the same, so do all answers.")
    query: dict[str, Any]
    corrected: dict[str, str] = Field(description="Misspelt word → what was searched for instead.")
    translated: dict[str, str] = Field(description="Foreign word → the English words it was read as.")
    suggested: dict[str, str] = Field(
        description="Where nothing was found: word → the word that may be meant by it."
    )
    understood: list[UnderstoodJson] = Field(description="What the words name.")
    total: int | None = Field(description="How many works have at least half of what was asked.")
    fit: float | None = Field(description="How likely it is that there is an answer here, from 0 to 1.")
    ignored: list[str] = Field(description="Words that no work says.")
    saying: int | None = Field(description="How many works say all the words.")
    found: int | None = Field(description="How many works there are to go on with, where that is known.")
    hits: list[HitJson]
    next: str | None = Field(description="`cursor` of the next page; null at the end.")
    trouble: str = Field(description="What does not work just now, so that this answer is soon another one.")


class ItemsJson(BaseModel):
    """Some works, in the order of their ids."""

    collection: str
    version: str
    total: int
    items: list[WorkJson]  # type: ignore[valid-type]
    next: str | None


class CollectionJson(BaseModel):
    """A collection."""

    name: str
    works: int
    pictures: int
    encoder: str | None = Field(description="Whose picture vectors answer.")
    searches_by_picture: bool
    changeable: bool = Field(description="Whether it was uploaded, and may be renamed and removed.")
    built_at: str
    origins: list[str] = Field(description="Where the works come from.")
    example: str | None = Field(description="The thumbnail of one of its works.")


class CollectionDetailJson(CollectionJson):
    """A collection, and what its works can be filtered by."""

    version: str
    years: Pair | None
    kinds: list[Counted]
    examples: list[str] = Field(description="Searches that it answers well.")
    facets: list[str] = Field(description="Fields whose values can be counted.")


class CollectionsJson(BaseModel):
    """The collections that are served."""

    collections: list[CollectionJson]
    closed: list[str] = Field(description="Names of those that cannot be opened.")
    read_only: bool = Field(description="Whether nothing can be uploaded.")


class FacetJson(BaseModel):
    """The values of a field, the most frequent first."""

    field: str
    values: list[Counted]


class StretchJson(BaseModel):
    """Some years, both included, and how many works may be from them."""

    begin: int
    end: int
    works: int


class TimelineJson(BaseModel):
    """How works spread over time; a work that may be from several stretches counts in each."""

    stretches: list[StretchJson]
    centuries: list[StretchJson]


class FacetsJson(BaseModel):
    """What the works that meet a filter can be narrowed to."""

    works: int
    fields: dict[str, list[Counted]] = Field(
        description="Values with their works, as all other conditions leave them."
    )
    timeline: TimelineJson


class SearchBody(Given):
    """A search with more than fits an address."""

    q: str = Field(max_length=2_000, min_length=1)
    limit: int = Field(12, ge=1, le=200)
    where: dict[str, WhereValue] = Field(default_factory=dict)
    exclude: list[ItemIdText] = Field(default_factory=list, max_length=10_000)
    correct: bool = True
    ignore: list[UnderstoodKey] = Field(
        default_factory=list, max_length=100, description="What the words do not name: `field=value`."
    )
    image_weight: float | None = Field(None, ge=0, le=1)


class RecommendBody(Given):
    """What to recommend from."""

    liked: list[ItemIdText] = Field(default_factory=list, max_length=1_000)
    disliked: list[ItemIdText] = Field(default_factory=list, max_length=1_000)
    limit: int = Field(12, ge=1, le=200)
    where: dict[str, WhereValue] = Field(default_factory=dict)
    exclude: list[ItemIdText] = Field(default_factory=list, max_length=10_000)
    strategy: str | None = Field(None, max_length=100)
    anchor: str = Field("", max_length=2_000)
    discovery: float = Field(0.0, ge=0, le=1)
    popularity: float = Field(0.0, ge=-1, le=1)
    recency: float = Field(0.0, ge=0, le=1)


class SimilarBody(Given):
    """The work to start from."""

    item_id: ItemIdText
    limit: int = Field(12, ge=1, le=200)
    where: dict[str, WhereValue] = Field(default_factory=dict)
    exclude: list[ItemIdText] = Field(default_factory=list, max_length=10_000)


class BrowseBody(Given):
    """What to leaf through."""

    limit: int = Field(12, ge=1, le=200)
    where: dict[str, WhereValue] = Field(default_factory=dict)
    exclude: list[ItemIdText] = Field(default_factory=list, max_length=10_000)


class SurpriseBody(BrowseBody):
    """What chance draws from; the same number draws the same works."""

    drawn: int | None = Field(None, ge=0, le=2**31)


class ColourBody(BrowseBody):
    """The colour to look for."""

    colour: str = Field(max_length=20, description="Such as `#c04020`.")


class WorksBody(Given):
    """Which works."""

    item_ids: list[ItemIdText] = Field(max_length=1_000)


class CodeJson(BaseModel):
    """A code for another device."""

    code: str
    seconds: int = Field(description="How long it works.")


class CodeBody(Given):
    """The code that another device shows."""

    code: str = Field(max_length=20)


class HealthJson(BaseModel):
    """Whether the server lives."""

    status: Literal["ok"]


class ReadyJson(BaseModel):
    """Whether it can answer."""

    status: Literal["ready"]
    collections: int


class ProblemJson(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


class RegionJson(BaseModel):
    """A named part of a map: the column and row of its middle; level 0 for the largest."""

    level: int
    column: int
    row: int
    works: int
    name: str


class MapJson(BaseModel):
    """A map: its size in columns and rows, where they begin, and the tiles that it has."""

    vectors: str
    choices: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    works: int
    size: Pair
    origin: Pair
    scale: int
    page: int
    tiles: list[int]
    regions: list[RegionJson]
    note: str
