"""CLIP as a service: vectors of pictures and of texts."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ham_recommend.catalog.decoding import open_picture
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.picture_files import opened
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import body_of, described, json_response, problems, services_of
from ham_recommend.web.api.schemas import Given
from ham_recommend.web.embedding import Embedding
from ham_recommend.web.problems import Refused
from ham_recommend.web.services import Services

router = APIRouter(prefix=PREFIX, tags=["embedding"])

MOST = 64
"""Pictures or texts of one request."""
BODY = 48 * 1024 * 1024
PIXELS = 50_000_000
"""Of all pictures of one request: its most at the size at which our client sends them go into it."""


class EmbedBody(Given):
    """What to encode: pictures or texts."""

    pictures: list[str] = Field(
        default_factory=list, max_length=MOST, description="Files of pictures, in base64."
    )
    texts: list[Annotated[str, Field(max_length=5_000)]] = Field(default_factory=list, max_length=MOST)
    purpose: Literal["text", "query"] = Field(
        "text", description="Whether the texts describe something, or something is looked for by them."
    )


class EncoderJson(BaseModel):
    """The encoder that is served."""

    encoder: str
    model_id: str = Field(description="Vectors of the same one lie in one space.")
    dim: int
    batch: int = Field(description="How many are best encoded at once.")
    near_duplicates: list[float] | None = Field(
        description="From which two cosines on pictures are looked at, and count, as one."
    )


class VectorsJson(BaseModel):
    """Vectors of unit length, in the order of what was sent."""

    model_id: str
    vectors: list[list[float]]


@router.get(
    "/embed",
    responses={200: {"model": EncoderJson}, **problems(404, 501)},
    summary="See which encoder is served",
)
async def which(request: Request) -> Response:
    """Return what the encoder is called and what its vectors are like."""
    embedding = _served(services_of(request))
    encoder = await embedding.encoder()
    near = encoder.near_duplicates
    body = {
        "encoder": embedding.name,
        "model_id": encoder.model_id,
        "dim": encoder.dim,
        "batch": min(encoder.batch_size, MOST),
        "near_duplicates": None if near is None else [near.look, near.sure],
    }
    return json_response(body, cache_control="no-store")


@router.post(
    "/embed",
    responses={200: {"model": VectorsJson}, **problems(400, 404, 413, 415, 501)},
    openapi_extra=described(EmbedBody),
    summary="Encode pictures or texts",
)
async def embed(request: Request) -> Response:
    """Return the vectors of pictures, or of texts; what others ask at the same time is encoded with them."""
    services = services_of(request)
    embedding = _served(services)
    body = await body_of(request, EmbedBody, most=BODY)
    if bool(body.pictures) == bool(body.texts):
        raise Refused(422, "Send pictures or texts, at least one, and not both.")
    encoder = await embedding.encoder()
    if body.pictures:
        prepared = await embedding.reading.run(_prepared, encoder, body.pictures)
        rows = await embedding.encode("pictures", prepared)
    else:
        rows = await embedding.encode("queries" if body.purpose == "query" else "texts", body.texts)
    content = orjson.dumps({"model_id": encoder.model_id, "vectors": rows}, option=orjson.OPT_SERIALIZE_NUMPY)
    return json_response(content, cache_control="no-store")


def _served(services: Services) -> Embedding:
    if services.embedding is None:
        raise Refused(404, "This server encodes nothing for others. Start it with: ham serve --encoder clip")
    return services.embedding


def _prepared(encoder: ImageEncoder, pictures: list[str]) -> list[Any]:
    files = [_file(number, text) for number, text in enumerate(pictures)]
    if sum(map(_pixels, files)) > PIXELS:
        raise Refused(
            413, f"The pictures have more than {PIXELS:,} pixels in all. Send smaller ones, or fewer."
        )
    images = (
        open_picture(content, max_pixels=PIXELS, name=f"pictures.{number}")
        for number, content in enumerate(files)
    )
    return [encoder.prepare(picture) for picture in images]


def _file(number: int, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(422, f"pictures.{number} is no base64.") from error


def _pixels(content: bytes) -> int:
    """Return what a picture says that it has; of one that cannot be read, opening it says why."""
    with suppress(Exception), opened(content) as image:
        return int(image.width * image.height)
    return 0
