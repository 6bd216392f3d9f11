"""What a file of an upload is called: one reader, for every form, of all the ways in which senders really say it.

Browsers send raw UTF-8; .NET an encoded word (RFC 2047) beside `filename*` (RFC 5987); some only `filename*`; older
Windows programs raw CP932; a few percent-encode. The body is rewritten before anything reads it, so that whoever
takes the file finds its real name. Must not know what the file is for.
"""

import re
import unicodedata
from email.header import decode_header, make_header
from urllib.parse import unquote_to_bytes

MOST_HEADER = 16_000
"""Bytes of one part's headers that are looked at."""
_BOUNDARY = re.compile(r'(?i)\bboundary="?([^";,]{1,200})')
_CHARSET = re.compile(r'(?i)\bcharset="?([A-Za-z0-9_.-]{1,40})')
_DISPOSITION = re.compile(rb"(?im)^content-disposition:[ \t]*(form-data\b[^\r\n]*(?:\r\n[ \t][^\r\n]*)*)")
_PARAMETER = re.compile(r';\s*([A-Za-z]+\*?)\s*=\s*("(?:\\"|[^"])*"|[^;]*)')
_EXTENDED = re.compile(r"([A-Za-z0-9_.-]+)'[^']*'(\S*)")
_WORD = re.compile(r"=\?[A-Za-z0-9_.*-]+\?[BbQq]\?[^?\s]*\?=")
_NO_SIGN = re.compile("[\uf8f0-\uf8f3]")
"""What CP932 makes of bytes that are no sign of it."""
_ENDING = re.compile(rb"(\.[A-Za-z0-9]{1,8})\W*$")


def with_real_names(body: bytes, content_type: str) -> bytes:
    """The multipart body with one plain name for each file; anything else comes back as it is."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.lower().lstrip().startswith("multipart/form-data"):
        return body
    chosen = _CHARSET.search(content_type)
    mark, charset = b"--" + found[1].strip().encode("latin-1", "replace"), chosen[1] if chosen else "utf-8"
    pieces, kept, place = [], 0, 0
    while (at := body.find(mark, place)) >= 0:
        place = at + len(mark)
        end = body.find(b"\r\n\r\n", place, place + MOST_HEADER)
        if (at and body[at - 2 : at] != b"\r\n") or end < 0:
            continue
        said = _DISPOSITION.search(body, place, end)
        if said is not None and (renamed := _renamed(said[1], charset)) is not None:
            pieces += [body[kept : said.start(1)], renamed]
            kept = said.end(1)
        place = end
    return b"".join((*pieces, body[kept:])) if pieces else body


def file_name(disposition: bytes) -> str | None:
    """The file's name as its sender meant it; empty when they chose none, None when the part is no file."""
    given = _parameters(disposition)
    if "filename" not in given and "filename*" not in given:
        return None
    plain = given.get("filename", "")
    name = _extended(given.get("filename*", "")) or _words(plain) or _percent(plain)
    if name is None:  # neither UTF-8 nor CP932: nobody can tell what it was
        ending = _ENDING.search(disposition.rstrip(b'" ;'))
        return "file" + (ending[1].decode("ascii") if ending else "")
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    return "".join(one for one in last if not unicodedata.category(one).startswith("C"))


def _renamed(disposition: bytes, charset: str) -> bytes | None:
    name = file_name(disposition)
    if name is None:
        return None
    field = _parameters(disposition).get("name", "").replace('"', "%22").replace("\\", "%5C")
    try:
        return f'form-data; name="{field}"; filename="{name.replace(chr(34), "_")}"'.encode(charset, "replace")
    except LookupError:
        return f'form-data; name="{field}"; filename="{name.replace(chr(34), "_")}"'.encode()


def _parameters(disposition: bytes) -> dict[str, str]:
    """The parameters, the first of each name; text that is neither UTF-8 nor CP932 keeps U+FFFD."""
    text = _text(re.sub(rb"\r\n[ \t]+", b" ", disposition))
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        bare = value.strip()
        if bare.startswith('"') and bare.endswith('"') and len(bare) > 1:
            bare = bare[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        found.setdefault(name.lower(), bare)
    return found


def _text(raw: bytes) -> str:
    for encoding in ("utf-8", "cp932"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_SIGN.search(text):
            return text
    return raw.decode("utf-8", "replace")


def _extended(value: str) -> str | None:
    """RFC 5987: charset, language, and the name percent-encoded."""
    found = _EXTENDED.fullmatch(value.strip('"'))
    if found is None:
        return None
    try:
        return unquote_to_bytes(found[2]).decode(found[1])
    except (LookupError, UnicodeDecodeError):
        return None


def _words(value: str) -> str | None:
    """RFC 2047, which does not belong here and is sent all the same."""
    if not _WORD.search(value):
        return None
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return None


def _percent(value: str) -> str | None:
    """The name itself; where it is ASCII that spells other signs by percents, those signs."""
    if "\ufffd" in value:
        return None
    if value.isascii() and "%" in value:
        try:
            spelled = unquote_to_bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return value
        return value if spelled.isascii() else spelled
    return value
