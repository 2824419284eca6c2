"""Which store ``auto`` means."""

from __future__ import annotations

import re

import pytest

from ham_recommend.index.choice import chosen, machine_memory
from ham_recommend.index.stores import file_store

GB = 10**9


@pytest.mark.parametrize(
    ("works", "memory", "kind", "said"),
    [
        (0, 16 * GB, "flat", "0 vectors are few enough"),
        (900, 1 * GB, "flat", "900 vectors are few enough"),
        (117_245, 16 * GB, "flat", r"read all of them \(240\.1 MB\)"),
        (117_245, GB // 4, "ivfpq", r"240\.1 MB\) would fill more than half of the memory \(250\.0 MB\)"),
        (300_000, 16 * GB, "hnsw", r"695\.4 MB of 16\.0 GB"),
        (1_000_000, 16 * GB, "hnsw", r"2\.3 GB of 16\.0 GB"),
        (1_000_000, 4 * GB, "ivfpq", r"codes stay there \(80\.0 MB\)"),
        (100_000_000, 64 * GB, "ivfpq", r"8\.0 GB\), vectors on disk"),
    ],
)
def test_what_suits_their_number_and_the_memory(works, memory, kind, said):
    choice = chosen(works, 512, memory)
    assert choice.kind == kind
    assert file_store(choice.kind).kind == kind
    assert re.search(said, choice.why)
    assert choice.why.startswith(f"Store: {kind}, as ")


def test_this_machine_has_memory():
    assert 2**28 < machine_memory() < 2**48
    assert chosen(900, 512).kind == "flat"
