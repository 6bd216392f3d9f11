"""My tokens and my visits: what acts in my name, and how to end it; an administrator sees everybody's."""

import asyncio
from typing import Annotated

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.schemas.requests import CredentialRequest
from api.services.operations.accesses import end_visits as end_all
from api.services.organisation import accounts
from api.services.organisation import credentials as service
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.leaving import cleared
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, someone
from api.web.frame.proof import must_be_proven
from api.web.frame.session import new_session, write_session
from engine.contracts.credentials import Credential
from engine.domain.errors import DomainError
from engine.domain.ledger.credentials import LONGEST_OF_A_PERSON, USUAL, service_of
from engine.domain.model_faults import validated
from engine.domain.organisation.organisation import Duty
from engine.language.refusals import sentence

router = pages_router()
FIELDS = ("person_id", "service", "rights", "name", "days", "read_only")


class Token(Context):
    """One of them, and whether it still counts."""

    credential: Credential
    holder: str
    made_by: str
    counts: bool


class AccessContext(Context):
    """What there is, and the form."""

    tokens: tuple[Token, ...]
    everybody: bool
    provider: bool
    typed: dict[str, str]
    errors: dict[str, str]
    longest: int = LONGEST_OF_A_PERSON


class TokenContext(Context):
    """A token, shown once."""

    person: str
    token: str


@router.get("/access")
def access(visit: Member) -> Response:
    """My tokens and visits."""
    must_be_proven(visit, "/access")
    return visit.page("access.html", _context(visit, {"days": str(USUAL)}, {}))


@router.post("/access/tokens")
async def make(visit: Member, form: Annotated[FormData, takes(*FIELDS)]) -> Response:
    """A new token, shown once."""
    must_be_proven(visit, "/access")
    typed = {name: text_of(form, name) for name in FIELDS}
    given: dict[str, object] = {name: text for name, text in typed.items() if text and name != "rights"}
    given["rights"] = tuple(typed["rights"].replace(",", " ").split())
    try:
        given["days"] = int(typed["days"] or USUAL)
        given["read_only"] = bool(typed["read_only"])
        asked = CredentialRequest.model_validate(given)
        made = await asyncio.to_thread(service.wished, asked, visit.caller, visit.desk, visit.form_key())
    except (ValueError, DomainError) as error:
        return await asyncio.to_thread(_again, visit, typed, error)
    return visit.shown_once("token.html", TokenContext(person=made.credential.holder, token=made.token), "/access")


@router.post("/access/tokens/{credential}/revoke")
async def revoke(visit: Member, _form: Annotated[FormData, takes()], credential: str) -> Response:
    """Ends a token at once."""
    await asyncio.to_thread(service.revoke, credential, visit.caller, visit.desk)
    return visit.to("/access", N_("The token counts no more."))


@router.post("/access/accounts/release")
async def release(visit: Member, form: Annotated[FormData, takes("released")]) -> Response:
    """A person's accounts of the provider sign nobody in any more."""
    must_be_proven(visit, "/access")
    person = text_of(form, "released").strip()
    try:
        count = await asyncio.to_thread(accounts.release, person, visit.caller, visit.desk)
    except DomainError as error:
        if error.refusal.code != "unknown_person":
            raise
        said = sentence(error.refusal.code, visit.language, error.refusal.params)
        context = await asyncio.to_thread(
            _context, visit, {"days": str(USUAL), "released": person}, {"released": said}
        )
        return visit.page("access.html", context, status=422)
    return visit.to("/access", N_("Accounts released: %(count)s."), count=str(count))


@router.post("/access/visits/end")
async def end_visits(visit: Member, _form: Annotated[FormData, takes(once=False)]) -> Response:
    """Ends every visit of mine, on this device and on all others; this one also when it has only just begun."""
    desk = visit.desk
    await asyncio.to_thread(end_all, visit.caller.id, visit.caller, desk)
    await asyncio.to_thread(desk.visits.end, visit.session.sid, desk.directory.now())
    response = visit.to("/sign-in", N_("You are signed out everywhere."))
    write_session(response, visit.request, new_session())
    return cleared(response)


@router.post("/access/visits/end-of")
async def end_visits_of(visit: Member, form: Annotated[FormData, takes("of", once=False)]) -> Response:
    """Ends every visit of somebody else; for administrators."""
    must_be_proven(visit, "/access")
    person = text_of(form, "of")
    try:
        await asyncio.to_thread(end_all, person, visit.caller, visit.desk)
    except DomainError as error:
        if not error.refusal.errors:
            raise
        return await asyncio.to_thread(_again, visit, {"of": person, "days": str(USUAL)}, error)
    return visit.to("/access", N_("They are signed out everywhere."))


def _again(visit: MemberVisit, typed: dict[str, str], error: ValueError | DomainError) -> Response:
    if isinstance(error, DomainError):
        refusal = error.refusal
    elif isinstance(error, ValidationError):
        refusal = validated(error).refusal
    else:
        refusal = None
    language = visit.language
    errors = (
        {"days": sentence("not_a_number", language)}
        if refusal is None
        else {
            one.pointer.removeprefix("/").partition("/")[0]: sentence(one.code, language, one.params)
            for one in refusal.errors
        }
        or {"person_id": sentence(refusal.code, language, refusal.params)}
    )
    return visit.page("access.html", _context(visit, typed, errors), status=422)


def _context(visit: MemberVisit, typed: dict[str, str], errors: dict[str, str]) -> AccessContext:
    caller, desk = visit.caller, visit.desk
    everybody, now = Duty.ADMIN in caller.duties, desk.directory.now()
    return AccessContext(
        tokens=tuple(
            Token(
                credential=one,
                holder=service_of(one.holder) or _name(someone(one.holder, caller.facts, visit.language)),
                made_by=_name(someone(one.made_by, caller.facts, visit.language)),
                counts=one.revoked_at is None and one.expires_at > now,
            )
            for one in service.listed(caller, desk, everybody=everybody)
        ),
        everybody=everybody,
        provider=desk.settings.oidc_issuer is not None,
        typed=typed,
        errors=errors,
    )


def _name(one: Someone) -> str:
    return one.name
