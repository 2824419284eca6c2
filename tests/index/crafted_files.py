"""Collections as somebody may craft them: every file changed in many ways, the manifest made to agree.

Run as a program it opens each of them in a process of its own, asks it everything, and prints what went
otherwise than well or with an error of ours.

    python crafted_files.py COLLECTION SCRATCH SEED CHANGES-PER-FILE [PART-OF-A-NAME]

So many changes of each file are tried, chosen by the seed; 0 for all of them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import traceback
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

MEMORY = 8 * 2**30
SECONDS = 60
SOUND, OURS = 0, 3
BLIND_TRIALS = 80


def flipped(content, rng):
    """Flip some bits, half of the time near the beginning, where files say how long they are."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 4))):
        at = rng.randrange(min(len(changed), rng.choice((200, len(changed)))))
        changed[at] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwritten(content, rng):
    """Put a number that is too large, or negative, in the place of another."""
    width = rng.choice((4, 8))
    number = rng.choice((-1, 0, 1, 2**20, 2**30, 2**31 - 1, 2**33, 2**62, -(2**30), rng.getrandbits(62)))
    at = rng.randrange(min(len(content), rng.choice((300, len(content)))))
    at -= at % rng.choice((1, 4))
    number = (number % 256**width).to_bytes(width, "little")
    return (content[:at] + number + content[at + width :])[: len(content)]


def cut(content, rng):
    return content[: rng.randrange(len(content))]


def repeated(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + content[at // 2 :]


BLIND = (flipped, overwritten, cut, repeated)

ARRAYS = {
    "huge": lambda array: np.full_like(array, _largest(array.dtype)),
    "negative": lambda array: np.full_like(array, -1) if array.dtype.kind in "if" else array[::-1],
    "nan": lambda array: np.full(array.shape, np.nan, array.dtype if array.dtype.kind == "f" else float),
    "one nan": lambda array: _with_nan(array),  # noqa: PLW0108 - defined below
    "infinite": lambda array: np.full(array.shape, np.inf, array.dtype if array.dtype.kind == "f" else float),
    "zero": np.zeros_like,
    "backwards": lambda array: array[::-1],
    "objects": lambda array: array.astype(object),
    "text": lambda array: array.astype(str),
    "wider": lambda array: array.astype(np.complex128) if array.dtype.kind in "if" else array.astype("S90"),
    "other integers": lambda array: array.astype(np.uint64) if array.dtype.kind in "if" else array,
    "shorter": lambda array: array[:-1],
    "longer": lambda array: np.concatenate([array, array[:1]]),
    "empty": lambda array: array[:0],
    "column": lambda array: array.reshape(-1, 1),
    "number": lambda array: array.reshape(-1)[0],
    "turned": lambda array: array.T,
    "narrow": lambda array: array[..., :1],
    "foreign order": lambda array: array.astype(array.dtype.newbyteorder(">")),
}


def _largest(dtype):
    return np.iinfo(dtype).max if dtype.kind in "iu" else np.finfo(dtype).max if dtype.kind == "f" else "\x7f"


def _with_nan(array):
    array = array.copy() if array.dtype.kind == "f" else array.astype(float, casting="unsafe")
    array.reshape(-1)[array.size // 2] = np.nan
    return array


def _npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def _npz(arrays):
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=True, **arrays)
    return stream.getvalue()


def changed_arrays(name, content):
    """Yield each array of a file changed in each way: what was done, new content."""
    arrays = np.load(io.BytesIO(content), allow_pickle=False)
    held = {"": arrays} if name.endswith(".npy") else dict(arrays)
    written = (lambda held: _npy(held[""])) if name.endswith(".npy") else _npz
    for part, array in held.items():
        for how, change in ARRAYS.items():
            try:
                yield f"{part} {how}", written(held | {part: change(array)})
            except (ValueError, TypeError, IndexError):
                continue
    for part in held:
        for other in set(held) - {part}:
            yield f"{part} as {other}", written(held | {part: held[other]})
        if part:
            yield f"without {part}", written({key: held[key] for key in held if key != part})


NOT_TEXT = (None, 1, -1, 1e400, "", "x", [], {}, [[]], [1], [None], ["\ud800"], {"a": []})


def changed_json(content):
    whole = json.loads(content)
    parts = whole if isinstance(whole, dict) else {}
    for part, value in parts.items():
        for other in NOT_TEXT:
            yield f"{part} as {other!r}", json.dumps(parts | {part: other}).encode()
        if isinstance(value, list):
            for how, list_ in (
                ("backwards", value[::-1]),
                ("repeated", [value[0]] * len(value)),
                ("with a number", [*value[:-1], 7]),
                ("with a list", [*value[:-1], []]),
            ):
                yield f"{part} {how}", json.dumps(parts | {part: list_}).encode()
        yield f"without {part}", json.dumps({key: parts[key] for key in parts if key != part}).encode()
    for other in ("null", "[]", "1", "[" * 100_000, '{"method":' * 50_000, "9" * 5000):
        yield f"{other[:9]}", other.encode()


def changed_table(content):
    import pyarrow as pa

    table = pq.read_table(io.BytesIO(content))

    def written(table):
        stream = io.BytesIO()
        pq.write_table(table, stream)
        return stream.getvalue()

    yield "backwards", written(table.take(list(range(len(table)))[::-1]))
    yield "repeated", written(table.take([0] * len(table)))
    yield "shorter", written(table.slice(1))
    yield "empty", written(table.slice(0, 0))
    for at, column in enumerate(table.schema):
        nothing = pa.nulls(len(table), column.type)
        yield f"{column.name} of nothing", written(table.set_column(at, column, nothing))
        yield f"without {column.name}", written(table.remove_column(at))


def changes(name, content, others, rng, blind):
    """Yield what somebody may make of a file: what was done, new content."""
    if name.endswith((".npy", ".npz")):
        yield from changed_arrays(name, content)
    elif name.endswith(".json"):
        yield from changed_json(content)
    elif name.endswith(".parquet"):
        yield from changed_table(content)
    for other, its_content in others.items():
        if other != name and Path(other).suffix == Path(name).suffix:
            yield f"as {other}", its_content
    for number in range(blind):
        change = BLIND[number % len(BLIND)]
        yield f"{change.__name__} {number}", change(content, rng)


def craft(out, name, content):
    """Give a file another content and let the manifest say so."""
    (out / name).unlink()
    (out / name).write_bytes(content)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    stat = (out / name).stat()
    manifest["files"][name] |= {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
    }
    (out / "manifest.json").unlink()
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def ask_everything(out, changed=""):
    """Open a collection, with the encoder whose file was changed, and ask it whatever there is to ask."""
    from ham_recommend import Recommender
    from ham_recommend.frontend.thumbnails import large_picture
    from ham_recommend.showing import thumbnail
    from ham_recommend.workspace import Workspace

    encoders = Workspace(out).manifest.facts.encoders
    for encoder in [name for name in encoders if name in str(changed)] or list(encoders)[:1]:
        museum = Recommender.load(out, encoder=encoder)
        works = len(museum.catalog)
        ids = museum.catalog.item_ids[:3].tolist()
        answers = [museum.search(text, 12) for text in ("ship in a storm", "vasse", "portrait of a lady 7")]
        answers += [museum.text.search("ship", 12, within=set(ids))]
        answers += [museum.recommend(ids[:2], ids[2:], 12), museum.similar_items(ids[0], 12)]
        answers += [museum.recommend(ids, (), 500)]
        for answer in answers:
            assert len(set(answer.item_ids.tolist())) == len(answer) <= works
            assert np.isfinite(answer.scores).all()
            for work in answer.item_ids[:5].tolist():
                shown = museum.catalog[work]
                assert thumbnail(out, shown) is None or shown.thumbnail
                large_picture(shown)
        assert len(answers[-1]) == works - 3 - sum(map(len, answers[-1].folded.values()))
    museum.catalog.to_frame()
    museum.catalog.facets("classification")


def outcome(out, changed):
    """Ask in a process of its own; return how it ended."""
    from ham_recommend.errors import HamRecommendError

    report = out.with_suffix(".said")
    child = os.fork()
    if child == 0:
        code = SOUND
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.alarm(SECONDS)
            ask_everything(out, changed)
        except HamRecommendError:
            code = OURS
        except BaseException:
            report.write_text(traceback.format_exc(), encoding="utf-8")
            code = 1
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return report.read_text(encoding="utf-8") if os.WEXITSTATUS(status) == 1 else os.WEXITSTATUS(status)


def main(collection, scratch, seed, per_file, only=""):
    import logging
    import warnings

    import faiss
    import scipy.sparse
    import sklearn.utils.extmath  # noqa: F401

    import ham_recommend.catalog.decoding
    import ham_recommend.frontend.thumbnails
    import ham_recommend.recommend.recommender
    import ham_recommend.testing  # noqa: F401

    _ = faiss, scipy.sparse
    warnings.simplefilter("error", RuntimeWarning)
    logging.disable()
    rng = random.Random(int(seed))
    collection = Path(collection)
    names = json.loads((collection / "manifest.json").read_text(encoding="utf-8"))["files"]
    contents = {name: (collection / name).read_bytes() for name in sorted(names)}
    tried = failed = 0
    for name in (name for name in contents if only in name):
        trials = list(changes(name, contents[name], contents, rng, BLIND_TRIALS))
        if int(per_file):
            trials = rng.sample(trials, min(len(trials), int(per_file)))
        for what, crafted in trials:
            out = Path(scratch) / "crafted"
            shutil.copytree(collection, out, copy_function=os.link)
            craft(out, name, crafted)
            ended = outcome(out, name)
            tried += 1
            if ended not in (SOUND, OURS):
                failed += 1
                sys.stdout.write(f"--- {name}: {what}\n{ended}\n")
                sys.stdout.flush()
            shutil.rmtree(out)
    sys.stdout.write(f"{tried} tried, {failed} failed\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
