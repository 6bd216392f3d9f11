"""Which page modules there are, in the order their routes are tried."""

from fastapi import APIRouter

from api.web import cycle, cycle_moves, home, initiative, live, look, sign_in, start

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    look.router,
    live.router,
    home.router,
    start.router,
    cycle.router,
    cycle_moves.router,
    initiative.router,
)
