"""What people do with a cycle from its page: each a form, each through the gateway, each ending in a redirect."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from api.services.cycles.commands import give as given
from api.services.cycles.cycles import not_told
from api.services.cycles.drafts import DraftWriter, discard, keep, keep_typed, plain_of
from api.web.cycle.page import form_of, shown_again, there, writes
from api.web.format.gettext import N_
from api.web.forms.model_form import is_named, read
from api.web.forms.step_form import deliverable_of, step_form
from api.web.frame.form_fields import takes
from api.web.frame.page import Member, MemberVisit, pages_router, text_of
from engine.contracts.lists import Lineage
from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import CopyMark
from engine.domain.deliverables import Deliverables
from engine.domain.errors import DomainError, FieldError, conflict
from engine.domain.steps import Step
from engine.language.refusals import sentence

router = pages_router()
DRAFT = ("add", "drop", "save", "submit", "message", "revision")


def is_field(name: str) -> bool:
    """Whether a step's form has a control of this name."""
    return any(is_named(model, name) for model in Deliverables.MODELS.values())


@router.post("/cycles/{cycle}/draft")
async def save(visit: Member, form: Annotated[FormData, takes(*DRAFT, also=is_field)], cycle: str) -> Response:
    """Saves the draft; `add` and `drop` change a list, `submit` shows what is still missing or hands in."""
    state = (await asyncio.to_thread(there, visit, cycle)).state
    if not writes(state, visit):
        raise conflict("in_review", step=state.step.value)
    texts = _without(lists_of(form), text_of(form, "drop"))
    more = frozenset({text_of(form, "add")})
    _, wrong = await _kept_or_shown(visit, state, texts, _seen(form), more)
    if wrong is not None:
        return wrong
    if text_of(form, "add"):
        return visit.to(f"/cycles/{cycle}?rows={text_of(form, 'add')}#f-{text_of(form, 'add')}")
    if text_of(form, "submit"):
        return await _checked(visit, cycle)
    return visit.to(f"/cycles/{cycle}", N_("The draft is saved."))


@router.put("/cycles/{cycle}/draft")
async def autosave(
    visit: Member, form: Annotated[FormData, takes(*DRAFT, also=is_field, once=False)], cycle: str
) -> Response:
    """The same for a script: answers the mark of this save, what is wrong or still needed, and the hours."""

    def answered() -> Response:
        before = there(visit, cycle)
        if not writes(before.state, visit):
            raise conflict("in_review", step=before.state.step.value)
        texts, seen = lists_of(form), _seen(form)
        if _is_the_same(before, texts, seen):
            mark, errors = before.mark, before.working_copy.faults if before.working_copy else ()
        else:
            mark, errors = _kept(visit, before.state, texts, seen)
        made = form_of(there(visit, cycle), visit)
        lacks = [one.model_dump() for one in made.lacks]
        wrong = [
            {"pointer": one.pointer, "code": one.code, "message": sentence(one.code, visit.language, one.params)}
            for one in errors
        ]
        return JSONResponse({"revision": str(mark), "lacks": lacks, "hours": made.hours, "errors": wrong})

    return await asyncio.to_thread(answered)


async def _kept_or_shown(
    visit: MemberVisit, state: CycleState, texts: Mapping[str, Sequence[str]], seen: CopyMark | None,
    more: frozenset[str] = frozenset(),
) -> tuple[CopyMark | None, Response | None]:  # fmt: skip
    """Keeps what the form says and gives its mark; where something is wrong with it, also the page that says so."""
    mark = seen  # when nothing is kept, nothing newer was seen
    try:
        mark, errors = await asyncio.to_thread(_kept, visit, state, texts, seen)
    except DomainError as error:
        if not error.refusal.errors:
            raise
        errors = error.refusal.errors
    if not errors:
        return mark, None
    given = read(Deliverables.MODELS[state.step], texts)
    made = await asyncio.to_thread(step_form, state, visit, given, errors, more)
    return mark, await shown_again(visit, state.cycle_id, made, mark)


def _is_the_same(before: Lineage, texts: Mapping[str, Sequence[str]], seen: CopyMark | None) -> bool:
    """Whether the form says only what is there already; a page of an earlier step says nothing of this one."""
    copy, state = before.working_copy, before.state
    if seen is not None and seen.cycle != state.revision:
        return False
    if copy is not None and copy.typed is not None:
        return plain_of(_typed(state, texts)) == copy.typed
    try:
        return deliverable_of(state, texts)[1] == state.deliverables.of(state.step)
    except DomainError:
        return False


def _kept(
    visit: MemberVisit, state: CycleState, texts: Mapping[str, Sequence[str]], seen: CopyMark | None
) -> tuple[CopyMark, tuple[FieldError, ...]]:
    """Keeps what the form says, or, where that cannot be read, what was typed; gives its mark and what is wrong.

    Raises:
        DomainError: nothing is kept: somebody was faster, or it is no text.
    """
    writer = DraftWriter(visit.caller, visit.desk, visit.command_id(), seen, strict=False)
    try:
        _, deliverable = deliverable_of(state, texts)
    except DomainError as error:
        wrong = error.refusal.errors
        return keep_typed(state, _typed(state, texts), wrong, writer), wrong
    return keep(state, deliverable, writer), ()


def _typed(state: CycleState, texts: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    model = Deliverables.MODELS[state.step]
    return {name: several for name, several in texts.items() if is_named(model, name)}


@router.post("/cycles/{cycle}/draft/discard")
async def discard_draft(visit: Member, form: Annotated[FormData, takes("revision", "step")], cycle: str) -> Response:
    """Takes away what was written and not handed in; `step` names one that is over."""
    step = Step(text_of(form, "step")) if text_of(form, "step") in set(Step) else None
    await asyncio.to_thread(discard, cycle, visit.caller, visit.desk, seen=_seen(form), strict=False, step=step)
    return visit.to(f"/cycles/{cycle}", N_("What was not handed in is gone."))


async def _checked(visit: MemberVisit, cycle: str) -> Response:
    """With gaps: the page that names each one; without: the button that submits, beside the route."""

    def made() -> Response | None:
        form = form_of(there(visit, cycle), visit)
        return (
            None
            if form.lacks
            else visit.to(f"/cycles/{cycle}#cycle-now", N_("Everything is there. Look at the route and submit."))
        )

    done = await asyncio.to_thread(made)
    return done or visit.to(f"/cycles/{cycle}#lacks-title", N_("Saved. Something is still needed."), "wrong")


@router.post("/cycles/{cycle}/submit")
async def submit(visit: Member, form: Annotated[FormData, takes(*DRAFT, also=is_field)], cycle: str) -> Response:
    """Hands in what stands in the form, as the reader saw it; what is missing comes back with each place."""
    seen = _seen(form)
    if any(is_field(name) for name in form):
        before, texts = await asyncio.to_thread(there, visit, cycle), lists_of(form)
        if writes(before.state, visit) and not _is_the_same(before, texts, seen):
            seen, wrong = await _kept_or_shown(visit, before.state, texts, seen)
            if wrong is not None:
                return wrong
    try:
        await give(
            visit, cycle, c.Submit(message=text_of(form, "message") or None), if_draft=seen.draft if seen else None
        )
    except DomainError as error:
        lineage = await asyncio.to_thread(there, visit, cycle)
        if not error.refusal.errors or not writes(lineage.state, visit):
            raise
        made = await asyncio.to_thread(form_of, lineage, visit, errors=error.refusal.errors)
        return await shown_again(visit, cycle, made, lineage.mark)
    return visit.to(f"/cycles/{cycle}", N_("Submitted. You will be told when it is decided."))


@router.post("/cycles/{cycle}/pull-back")
async def pull_back(visit: Member, _form: Annotated[FormData, takes()], cycle: str) -> Response:
    """引戻し."""
    await give(visit, cycle, c.PullBack())
    return visit.to(f"/cycles/{cycle}", N_("Pulled back. It is a draft again."))


@router.post("/cycles/{cycle}/withdraw")
async def withdraw(visit: Member, form: Annotated[FormData, takes("reason")], cycle: str) -> Response:
    """取下げ."""
    await give(visit, cycle, c.Withdraw(reason=text_of(form, "reason")))
    return visit.to(f"/cycles/{cycle}", N_("Withdrawn. The history is kept."))


@router.post("/cycles/{cycle}/resume")
async def resume(visit: Member, form: Annotated[FormData, takes("reason")], cycle: str) -> Response:
    """Ends a hold early."""
    await give(visit, cycle, c.Resume(reason=text_of(form, "reason") or None))
    return visit.to(f"/cycles/{cycle}", N_("It goes on."))


@router.post("/cycles/{cycle}/comments")
async def comment(visit: Member, form: Annotated[FormData, takes("text")], cycle: str) -> Response:
    """Says something."""
    text = text_of(form, "text")
    await give(visit, cycle, c.Comment(text=text))
    if unheard := await asyncio.to_thread(not_told, text, cycle, visit.caller, visit.desk):
        names = ", ".join(one.name for one in unheard)
        said = N_("Your comment is there. %(names)s may not read this and is not told.")
        return visit.to(f"/cycles/{cycle}#comments", said, names=names)
    return visit.to(f"/cycles/{cycle}#comments", N_("Your comment is there."))


@router.post("/cycles/{cycle}/conditions/{n}")
async def close_condition(
    visit: Member, form: Annotated[FormData, takes("evidence-{n}")], cycle: str, n: int
) -> Response:
    """Closes a condition with evidence."""
    await give(visit, cycle, c.CloseCondition(n=n, evidence=text_of(form, f"evidence-{n}")))
    return visit.to(f"/cycles/{cycle}#conditions", N_("The condition is closed."))


async def give(visit: MemberVisit, cycle: str, body: c.Body, *, if_draft: int | None = None) -> None:
    """One command through the only door, under the form's key; what the page shows next is not older than it."""
    command = c.Command(id=visit.command_id(), actor=visit.caller.id, if_draft=if_draft, body=body)
    await given(cycle, command, visit.desk)


def lists_of(form: FormData) -> Mapping[str, Sequence[str]]:
    """The form's texts by name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _without(texts: Mapping[str, Sequence[str]], row: str) -> Mapping[str, Sequence[str]]:
    return {name: value for name, value in texts.items() if not row or not name.startswith(f"{row}.")}


def _seen(form: FormData) -> CopyMark | None:
    """What the page showed that the form comes from."""
    return CopyMark.read(text_of(form, "revision"))
