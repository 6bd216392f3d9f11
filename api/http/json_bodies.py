"""What is wrong with a JSON body before any model reads it: its letters, and names that stand twice.

Every reader would take one of two equal names, but not every reader the same one; and what is not UTF-8 is no JSON
(RFC 8259, 8.1). Must not know what the body is for.
"""

import json
from email.message import Message

from engine.domain.errors import Category, FieldError, Refusal
from engine.domain.text import printable


def refused(body: bytes, content_type: str) -> tuple[Refusal, int] | None:
    """The refusal of a body and its status; None when a model may look at it, or when it is no JSON at all."""
    said = Message()
    said["content-type"] = content_type
    kind = said.get_content_type()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        return None
    charset = said.get_content_charset("utf-8")
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        return Refusal(code="send_json", category=Category.INVALID, params={"why": "charset"}), 415
    doubled = _doubled(body)
    if doubled is None:
        return None
    error = FieldError(pointer=f"/{printable(doubled)[:120]}", code="doubled_name")
    return Refusal(code="invalid_fields", category=Category.INVALID, errors=(error,)), 422


class _DoubledError(ValueError):
    pass


def _doubled(body: bytes) -> str | None:
    """The first name that stands twice in one object."""
    try:
        json.loads(body, object_pairs_hook=_once)
    except _DoubledError as error:
        return str(error)
    except (ValueError, RecursionError):  # no JSON: whoever reads it says so
        return None
    return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DoubledError(next(name for index, name in enumerate(names) if name in names[:index]))
    return found
