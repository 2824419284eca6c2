"""Every error this package raises on purpose.

::

    HamRecommendError
    ├── SettingsError (ValueError)        unknown name or bad value; lists the known ones
    ├── MissingExtraError (ImportError)   says which extra to install
    ├── SourceError                       a collection could not be read
    │   ├── SourceAuthError               the key is missing or refused
    │   ├── SourceUnavailableError        try again later; nothing is lost
    │   └── RecordError                   one bad record: counted, skipped
    ├── ArtifactError                     a file of a workspace
    │   ├── ArtifactMissingError          names the command that makes it
    │   ├── ArtifactCorruptError          not what the manifest says
    │   └── ArtifactMismatchError         made from other files or other settings
    ├── ClusterError                      machines that share a build; it goes on from there
    ├── EncodeError
    │   ├── EncoderUnavailableError       try again later
    │   └── UnreadablePictureError        one bad picture: counted, skipped
    ├── StoreError
    │   ├── StoreUnavailableError
    │   └── DimensionError (ValueError)
    └── UnknownItemError (KeyError)

    DataWarning (UserWarning)             suspicious but usable

A message says what happened, to which item or file, and what to do next; front ends show it as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class HamRecommendError(Exception):
    """Base of every error raised on purpose; its message is written for the user."""


class SettingsError(HamRecommendError, ValueError):
    """A name is unknown or a value is out of range."""

    @classmethod
    def unknown(cls, what: str, name: object, known: Iterable[str]) -> SettingsError:
        """Build the error for an unknown name, listing the known ones, those spelt most alike first.

        Parameters
        ----------
        what : str
            What the name stands for, for example ``"source"``.
        name : object
            The name that was given.
        known : iterable of str
            The names that would have been accepted.
        """
        names = sorted(known)
        alike = get_close_matches(str(name), names)
        listed = ", ".join([*alike, *(one for one in names if one not in alike)])
        return cls(f"Unknown {what} {name!r}. Known: {listed or 'none'}.")


class MissingExtraError(HamRecommendError, ImportError):
    """An optional part of the package is not installed."""

    @classmethod
    def needing(cls, what: str, extra: str) -> MissingExtraError:
        """Build the error for a feature that needs an extra.

        Parameters
        ----------
        what : str
            The feature, as the user would call it.
        extra : str
            The extra's name in ``pyproject.toml``.
        """
        return cls(f'{what} needs more packages. Run: pip install "ham-recommend[{extra}]"')


class SourceError(HamRecommendError):
    """A collection could not be read."""


class SourceAuthError(SourceError):
    """The source refused the key, or no key was given."""


class SourceUnavailableError(SourceError):
    """The source does not answer now; the work can be resumed later.

    Parameters
    ----------
    message : str
        What happened and what to do.
    retry_after : float or None
        Seconds after which the source asked to be tried again.
    worth_retrying : bool
        Whether trying again later may help.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, worth_retrying: bool = True
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.worth_retrying = worth_retrying


class RecordError(SourceError):
    """One record is unusable; the rest of the collection is not affected."""


class ArtifactError(HamRecommendError):
    """A file of a workspace is missing, damaged or does not fit the others."""

    @classmethod
    def unreadable(cls, path: object, error: OSError) -> ArtifactError:
        """Build the error for a file that the system does not let us read.

        Parameters
        ----------
        path : path-like or str
            What to call the file, where the error does not name it.
        error : OSError
            What the system said.
        """
        return cls(
            f"{error.filename or path} cannot be read: {error.strerror or error}. "
            "Check that you may read it and that its disk is there."
        )


class ArtifactMissingError(ArtifactError):
    """A file is not there; the message names the command that makes it."""


class ArtifactCorruptError(ArtifactError):
    """A file is not what the manifest says it is."""


class ArtifactMismatchError(ArtifactError):
    """A file was made from other files or with other settings than asked for."""


class ClusterError(HamRecommendError):
    """Machines that share a build are out of reach, broke off, or are not as this one is; nothing is lost."""


class EncodeError(HamRecommendError):
    """Something could not be turned into a vector."""


class EncoderUnavailableError(EncodeError):
    """A server that encodes cannot be reached, or is too busy."""


class UnreadablePictureError(EncodeError):
    """A picture is broken, too large or of a kind that is not read."""


class StoreError(HamRecommendError):
    """A vector store failed."""


class StoreUnavailableError(StoreError):
    """A vector store cannot be reached."""


class DimensionError(StoreError, ValueError):
    """Vectors have another number of dimensions than the store."""


class UnknownItemError(HamRecommendError, KeyError):
    """No work has this ``item_id``."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class DataWarning(UserWarning):
    """Data is suspicious but usable."""
