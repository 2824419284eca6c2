"""Who is asking: a visitor's number in a signed cookie, and codes to go on with it on another device.

A cookie says who a visitor is and nothing else; likes and history lie in the session of that name. The key of
the signature and the codes lie in one SQLite file, so that several server processes agree.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import time
from contextlib import AbstractContextManager
from pathlib import Path

from itsdangerous import BadSignature, Signer

from ham_recommend.errors import ArtifactError, SettingsError
from ham_recommend.web.databases import opened_database

COOKIE = "ham_visitor"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie at most."""
CODE_SECONDS = 600
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters that nobody takes for others: no I, L, O, 0 or 1."""
CODE_LENGTH = 8

_VISITOR = re.compile(r"[0-9a-f]{32}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS codes (digest BLOB PRIMARY KEY, visitor TEXT NOT NULL, expires REAL NOT NULL);
"""


class Visitors:
    """Makes and recognises visitors.

    Parameters
    ----------
    folder : Path
        Where the key and the codes are kept; made if need be, for its owner alone.

    Raises
    ------
    ArtifactError
        The folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "visitors.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        except OSError as error:
            raise ArtifactError(
                f"{folder} cannot be written: {error.strerror or error}. It would keep the key of visitors' "
                "cookies. Name another folder with --sessions FOLDER."
            ) from error
        with self._open() as database:
            database.executescript(_SCHEMA)
            fresh = secrets.token_bytes(32)
            database.execute("INSERT OR IGNORE INTO keys VALUES ('cookies', ?)", (fresh,))
            (key,) = database.execute("SELECT value FROM keys WHERE name = 'cookies'").fetchone()
        self._signer = Signer(key, salt="ham_recommend visitor", digest_method=hashlib.sha256)
        self._pass = Signer(key, salt="ham_recommend token", digest_method=hashlib.sha256)

    def new(self) -> str:
        """Return the number of a new visitor: 128 random bits in hex."""
        return secrets.token_hex(16)

    def cookie(self, visitor: str) -> str:
        """Return what the visitor's cookie holds."""
        return self._signer.sign(visitor).decode()

    def visitor(self, cookie: str) -> str | None:
        """Return whose cookie it is; ``None`` when it was not made here."""
        try:
            visitor = self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return None
        return visitor if _VISITOR.fullmatch(visitor) else None

    def passed(self, token: str) -> str:
        """Return what the cookie of someone holds who knew the token."""
        return self._pass.get_signature(token).decode()

    def code(self, visitor: str) -> str:
        """Return a code that lets another device go on as this visitor, once, within ten minutes."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        with self._open() as database:
            database.execute("DELETE FROM codes WHERE expires < ? OR visitor = ?", (time.time(), visitor))
            row = (_digest(code), visitor, time.time() + CODE_SECONDS)
            database.execute("INSERT INTO codes VALUES (?, ?, ?)", row)
        return f"{code[:4]}-{code[4:]}"

    def redeem(self, code: str) -> str:
        """Return the visitor that a code was made for; it works no second time.

        Raises
        ------
        SettingsError
            There is no such code, or it is too old.
        """
        with self._open() as database:
            row = database.execute(
                "DELETE FROM codes WHERE digest = ? RETURNING visitor, expires", (_digest(code),)
            ).fetchone()
        if row is None or row[1] < time.time():
            raise SettingsError(
                "This code does not work, or no longer. Ask for a new one on the other device."
            )
        return str(row[0])

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened_database(self._path, "Move it away to start afresh; visitors begin anew.")


def session_name(visitor: str) -> str:
    """Return the name of a visitor's session in each collection."""
    return f"visitor-{visitor}"


def _digest(code: str) -> bytes:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(letters.encode()).digest()
