"""The one-time address: it sets an empty city up, and afterwards signs in the person it was made for.

Opening it counts for nothing: a mail scanner or a look ahead does not use it up. The button does.
"""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import Query
from pydantic import Field, ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.services.operations.accesses import note
from api.services.organisation import first_run as service
from api.services.organisation.first_run import OneTimeAddress
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Guest, Visit, pages_router, text_of
from api.web.frame.session import new_session, write_session
from engine.domain.access.log import AccessAct
from engine.domain.model_faults import validated
from engine.domain.organisation.first_city import FirstCity
from engine.domain.organisation.organisation import Duty
from engine.language.refusals import sentence

router = pages_router()
FIELDS = ("city", "office", "name", "email", "head")
Key = Annotated[str, Query(max_length=600)]


class FirstRunContext(Context):
    """The form that sets a city up, with what was typed; or `person`, who is signed in by the button."""

    key: str
    person: str | None = None
    typed: Mapping[str, str] = Field(default_factory=dict)
    errors: Mapping[str, str] = Field(default_factory=dict)


@router.get("/first-run")
def first_run(visit: Guest, key: Key = "") -> Response:
    """What the address leads to; who is in already, as after Back, goes on to what comes next."""
    if visit.caller is not None:
        return RedirectResponse("/admin/first-steps" if Duty.ADMIN in visit.caller.duties else "/", 303)
    found = service.read_key(key, visit.desk, visit.request.app.state.signing_keys)
    return visit.page("first_run.html", FirstRunContext(key=key, person=_name(found, visit)))


@router.post("/first-run")
async def begin(visit: Guest, form: Annotated[FormData, takes("key", *FIELDS, once=False)]) -> Response:
    """Sets the city up, or signs in."""
    key = text_of(form, "key")
    keys = visit.request.app.state.signing_keys
    found = await asyncio.to_thread(service.read_key, key, visit.desk, keys)
    if found.person is not None:
        await asyncio.to_thread(service.spend, found, visit.desk)
        return await _signed_in(visit, found.person, "/")
    typed = {name: text_of(form, name) for name in FIELDS}
    try:
        asked = FirstCity.model_validate({name: value.strip() for name, value in typed.items()})
    except ValidationError as error:
        wrong = validated(error).refusal.errors
        errors = {one.pointer.removeprefix("/"): sentence(one.code, visit.language, one.params) for one in wrong}
        if typed["email"].strip() and "email" in errors:
            errors["email"] = visit.say(N_("Write a mail address, such as hanako@city.example.jp."))
        return visit.page("first_run.html", FirstRunContext(key=key, typed=typed, errors=errors), status=422)
    person = await asyncio.to_thread(service.set_up, found, asked, visit.desk)
    return await _signed_in(visit, person, "/admin/first-steps")


async def _signed_in(visit: Visit, person: str, following: str) -> Response:
    response = visit.to(following, N_("You are signed in."))
    write_session(response, visit.request, new_session(person))
    await asyncio.to_thread(note, AccessAct.SIGN_IN, person, visit.desk, "once")
    return response


def _name(found: OneTimeAddress, visit: Visit) -> str | None:
    if found.person is None:
        return None
    person = visit.desk.directory.facts().organisation.person(found.person)
    return person.name if person is not None else found.person
