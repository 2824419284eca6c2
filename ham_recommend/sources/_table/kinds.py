"""Which file holds a table, and how it is opened."""

from __future__ import annotations

from pathlib import Path

from ham_recommend.errors import SettingsError, SourceError
from ham_recommend.sources._table.csv_rows import CsvRows
from ham_recommend.sources._table.excel_rows import ExcelRows
from ham_recommend.sources._table.files import open_table, quoted
from ham_recommend.sources._table.json_rows import JsonRows
from ham_recommend.sources._table.parquet_rows import ParquetRows
from ham_recommend.sources._table.rows import Rows

READERS: dict[str, type[Rows]] = {
    ".csv": CsvRows,
    ".tsv": CsvRows,
    ".tab": CsvRows,
    ".txt": CsvRows,
    ".json": JsonRows,
    ".jsonl": JsonRows,
    ".ndjson": JsonRows,
    ".geojson": JsonRows,
    ".parquet": ParquetRows,
    ".xlsx": ExcelRows,
    ".xlsm": ExcelRows,
}
"""Suffix → how such a file is read; each may be packed with gzip (``.gz``) or zip (``.zip``)."""

_PANDAS = 'python -c "import pandas as pd; pd.{read}.{write}"'
_OFFICE = "soffice --headless --convert-to xlsx {name}"
_OTHERS = {
    ".xls": _OFFICE,
    ".xlsb": _OFFICE,
    ".ods": _OFFICE,
    ".numbers": "In Numbers: File > Export To > CSV",
    ".feather": _PANDAS.format(read="read_feather('{name}')", write="to_parquet('{stem}.parquet')"),
    ".arrow": _PANDAS.format(read="read_feather('{name}')", write="to_parquet('{stem}.parquet')"),
    ".orc": _PANDAS.format(read="read_orc('{name}')", write="to_parquet('{stem}.parquet')"),
    ".xml": _PANDAS.format(
        read="read_xml('{name}', parser='etree')", write="to_csv('{stem}.csv', index=False)"
    ),
    ".html": _PANDAS.format(read="read_html('{name}')[0]", write="to_csv('{stem}.csv', index=False)"),
    ".dta": _PANDAS.format(read="read_stata('{name}')", write="to_csv('{stem}.csv', index=False)"),
    ".bz2": "python -c \"import bz2, shutil; shutil.copyfileobj(bz2.open('{name}'), open('{stem}', 'wb'))\"",
    ".xz": "python -c \"import lzma, shutil; shutil.copyfileobj(lzma.open('{name}'), open('{stem}', 'wb'))\"",
    ".tar": "python -m tarfile -e {name} .",
    ".tgz": "python -m tarfile -e {name} .",
}


def reader_of(name: str) -> type[Rows] | None:
    """Return the class that reads files of this name, packed or not; ``None`` for other files."""
    name = name.lower()
    for packed in (".gz", ".zip"):
        name = name.removesuffix(packed)
    return next((reader for suffix, reader in READERS.items() if name.endswith(suffix)), None)


def check_kind(path: Path) -> None:
    """Refuse a file that is no table that can be read.

    Raises
    ------
    SettingsError
        The message says what makes a table of it, where that is one command.
    """
    suffix = path.suffix.lower()
    if path.name.lower().endswith((".tar.gz", ".tar.bz2", ".tar.xz")):
        suffix = ".tar"
    if suffix in _OTHERS:
        name = quoted(path.name) if "{name}" in _OTHERS[suffix].replace("'{name}'", "") else path.name
        command = _OTHERS[suffix].format(name=name, stem=path.stem)
        raise SettingsError(f"{path.name} is not read as it is ({suffix}). This makes it readable: {command}")
    if reader_of(path.name) is None and suffix != ".zip":
        raise SettingsError.unknown("kind of table", path.name, [*READERS, ".gz", ".zip"])


def open_rows(path: Path, encoding: str | None = None, sheet: str = "") -> Rows:
    """Open a table.

    Parameters
    ----------
    path : Path
        There is such a file.
    encoding : str or None
        Of its text; ``None`` to find out.
    sheet : str
        Of a workbook; by default its first.

    Raises
    ------
    SettingsError
        There is no such kind of table, encoding or sheet.
    SourceError
        The file cannot be read.
    """
    check_kind(path)
    file = open_table(path, lambda name: reader_of(name) is not None, encoding)
    reader = reader_of(file.member or path.name)
    if reader is ExcelRows:
        return ExcelRows(file, sheet)
    if sheet:
        raise SettingsError(f"{path.name} is no workbook; it has no sheet {sheet!r}.")
    if reader is None:
        raise SourceError(f"{path} holds no table.")
    return reader(file)
