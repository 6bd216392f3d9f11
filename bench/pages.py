"""Every page and every dashboard answer, in a city of ten cycles and in one of 10,000: the ratio is what to look at.

The application is the real one, asked without a network in between. Each page is asked *warm* (nothing has changed
since it was asked last), *after* (one command was given since, anywhere in the city, as in a living city it always
has been), and, where it has a date, as of a past day.
"""

import argparse
import asyncio
import logging
import pickle
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import structlog
from itsdangerous import URLSafeTimedSerializer
from pydantic import BaseModel, SecretStr
from sqlalchemy import make_url
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.web.frame.session import SESSION
from bench.seeding import Seeded, seed
from engine.runtime.embedded.devserver import find_binary
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.record.journal import Journal
from tests.support.databases import fresh_postgres, fresh_sqlite, postgres_cluster
from tests.support.tokens import token_of

MAYOR, DX, ADMIN = "p001", "p006", "p003"
KEY = "s" * 40
PAST = "as_of=2026-10-15"


class Measured(BaseModel):
    """Milliseconds, medians; and the answer's size."""

    warm: float
    after: float
    size: int
    status: int


def places(at: Seeded) -> Iterator[tuple[str, str, str]]:
    """Name, visitor and address of every page for who is signed in, and of what the dashboard answers."""
    pages: dict[str, list[str]] = {
        at.owner: [
            "/", "/start", f"/cycles/{at.drafted}", f"/cycles/{at.drafted}/versions", f"/cycles/{at.case}",
            f"/cycles/{at.case}/versions", f"/initiatives/{at.initiative}",
            f"/initiatives/{at.initiative}/spiral.svg",
            "/notices", "/absences", "/library", "/library?q=住民票", "/library?q=見直し", "/library?pillar=P1",
            f"/library/{at.case}", "/offers",
        ],
        at.manager: [
            "/", "/decisions", "/decisions?why=late", f"/decisions/{at.gate}", "/history", "/notices", "/city",
        ],
        MAYOR: [
            "/", "/decisions", "/city", "/city/cycles", "/city/cycles?part=overdue",
            f"/city?{PAST}", "/city?pillar=P1", "/city?org_unit=1000",
            "/city?fiscal_year=2026", "/roadmap", f"/roadmap?{PAST}", "/roadmap/editions",
        ],
        DX: ["/decisions", "/roadmap"],
        ADMIN: ["/admin", "/admin/organisation", "/admin/policy", "/admin/webhooks", "/admin/notices", "/absences"],
    }  # fmt: skip
    for person, addresses in pages.items():
        who = "owner" if person == at.owner else "manager" if person == at.manager else person
        for address in addresses:
            yield f"{who} {address}", person, address
    answers = [
        "/dashboard", f"/dashboard?{PAST}", "/dashboard?pillar=P1", "/dashboard/waiting",
        f"/dashboard/waiting?{PAST}",
        "/dashboard/quality", "/dashboard/spread", "/dashboard/stories", "/effects", "/effects?group_by=org_unit",
        "/roadmap", "/inbox", "/cycles", "/cycles?waiting_for=me", "/initiatives", "/cases", "/offers", "/adoptions",
        f"/initiatives/{at.initiative}", f"/cycles/{at.gate}/route",
    ]  # fmt: skip
    for address in answers:
        yield f"json {address}", at.manager, f"/api/v1{address}"


async def measured(  # noqa: PLR0913, PLR0917 - what the command line says
    url: str, at: Seeded, temporal: str, rounds: int, only: str, clock: Callable[[], float]
) -> dict[str, Measured]:
    """Every page, in turn."""
    settings = Settings(
        database_url=url,
        temporal_address=temporal,
        task_queue=f"bench-{uuid4().hex[:8]}",
        shared_namespace=True,
        secret=SecretStr(KEY),
        log_level="warning",
        hosts="city",
    )
    app = create_app(settings)
    found: dict[str, Measured] = {}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        journal: Journal = app.state.desk.journal
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
            await asyncio.to_thread(app.state.desk.figures.warm)
            for name, person, address in places(at):
                if only not in name:
                    continue
                content = {"sid": uuid4().hex, "person": person, "since": 4_000_000_000}
                client.cookies = httpx.Cookies(
                    {SESSION: str(URLSafeTimedSerializer(KEY, salt="spiral-session").dumps(content))}
                )
                client.headers["Authorization"] = f"Bearer {token_of(settings, person)}"
                answer = await client.get(address)
                warm, after = [await _asked(client, address, clock) for _ in range(rounds)], []
                for _ in range(rounds):
                    await asyncio.to_thread(at.move, journal)
                    after.append(await _asked(client, address, clock))
                found[name.replace(at.initiative, "…")] = Measured(
                    warm=statistics.median(warm), after=statistics.median(after), size=len(answer.content),
                    status=answer.status_code,
                )  # fmt: skip
    return found


async def _asked(client: httpx.AsyncClient, address: str, clock: Callable[[], float]) -> float:
    begun = clock()
    await client.get(address)
    return (clock() - begun) * 1000


def city(url: str, size: int, kept: Path | None) -> Seeded:
    """A city in a fresh database; with `kept`, copied from the one that stands there, if it does."""
    place = kept / str(size) if kept else None
    file = make_url(url).database or ""
    if place is not None and (place / "city.pickle").exists():
        shutil.copy(place / "city.db", file)
        found: Seeded = pickle.loads((place / "city.pickle").read_bytes())
        return found
    database = open_database(url)
    at = seed(database, size)
    database.dispose()
    if place is not None:
        place.mkdir(parents=True)
        shutil.copy(file, place / "city.db")
        (place / "city.pickle").write_bytes(pickle.dumps(at))
    return at


async def compare(  # noqa: PLR0913, PLR0917 - what the command line says
    cycles: tuple[int, ...],
    rounds: int,
    only: str,
    databases: Iterator[str],
    kept: Path | None,
    clock: Callable[[], float],
) -> None:
    """Both cities, one after the other, and the table."""
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=str(find_binary())) as environment:
        temporal = environment.client.service_client.config.target_host
        found = []
        for size in cycles:
            url = next(databases)
            begun = time.perf_counter()
            at = await asyncio.to_thread(city, url, size, kept)
            print(f"{size} cycles written in {time.perf_counter() - begun:.0f} s", flush=True)
            found.append(await measured(url, at, temporal, rounds, only, clock))
    few, many = found
    print(f"{datetime.now(UTC):%Y-%m-%d}  {cycles[0]} cycles against {cycles[1]}; medians of {rounds}, ms")
    print(f"{'':<44}{'warm':>22}{'after one command':>24}{'kB':>12}")
    for name, one in few.items():
        other = many[name]
        bad = "" if one.status == other.status == 200 else f"  status {one.status}/{other.status}"
        print(
            f"{name:<44}{one.warm:7.1f}{other.warm:8.1f} ×{other.warm / one.warm:5.1f}"
            f"{one.after:9.1f}{other.after:8.1f} ×{other.after / one.after:5.1f}"
            f"{one.size / 1000:7.0f}{other.size / 1000:6.0f}{bad}"
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cycles", type=int, nargs=2, default=(10, 10_000), help="the small city and the large one")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--only", default="", help="pages whose name holds this")
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--kept", type=Path, help="a folder that keeps the cities for the next time (SQLite)")
    asked.add_argument("--cpu", action="store_true", help="the process's own time: steadier on a busy machine")
    given = asked.parse_args()
    clock = time.process_time if given.cpu else time.perf_counter
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        if given.postgres:
            with postgres_cluster() as cluster:
                urls = (fresh_postgres(cluster) for _ in given.cycles)
                asyncio.run(compare(tuple(given.cycles), given.rounds, given.only, urls, None, clock))
        else:
            urls = (fresh_sqlite(Path(folder)) for _ in given.cycles)
            asyncio.run(compare(tuple(given.cycles), given.rounds, given.only, urls, given.kept, clock))


if __name__ == "__main__":
    main()
