"""Files of the course beside the folder of its lessons: benchmarks/, examples/."""

from __future__ import annotations

from pathlib import Path

COPIED_FROM = Path(__file__).resolve().parents[2]  # where the package lies, the whole course does


def course_file(name: str) -> Path:
    """A file or folder of the course: `course_file("benchmarks/scale_out.json")`.

    The lessons may have been copied, or opened, without the rest: then it's the one beside the
    package. Raises FileNotFoundError where neither has it.
    """
    places = [Path.cwd().parent, COPIED_FROM]
    for place in places:
        if (place / name).exists():
            return place / name
    raise FileNotFoundError(
        f"This lesson reads {name} of the course's folder, and it's neither in"
        f" {' nor in '.join(map(str, dict.fromkeys(places)))}. Bring it back:"
        f" git checkout -- {name}"
    )
