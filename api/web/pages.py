"""Which page modules there are, in the order their routes are tried."""

from fastapi import APIRouter

from api.web import home, initiative, live, look, sign_in

ROUTERS: tuple[APIRouter, ...] = (sign_in.router, look.router, live.router, home.router, initiative.router)
