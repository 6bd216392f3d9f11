"""Sends notices by mail and chat. Knows ports; the sending itself is made in `messaging`.

Light on purpose: workflow code names this activity.
"""

from datetime import datetime
from typing import Protocol

from temporalio import activity

from engine.contracts.delivery import SEND_NOTICES, SendAnswer, SendAsk
from engine.domain.notices.preferences import Bundle

AT_ONCE = 50
"""Messages in one go."""


class SendingsPort(Protocol):
    """What this activity needs from the store; see `engine.store.outgoing.messages.Sendings`."""

    def sort_out(self) -> None: ...
    def claim(self) -> Bundle | None: ...
    def record(self, bundle: Bundle, error: str | None) -> None: ...
    def next_at(self) -> datetime | None: ...


class ConditionsPort(Protocol):
    """Conditions that fall due; see `engine.store.outgoing.condition_reminders.Conditions`."""

    def look(self) -> datetime: ...


class MessengerPort(Protocol):
    """What this activity needs from mail and chat."""

    def send(self, bundle: Bundle) -> str | None:
        """See `activities.messaging.Messenger.send`."""
        ...


class NoticeActivities:
    """The messengers' door for workflows."""

    def __init__(self, sendings: SendingsPort, conditions: ConditionsPort, messenger: MessengerPort) -> None:
        self._sendings = sendings
        self._conditions = conditions
        self._messenger = messenger

    @activity.defn(name=SEND_NOTICES)
    def send(self, _ask: SendAsk) -> SendAnswer:
        """Sends what is due, one message for each person and channel; a failure is noted and tried again later."""
        look_again = self._conditions.look()
        self._sendings.sort_out()
        for _ in range(AT_ONCE):
            bundle = self._sendings.claim()
            if bundle is None:
                following = self._sendings.next_at()
                return SendAnswer(next_at=min(look_again, following or look_again))
            activity.heartbeat()
            self._sendings.record(bundle, self._messenger.send(bundle))
        return SendAnswer(more=True)
