"""A build whose pictures a cluster under Ray encodes: two workers on this machine, started by these tests."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

import psutil
import pytest
from ray_head import encoding_workers, ray_head

from ham_recommend import TableSource, build, errors, registry
from ham_recommend.builder import on_ray
from ham_recommend.net.http import Fetcher
from ham_recommend.testing.encoders import picture
from ham_recommend.testing.fake_museum import FakeMuseum

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning:ray"),
]
FILES = 240
ON_THE_WEB = 60


@pytest.fixture(scope="module", autouse=True)
def addresses():
    with ray_head() as both:
        yield both


@pytest.fixture
def head(addresses):
    """Return the head's address for clients."""
    return addresses[0]


@pytest.fixture
def running(addresses, monkeypatch):
    """Return what means the cluster that runs on this machine."""
    monkeypatch.setenv("RAY_ADDRESS", addresses[1])
    return "ray"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Return a table of works with pictures on this machine, some of them broken or the same."""
    folder = tmp_path_factory.mktemp("museum")
    for number in range(FILES):
        picture(number % (FILES - 3)).save(folder / f"{number}.png")
    (folder / "5.png").write_bytes(b"broken")
    with (folder / "works.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "image"])
        rows.writerows([number, f"Harbour {number}", f"{number}.png"] for number in range(FILES))
    return folder / "works.csv"


@pytest.fixture(scope="module")
def plain(table, tmp_path_factory):
    """Return what a build on this machine alone makes."""
    out = tmp_path_factory.mktemp("plain") / "out"
    build(TableSource(table), out, progress=False)
    return out


def files_of(out):
    """Return all that a build made, and what its manifest says but for the times."""
    files = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in Path(out).rglob("*")
        if path.is_file() and path.name not in {".lock", "manifest.json"}
    }
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    del manifest["facts"]["built_at"]
    for entry in manifest["files"].values():
        del entry["mtime_ns"]
    return files, manifest


def test_a_cluster_makes_what_one_machine_makes_though_a_worker_is_killed(head, table, plain, tmp_path):
    failed, killed = [], []

    def build_there():
        try:
            build(TableSource(table), tmp_path / "there", on=head, progress=False)
        except BaseException as error:
            failed.append(error)

    building = Thread(target=build_there)
    building.start()
    while building.is_alive() and not killed:
        if list((tmp_path / "there").glob(".draft/3-embeddings/style.journal/*.npz")):
            for worker in encoding_workers()[:1]:
                worker.kill()
                killed.append(worker)
        time.sleep(0.01)
    building.join()
    assert not failed
    assert killed and not psutil.pid_exists(killed[0].pid), "nothing was under way that could be killed"
    assert files_of(tmp_path / "there") == files_of(plain)


def test_however_many_workers_a_museum_is_asked_at_one_pace_and_only_once(running, tmp_path):
    asked = []
    with FakeMuseum(faults=lambda path, before: asked.append(time.monotonic())) as museum:
        rows = [
            f"{number},{museum.url}/iiif/{number}/full/full/0/default.jpg" for number in range(ON_THE_WEB)
        ]
        (tmp_path / "works.csv").write_text("\n".join(["id,image", *rows]), encoding="utf-8")
        with Fetcher(allow_private=[museum.place], rate_per_host=40) as fetcher:
            report = build(
                TableSource(tmp_path / "works.csv"),
                tmp_path / "there",
                fetch_pictures=True,
                fetcher=fetcher,
                on=running,
                progress=False,
            )
        assert set(museum.calls.values()) == {1}
    assert report.pictures == len(asked) == ON_THE_WEB
    assert asked[-1] - asked[0] >= 0.95 * (ON_THE_WEB - 1) / 40


def test_the_command_starts_a_cluster_of_its_own_and_ends_it(table, plain, tmp_path):
    command = [Path(sys.executable).with_name("ham"), "build", "table", table, "--out", tmp_path / "there"]
    with tempfile.TemporaryDirectory() as place:  # short, as names of sockets are
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        done = subprocess.run(
            [*command, "--on", "ray"],
            check=False,
            env={**environment, "RAY_TMPDIR": place},
            capture_output=True,
            text=True,
            timeout=300,
        )
        processes = psutil.process_iter(["cmdline"])
        left = [process for process in processes if place in " ".join(process.info["cmdline"] or ())]
        assert not psutil.wait_procs(left, 30)[1]
    assert done.returncode == 0 and not done.stderr
    assert f"{FILES:,} works, {FILES - 1:,} picture vectors" in done.stdout
    assert files_of(tmp_path / "there") == files_of(plain)


# What can be wrong


def refused(table, out, **options):
    with pytest.raises(errors.HamRecommendError) as raised:
        build(TableSource(table), out, progress=False, **options)
    said = str(raised.value)
    assert "\n" not in said and len(said) < 400
    return type(raised.value), said


@pytest.mark.parametrize(
    "on", ["", "rays", "ray://", "ray://head", "ray://head:x", "dask://head:1", "ray:/a:1"]
)
def test_what_is_no_address_is_refused(table, tmp_path, on):
    kind, said = refused(table, tmp_path / "out", on=on)
    assert kind is errors.SettingsError and "ray://host:port" in said and not (tmp_path / "out").exists()


def test_what_needs_a_cluster_or_an_encoder_is_refused(table, tmp_path):
    assert "--on ray" in refused(table, tmp_path / "out", gpus=1)[1]
    assert "image encoder" in refused(table, tmp_path / "out", on="ray", image_encoder=None)[1]
    for gpus in (-1, 1.5, float("nan")):
        assert "GPU" in refused(table, tmp_path / "out", on="ray", gpus=gpus)[1]


def test_without_ray_the_command_that_installs_it_is_named(table, tmp_path, monkeypatch):
    monkeypatch.setattr(on_ray, "find_spec", lambda name: None)
    kind, said = refused(table, tmp_path / "out", on="ray")
    assert kind is errors.MissingExtraError and 'pip install "ham-recommend[ray]"' in said


def test_a_head_that_does_not_answer_is_named(table, tmp_path):
    kind, said = refused(table, tmp_path / "out", on="ray://127.0.0.1:9")
    assert kind is errors.ClusterError and "ray://127.0.0.1:9 does not answer" in said


def test_another_version_of_ray_is_named(head, table, tmp_path, monkeypatch):
    import ray

    monkeypatch.setattr(ray, "__version__", "2.0.0")
    kind, said = refused(table, tmp_path / "out", on=head)
    assert kind is errors.ClusterError and "2.0.0" in said and "same" in said


def test_a_cluster_without_gpus_is_not_waited_for(running, table, tmp_path):
    kind, said = refused(table, tmp_path / "out", on=running, gpus=0.5)
    assert kind is errors.ClusterError and "0.5 of a GPU" in said


def test_what_a_worker_lacks_is_said(running, table, tmp_path, monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN["encoder"], "ours", registry.BUILT_IN["encoder"]["style"])
    kind, said = refused(table, tmp_path / "out", on=running, image_encoder="ours")
    assert kind is errors.ClusterError and "A worker of" in said and "Unknown encoder 'ours'" in said
