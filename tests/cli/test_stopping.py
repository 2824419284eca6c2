"""Ctrl-C: a build ends soon, says so in one line, and goes on when it is run again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ham_recommend.testing.fake_museum import Answer, FakeMuseum

HAM = Path(sys.executable).with_name("ham")


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize(
    "fault", [Answer(429, b"slow down", {"Retry-After": "100"}), "stall"], ids=["busy", "stall"]
)
def test_a_build_that_waits_for_a_server_ends_soon(tmp_path, fault):
    with FakeMuseum(faults=lambda path, before: fault) as museum:
        rows = [f"{row},Work {row},{museum.url}/pictures/{row}.jpg" for row in range(20)]
        (tmp_path / "works.csv").write_text("\n".join(["id,title,image_url", *rows]))
        build = subprocess.Popen(
            [HAM, "build", "table", tmp_path / "works.csv", "--out", tmp_path / "out", "--fetch-pictures"],
            env={**os.environ, "HAM_ALLOW_PRIVATE": museum.place},
            stderr=subprocess.PIPE,
            text=True,
            # what starts tests in the background may have told them to ignore it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        until = time.monotonic() + 30
        while not museum.count() and build.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        build.send_signal(signal.SIGINT)
        try:
            said = build.communicate(timeout=10)[1]
        finally:
            build.kill()
    assert museum.count() > 0, said
    assert build.returncode == 130
    assert said.rstrip().endswith("Stopped. Nothing is lost; the same command goes on from here.")
    assert "Traceback" not in said
