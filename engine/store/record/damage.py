"""How a fault in the record is told: one after the other by `verify`, the first one by `rebuild`.

Must not know how anything is found.
"""

from pydantic import BaseModel, ConfigDict

UNFIT = (ValueError, LookupError, StopIteration, AttributeError, TypeError, AssertionError, ArithmeticError)
"""What applying events can end in that were never decided, only written: each is a fault of theirs."""


class DamageFault(BaseModel):
    """One place where the record contradicts itself; `cycle_id` is a cycle's, or the name of a stream."""

    model_config = ConfigDict(frozen=True)

    code: str
    cycle_id: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.code}{f' ({self.where})' if self.where else ''}"


class DamagedError(Exception):
    """A cycle or stream whose rows cannot be read or applied, so that nothing can be made from them."""

    def __init__(self, fault: DamageFault) -> None:
        super().__init__(str(fault))
