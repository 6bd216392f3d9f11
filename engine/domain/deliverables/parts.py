"""The small types every deliverable is made of."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.domain.text import NAME


def _no_booleans(value: Any) -> Any:
    """A number is a number: pydantic would otherwise read `true` as 1 and "5" as 5."""
    if isinstance(value, (bool, str)):
        raise ValueError("number_expected")  # noqa: TRY004 - pydantic turns ValueError into a field error
    return value


Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=400), NAME]
# the limits stand next to the type, so that the description says minimum and maximum
Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12), BeforeValidator(_no_booleans)]
NotNegative = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e12), BeforeValidator(_no_booleans)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000), BeforeValidator(_no_booleans)]
Score = Annotated[float, Field(ge=1, le=5), BeforeValidator(_no_booleans)]
MAX_ITEMS = 200
Many = Field(max_length=MAX_ITEMS)


class Part(BaseModel):
    """Base of everything handed in: frozen.

    It crosses the wire between versions, so a field that a newer one added is ignored; where people hand it in, the
    door asks for `extra="forbid"`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Verdict3A(StrEnum):
    """Adopt, adapt or abandon (PDSA)."""

    ADOPT = "adopt"
    ADAPT = "adapt"
    ABANDON = "abandon"
