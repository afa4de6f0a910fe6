"""Hypothesis keeps its notes with the other caches: pytest would stumble over a directory beside the sources."""

from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[2] / ".cache" / "hypothesis")
