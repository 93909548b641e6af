"""Short forms of fields: a date for a day, one id for a list of ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class ShortForm:
    """
    Accept a short form of a value beside the whole one; what is kept, and written, is always the whole one.

    A validator that runs before pydantic's own would hide the short form from the JSON schema, and could not be used
    where JSON is read strictly: what it returns is no JSON any more.

    Parameters
    ----------
    form
        Type of the short form.
    is_short
        Whether a value, as it was given, is meant as the short form.
    spelled_out
        Returns the whole value of a short one.
    """

    form: Any
    is_short: Callable[[Any], bool]
    spelled_out: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of either form, told apart by `is_short`."""
        short = core_schema.no_info_after_validator_function(self.spelled_out, handler.generate_schema(self.form))
        # In brackets, as pydantic names forms of a value: such names are left out where problems are told.
        return core_schema.tagged_union_schema(
            {"[whole]": handler(source), "[short]": short},
            discriminator=lambda value: "[short]" if self.is_short(value) else "[whole]",
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return both forms for what is read, the whole one for what is written."""
        whole, short = handler(schema)["oneOf"]
        if handler.mode == "serialization":
            return dict(whole)
        # The short form may be of a form that the whole one has, too (any text): not "one of" them.
        return {"anyOf": [*whole.get("anyOf", [whole]), short]}
