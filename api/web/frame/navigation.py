"""The places of the header's navigation, in order; a room adds its own line here."""

from pydantic import BaseModel, ConfigDict

from api.web.format.gettext import N_
from engine.domain.organisation.organisation import Duty


class NavigationPlace(BaseModel):
    """One link: `key` marks it as current, `duty` shows it only to who has that duty."""

    model_config = ConfigDict(frozen=True)

    key: str
    path: str
    text: str
    duty: Duty | None = None
    counts: bool = False


PLACES: tuple[NavigationPlace, ...] = (
    NavigationPlace(key="work", path="/", text=N_("My work")),
    NavigationPlace(key="decisions", path="/decisions", text=N_("My decisions"), counts=True),
    NavigationPlace(key="city", path="/city", text=N_("The city")),
    NavigationPlace(key="library", path="/library", text=N_("Library")),
    NavigationPlace(key="roadmap", path="/roadmap", text=N_("Roadmap")),
    NavigationPlace(key="access_log", path="/access-log", text=N_("Access log"), duty=Duty.AUDITOR),
    NavigationPlace(key="admin", path="/admin", text=N_("Administration"), duty=Duty.ADMIN),
)
