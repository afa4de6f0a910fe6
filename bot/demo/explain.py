"""How a text is understood: the candidates with their chances, which words spoke for each, what was decided and why."""

from collections.abc import Iterator

from dialogs.understanding.ranking.model import Candidate, model
from dialogs.understanding.understand import Explanation, look

SHOWN = 5
FEATURES = {  # how a feature begins (dialogs.understanding.ranking.features): what it is
    "w": "word",
    "b": "pair",
    "c": "letters",
    "j": "letters",
    "y": "meaning",
    "z": "meanings",
    "n": "length up to",
    "q": "ends with",
}


def explained(text: str, locale: str) -> Iterator[str]:
    """Lines to print. A typed secret is taken out of the text before anything is shown."""
    seen = look(text, locale)
    yield f"language  {seen.understood.language}"
    yield f"secret    {'typed, and left out of what follows' if seen.understood.secret else 'none'}"
    yield "candidates"
    yield from (_candidate(seen, candidate) for candidate in seen.ranked[:SHOWN])
    values = ", ".join(f"{name}={value!r}" for name, value in seen.understood.values.items())
    yield f"decided   {seen.understood.outcome}: {seen.understood.intent}{f' ({values})' if values else ''}"
    yield f"because   {seen.why}"


def _candidate(seen: Explanation, candidate: Candidate) -> str:
    spoke = ", ".join(_feature(name, weight) for name, weight in model().spoke_for(seen.masked, candidate.label))
    return f"  {candidate.chance:6.1%}  {candidate.label:<32} {spoke}"


def _feature(name: str, weight: float) -> str:
    return f"{FEATURES[name[0]]} {name[1:]!r} {weight:+.2f}"
