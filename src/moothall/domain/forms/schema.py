"""The published JSON Schema of a form, for editors and for whoever writes forms by other means."""

from typing import Any

from moothall.domain.forms.definition import Form
from moothall.domain.workflow.schema import DIALECT


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `definition.parse` accepts; the rules of `faults.check` go further."""
    schema = Form.model_json_schema(mode="validation", by_alias=True)
    return {"$schema": DIALECT, "title": "Moothall form", **{k: v for k, v in schema.items() if k != "title"}}
