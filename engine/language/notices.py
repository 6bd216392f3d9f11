"""What a notice says, in Japanese and English: one line for lists, and the text of a message with its link.

The link only shows a page: opening it decides nothing, so a mail scanner that follows it does no harm.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from pydantic import BaseModel, ConfigDict

from engine.domain.notices.recipients import NoticeKind, Said
from engine.language.enums import word
from engine.language.fields import Language, Pair, either

LINES: Mapping[NoticeKind, Pair] = {
    NoticeKind.DECISION_WAITS: ("決裁をお願いします", "waits for your decision"),
    NoticeKind.REMINDER: ("まだ決裁されていません", "still waits for your decision"),
    NoticeKind.ESCALATED: (
        "期限を過ぎたため、上位者として決裁できます",
        "is overdue below you; you may decide as the superior",
    ),
    NoticeKind.CHASE: ("期限を大きく過ぎています。督促をお願いします", "is long overdue; please have it moved on"),
    NoticeKind.ASKED_AGAIN: ("あなたの段階に差し戻されました", "was returned to your stage"),
    NoticeKind.RETURNED: ("差し戻されました", "was returned to you"),
    NoticeKind.APPROVED: ("承認されました", "was approved"),
    NoticeKind.REJECTED: ("却下されました", "was rejected"),
    NoticeKind.WITHDRAWN: ("取り下げられました", "was withdrawn"),
    NoticeKind.PULLED_BACK: ("引き戻されました。決裁は不要です", "was pulled back; nothing to decide now"),
    NoticeKind.RETRACTED: (
        "決裁が取り消されました。審査中に戻りました",
        "is in review again: the decision was taken back",
    ),
    NoticeKind.HELD: ("保留になりました", "was put on hold"),
    NoticeKind.RESUMED: ("保留が解けました", "goes on after its hold"),
    NoticeKind.COMPLETED: ("四つの段階を終えました", "has completed all four steps"),
    NoticeKind.NEXT_CYCLE: ("次の周回が始まりました", "has begun as the next cycle"),
    NoticeKind.JOINED: ("ほかの取組が合流しました", "was joined by another initiative"),
    NoticeKind.JOIN_REFUSED: (
        "合流は間に合わず、合流元は自分の次の周回を始めました",
        "could not be joined any more; the other one has begun its own next cycle",
    ),
    NoticeKind.MENTIONED: ("コメントで呼ばれました", "has a comment that names you"),
    NoticeKind.QUESTION: ("質問が届きました", "has a question for you"),
    NoticeKind.ANSWERED: ("質問への回答がありました", "has an answer to your question"),
    NoticeKind.CIRCULATED: ("供覧されました。決裁は不要です", "lies open for you to read; nothing to decide"),
    NoticeKind.COMMENTED: ("コメントがありました", "has a new comment"),
    NoticeKind.CONDITION_SET: ("条件の担当になりました", "gives you a condition to meet"),
    NoticeKind.CONDITION_DUE: ("条件の期限が近づいています", "has a condition that is due soon"),
    NoticeKind.CONDITION_OVERDUE: ("条件の期限を過ぎています", "has a condition that is overdue"),
    NoticeKind.POST_REVIEW: (
        "あなたに代わって決裁されました。後閲してください",
        "was decided without you; please read it afterwards",
    ),
    NoticeKind.WEBHOOK_PAUSED: ("Webhook が停止しました", "webhook was paused"),
    NoticeKind.MILESTONE_DUE: (
        "マイルストーンの期限です。進捗を報告してください",
        "is a milestone that is due; please report its progress",
    ),
    NoticeKind.MILESTONE_LATE: (
        "マイルストーンの期限を過ぎています。進捗を報告してください",
        "is a milestone that is late; please report its progress",
    ),
    NoticeKind.OFFERED: ("横展開の提案がありました。回答してください", "is offered to your unit; please answer"),
    NoticeKind.OFFER_WITHDRAWN: (
        "提案が取り下げられました。回答は不要です",
        "is no longer offered; nothing to answer",
    ),
    NoticeKind.OFFER_ACCEPTED: (
        "提案した事例がそのまま取り入れられました",
        "was accepted by the unit you offered it to",
    ),
    NoticeKind.OFFER_ADAPTED: (
        "提案した事例が、手直しして取り入れられました",
        "was taken over in a changed form by the unit you offered it to",
    ),
    NoticeKind.OFFER_DECLINED: ("提案した事例は見送られました", "was declined by the unit you offered it to"),
}
GREETING: Pair = ("{name} さん", "Dear {name},")
FOOTING: Pair = (
    "このリンクは画面を開くだけです。通知の設定は「通知」の画面で変えられます。",
    "A link only opens a page. You can choose how you are told on the page of your notices.",
)
MANY: Pair = ("DX Spiral: お知らせ {count} 件", "DX Spiral: {count} notices")
SHOWN = 10
"""Lines of one kind that a message shows; the rest is a number."""
MORE: Pair = ("ほか {count} 件", "and {count} more")


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
