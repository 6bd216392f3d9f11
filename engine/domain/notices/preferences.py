"""How a person wants to be told, and when a message is tried again. Pure; the clock comes in."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Literal

from engine.domain.base import Frozen
from engine.domain.calendar import add_business_days, is_business_day, local_date
from engine.domain.notices.recipients import Said

DIGEST_AT = time(8, 30)
"""When the daily digest leaves, on business days (始業)."""
GIVE_UP = timedelta(days=3)
"""How long something that cannot be delivered is tried again."""
_FIRST, _LONGEST = timedelta(seconds=5), timedelta(hours=1)


class Channel(StrEnum):
    """Where a notice goes besides the outbox, which always has it."""

    MAIL = "mail"
    CHAT = "chat"


class Digest(StrEnum):
    """When."""

    IMMEDIATELY = "immediately"
    DAILY = "daily"


class SendingStatus(StrEnum):
    """`unsure`: nobody knows whether it left, so it is not sent twice; `dropped`: there was no point any more."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


class Bundle(Frozen):
    """All that one person is told now over one channel at the same addresses, as one message.

    Args:
        mailboxes: where mail goes: the person's address, and the one of before that its notices name.
    """

    channel: Channel
    person_id: str
    name: str
    mailboxes: tuple[str, ...]
    language: Literal["ja", "en"]
    told: tuple[Said, ...]
    numbers: tuple[int, ...]
    utc_offset_minutes: int


class Preferences(Frozen):
    """One person's choice; language None means the organisation's record."""

    channels: tuple[Channel, ...] = (Channel.MAIL,)
    digest: Digest = Digest.IMMEDIATELY
    language: Literal["ja", "en"] | None = None


def next_digest(at: datetime, closed: Collection[date], utc_offset_minutes: int) -> datetime:
    """The next 08:30 of an office day after `at`, as aware UTC."""
    office = timezone(timedelta(minutes=utc_offset_minutes))
    day = local_date(at, utc_offset_minutes)
    moment = datetime.combine(day, DIGEST_AT, office)
    if moment <= at or not is_business_day(day, closed):
        moment = datetime.combine(add_business_days(day, 1, closed), DIGEST_AT, office)
    return moment.astimezone(UTC)


def retry_at(attempts: int, first: datetime, at: datetime) -> datetime | None:
    """When to try again after the `attempts`-th failure: 5 s, 10 s, 20 s … an hour; None after three days of it."""
    if at - first >= GIVE_UP:
        return None
    return at + min(_FIRST * 2.0 ** min(attempts - 1, 20), _LONGEST)
