"""Which page modules there are, in the order their routes are tried."""

from fastapi import APIRouter

from api.web.admin import changes, first_steps
from api.web.admin import organisation as admin_organisation
from api.web.admin import overview as admin
from api.web.admin import policy as admin_policy
from api.web.admin import tokens as admin_access
from api.web.admin import webhooks as admin_webhooks
from api.web.city import dashboard as city
from api.web.city import drilldown as city_cycles
from api.web.city import editions, roadmap
from api.web.cycle import actions as cycle_moves
from api.web.cycle import consultation_actions as beside_moves
from api.web.cycle import initiative, retract, start, versions
from api.web.cycle import page as cycle
from api.web.frame import display_settings as look
from api.web.frame import live
from api.web.inbox import decision_page as gate
from api.web.inbox import many
from api.web.inbox import page as decisions
from api.web.library import glossary
from api.web.library import page as library
from api.web.me import absences, access, access_log, home, notices
from api.web.signin import first_run, sign_in

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    first_run.router,
    look.router,
    live.router,
    home.router,
    changes.router,
    start.router,
    cycle.router,
    cycle_moves.router,
    retract.router,
    beside_moves.router,
    versions.router,
    glossary.router,
    notices.router,
    decisions.router,
    many.router,
    gate.router,
    absences.router,
    access.router,
    access_log.router,
    initiative.router,
    city.router,
    city_cycles.router,
    library.router,
    roadmap.router,
    editions.router,
    admin.router,
    first_steps.router,
    admin_organisation.router,
    admin_policy.router,
    admin_access.router,
    admin_webhooks.router,
)
