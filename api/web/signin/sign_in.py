"""Signing in: as a sample person in the embedded default, through the city's OpenID provider in production."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.container import Desk
from api.openid.logout import Ending
from api.openid.provider import ProviderError
from api.services.operations.accesses import note
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.leaving import cleared
from api.web.frame.page import Context, Guest, Visit, local, pages_router, text_of
from api.web.frame.people import landing
from api.web.frame.session import new_session, write_session
from api.web.signin import oidc
from api.web.signin.sample import sample_people
from engine.data.shipped import SAMPLE_FACES
from engine.domain.access.log import AccessAct
from engine.domain.errors import DomainError, forbidden

router = pages_router()
Next = Annotated[str, Query(alias="next", max_length=2000)]
Again = Annotated[bool, Query()]


class Face(Context):
    """A sample person to sign in as."""

    person_id: str
    name: str
    where: str
    title: str
    hint: str


class SignInContext(Context):
    """The ways in."""

    faces: tuple[Face, ...]
    provider: str | None
    following: str


@router.get("/sign-in")
def sign_in(visit: Guest, following: Next = "/") -> Response:
    """The ways in; a provider has a link, sample people are cards."""
    if visit.caller is not None:
        return RedirectResponse(local(following), 303)
    settings = visit.desk.settings
    provider = settings.oidc_name or settings.oidc_issuer if settings.oidc_issuer else None
    return visit.page(
        "sign_in.html", SignInContext(faces=_faces(visit), provider=provider, following=local(following))
    )


@router.post("/sign-in/sample")
async def as_sample(visit: Guest, form: Annotated[FormData, takes("person", "next", once=False)]) -> Response:
    """Signs in as a sample person; refused unless the sample city is in force and the setting allows it."""
    wanted = text_of(form, "person")
    faces = await asyncio.to_thread(sample_people, visit)
    if wanted not in faces:
        await asyncio.to_thread(note, AccessAct.SIGN_IN_FAILED, "", visit.desk, "sample", "no_sample_sign_in")
        raise forbidden("no_sample_sign_in")
    facts = visit.desk.directory.facts()
    response = visit.to(landing(wanted, facts, local(text_of(form, "next") or "/")))
    write_session(response, visit.request, new_session(wanted))
    await asyncio.to_thread(note, AccessAct.SIGN_IN, wanted, visit.desk, "sample")
    return response


@router.get("/sign-in/provider")
async def to_provider(visit: Guest, following: Next = "/", again: Again = False) -> Response:
    """On to the provider; `again` has it ask who it is, though it may know.

    Another site's link leads to the page with the ways in: nobody is signed in without having wished it here.
    """
    elsewhere = visit.request.headers.get("sec-fetch-site") == "cross-site"
    if elsewhere and visit.session.person is None:
        return RedirectResponse(f"/sign-in?{urlencode({'next': local(following)})}", 303)
    return await oidc.begin(visit, local(following), again=again)


@router.get("/sign-in/provider/back")
async def from_provider(visit: Guest) -> Response:
    """Back from the provider, with a code."""
    try:
        return await oidc.finish(visit)
    except DomainError as error:
        await asyncio.to_thread(note, AccessAct.SIGN_IN_FAILED, "", visit.desk, "provider", error.refusal.code)
        raise


@router.post("/sign-in/provider/ended")
async def ended_at_provider(request: Request) -> Response:
    """The provider says that a session of its ended (Back-Channel Logout 1.0); no person and no form is behind it."""
    desk: Desk = request.app.state.desk
    form = await request.form()
    try:
        ending = Ending(desk.openid, desk.settings.oidc_client_id, desk.sign_ins, desk.visits)
        person = await asyncio.to_thread(ending.end, str(form.get("logout_token") or ""), desk.directory.now())
    except ProviderError as error:
        return JSONResponse({"error": "invalid_request", "error_description": str(error)}, 400)
    await asyncio.to_thread(note, AccessAct.SIGN_OUT, person, desk, "provider")
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


@router.post("/sign-out")
async def sign_out(visit: Guest, _form: Annotated[FormData, takes(once=False)]) -> Response:
    """Ends the session here, and at the provider where it knows how."""
    where = await oidc.leaving(visit) if visit.session.provider else None
    if where is not None:
        response: Response = RedirectResponse(where, 303)
    else:
        response = visit.to("/sign-in", N_("You are signed out."))
    if visit.session.person is not None:
        await asyncio.to_thread(visit.desk.visits.end, visit.session.sid, visit.desk.directory.now())
        await asyncio.to_thread(note, AccessAct.SIGN_OUT, visit.session.person, visit.desk)
    write_session(response, visit.request, new_session())
    oidc.forget_hint(response, visit)
    return cleared(response)


_HINTS = (
    N_("starts with one small improvement"),
    N_("decides on one person's work"),
    N_("decides on the unit's work"),
    N_("decides on the section's work"),
    N_("decides as CDO"),
    N_("sees the whole city"),
    N_("accompanies every initiative"),
    N_("looks after organisation and policy"),
)


def _faces(visit: Visit) -> tuple[Face, ...]:
    allowed = sample_people(visit)
    if not allowed:
        return ()
    facts = visit.desk.directory.facts()
    found = []
    for person_id, hint in zip(SAMPLE_FACES, _HINTS, strict=True):
        person = facts.organisation.person(person_id)
        posts = facts.organisation.posts_of(person_id, facts.today)
        if person is None or not posts:
            continue
        unit = facts.organisation.unit(posts[0].unit_code)
        where = (unit.name_ja if visit.language == "ja" else unit.name_en) if unit else ""
        found.append(
            Face(person_id=person_id, name=person.name, where=where, title=posts[0].title, hint=visit.say(hint))
        )
    return tuple(found)
