"""What an administrator does to one line of a webhook's log: send it once more, or step over it.

Both go one way: the webhook, its line, the act, and the delivery is woken. Must not know who may ask.
"""

from collections.abc import Callable

from fastapi import BackgroundTasks

from api.container import Desk
from engine.domain.errors import not_found
from engine.store.registers.stepping_over import SkipAsked
from engine.store.tables_outgoing import DeliveryRow


class DeliveryLog:
    """The log of one webhook, of which an act on a line wakes the delivery."""

    def __init__(self, desk: Desk, webhook: str, background: BackgroundTasks) -> None:
        self._desk = desk
        self._webhook = webhook
        self._background = background

    def redeliver(self, n: int, command: str) -> DeliveryRow:
        """Asks for an event once more, out of turn; the same command again finds the first.

        Raises:
            DomainError: `unknown_webhook`, or `unknown_delivery`, also for a test, which nobody can repeat.
        """
        return self._act(n, lambda: self._desk.webhooks.again(self._webhook, n, command))

    def skip(self, n: int, asked: SkipAsked) -> DeliveryRow:
        """Steps over an event that waits; the same command again changes nothing.

        Raises:
            DomainError: `unknown_webhook`, `unknown_delivery` or `delivery_not_waiting`.
        """
        return self._act(n, lambda: self._desk.webhooks.skip(self._webhook, n, asked))

    def _act(self, n: int, act: Callable[[], DeliveryRow | None]) -> DeliveryRow:
        if self._desk.webhooks.get(self._webhook) is None:
            raise not_found("unknown_webhook", webhook=self._webhook)
        row = act()
        if row is None:
            raise not_found("unknown_delivery", n=str(n))
        self._background.add_task(self._desk.gateway.wake_delivery, self._webhook)
        return row
