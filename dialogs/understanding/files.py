"""Reads the files of words that are understood: one a language, each as its pydantic model."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

LOCALES = Path(__file__).parents[1] / "locales"

_Model = TypeVar("_Model", bound=BaseModel)


def load(path: Path, model: type[_Model]) -> _Model:
    """One TOML file as its model. Raises ValueError naming the file."""
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, OSError) as error:
        raise ValueError(f"cannot read {path.parent.name}/{path.name}: {error}") from error


def each_language(name: str, model: type[_Model]) -> Iterator[_Model]:
    """The file of that name of every language that has it. Raises ValueError naming one that is malformed."""
    return (load(path, model) for path in sorted(LOCALES.glob(f"*/{name}")))
