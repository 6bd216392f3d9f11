"""The answer about adoptions. Must not know HTTP or SQL."""

from pydantic import Field

from api.schemas.cycle import View
from engine.domain.spread.adoption_ledger import Adoption, Totals


class AdoptionsView(View):
    """Adoptions with their sums; the sums are over all of them, not only this page."""

    items: list[Adoption]
    totals: Totals
    next_cursor: str | None = Field(default=None, description="null on the last page")
