"""Hands a cycle's outbox to the journal, and tells what cannot be written *now* from what can *never* be written.

Part of the cycle's workflow code: the same rules hold here as in `workflows.cycle`.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from activities.journal import JournalActivities
from engine.contracts import cycle as wire
from engine.domain.cycle.events import Event
from engine.domain.errors import NOT_RECORDED, DomainError, Refusal
from engine.domain.moves.command_log import CommandLog

ONCE = RetryPolicy(maximum_attempts=1)
FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
QUICK = timedelta(seconds=2)
"""How long a reply waits for the database before the engine answers alone."""
SLOW = timedelta(seconds=30)
LARGEST = 1_500_000
"""Bytes of events in one ordinary activity; the server takes no payload above two million."""
ONE_AT_A_TIME = "append-one-at-a-time"


class JournalWriter:
    """Writes what is decided; takes over what the journal holds beyond it.

    Attributes:
        away: the database does not answer, so replies no longer wait for it.
        behind: the journal may hold more than the engine knows.
    """

    def __init__(self, desk: CommandLog) -> None:
        self._desk = desk
        self.away = False
        self.behind = False

    async def write(self) -> None:
        """Until the outbox is empty. What can never be written is refused to its caller and dropped."""
        singly = False
        while self._desk.outbox or self.behind:
            events, self.behind = (self._desk.oldest if singly else self._desk.outbox), False
            try:
                written, answer = await self._append(events)
            except DomainError as error:
                if not singly and events != self._desk.oldest:
                    singly = True  # one of several: the others shall not fall with it
                    continue
                workflow.logger.error("cannot be recorded", extra={"code": error.refusal.code})
                self._desk.unrecordable(error.refusal, workflow.now())
                if self._desk.failed_to_open:
                    return
                continue
            if answer.ahead:
                self._desk.rebase(await self._all_ahead(answer), workflow.now())
            elif written:
                self._desk.settled(written)

    async def _all_ahead(self, answer: wire.AppendAnswer) -> tuple[Event, ...]:
        """Everything the journal holds beyond this engine, page by page: what waits is decided again on all of it."""
        ahead = answer.ahead
        while answer.more:
            _, answer = await self._append((), after=ahead[-1].seq)
            ahead += answer.ahead
        return ahead

    async def _append(
        self, events: tuple[Event, ...], after: int | None = None
    ) -> tuple[tuple[Event, ...], wire.AppendAnswer]:
        """The events that were handed over, and the journal's answer.

        Args:
            events: to be written; none only asks.
            after: the revision they follow; the last one known to be in the journal unless given.

        Raises:
            DomainError: they can never be written.
        """
        try:
            answer: wire.AppendAnswer = await workflow.execute_local_activity_method(
                JournalActivities.append, self._ask(events, after), schedule_to_close_timeout=QUICK, retry_policy=ONCE
            )
        except FailureError as error:
            _raise_if_final(error)
            workflow.logger.warning("the database does not answer; trying on")
        else:
            self.away = False
            return events, answer
        self.away = True
        if after is None and events != self._desk.oldest and workflow.patched(ONE_AT_A_TIME):
            events = self._desk.oldest  # an ordinary activity's payload has a limit
        if sum(len(event.model_dump_json().encode()) for event in events) > LARGEST:
            raise DomainError.of(NOT_RECORDED)
        try:
            answer = await workflow.execute_activity_method(
                JournalActivities.append, self._ask(events, after), start_to_close_timeout=SLOW, retry_policy=FOR_EVER
            )
        except FailureError as error:
            _raise_if_final(error)
            raise
        finally:
            self.away = False
        return events, answer

    def _ask(self, events: tuple[Event, ...], after: int | None) -> wire.AppendAsk:
        known = self._desk.journaled_revision if after is None else after
        return wire.AppendAsk(cycle_id=self._desk.state.cycle_id, after=known, events=events)


def refusal_in(error: BaseException) -> Refusal | None:
    """The refusal that an activity's failure carries; a local activity's comes without an `ActivityError` around."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.non_retryable and cause.details:
        return Refusal.model_validate(cause.details[0])
    return None


def _raise_if_final(error: FailureError) -> None:
    if is_cancelled_exception(error):
        raise error
    if (refusal := refusal_in(error)) is not None:
        raise DomainError.of(refusal) from error
