"""What a notice says, in Japanese and English: one line for lists, and the text of a message with its link.

The link only shows a page: opening it decides nothing, so a mail scanner that follows it does no harm.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from pydantic import BaseModel, ConfigDict

from engine.domain.notices.recipients import NoticeKind, Said
from engine.language.catalogues import Language, Pair, Pairs, either
from engine.language.enums import word

_PAIRS = Pairs("notices")
LINES: Mapping[NoticeKind, Pair] = {kind: _PAIRS[kind.value] for kind in NoticeKind}
GREETING: Pair = _PAIRS["greeting"]
FOOTING: Pair = _PAIRS["footing"]
MANY: Pair = _PAIRS["many"]
CHANGES = frozenset(kind for kind in NoticeKind if kind.value.startswith("change_"))
"""Notices about changes of who decides; their page is `/changes`."""
SHOWN = 10
"""Lines of one kind that a message shows; the rest is a number."""
MORE: Pair = _PAIRS["more"]


class Message(BaseModel):
    """What is sent: a subject and plain text."""

    model_config = ConfigDict(frozen=True)

    subject: str
    text: str


def line(said: Said, language: Language) -> str:
    """One line without details: 「届く窓口(想像する): 差し戻されました」."""
    facts = said.facts
    step = f"({word(facts.step, language)})" if facts.step else ""
    matter = f"「{facts.title}」{step}" if language == "ja" else f'"{facts.title}" {step}'.strip()
    return f"{matter} {either(LINES[said.kind], language)}"


def link(said: Said, url: str) -> str:
    """The page to look at; a GET that changes nothing."""
    if said.kind in CHANGES:
        return f"{url}/changes"
    return f"{url}/cycles/{said.cycle_id}" if said.cycle_id else url


def message(name: str, told: Sequence[Said], language: Language, url: str, utc_offset_minutes: int) -> Message:
    """All that one person is told now, as one message: many of a kind become one paragraph.

    Args:
        name: how the person is addressed.
        told: at least one, oldest first.
        language: the person's.
        url: of the pages, without a slash at the end.
        utc_offset_minutes: of the office, for times of day.
    """
    subject = line(told[0], language) if len(told) == 1 else either(MANY, language).format(count=len(told))
    parts = [either(GREETING, language).format(name=name)]
    for kind in dict.fromkeys(one.kind for one in told):
        same = [one for one in told if one.kind is kind]
        lines = [_entry(one, language, url, utc_offset_minutes) for one in same[:SHOWN]]
        if len(same) > 1:
            lines.insert(0, f"■ {either(LINES[kind], language)}: {len(same)}")
        if len(same) > SHOWN:
            lines.append(either(MORE, language).format(count=len(same) - SHOWN))
        parts.append("\n".join(lines))
    return Message(subject=_one_line(subject), text="\n\n".join((*parts, either(FOOTING, language))))


def _entry(said: Said, language: Language, url: str, offset: int) -> str:
    facts = said.facts
    lines = [line(said, language)]
    if facts.by_name:
        lines.append(("  " + either(("{name} より", "by {name}"), language)).format(name=facts.by_name))
    if facts.on_behalf_of:
        lines.append(
            ("  " + either(("{name} の代理として", "in place of {name}"), language)).format(name=facts.on_behalf_of)
        )
    if facts.words:
        lines.append("  " + _one_line(facts.words))
    until = _time(facts.due_at, offset) if facts.due_at else facts.due.isoformat() if facts.due else None
    if until:
        lines.append(("  " + either(("期限 {until}", "due {until}"), language)).format(until=until))
    lines.append(f"  {link(said, url)}")
    return "\n".join(lines)


def _time(at: datetime, offset: int) -> str:
    return at.astimezone(timezone(timedelta(minutes=offset))).strftime("%Y-%m-%d %H:%M")


def _one_line(text: str) -> str:
    """Nothing in a title or a reason begins a new line, let alone a new header."""
    return " ".join(text.split())
