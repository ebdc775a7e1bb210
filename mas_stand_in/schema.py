"""Whether a value fits a JSON schema, for the replies that an author wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

MISSING = (
    "The stand-in model checks replies with jsonschema, which is missing: pip install jsonschema"
)


def mismatch(value: Any, schema: dict[str, Any]) -> ValidationError | None:
    """What in the value breaks the schema most plainly, None if nothing does."""
    try:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import best_match
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING, name=error.name) from None
    worst: ValidationError | None = best_match(Draft202012Validator(schema).iter_errors(value))
    return worst
