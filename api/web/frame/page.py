"""What every page has: its visitor, its frame, its language; `Visit.page` renders a frozen context into a template.

A page module makes `router = pages_router()`, takes `Member` (signed in) or `Guest` as an argument, and answers
`visit.page("name.html", Context(...))`; after a POST, `visit.to("/path", N_("Saved."))`. A POST says which fields its
form has: `api.web.frame.form_fields.takes`.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth import Caller, NotSignedInError, caller_of
from api.container import Desk
from api.http.responses import command_id
from api.services.cycles import inbox
from api.web.format.dates import Days
from api.web.format.gettext import N_, name_of, said
from api.web.format.glossary_terms import TERMS
from api.web.frame import session as kept
from api.web.frame.navigation import PLACES, NavigationPlace
from api.web.frame.once import FormRoute, Led
from engine.domain.cycle.state import CycleState
from engine.domain.errors import Refusal
from engine.domain.moves.allowed import Move
from engine.domain.text import normal
from engine.language.catalogues import Language, translations
from engine.language.refusals import sentence

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[2] / "static"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
PEOPLE = ("by", "owner", "person")
"""Parameters of a refusal that hold a person's id."""
MOST_FIELDS = 5000


class Context(BaseModel):
    """What a template gets as `v`: frozen, a subclass for each page."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)


class Frame(Context):
    """What the frame around every page needs, in templates `site`."""

    language: Language
    look: kept.Look
    csrf: str
    path: str
    places: tuple[NavigationPlace, ...]
    person_id: str | None
    person: str | None
    post: str | None
    waiting: int
    flash: kept.Flash | None

    def new_key(self) -> str:
        """A key for one form, so that it is done once."""
        return uuid4().hex


class SignInNeededError(Exception):
    """Nobody is signed in; afterwards they go on to `next`."""

    def __init__(self, following: str) -> None:
        self.following = following
        super().__init__(following)


@dataclass(frozen=True)
class Visit:
    """One request to the pages; `caller` is None while nobody is signed in."""

    request: Request
    session: kept.Session
    must_write: bool
    look: kept.Look
    language: Language
    caller: Caller | None

    @property
    def desk(self) -> Desk:
        """The application's."""
        found: Desk = self.request.app.state.desk
        return found

    @property
    def days(self) -> Days:
        """Writes dates for this reader."""
        return Days(self.language, self.desk.settings.zone, self.look.years == "era")

    def say(self, text: str, **params: object) -> str:
        """A text in the reader's language."""
        return said(text, self.language, **params)

    def named(self, refusal: Refusal) -> Refusal:
        """The refusal with the names of the people in it (`by_name` beside `by`), as far as they are known."""
        if self.caller is None:
            return refusal
        organisation = self.caller.facts.organisation
        known = {name: organisation.person(refusal.params.get(name, "")) for name in PEOPLE}
        names = {f"{name}_name": person.name for name, person in known.items() if person is not None}
        return refusal.model_copy(update={"params": refusal.params | names})

    def refused(self, refusal: Refusal) -> str:
        """A refusal, or its first wrong field, in the reader's language."""
        refusal = self.named(refusal)
        first = refusal.errors[0] if refusal.errors else refusal
        return sentence(first.code, self.language, first.params)

    def page(self, template: str, context: Context, status: int = 200) -> Response:
        """The template, filled in, with the headers every page has."""
        frame = self._frame()
        found = environment(self.language).get_template(template)
        text = found.render(v=context, site=frame, days=self.days, now=datetime.now(UTC), wrong=[], asked=[])
        response = HTMLResponse(text, status)
        response.headers["Content-Security-Policy"] = CSP
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Language"] = self.language
        return self.dressed(response, frame.flash)

    def to(self, path: str, text: str | None = None, kind: str = "done", **params: str) -> Response:
        """After a POST: on to `path`, which says `text` once."""
        response = RedirectResponse(local(path), 303)
        flash = None
        if text is not None:
            flash = kept.Flash.model_validate({"text": text, "params": params, "kind": kind})
            kept.write_flash(response, self.request, flash)
        if kind == "done":
            self.request.state.led = Led(local(path), flash)
        return self.dressed(response)

    def shown_once(self, template: str, context: Context, back: str) -> Response:
        """A page with a secret after a POST; the same form again leads to `back` and does nothing."""
        flash = kept.Flash(text=N_("It was made already, and is shown only once."), kind="wrong")
        self.request.state.led = Led(local(back), flash)
        return self.page(template, context)

    def dressed(self, response: Response, flash: kept.Flash | None = None) -> Response:
        """The response with whatever cookies have to be written."""
        if self.must_write:
            kept.write_session(response, self.request, self.session)
        if flash is not None:
            kept.forget(response, self.request, kept.FLASH)
        return response

    def _frame(self) -> Frame:
        caller = self.caller
        path = self.request.url.path
        if self.request.url.query:
            path += f"?{self.request.url.query}"
        return Frame(
            language=self.language,
            look=self.look,
            csrf=kept.csrf_token(self.request, self.session),
            path=path,
            places=tuple(one for one in PLACES if caller and (one.duty is None or one.duty in caller.duties)),
            person_id=caller.id if caller else None,
            person=caller.person.name if caller else None,
            post=_post(caller) if caller else None,
            waiting=inbox.count(caller, self.desk) if caller else 0,
            flash=kept.read_flash(self.request),
        )


@dataclass(frozen=True)
class MemberVisit(Visit):
    """A visit by somebody who is signed in."""

    caller: Caller
    _moves: dict[tuple[str, int], tuple[Move, ...]] = field(default_factory=dict, compare=False)

    def moves(self, state: CycleState) -> tuple[Move, ...]:
        """What this person may do with a cycle now, asked once for a page."""
        key = (state.cycle_id, state.revision)
        if key not in self._moves:
            self._moves[key] = self.desk.directory.allowed(state, self.caller.id, self.caller.facts)
        return self._moves[key]

    def form_key(self) -> str | None:
        """The key of the form that was sent, for this address; None when it has none."""
        given = getattr(self.request.state, "key", "")
        return f"{self.request.url.path} {given}" if given else None

    def command_id(self) -> str:
        """The id of the command that a form gives: the same form is the same command."""
        return command_id(self.caller, self.form_key())


def guest(request: Request) -> Visit:
    """The visit, signed in or not."""
    session, must_write = kept.read_session(request)
    look = kept.read_look(request)
    caller = None
    if session.person is not None and _is_ended(request, session):
        session, must_write = kept.new_session(), True
    if session.person is not None:
        try:
            caller = caller_of(session.person, request.app.state.directory, "ja")
        except NotSignedInError:
            session, must_write = kept.new_session(), True
    language = kept.chosen_language(look, caller.person.locale if caller else None, request)
    if caller is not None:
        caller = Caller(caller.person, caller.posts, caller.duties, caller.facts, language)
        return MemberVisit(request, session, must_write, look, language, caller)
    return Visit(request, session, must_write, look, language, None)


def _is_ended(request: Request, session: kept.Session) -> bool:
    desk: Desk = request.app.state.desk
    return desk.visits.is_ended(session.sid, session.person or "", session.since, session.led_by)


Guest = Annotated[Visit, Depends(guest)]


def nameless(request: Request) -> Visit:
    """The visit of whoever it is, told without asking the database: for the page that says that it is away."""
    session, must_write = kept.read_session(request)
    look = kept.read_look(request)
    return Visit(request, session, must_write, look, kept.chosen_language(look, None, request), None)


def member(visit: Guest) -> MemberVisit:
    """The visit of somebody signed in; anybody else is asked to sign in first."""
    if isinstance(visit, MemberVisit):
        return visit
    url = visit.request.url
    following = f"{url.path}?{url.query}" if url.query else url.path
    raise SignInNeededError(following if visit.request.method == "GET" else "/")


Member = Annotated[MemberVisit, Depends(member)]


def pages_router() -> APIRouter:
    """A router for pages: not part of the API's description."""
    return APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=FormRoute)


def text_of(form: FormData, name: str) -> str:
    """A field's text, stripped, with normal line ends; empty when it is not there."""
    value = form.get(name)
    return normal(value).strip() if isinstance(value, str) else ""


def local(path: str) -> str:
    """A path on this site: anything else leads home, so that a link cannot send people away."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return quote(path, safe="/?&=%#:,+-_.~") if fine else "/"


@cache
def environment(language: Language) -> Environment:
    """The templates in one language."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    found.globals |= {"static": static_url, "language": language, "TERMS": TERMS}
    found.filters |= {
        "word": partial(_word, language),
        "number": number,
        "url": _url,
    }
    return found


def _word(language: Language, value: StrEnum | str | None, kind: str | None = None) -> str:
    return "" if value is None else name_of(value, language, kind)


def _url(value: object) -> str:
    return quote(str(value), safe="")


def number(value: float | None, places: int = 1) -> str:
    """`1,234.5`, without zeros behind the point; a dash for nothing."""
    if value is None:
        return "—"
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def static_url(name: str) -> str:
    """A file of ours under its content's hash, so that it may be cached for ever."""
    return f"/static/{name}?v={_hash(name)}"


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _post(caller: Caller) -> str | None:
    if not caller.posts:
        return None
    first = caller.posts[0]
    unit = caller.facts.organisation.unit(first.unit_code)
    where = (unit.name_ja if caller.language == "ja" else unit.name_en) if unit else ""
    return f"{where} {first.title}".strip()
