"""The first steps of a new city: what is there already, and what comes next."""

from io import BytesIO

from starlette.responses import Response

from api.services.cycles.lists import is_begun
from api.services.organisation.documents import known, organisation_book
from api.web.admin.access import Admin
from api.web.frame.page import Context, pages_router
from engine.contracts.documents import ROADMAP

router = pages_router()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FirstStepsContext(Context):
    """Each step with whether it is done; `provider` is None while nobody can sign in by themselves."""

    units: int
    people: int
    is_small: bool
    provider: str | None
    by_provider: bool
    roadmap: bool
    begun: bool


@router.get("/admin/first-steps")
def first_steps(visit: Admin) -> Response:
    """What is done, and what comes next."""
    facts, settings = visit.caller.facts, visit.desk.settings
    return visit.page(
        "first_steps.html",
        FirstStepsContext(
            units=len(facts.organisation.units),
            people=len(facts.organisation.people),
            is_small=len(facts.organisation.units) < 3,
            provider=settings.oidc_name or settings.oidc_issuer or None,
            by_provider=visit.session.provider,
            roadmap=bool(known(ROADMAP, visit.desk)),
            begun=is_begun(visit.caller, visit.desk),
        ),
    )


@router.get("/admin/organisation.xlsx")
def organisation_file(visit: Admin) -> Response:
    """The organisation in force as the file that is put in force: the template for the next one."""
    out = BytesIO()
    organisation_book(visit.caller.facts.organisation, out)
    headers = {"Content-Disposition": 'attachment; filename="organisation.xlsx"'}
    return Response(out.getvalue(), media_type=XLSX, headers=headers)
