"""Whatever a collection holds, a terminal shows it and obeys nothing of it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ham_recommend.manifest import sha256

HAM = str(Path(sys.executable).with_name("ham"))
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x1b[6n\x08\x7f\u202eevil\u2066"
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(*arguments, cwd=None):
    """Run ``ham`` on a terminal of its own; return its exit code and what it sent there."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160"}
    process = subprocess.Popen(
        [HAM, *map(str, arguments)], stdin=its, stdout=its, stderr=its, env=environment, cwd=cwd
    )
    os.close(its)
    sent = b""
    while select.select([ours], [], [], 120)[0]:
        try:
            chunk = os.read(ours, 65_536)
        except OSError:  # the other side has closed it
            break
        if not chunk:
            break
        sent += chunk
    os.close(ours)
    return process.wait(60), sent.decode("utf-8", "replace")


def rewrite_manifest(folder, change):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A collection from a stranger who has written what he likes into every file of it."""
    folder = tmp_path_factory.mktemp("stranger") / "works"
    done = subprocess.run([HAM, "build", "sample", "--limit", "12", "--out", folder], check=True)
    assert done.returncode == 0
    catalog = folder / "2-catalog" / "catalog.parquet"
    table = pq.read_table(catalog)
    for name in ("title", "artist", "date", "credit"):
        column = table.column(name).cast(pa.string()).to_pylist()
        texts = pa.array([f"{EVIL}{text}" for text in column])
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(name), texts.cast(table.schema.field(name).type))
    pq.write_table(table, catalog)
    stat = catalog.stat()

    def change(manifest):
        manifest["files"]["2-catalog/catalog.parquet"] |= {
            "sha256": sha256(catalog),
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
        }
        facts = manifest["facts"]
        facts["built_at"] = EVIL
        facts["origins"][0]["source"] = EVIL
        facts["encoders"]["style"]["store"] = f"flat{EVIL}"
        facts["builds"][0]["command"] = f"ham build {shlex.quote(EVIL)}"
        manifest["package_version"] = EVIL

    rewrite_manifest(folder, change)
    return folder


def assert_nothing_is_obeyed(sent):
    assert not OBEYED.search(STYLES.sub("", sent)), repr(sent)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "{}", "oil on canvas", "--encoder", "none"],
        ["search", "{}", "oil on canvas", "--json", "--encoder", "none"],
        ["similar", "{}", "sample:1", "--encoder", "none"],
        ["recommend", "{}", "--like", "sample:1", "--encoder", "none"],
        ["info", "{}"],
        ["info", "{}", "--json"],
    ],
    ids=lambda command: "-".join([command[0], *(word for word in command if word == "--json")]),
)
def test_of_a_stranger_s_collection(hostile, command):
    code, sent = on_a_terminal(*(word.format(hostile) for word in command))
    assert code == 0, sent
    assert "evil" in sent
    assert_nothing_is_obeyed(sent)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "{}", "oil on canvas"],
        ["search", "{}", "oil on canvas", "--encoder", "clip"],
        ["similar", "{}", "sample:99"],
        ["info", "{}", "--verify"],
        ["merge", "{}", "{}", "--out", "{}-merged"],
    ],
    ids=" ".join,
)
def test_in_what_is_said_of_its_faults(hostile, command):
    code, sent = on_a_terminal(*(word.format(hostile) for word in command))
    assert "Error" in sent or code == 0
    assert "Traceback" not in sent
    assert_nothing_is_obeyed(sent)


def test_in_what_is_said_of_a_table(tmp_path):
    (tmp_path / "works.csv").write_text(
        f"id,title,{EVIL}\n1,{EVIL}cat,x\n1,twice,x\n,{EVIL},{EVIL}\n", encoding="utf-8"
    )
    _, sent = on_a_terminal("build", "table", "works.csv", "--out", "out", cwd=tmp_path)
    assert "works" in sent
    assert_nothing_is_obeyed(sent)


def test_json_says_the_same_with_such_characters_spelt_out(hostile):
    done = subprocess.run(
        [HAM, "search", hostile, "oil on canvas", "--json", "--encoder", "none"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert not OBEYED.search(done.stdout.decode())
    assert json.loads(done.stdout)["hits"][0]["title"].startswith(EVIL)


@pytest.mark.parametrize(
    "command", ["info {}", "search {} x", "purge {}", "build sample --out {}", "crawl artic --out {}"]
)
def test_a_folder_with_an_endless_name_is_refused_in_one_sentence(command):
    code, sent = on_a_terminal(*command.format("a" * 5_000).split())
    assert code == 2
    assert "No folder can be" in sent
    assert "Traceback" not in sent
    assert len(sent) < 2_000
