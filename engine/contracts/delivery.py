"""The messages of what leaves the house: webhook deliveries, and notices by mail and chat.

Payloads ignore unknown fields and only ever gain optional ones. Must not know a table, a route or a worker.
"""

from datetime import datetime

from engine.domain.base import Frozen

DELIVERY_WORKFLOW = "delivery"
NOTICES_WORKFLOW = "notices"
WAKE = "wake"
"""Signal: there may be something to do now."""

DELIVER = "delivery.deliver"
SEND_NOTICES = "notices.send"


class DeliveryInput(Frozen):
    """Starts the deliveries of one webhook; how far they are stands in SQL."""

    webhook_id: str


class DeliverAsk(Frozen):
    """Deliver what is due to one webhook, in order."""

    webhook_id: str


class DeliverAnswer(Frozen):
    """Where it stands.

    Args:
        more: there was more than one go could do; ask again at once.
        next_try_at: when the failed one is tried again; None when nothing is under way.
        gone: the webhook is no more.
        status: the webhook's.
    """

    more: bool = False
    next_try_at: datetime | None = None
    gone: bool = False
    status: str = "active"


class SendAsk(Frozen):
    """Send the notices that are due."""


class SendAnswer(Frozen):
    """`more` when there was more than one go could do; `next_at` when the next one is due, None when none waits."""

    more: bool = False
    next_at: datetime | None = None
