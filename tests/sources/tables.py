"""Write a table, read it."""

from ham_recommend.sources.table import TableSource


def fetch(path, content, **options):
    """Write a table and read it: (records, notes and problems as text)."""
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)
    source = TableSource(path, **options)
    records = list(source.fetch())
    return records, [*source.notes, *(f"{problem.where}: {problem.reason}" for problem in source.problems)]


def one(path, content, **options):
    """Read a table of one good row."""
    (record,), problems = fetch(path, content, **options)
    assert problems == []
    return record
