"""Every page there is, each with a person who looks at it: what a page of the app must have to be measured."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from fastapi.routing import APIRoute

from api.web.pages import ROUTERS
from tests.web.site import ADMIN, CHIEF, DIRECTOR, MANAGER, MAYOR, OWNER
from tests.web.stock import Stock

AUDITOR = "p011"
OFFICER = "receiver"
"""Whoever answers the stock's offer."""


@dataclass(frozen=True)
class Place:
    """One page to look at: `route` as the app knows it, `path` with names of `Stock` in it."""

    route: str
    path: str
    person: str | None = OWNER
    status: int = 200

    def of(self, stock: Stock) -> str:
        """The path with the stock's ids in it."""
        return self.path.format(**asdict(stock))

    def who(self, stock: Stock) -> str | None:
        """Who looks at it."""
        return stock.receiver if self.person == OFFICER else self.person

    def __str__(self) -> str:
        return f"{self.path} {self.person or 'nobody'}"


CYCLE, GATE = "/cycles/{cycle}", "/decisions/{cycle}"
OWNERS = (
    "fresh", "transform", "realise", "share", "waiting", "returned", "conditional", "held", "withdrawn", "case",
)  # fmt: skip
PLACES = (
    Place("/sign-in", "/sign-in", None),
    Place("/", "/"),
    Place("/", "/", MAYOR),
    Place("/start", "/start?startup=SL-07"),
    *(Place(CYCLE, f"/cycles/{{{name}}}") for name in OWNERS),
    Place(CYCLE, "/cycles/{fresh}?rows=metrics"),
    Place(CYCLE, "/cycles/{whole_form}", MANAGER),
    Place(CYCLE, "/cycles/{waiting}", CHIEF),
    Place("/cycles/{cycle}/versions", "/cycles/{twice}/versions"),
    Place("/cycles/{cycle}/versions/{a}/{b}", "/cycles/{twice}/versions/1/2"),
    Place("/cycles/{cycle}/versions/{n}", "/cycles/{twice}/versions/2"),
    Place("/cycles/{cycle}/versions/compare", "/cycles/{twice}/versions/compare?a=2&b=1"),
    Place("/words", "/words"),
    Place("/notices", "/notices"),
    Place("/decisions", "/decisions", CHIEF),
    Place("/decisions", "/decisions?why=late", CHIEF),
    Place("/decisions", "/decisions?tick=all&after={returned}", CHIEF),
    Place(GATE, "/decisions/{waiting}", CHIEF),
    Place(GATE, "/decisions/{twice}", MANAGER),
    Place(GATE, "/decisions/{following}", MANAGER),
    Place(GATE, "/decisions/{section_waiting}", DIRECTOR),
    Place(GATE, "/decisions/{waiting}"),
    Place("/absences", "/absences", CHIEF),
    Place("/access", "/access"),
    Place("/access", "/access", ADMIN),
    Place("/history", "/history", CHIEF),
    Place("/history", "/history", MANAGER),
    Place("/initiatives/{initiative}", "/initiatives/{spiral}"),
    Place("/city", "/city", MAYOR),
    Place("/city", "/city?as_of=2020-01-01", MAYOR),
    Place("/city/cycles", "/city/cycles", MAYOR),
    Place("/city/cycles", "/city/cycles?part=waits_for_approver&pillar=P1", MAYOR),
    Place("/library", "/library"),
    Place("/library", "/library?q=届"),
    Place("/library", "/library?q=nothing-like-this"),
    Place("/library/{case}", "/library/{case}"),
    Place("/offers", "/offers", OFFICER),
    Place("/roadmap", "/roadmap"),
    Place("/roadmap/startups/{startup}", "/roadmap/startups/SL-07"),
    Place("/roadmap/startups/{startup}", "/roadmap/startups/CA-01"),
    Place("/roadmap/editions", "/roadmap/editions"),
    Place("/admin", "/admin", ADMIN),
    Place("/admin/organisation", "/admin/organisation", ADMIN),
    Place("/admin/first-steps", "/admin/first-steps", ADMIN),
    Place("/admin/policy", "/admin/policy", ADMIN),
    Place("/changes", "/changes", ADMIN),
    Place("/admin/webhooks", "/admin/webhooks?log={hook}", ADMIN),
    Place("/admin/notices", "/admin/notices", ADMIN),
    Place("/access-log", "/access-log", AUDITOR),
    Place("", "/no-such-page", status=404),
    Place("", "/admin", status=403),
)
HALVES = (
    tuple(place for place in PLACES if not place.route.startswith(("/decisions", "/city", "/library", "/admin"))),
    tuple(place for place in PLACES if place.route.startswith(("/decisions", "/city", "/library", "/admin"))),
)
"""For two test processes."""
NOT_PAGES = {
    "/sign-in/provider": "leads to the provider; measured by test_sign_in_with_a_provider",
    "/sign-in/provider/back": "leads on or to an error page",
    "/live": "a stream of events",
    "/cycles/{cycle}/rounds/{step}/{number}": "leads on to a version; test_desk follows it",
    "/cycles/{cycle}/files/{n}": "a file",
    "/cycles/{cycle}/decision-sheet.pdf": "a PDF",
    "/library/{case}/sheet.pdf": "a PDF",
    "/initiatives/{initiative}/spiral.svg": "a picture",
    "/access-log.csv": "a table as a file",
    "/admin/organisation.xlsx": "a workbook",
    "/first-run": "needs a key of its own; measured by test_first_run",
}


def routes() -> Iterator[str]:
    """Every address of the pages that answers GET, as the app writes it."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in route.methods:
                yield route.path
