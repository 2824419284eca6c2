"""Text of a work: hostile HTML → plain text, descriptions → one voice, fields + descriptions → document."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html.parser import HTMLParser

from ham_recommend.fields import joined
from ham_recommend.records import FIELDS, Artwork, Description, Document

LONGEST_TEXT = 100_000
"""Characters of raw text that are read; what follows is left out."""

_DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
}
_NO_BREAK = {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "mark", "q", "s", "small"}
_NO_BREAK |= {"span", "strong", "sub", "sup", "u", "wbr"}

_UNUSUAL = re.compile(r"[^\x20-\x3b=\x3f-\x7e\xa1-\u02ff]|&|  |^ | $")
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_INVISIBLE = re.compile(
    # controls that are not white space, soft hyphen, bidi marks and overrides, zero-width, word joiner, tags
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WHITE = re.compile(r"\s+")


def plain_text(html: str) -> str:
    """Turn anything a record holds into plain text on one line.

    Tags go, scripts and styles go with their content, entities become characters, control and bidi characters
    go (letters of right-to-left scripts stay), lone surrogates become U+FFFD, white space becomes one space.

    Parameters
    ----------
    html : str
        Plain text or HTML, well-formed or not; only the first 100,000 characters are read.

    Returns
    -------
    str
        In Unicode normal form C. It is text, not safe HTML: ``&lt;b&gt;`` comes out as ``<b>``.
    """
    if len(html) <= LONGEST_TEXT and (_is_plain(html) or not _UNUSUAL.search(html)):
        return html
    return _remembered(html) if len(html) <= _SHORT else _plain_text(html[:LONGEST_TEXT])


def _is_plain(text: str) -> bool:
    """Return, quicker than by :data:`_UNUSUAL`, whether a text of the usual characters is plain already."""
    return (
        text.isascii()
        and text.isprintable()
        and not ("<" in text or ">" in text or "&" in text or "  " in text)
        and text[:1] != " " != text[-1:]
    )


def _plain_text(html: str) -> str:
    text = _without_tags(html) if _MARKUP.search(html) else html
    text = _LONE_SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _WHITE.sub(" ", text).strip())


_SHORT = 500
_remembered = lru_cache(maxsize=1 << 15)(_plain_text)


class _TextOf(HTMLParser):
    """Collects the text between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.dropping = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if self.dropping:
            self.depth += tag == self.dropping
        elif tag in _DROPPED_WITH_CONTENT:
            self.dropping, self.depth = tag, 1
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.dropping:
            self.depth -= 1
            self.dropping = self.dropping if self.depth else ""
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.pieces.append(data)

    def _break(self, tag: str) -> None:
        if tag not in _NO_BREAK and ":" not in tag:
            self.pieces.append(" ")


_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<[!?][^<>]*+>"
    r"""|<(?P<name>/?[a-zA-Z][\w:-]*+)(?:(?:[^<>"']|"[^"]{0,999}+"|'[^']{0,999}+')*+|[^<>]*+)>"""
    r"|<",
    re.DOTALL,
)


def _bare(tag: re.Match[str]) -> str:
    if not tag["name"]:
        return "&lt;" if tag[0] == "<" else " "
    return f"<{tag['name']}/>" if tag[0].endswith("/>") else f"<{tag['name']}>"


def _without_tags(html: str) -> str:
    parser = _TextOf()
    # html.parser takes quadratic time on unclosed markup and stumbles over odd declarations, so it is given
    # closed tags without attributes
    parser.feed(_TAG.sub(_bare, html))
    parser.close()
    return "".join(parser.pieces)


_UNABLE = (
    r"(?:can(?:not|'t| not)|could(?:n't| not)|unable to|not able to|won't|will not|not comfortable"
    r"|not allowed|not permitted|do(?:n't| not) (?:have|feel)|(?:must |have to )?decline|refuse)\b"
)
_DESCRIBE = (
    r"(?:identify|recogni[sz]e|describ\w+|provide|help|assist|analy[sz]e|view|access|process|comply|fulfil"
    r"|generate|discuss|answer|engage|continue|do that|(?:to|the ability|enough|comfortable)\b)"
)
_REFUSALS = (
    r"content (?:was |has been |is )?(?:filtered|blocked)\b",
    r"[^.]{0,40}\bblocked by (?:\w+ )?(?:bedrock|content|safety|guardrail|filter|polic)",
    r"as an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"(?:i(?:'m| am) (?:\w+ )?(?:sorry|afraid)|sorry|i apologi[sz]e|(?:my )?apologies|unfortunately)\b"
    rf".{{0,40}}?\b(?:i|we|image|picture|photo|request|content)\b.{{0,20}}?{_UNABLE}",
    rf"i(?:'m| am)? ?(?:\w+ )?{_UNABLE} (?:\w+ )?{_DESCRIBE}",
    r"(?:this|the|your) (?:request|prompt|content|response|output) "
    r"(?:(?:was|has been|is) (?:blocked|filtered|refused|rejected)\b|violates\b)",
    r"(?:this|the|your) (?:image|picture) "
    r"(?:was|has been|is) (?:blocked|filtered|rejected) (?:by|due|because)\b",
    r"(?:no (?:description|image|caption|content)|(?:description|image|caption|content) not)(?: is| was)? "
    r"(?:available|provided|generated|found|possible)\W*$",
    r"(?:error|null|none|nan|n/a|undefined|refused|redacted)\W*$",
)
_REFUSAL = re.compile(rf"\W*(?:{'|'.join(_REFUSALS)})", re.IGNORECASE)
_DEPICTS = re.compile(
    r"\b(?:shows?|depict|portray|features|wear(?:s|ing)|st(?:ands|anding)|seated|sitting)", re.I
)
_LONGEST_REFUSAL = 400


@lru_cache(maxsize=1 << 12)
def _refuses(text: str) -> bool:
    refusal = _REFUSAL.match(text.replace("’", "'"))
    return refusal is not None and len(_DEPICTS.findall(text, refusal.end())) < 2


def is_refusal(text: str) -> bool:
    """Tell whether a model's answer refuses to describe, instead of describing.

    Only a text of at most 400 characters that *opens* with a refusal, and does not go on to describe all the
    same, counts: a picture called "Sorry" and a quoted apology stay.

    Parameters
    ----------
    text : str
        Plain text.
    """
    return len(text) <= _LONGEST_REFUSAL and _refuses(text)


def clean_descriptions(
    descriptions: Iterable[Description], other_texts: Iterable[str] = ()
) -> tuple[Description, ...]:
    """Return the descriptions that say something of their own, as plain text, in the same order.

    Left out are empty ones, refusals, repeats of an earlier one, and those that repeat another field word for
    word; case, accents and punctuation make no difference.

    Parameters
    ----------
    descriptions : iterable of Description
        As the source gave them.
    other_texts : iterable of str
        The work's title and other fields.
    """
    told = [Description(*map(plain_text, (each.text, each.source, each.model))) for each in descriptions]
    words = [_words(each.text) for each in told]
    shortest = min(map(len, words), default=0)
    # a plain text has no more letters than characters, so a shorter one repeats nothing
    long = (text for text in other_texts if len(text) >= shortest or not text.isascii())
    said = {"", *map(_words, long)} if told else set()
    kept = []
    for description, its_words in zip(told, words, strict=True):
        if its_words not in said and not is_refusal(description.text):
            said.add(its_words)
            kept.append(description)
    return tuple(kept)


_NO_WORD = re.compile(r"[\W_]+")
_LETTERS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f]"
)
"""Marks of the European, Hebrew and Arabic scripts; in others a mark makes another letter."""


def _words(text: str) -> str:
    """Return what two texts share when they say the same word for word."""
    if text.isascii():
        return " ".join(text.translate(_LETTERS).split())
    return _NO_WORD.sub(" ", match_key(text)).strip()


def match_key(text: str) -> str:
    """Return what two values share that a filter does not tell apart: ``Édouard`` → ``edouard``.

    Case and accents go; the words of documents are folded further, in :mod:`ham_recommend.encode.analyzer`.
    """
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()


SEARCHED = tuple(field.name for field in FIELDS if field.weight)
"""The fields that are part of the document, besides the descriptions."""


PLURALS = (("(..)ies$", r"\1y"), ("(x|ch|sh|ss)es$", r"\1"), ("(..[^sui])s$", r"\1"))
"""Endings of English plurals, in forms that RE2 reads too, and what the singular has in their place."""


def value_key(text: str) -> str:
    """Return what two values of a list share that a filter does not tell apart: ``Paintings`` → ``painting``.

    Beside case and accents a plural ending goes: museums have both in one column.
    """
    key = match_key(text)
    for plural, singular in PLURALS:
        key = re.sub(plural, singular, key)
    return key


def document(artwork: Artwork) -> Document:
    """Return the text of a work, as the text index reads it: every field that has a weight, and descriptions.

    Parameters
    ----------
    artwork : Artwork
        Cleaned.
    """
    texts = {name: joined(value) for name in SEARCHED if (value := getattr(artwork, name))}
    descriptions = (description.text for description in artwork.descriptions)
    return document_of(artwork.item_id, texts, descriptions, artwork.year_begin, artwork.year_end)


def document_of(
    item_id: str,
    texts: dict[str, str],
    descriptions: Iterable[str],
    year_begin: int | None,
    year_end: int | None,
) -> Document:
    """Return the text of a work whose fields are at hand, by name and without the empty ones."""
    told = tuple(descriptions)
    content = repr((texts, told, (year_begin, year_end)))
    return Document(
        item_id=item_id,
        title=texts.pop("title", ""),
        artist=texts.pop("artist", ""),
        fields=texts,
        descriptions=told,
        year_begin=year_begin,
        year_end=year_end,
        digest=hashlib.blake2b(content.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest(),
    )
