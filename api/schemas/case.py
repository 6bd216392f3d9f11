"""The case sheet (事例シート, docs/field/sharing.md), made from approved deliverables. Must not know HTTP or SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.cycle import View
from api.schemas.effects import EffectsView, effects_view
from engine.domain.cycle.state import CycleState
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.spread.cases import CaseFigures, approved, figures_of, texts_of
from engine.domain.steps import ORDER, CycleKind
from engine.store.projections.library import Found
from engine.store.projections.search_index import Phrase, snippet


class SegmentView(View):
    text: str
    hit: bool = Field(description="what was looked for")


class CaseLine(View):
    """A case in a list."""

    id: str
    initiative_id: str
    title: str
    summary: str | None
    kind: CycleKind
    pillar: Pillar | None
    startup: str | None
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    owner: str = Field(description="whom to ask")
    adopted_from: str | None
    figures: CaseFigures
    effects: EffectsView
    snippet: list[SegmentView] = Field(description="where `q` was found; empty without `q`")


class CaseView(CaseLine):
    """A case sheet: everything that was approved, by step, with what was passed on."""

    deliverables: dict[str, dict[str, Any]] = Field(description="approved steps only")
    created_at: datetime


def case_line(found: Found, wanted: Sequence[Phrase]) -> CaseLine:
    """A case in a list."""
    return CaseLine(**_plain(found.state), snippet=_snippet(found.state, wanted))


def case_view(state: CycleState) -> CaseView:
    """The whole sheet."""
    given = approved(state)
    steps = {
        step.value: given.of(step).model_dump(mode="json", by_alias=True, exclude_defaults=True) for step in ORDER
    }
    return CaseView(**_plain(state), snippet=[], deliverables=steps, created_at=state.created_at)


def _plain(state: CycleState) -> dict[str, Any]:
    case = approved(state).share.case
    names = CaseLine.model_fields.keys() & type(state).model_fields.keys() - {"effects"}
    return {name: getattr(state, name) for name in names} | {
        "id": state.cycle_id,
        "summary": case.summary if case else None,
        "figures": figures_of(state),
        "effects": effects_view(state),
    }


def _snippet(state: CycleState, wanted: Sequence[Phrase]) -> list[SegmentView]:
    for words in texts_of(state) if wanted else ():
        if pieces := snippet(words, wanted):
            return [SegmentView(text=piece.text, hit=piece.hit) for piece in pieces]
    return []
