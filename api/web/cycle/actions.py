"""What people do with a cycle from its page: each a form, each through the gateway, each ending in a redirect."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from api.services.cycles.cycles import not_told
from api.services.cycles.freshness import shown_at
from api.web.cycle.page import shown_again, there, writes
from api.web.format.gettext import N_
from api.web.forms.model_form import is_named, read
from api.web.forms.step_form import deliverable_of, step_form
from api.web.frame.form_fields import takes
from api.web.frame.page import Member, MemberVisit, pages_router, text_of
from engine.domain.cycle import commands as c
from engine.domain.deliverables import Deliverables
from engine.domain.errors import DomainError, conflict

router = pages_router()
DRAFT = ("add", "drop", "save", "submit", "revision")


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
    try:
        given, deliverable = deliverable_of(state, texts)
        await give(visit, cycle, c.SaveDraft(deliverable=deliverable), _revision(form))
    except DomainError as error:
        if error.refusal.code == "revision_differs":
            raise
        given = read(Deliverables.MODELS[state.step], texts)
        errors = error.refusal.errors
        return await shown_again(visit, cycle, await asyncio.to_thread(step_form, state, visit, given, errors, more))
    if text_of(form, "add"):
        return visit.to(f"/cycles/{cycle}?rows={text_of(form, 'add')}#f-{text_of(form, 'add')}")
    if text_of(form, "submit"):
        return await _checked(visit, cycle)
    return visit.to(f"/cycles/{cycle}", N_("The draft is saved."))


@router.put("/cycles/{cycle}/draft")
async def autosave(
    visit: Member, form: Annotated[FormData, takes(*DRAFT, also=is_field, once=False)], cycle: str
) -> Response:
    """The same for a script: answers the revision, what is still needed, and the hours."""
    state = (await asyncio.to_thread(there, visit, cycle)).state
    if not writes(state, visit):
        raise conflict("in_review", step=state.step.value)
    _, deliverable = deliverable_of(state, lists_of(form))
    if deliverable != state.deliverables.of(state.step):
        await give(visit, cycle, c.SaveDraft(deliverable=deliverable), _revision(form))

    def answered() -> Response:
        now = there(visit, cycle).state
        made = step_form(now, visit)
        lacks = [one.model_dump() for one in made.lacks]
        return JSONResponse({"revision": now.revision, "lacks": lacks, "hours": made.hours})

    return await asyncio.to_thread(answered)


async def _checked(visit: MemberVisit, cycle: str) -> Response:
    """With gaps: the page that names each one; without: the button that submits, beside the route."""

    def made() -> Response | None:
        state = there(visit, cycle).state
        form = step_form(state, visit)
        return (
            None
            if form.lacks
            else visit.to(f"/cycles/{cycle}#cycle-now", N_("Everything is there. Look at the route and submit."))
        )

    done = await asyncio.to_thread(made)
    return done or visit.to(f"/cycles/{cycle}#lacks-title", N_("Saved. Something is still needed."), "wrong")


@router.post("/cycles/{cycle}/submit")
async def submit(visit: Member, form: Annotated[FormData, takes("message")], cycle: str) -> Response:
    """Hands the step in; what is missing comes back with each place."""
    try:
        await give(visit, cycle, c.Submit(message=text_of(form, "message") or None))
    except DomainError as error:
        state = (await asyncio.to_thread(there, visit, cycle)).state
        if not error.refusal.errors or not writes(state, visit):
            raise
        return await shown_again(
            visit, cycle, await asyncio.to_thread(step_form, state, visit, None, error.refusal.errors)
        )
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


async def give(visit: MemberVisit, cycle: str, body: c.Body, revision: int | None = None) -> None:
    """One command through the only door, under the form's key; what the page shows next is not older than it."""
    command = c.Command(id=visit.command_id(), actor=visit.caller.id, if_revision=revision, body=body)
    await shown_at(
        visit.desk.gateway.command(cycle, command),
        lambda: visit.desk.directory.state(cycle),
        lambda one: one.revision,
        visit.desk.settings.database_patience,
    )


def lists_of(form: FormData) -> Mapping[str, Sequence[str]]:
    """The form's texts by name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _without(texts: Mapping[str, Sequence[str]], row: str) -> Mapping[str, Sequence[str]]:
    return {name: value for name, value in texts.items() if not row or not name.startswith(f"{row}.")}


def _revision(form: FormData) -> int | None:
    text = text_of(form, "revision")
    return int(text) if text.isdecimal() else None
