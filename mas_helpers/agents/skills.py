"""Lesson 21: skills, folders of instructions that an agent reads when it needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from anthropic.lib.tools import ToolError

from .sources import read_inside


@dataclass(frozen=True)
class Skill:
    """A folder with a SKILL.md: its name and what it's for. The rest is read when it's needed."""

    name: str
    description: str
    folder: Path


def skills_in(folder: Path) -> dict[str, Skill]:
    """The skills of a folder under their names, sorted. Raises ValueError for a SKILL.md that's
    none.
    """
    found = [skill_of(path.parent) for path in sorted(folder.glob("*/SKILL.md"))]
    return {skill.name: skill for skill in found}


def skill_of(folder: Path) -> Skill:
    """The skill in a folder. Raises ValueError where its head lacks a name or a description."""
    fields = _head_of(folder)
    name, description = fields.get("name"), fields.get("description")
    if name != folder.name or not re.fullmatch("[a-z0-9-]{1,64}", folder.name):
        raise ValueError(f"{folder.name}/SKILL.md: name is {name!r}; it has to be the folder's")
    if not isinstance(description, str) or not 0 < len(description) <= 1024:
        raise ValueError(f"{folder.name}/SKILL.md: description has to be 1 to 1024 characters")
    return Skill(folder.name, description, folder)


def _head_of(folder: Path) -> dict[str, Any]:
    """What stands between the first two lines `---`, as YAML."""
    try:
        text = read_inside(folder, "SKILL.md")
        fields = yaml.safe_load(text.split("---\n")[1]) if text.startswith("---\n") else None
    except (ToolError, IndexError, yaml.YAMLError) as error:
        raise ValueError(f"{folder.name}/SKILL.md can't be read: {error}") from None
    return fields if isinstance(fields, dict) else {}


def skill_list(skills: Mapping[str, Skill]) -> str:
    """What the system prompt says of skills: a line each, its name and what it's for."""
    return "\n".join(f"- {skill.name}: {skill.description}" for skill in skills.values())


def skill_reader(skills: Mapping[str, Skill]) -> Callable[[str, str], str]:
    """The tool `read_skill` for these skills; it reads nothing outside their folders."""

    def read_skill(skill: str, file: str = "SKILL.md") -> str:
        """The instructions of a skill, or another file of it that they name.

        Args:
            skill: its name in the list of skills
            file: a name without a folder, for example letter.md
        """
        if skill not in skills:
            known = ", ".join(skills) or "none"
            raise ToolError(f"There is no skill {skill[:80]!r}. There are: {known}.")
        return read_inside(skills[skill].folder, file)

    return read_skill
