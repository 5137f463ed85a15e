"""What kind of data every field holds, how long it is kept and what clears it: `rules.yaml`, loaded and typed."""

from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("rules.yaml")
Class = Literal["plain", "personal", "sensitive"]


class RulesFault(Exception):
    """`rules.yaml` is wrong. Its message says where."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Part):
    """How long rows are kept after what, what clears them then, and who says so."""

    years: int | None = Field(ge=0)  # None: as long as the product is used
    after: str
    clears: str
    because: str


class ModelRule(_Part):
    """The period a model's rows are kept for, and the class of each of its fields."""

    period: str
    plain: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()  # says who somebody is or what they told us
    sensitive: frozenset[str] = frozenset()  # may tell of health, benefits or another special category

    @model_validator(mode="after")
    def _one_class_a_field(self) -> Self:
        both = (self.plain & self.personal) | (self.plain & self.sensitive) | (self.personal & self.sensitive)
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: a field has one class.")
        return self

    @property
    def fields(self) -> frozenset[str]:
        return self.plain | self.personal | self.sensitive

    def class_of(self, field: str) -> Class:
        """The class of one field. Raises RulesFault when it has none."""
        if field in self.sensitive:
            return "sensitive"
        if field in self.personal:
            return "personal"
        if field in self.plain:
            return "plain"
        raise RulesFault(f"{field} has no class in {FILE.name}.")


class Rules(_Part):
    """Every period by name, every model by its label, such as `cases.Case`.

    The kept history of a model, such as `cases.CaseEvent`, has the classes and the period of the model.
    """

    periods: dict[str, Period]
    models: dict[str, ModelRule]

    @model_validator(mode="after")
    def _periods_exist_and_are_used(self) -> Self:
        used = {rule.period for rule in self.models.values()}
        if wrong := used ^ self.periods.keys():
            raise ValueError(f"{', '.join(sorted(wrong))}: a period is named but not given, or given but not used.")
        return self

    def period_of(self, label: str) -> Period:
        """How long rows of a model are kept. Raises RulesFault when it has no rule."""
        if label not in self.models:
            raise RulesFault(f"{label} has no rule in {FILE.name}.")
        return self.periods[self.models[label].period]


@cache
def load() -> Rules:
    """The rules, read once. Raises RulesFault naming what is wrong."""
    data: Any = yaml.safe_load(FILE.read_text())
    try:
        return Rules.model_validate(data)
    except ValueError as error:
        raise RulesFault(f"{FILE.name}: {error}") from error


@cache
def personal_names() -> frozenset[str]:
    """The names of all fields that hold personal or sensitive data in some model. Logs leave them out."""
    return frozenset(name for rule in load().models.values() for name in rule.personal | rule.sensitive)
