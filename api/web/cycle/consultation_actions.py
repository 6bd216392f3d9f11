"""What people do beside a cycle's route, from its pages: each a form, each through the same door as the JSON API."""

from typing import Annotated

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.http.responses import command_id, printed, saved
from api.schemas.requests import AskedCopy
from api.services.cycles import attachments, starting
from api.services.exchange import sheets
from api.web.cycle.actions import give
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Member, pages_router, text_of
from api.web.frame.people import people_named
from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import LARGEST
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import invalid_at

router = pages_router()


@router.post("/cycles/{cycle}/questions")
async def ask(visit: Member, form: Annotated[FormData, takes("question")], cycle: str) -> Response:
    """Asks the owner without returning anything."""
    await give(visit, cycle, c.Ask(text=text_of(form, "question")))
    return visit.to(f"/decisions/{cycle}#questions", N_("Your question is with the owner."))


@router.post("/cycles/{cycle}/questions/{n}")
async def answer(visit: Member, form: Annotated[FormData, takes("answer-{n}")], cycle: str, n: int) -> Response:
    """Answers a question."""
    await give(visit, cycle, c.AnswerQuestion(n=n, text=text_of(form, f"answer-{n}")))
    return visit.to(f"/cycles/{cycle}#questions", N_("Your answer is there."))


@router.post("/cycles/{cycle}/read")
async def read(visit: Member, _form: Annotated[FormData, takes()], cycle: str) -> Response:
    """閲覧確認."""
    await give(visit, cycle, c.Acknowledge())
    return visit.to(f"/cycles/{cycle}#reading", N_("Noted that you have read it."))


@router.post("/cycles/{cycle}/post-reviews/{n}")
async def review(visit: Member, form: Annotated[FormData, takes("review-{n}")], cycle: str, n: int) -> Response:
    """後閲."""
    await give(visit, cycle, c.ReadAfterwards(n=n, text=text_of(form, f"review-{n}") or None))
    return visit.to(f"/cycles/{cycle}#reviews", N_("Noted that you have read it."))


@router.post("/cycles/{cycle}/visibility")
async def set_visibility(
    visit: Member, form: Annotated[FormData, takes("level", "readers", "visibility-reason")], cycle: str
) -> Response:
    """Says who may read it."""
    level = text_of(form, "level")
    if level not in list(Visibility):
        raise invalid_at("/level", "not_a_choice", expected=", ".join(Visibility))
    body = SetVisibility(
        level=Visibility(level),
        readers=people_named(text_of(form, "readers"), visit.caller.facts),
        reason=text_of(form, "visibility-reason") or None,
    )
    await give(visit, cycle, body)
    return visit.to(f"/cycles/{cycle}#who-reads", N_("That is who may read it from now on."))


@router.post("/cycles/{cycle}/files")
async def attach(visit: Member, form: Annotated[FormData, takes("file")], cycle: str) -> Response:
    """Puts a file beside the step."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid_at("/file", "missing")
    handed = attachments.Uploaded(file.filename, await file.read(LARGEST + 1))
    command = command_id(visit.caller, visit.form_key())
    await attachments.attach(cycle, handed, visit.caller, visit.desk, command=command)
    return visit.to(f"/cycles/{cycle}#files", N_("The file is there."))


@router.get("/cycles/{cycle}/files/{n}")
def file(visit: Member, cycle: str, n: int) -> Response:
    """The file, to be saved."""
    found, content = attachments.content_of(cycle, n, visit.caller, visit.desk)
    return saved(content, found.name, found.media_type, found.sha256)


@router.post("/cycles/{cycle}/files/{n}/remove")
async def remove(visit: Member, _form: Annotated[FormData, takes()], cycle: str, n: int) -> Response:
    """Takes one's own file back."""
    await give(visit, cycle, c.Detach(n=n))
    await attachments.forget(cycle, n, visit.desk)
    return visit.to(f"/cycles/{cycle}#files", N_("The file is taken back."))


@router.post("/cycles/{cycle}/copy")
async def copy(visit: Member, _form: Annotated[FormData, takes()], cycle: str) -> Response:
    """引用起案: the same again as a new draft."""
    made = await starting.copy(cycle, AskedCopy(), visit.caller, visit.desk, visit.form_key())
    return visit.to(f"/cycles/{made.id}", N_("Copied as a new draft."))


@router.get("/cycles/{cycle}/decision-sheet.pdf")
def decision_sheet(visit: Member, cycle: str) -> Response:
    """決裁書, to print."""
    return printed(*sheets.decision(cycle, visit.caller, visit.desk, None, visit.language))


@router.get("/library/{case}/sheet.pdf")
def case_sheet(visit: Member, case: str) -> Response:
    """事例シート, to print."""
    return printed(*sheets.case(case, visit.caller, visit.desk, visit.language))
