"""Sheets to print: the decision sheet of a submission, and the case sheet of a shared result, as PDF."""

from typing import NamedTuple

from api.auth import Caller
from api.container import Desk
from api.services.cycles.cycles import state_there
from engine.domain.cycle.state import CycleState
from engine.domain.errors import not_found
from engine.domain.steps import CycleStatus
from engine.language.catalogues import Language
from engine.runtime.seals import latest
from engine.sheets.case_sheet import case_sheet
from engine.sheets.decision_sheet import decision_sheet
from engine.sheets.sheets import Sheet, Speech


class Printed(NamedTuple):
    """A PDF and the name of its file."""

    content: bytes
    name: str


def decision(
    cycle: str, caller: Caller, desk: Desk, version: int | None = None, language: Language | None = None
) -> Printed:
    """決裁書: route, decisions, proxies, conditions, reasons, hash, and what was handed in.

    Args:
        cycle: which.
        caller: who reads it.
        desk: of the installation.
        version: which submission; the newest unless said.
        language: of the labels; the caller's unless said.
    """
    state = state_there(cycle, caller, desk)
    events = desk.journal.events(cycle)
    last = latest(desk.settings.seals_path)
    seal = (last.moment, last.root) if last is not None else None
    sheet = decision_sheet(state, events, caller.facts.organisation, _speech(caller, language), version, seal=seal)
    return _printed(sheet, state, f"decision-{cycle}.pdf")


def case(case: str, caller: Caller, desk: Desk, language: Language | None = None) -> Printed:
    """事例シート: a shared result on one page; a case has the id of its cycle."""
    state = state_there(case, caller, desk)
    if state.status is not CycleStatus.COMPLETED:
        raise not_found("unknown_cycle", cycle=case)
    return _printed(
        case_sheet(state, caller.facts.organisation, _speech(caller, language)), state, f"case-{case}.pdf"
    )


def _speech(caller: Caller, language: Language | None) -> Speech:
    return Speech(language or caller.language, caller.facts.policy.utc_offset_minutes)


def _printed(sheet: Sheet, state: CycleState, name: str) -> Printed:
    from engine.sheets.pdf import pdf  # noqa: PLC0415 - fonts load with the first sheet: a start need not wait for them

    return Printed(pdf(sheet, state.updated_at), name)
