"""Uploads: say what will come, send it piece by piece, build it; rename and remove what was uploaded."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ham_recommend.picture_files import MAX_BYTES
from ham_recommend.web.api import PREFIX
from ham_recommend.web.api.requests import (
    Name,
    asked_by,
    body_of,
    content_of,
    described,
    json_response,
    problems,
    services_of,
)
from ham_recommend.web.api.schemas import Given
from ham_recommend.web.file_names import MOST_BYTES_OF_A_TABLE, TABLES, TAKEN
from ham_recommend.web.jobs import Upload
from ham_recommend.web.problems import Refused
from ham_recommend.web.services import Services
from ham_recommend.web.uploads import MOST_BYTES, MOST_FILES, PIECE

router = APIRouter(prefix=PREFIX, tags=["uploads"])

UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="An upload.")]


class FileBody(Given):
    """A file that will come."""

    name: str = Field(min_length=1, max_length=1_000)
    size: int = Field(ge=0, le=2**53)


class UploadBody(Given):
    """What will come, and into which collection."""

    collection: str = Field(min_length=1, max_length=200)
    files: list[FileBody] = Field(min_length=1, max_length=MOST_FILES)


class RenameBody(Given):
    """The new name."""

    name: str = Field(min_length=1, max_length=200)


class FileJson(BaseModel):
    """A file, and how much of it has arrived."""

    name: str
    size: int
    received: int


class UploadJson(BaseModel):
    """An upload."""

    upload_id: str
    collection: str
    stage: str = Field(description="`receiving`, `building`, `done` or `failed`.")
    said: str
    files: list[FileJson]
    refused: list[list[str]] = Field(description="Files that are not taken, each with the reason.")
    problems: list[list[str]] = Field(description="Pictures and rows left out, each with the reason.")
    works: int


class LimitsJson(BaseModel):
    """What an upload may be."""

    files: int
    bytes: int
    bytes_of_a_file: int
    bytes_of_a_table: int
    bytes_of_a_piece: int
    endings: list[str]
    tables: list[str] = Field(description="Those of the endings that are tables.")


class ReceivedJson(BaseModel):
    """How much of a file has arrived."""

    received: int


class UndoJson(BaseModel):
    """What brings a removed collection back within a week."""

    undo: str


class NameJson(BaseModel):
    """A collection's name."""

    name: str


_LIMITS = {
    "files": MOST_FILES,
    "bytes": MOST_BYTES,
    "bytes_of_a_file": MAX_BYTES,
    "bytes_of_a_table": MOST_BYTES_OF_A_TABLE,
    "bytes_of_a_piece": PIECE,
    "endings": list(TAKEN),
    "tables": list(TABLES),
}


@router.get(
    "/uploads/limits", responses={200: {"model": LimitsJson}, **problems()}, summary="What an upload may be"
)
async def limits() -> Response:
    """Return what is taken, to be said before anything is sent."""
    return json_response(_LIMITS)


@router.post(
    "/uploads",
    status_code=201,
    responses={201: {"model": UploadJson}, **problems(400, 413, 415)},
    openapi_extra=described(UploadBody),
    summary="Begin an upload",
)
async def begin(request: Request) -> Response:
    """Say which files will come; what is not taken is named at once."""
    services = changing(request)
    body = await body_of(request, UploadBody, most=4 * 1024 * 1024)
    files = [(each.name, each.size) for each in body.files]
    visitor = asked_by(request).visitor
    upload = await services.pool.run(services.uploads.begin, visitor, body.collection, files)
    return json_response(_shown(services, upload), 201)


@router.get(
    "/uploads/{upload_id}",
    responses={200: {"model": UploadJson}, **problems(404)},
    summary="See how far an upload is",
)
async def see(request: Request, upload_id: UploadId) -> Response:
    """Return how much of each file has arrived, and how far the build is."""
    services, upload = await _upload(request, upload_id)
    return json_response(_shown(services, upload), cache_control="no-store")


@router.put(
    "/uploads/{upload_id}/files/{number}",
    responses={200: {"model": ReceivedJson}, 409: {"model": ReceivedJson}, **problems(404, 413)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    summary="Send a piece of a file",
)
async def send(
    request: Request,
    upload_id: UploadId,
    number: Annotated[int, Path(ge=0, le=MOST_FILES, description="Its place among the files.")],
    offset: Annotated[int, Query(ge=0, le=2**53, description="Where in the file the piece begins.")],
) -> Response:
    """Add a piece where the file ends; one that begins elsewhere is refused with where that is (409)."""
    services, upload = await _upload(request, upload_id)
    piece = await content_of(request, PIECE)
    received = await services.pool.run(services.uploads.append, upload, number, offset, piece)
    return json_response({"received": received}, 200 if received == offset + len(piece) else 409)


@router.post(
    "/uploads/{upload_id}/finish",
    status_code=202,
    responses={202: {"model": UploadJson}, **problems(404)},
    summary="Build what has arrived",
)
async def finish(request: Request, upload_id: UploadId) -> Response:
    """Make the pictures searchable; the job of the same id says when they are."""
    services, upload = await _upload(request, upload_id)
    await services.pool.run(services.uploads.finish, upload)
    return json_response(_shown(services, upload), 202, location=f"{PREFIX}/jobs/{upload_id}")


@router.post(
    "/collections/{collection}/remove",
    responses={200: {"model": UndoJson}, **problems()},
    summary="Remove an uploaded collection",
)
async def remove(request: Request, collection: Name) -> Response:
    """Take a collection away that was uploaded; it can be brought back within a week."""
    services = changing(request)
    token = await services.pool.run(services.uploads.remove, collection)
    await services.pool.run(services.frames.rename, collection, token)
    return json_response({"undo": token})


@router.post(
    "/undo/{token}",
    responses={200: {"model": NameJson}, **problems(404)},
    summary="Bring a removed collection back",
)
async def undo(request: Request, token: UploadId) -> Response:
    """Undo a removal."""
    services = changing(request)
    name = await services.pool.run(services.uploads.bring_back, token)
    await services.pool.run(services.frames.rename, token, name)
    return json_response({"name": name})


@router.post(
    "/collections/{collection}/rename",
    responses={200: {"model": NameJson}, **problems(400, 413, 415)},
    openapi_extra=described(RenameBody),
    summary="Rename an uploaded collection",
)
async def rename(request: Request, collection: Name) -> Response:
    """Give a collection that was uploaded another name; giving it the old one again undoes that."""
    services = changing(request)
    body = await body_of(request, RenameBody)
    name = services.uploads.checked_name(body.name)
    await services.pool.run(services.uploads.rename, collection, name)
    await services.pool.run(services.frames.rename, collection, name)
    return json_response({"name": name})


def changing(request: Request) -> Services:
    """Return the parts of this process, where visitors may change something."""
    services = services_of(request)
    if services.settings.read_only:
        raise Refused(403, "This server is read-only: nothing is uploaded, renamed or removed here.")
    return services


async def _upload(request: Request, upload_id: str) -> tuple[Services, Upload]:
    services = changing(request)
    return services, await services.pool.run(services.uploads.of, asked_by(request).visitor, upload_id)


def _shown(services: Services, upload: Upload) -> dict[str, Any]:
    received = services.uploads.received(upload)
    return {
        "upload_id": upload.upload_id,
        "collection": upload.collection,
        "stage": upload.stage,
        "said": upload.said,
        "files": [
            {"name": wanted.name, "size": wanted.size, "received": held}
            for wanted, held in zip(upload.files, received, strict=True)
        ],
        "refused": upload.refused,
        "problems": upload.problems,
        "works": upload.works,
    }
