"""The published JSON Schema of a workflow definition, for editors and for whoever writes definitions by other means."""

from typing import Any

from moothall.domain.workflow.definition import Workflow

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `definition.parse` accepts; the rules of `faults.check` go further."""
    schema = Workflow.model_json_schema(mode="validation")
    outcome = schema["$defs"]["Outcome"]
    outcome["oneOf"] = [{"required": ["to"]}, {"required": ["end"]}]
    return {"$schema": DIALECT, "title": "Moothall workflow", **{k: v for k, v in schema.items() if k != "title"}}
