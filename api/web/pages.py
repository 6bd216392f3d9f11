"""Which page modules there are, in the order their routes are tried."""

from fastapi import APIRouter

from api.web import (
    absences,
    admin,
    beside_moves,
    city,
    city_cycles,
    cycle,
    cycle_moves,
    decisions,
    gate,
    glossary,
    home,
    initiative,
    library,
    live,
    look,
    notices,
    roadmap,
    sign_in,
    start,
    versions,
)

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    look.router,
    live.router,
    home.router,
    start.router,
    cycle.router,
    cycle_moves.router,
    beside_moves.router,
    versions.router,
    glossary.router,
    notices.router,
    decisions.router,
    gate.router,
    absences.router,
    initiative.router,
    city.router,
    city_cycles.router,
    library.router,
    roadmap.router,
    admin.router,
)
