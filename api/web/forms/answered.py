"""What a JSON route answers, as the model it was made from: pages say exactly what programs are told."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.responses import Response

Model = TypeVar("Model", bound=BaseModel)


def answered(response: Response, model: type[Model]) -> Model:
    """The answer's body as its model."""
    return model.model_validate_json(bytes(response.body))
