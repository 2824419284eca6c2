"""Which tests run in the same process, where several processes share them.

The tests of a row below do, so that what they need – a cluster, a server, an environment, a collection – is
made once. Rows come first, those with the most tests before the others; then all other tests, one by one, go
to whoever is free, and those of files without slow tests last, so that nobody waits long for the last one.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = [
    ["test_package.py", "cli/test_a_package_of_ones_own.py"],
    ["builder/test_on_ray.py"],
    [
        "index/test_milvus_store.py",
        "index/test_texts_elsewhere.py",
        "builder/test_in_milvus.py",
        "builder/test_texts_in_milvus.py",
    ],
    ["notebooks/test_notebooks.py"],
    ["analysis/test_influence.py", "index/test_by_picture.py", "recommend/test_dials.py"],
    ["evaluate/test_text_quality.py"],
    ["cli/test_eval.py"],
]
_FIRST = {f"tests/{name}": row[0] for row in TOGETHER for name in row}


class Shares(LoadScopeScheduling):
    """Gives the tests of a row to one process, and the others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return _FIRST.get(nodeid.split("::", maxsplit=1)[0], nodeid)


def slow_files_first(items):
    """Put files that hold slow tests first, each file whole."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
