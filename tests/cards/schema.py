"""The strict schema of an Adaptive Card as Teams accepts it, generated from the models of microsoft-teams-cards.

The models themselves let a misspelt property pass and do not look into the body; this does both.
"""

import inspect
from functools import cache
from typing import Any

import jsonschema
import microsoft_teams.cards.core as models
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

FREE = {"HostCapabilities", "SubmitActionData", "CardMetadata"}  # carry whatever the sender likes


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Refuses unknown properties and unknown kinds, at any depth."""
    found = inspect.getmembers(models, inspect.isclass)
    classes = [one for _, one in found if issubclass(one, BaseModel) and one.__module__ == models.__name__]
    _, schema = models_json_schema([(one, "serialization") for one in classes], by_alias=True)
    defs: dict[str, Any] = schema["$defs"]
    for name, definition in defs.items():
        if "properties" in definition and name not in FREE:
            definition["additionalProperties"] = False
    for base in ("CardElement", "Action", "ContainerLayout"):
        defs[base] = _any_of([one for one in classes if one.__mro__[1].__name__ == base])
    return jsonschema.Draft202012Validator({"$ref": "#/$defs/AdaptiveCard", "$defs": defs})


def _any_of(classes: list[type[BaseModel]]) -> dict[str, Any]:
    """By its type, so that an error names the property and not every kind there is."""
    kinds = {one.model_fields["type"].default: f"#/$defs/{one.__name__}" for one in classes}
    cases = [
        {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": where}} for kind, where in kinds.items()
    ]
    return {"type": "object", "required": ["type"], "properties": {"type": {"enum": list(kinds)}}, "allOf": cases}
