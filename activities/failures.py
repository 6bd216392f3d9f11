"""How an activity says that trying again is no use."""

from temporalio.exceptions import ApplicationError

from engine.domain.errors import DomainError


def final(error: DomainError) -> ApplicationError:
    """A refusal as Temporal carries it: type is the code, detail the `Refusal`; never tried again."""
    refusal = error.refusal
    return ApplicationError(refusal.code, refusal, type=refusal.code, non_retryable=True)
