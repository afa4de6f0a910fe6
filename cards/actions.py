"""What a button carries, drawn and parsed by the same rules. Everything that comes back is the client's word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from dialogs.words.replies import Button

MOST_FIELDS = 20
_Name = Annotated[str, StringConstraints(max_length=40)]
_Value = Annotated[str, StringConstraints(max_length=2_000)]
_FIELDS = TypeAdapter(dict[_Name, _Value])


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press as it came back: the verb, and the data and inputs as short strings."""

    verb: str
    values: Mapping[str, str]


def write(button: Button) -> dict[str, str]:
    """What the button's JSON carries."""
    return {**button.data, "verb": button.verb}


def read(carried: Mapping[str, Any]) -> Pressed | None:
    """The press, or None when it is not one that any card of ours could send."""
    try:
        fields = _FIELDS.validate_python({name: value for name, value in carried.items() if name != "msteams"})
    except ValidationError:
        return None
    verb = fields.pop("verb", "")
    return Pressed(verb, fields) if verb and len(fields) <= MOST_FIELDS else None
