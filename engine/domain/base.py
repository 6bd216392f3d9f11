"""What every model of the domain is made from."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that crosses the wire: frozen, and a newer writer's extra fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
