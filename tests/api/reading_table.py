"""What each GET address shows to who may not read a cycle: data of `test_who_may_read` and of the guide's page."""

from tests.support import city

SECRET = "秘めごと"
OUTSIDE = {city.OTHER, city.ADMIN}
LINE = {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR}
READERS = {
    "draft": LINE,
    "office": LINE | OUTSIDE,
    "concerned": LINE,
    "restricted": {city.OWNER, city.UNIT_CHIEF},
}
"""Who reads the cycle below; its chief has decided every step of it."""
OF_A_CYCLE = {
    "/api/v1/cycles/{cycle}": [""],
    "/api/v1/cycles/{cycle}/attachments": [""],
    "/api/v1/cycles/{cycle}/attachments/{n}": [""],
    "/api/v1/cycles/{cycle}/decision-sheet.pdf": [""],
    "/api/v1/cycles/{cycle}/events": [""],
    "/api/v1/cycles/{cycle}/route": [""],
    "/api/v1/cycles/{cycle}/similar": [""],
    "/api/v1/cycles/{cycle}/versions": [""],
    "/api/v1/cycles/{cycle}/versions/{a}/diff/{b}": [""],
    "/api/v1/cycles/{cycle}/versions/{n}": [""],
    "/api/v1/cases/{case}": [""],
    "/api/v1/cases/{case}/adoptions": [""],
    "/api/v1/cases/{case}/sheet.pdf": [""],
    "/api/v1/initiatives/{initiative}": [""],
    "/api/v1/initiatives/{initiative}/lineage": [""],
    "/cycles/{cycle}": [""],
    "/cycles/{cycle}/decision-sheet.pdf": [""],
    "/cycles/{cycle}/files/{n}": [""],
    "/cycles/{cycle}/rounds/{step}/{number}": [""],
    "/cycles/{cycle}/versions": [""],
    "/cycles/{cycle}/versions/compare": ["?a=1&b=1"],
    "/cycles/{cycle}/versions/{a}/{b}": [""],
    "/cycles/{cycle}/versions/{n}": [""],
    "/decisions/{cycle}": [""],
    "/initiatives/{initiative}": [""],
    "/initiatives/{initiative}/spiral.svg": [""],
    "/library/{case}": [""],
    "/library/{case}/sheet.pdf": [""],
}
"""Addresses of one cycle: they are not there for who may not read it."""
LISTS = {
    "/api/v1/cycles": ["", f"?q={SECRET}", "?owner=owner", "?waiting_for=chief"],
    "/api/v1/initiatives": ["", f"?q={SECRET}"],
    "/api/v1/cases": ["", f"?q={SECRET}"],
    "/api/v1/dashboard/quality": [""],
    "/api/v1/dashboard/spread": [""],
    "/api/v1/dashboard/stories": [""],
    "/api/v1/dashboard/waiting": [""],
    "/api/v1/dashboard": [""],
    "/api/v1/adoptions": [""],
    "/api/v1/effects": [""],
    "/api/v1/inbox": ["?below=true"],
    "/api/v1/inbox/history": [""],
    "/api/v1/me/calendar.ics": [""],
    "/api/v1/me/outbox": [""],
    "/api/v1/me": [""],
    "/api/v1/outbox": [""],
    "/api/v1/offers": [""],
    "/api/v1/roadmap": [""],
    "/api/v1/exports/{what}.{file_format}": [
        f"{what}.{kind}"
        for what, kinds in {
            "initiatives": "csv json xlsx",
            "cases": "csv json xlsx",
            "effects": "csv json xlsx",
            "events": "csv json xlsx xes ocel",
        }.items()
        for kind in kinds.split()
    ],
    "/": [""],
    "/city": [""],
    "/city/cycles": [f"?part={part}" for part in ("under_way", "completed", "waits_for_owner", "measured", "grown")],
    "/decisions": ["", "?part=below"],
    "/history": [""],
    "/library": ["", f"?q={SECRET}"],
    "/notices": [""],
    "/offers": [""],
    "/roadmap": [""],
}
"""Everything else that speaks of cycles: it leaves out what may not be read."""
SILENT = {
    "/access-log", "/access-log.csv", "/api/v1/access-log", "/api/v1/access-log.csv",
    "/api/v1/people/{person}/accounts", "/api/v1/changes", "/api/v1/changes/{change}", "/changes",
    "/api/v1/absences", "/api/v1/calendar/{token}.ics", "/api/v1/credentials", "/api/v1/me/notices",
    "/api/v1/offers/{offer}", "/api/v1/policies", "/api/v1/policies/{number}", "/api/v1/roadmap/editions",
    "/api/v1/roadmap/editions/{a}/diff/{b}", "/api/v1/roadmap/startups/{startup}/initiatives",
    "/api/v1/roadmap/startups/{startup}/milestones/{milestone}/reports", "/api/v1/stream", "/api/v1/webhooks",
    "/api/v1/webhooks/{webhook}", "/api/v1/webhooks/{webhook}/deliveries", "/absences", "/access", "/admin",
    "/admin/first-steps", "/first-run", "/admin/organisation.xlsx",
    "/admin/notices", "/admin/organisation", "/admin/policy", "/admin/webhooks",
    "/live", "/roadmap/editions",
    "/roadmap/startups/{startup}", "/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/start", "/words",
}  # fmt: skip
"""Addresses that name no cycle (`/healthz` and its like are neither of the API nor pages), or are tried below and in
tests of their own (streams, offers, startups)."""


def page() -> str:
    """The table as a page of the guides."""
    people = {
        city.OWNER: "owner", city.UNIT_CHIEF: "head of the unit, who decided it", city.SECTION_HEAD: "head above",
        city.DIRECTOR: "head of the department", city.MAYOR: "head of the city", city.OTHER: "staff elsewhere",
        city.ADMIN: "administrator",
    }  # fmt: skip
    levels = "".join(
        f"| {who} | {' | '.join('reads' if person in READERS[level] else '404' for level in READERS)} |\n"
        for person, who in people.items()
    )
    found = "".join(f"| `{path}` | 404 |\n" for path in sorted(OF_A_CYCLE))
    found += "".join(f"| `{path}` | leaves it out |\n" for path in sorted(LISTS))
    return f"""# What each address shows to who may not read a cycle

The rules are in [who may read](../field/reading.md). This page is the table that a test goes through, person by
person and level by level; an address that is not in it fails the test.

## An initiative of one person, of which the head of the unit has decided every step

| Who | {" | ".join(READERS)} |
|{"---|" * (len(READERS) + 1)}
{levels}
Whoever the owner names reads at every level; the DX promotion team reads what is for those concerned.

## Addresses

| GET | Without the right to read |
|---|---|
{found}
Streams (`/api/v1/stream`, `/live`) ask anew for each event, webhooks have a ceiling, notices and mail go to nobody
who may not read. POST, PUT and DELETE on a cycle that somebody may not read answer 404 too.
"""
