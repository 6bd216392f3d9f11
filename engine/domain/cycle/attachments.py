"""添付: files beside what a step hands in. Files may be added but not removed while routing (docs/field/deciding.md).

Here stand their name, size and hash only; the content is kept by its hash (`engine.store.directory.blobs`).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from engine.domain.base import Frozen
from engine.domain.steps import Step

LARGEST = 10_000_000
"""Bytes of one file."""
MOST = 100
"""Files of one cycle that are not removed."""
LONGEST_NAME = 150
"""Characters of a file's name."""
UNKNOWN_TYPE = "application/octet-stream"
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
}
_TEXT = {"txt": "text/plain", "md": "text/plain", "csv": "text/csv"}
TYPES = frozenset({kind for _, kind in _MAGIC} | set(_OFFICE.values()) | set(_TEXT.values()) | {UNKNOWN_TYPE})
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class AttachmentAdded(Frozen):
    """A file was put beside the current step."""

    type: Literal["attachment_added"] = "attachment_added"
    version: Literal[1] = 1
    n: int
    name: str
    size: int
    sha256: str
    media_type: str
    step: Step


class AttachmentRemoved(Frozen):
    """The owner took a file back from a draft; versions that were handed in with it keep it."""

    type: Literal["attachment_removed"] = "attachment_removed"
    version: Literal[1] = 1
    n: int


class Attachment(Frozen):
    """One file of a cycle.

    Args:
        n: 1, 2, 3 … inside the cycle, never given twice.
        size: bytes.
        sha256: of the content, lower-case hex.
        handed_in: a submission went out with it, or it came while one was in review: its content is kept for good.
        removed_at: when the owner took it back; None while it stands.
    """

    n: int
    name: str
    size: int
    sha256: str
    media_type: str
    step: Step
    by: str
    at: datetime
    handed_in: bool = False
    removed_at: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether its content must be there."""
        return self.removed_at is None or self.handed_in


Attachments = tuple[Attachment, ...]


def added(files: Attachments, data: AttachmentAdded, by: str, at: datetime, *, in_review: bool) -> Attachments:
    """The files with one more."""
    fresh = Attachment(**data.model_dump(exclude={"type", "version"}), by=by, at=at, handed_in=in_review)
    return (*files, fresh)


def removed(files: Attachments, n: int, at: datetime) -> Attachments:
    """The files with one marked as taken back."""
    return tuple(one.model_copy(update={"removed_at": at}) if one.n == n else one for one in files)


def standing(files: Iterable[Attachment], step: Step | None = None) -> Attachments:
    """The files that are not removed, of one step or of all."""
    return tuple(one for one in files if one.removed_at is None and step in (None, one.step))


def handed_in(files: Attachments, step: Step) -> Attachments:
    """The files after a submission of `step`."""
    mine = standing(files, step)
    return tuple(one.model_copy(update={"handed_in": True}) if one in mine else one for one in files)


def safe_name(name: str) -> str:
    """A file's name that is only a name: no folder, no control or direction marks, nothing a system forbids."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(one for one in last if not unicodedata.category(one).startswith("C"))
    plain = _FORBIDDEN.sub("_", visible).strip(" .")
    if _DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    if len(plain) > LONGEST_NAME:
        ending = _ending(plain)
        plain = f"{plain[: LONGEST_NAME - len(ending) - 1]}.{ending}" if ending else plain[:LONGEST_NAME]
    return plain or "file"


def media_type_of(content: bytes, name: str) -> str:
    """What a file is, from its first bytes; its name only tells apart what begins the same. Unknown when in doubt.

    Nothing that a browser would run (HTML, SVG, scripts) is ever named as such.
    """
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    ending = _ending(name)
    if content.startswith(b"PK\x03\x04"):
        return _OFFICE.get(ending, UNKNOWN_TYPE)
    return _TEXT[ending] if ending in _TEXT and _is_text(content) else UNKNOWN_TYPE


def _ending(name: str) -> str:
    found = re.search(r"\.([A-Za-z0-9]{1,8})$", name)
    return found.group(1).lower() if found else ""


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(one < " " and one not in "\t\r\n\f" for one in text)
