"""Forms the tests are about, as somebody would write them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from moothall.domain.forms import blocks, definition, plan
from moothall.domain.forms.definition import Form
from moothall.domain.forms.journey import Setting
from moothall.domain.forms.plan import Plan

TODAY = date(2026, 3, 3)
SETTING = Setting(today=TODAY)

PERMIT = """
key: permit
name: Skip permit
pages:
  - id: who
    title: Who are you?
    questions:
      - {block: name_and_title}
  - id: skip
    title: The skip
    questions:
      - {id: on_road, label: Is it on the road, type: yes_no}
      - {id: lights, label: Who lights it, type: text, when: answers.on_road == true}
      - {id: size, label: Size, type: choice, options: [{key: small, label: Small}, {key: large, label: Large}]}
      - {id: days, label: Days, type: number, least: 1, most: 60}
  - {id: not_here, title: No permit is needed, exit: true, when: answers.on_road == false}
  - id: dates
    title: When
    questions:
      - id: starts
        label: First day
        type: date
        checks: [{rule: answers.starts > today, message: The first day must be after today.}]
      - id: ends
        label: Last day
        type: date
        checks: [{rule: answers.ends >= answers.starts, message: The last day cannot be before the first.}]
  - id: firm
    title: The firm
    when: values.weeks > 1
    questions:
      - {id: insurance, label: Proof of insurance, type: upload, when: answers.size == 'large', later: true}
      - {id: note, label: Note, type: text, optional: true}
  - id: people
    title: People
    questions:
      - id: crew
        label: Crew
        type: group
        item: Person
        optional: true
        questions:
          - {id: name, label: Name, type: text}
          - {id: driver, label: Drives, type: yes_no}
          - {id: licence, label: Licence number, type: text, when: item.driver == true}
  - id: pledge
    title: Declaration
    questions: [{block: declaration}]
values:
  - {id: weeks, type: number, formula: "answers.days > 7 ? 2 : 1"}
tables:
  - key: price
    gives: money
    inputs: [{name: size, from: answers.size}, {name: days, type: whole, from: answers.days}]
    rows:
      - {when: [small, any], gives: 20}
      - {when: [large, "<= 7"], gives: 35.50}
      - {when: [large, "> 7"], gives: 70}
fee: {table: price, description: Permit}
destinations:
  - {to: case, type: permit}
"""


def form(text: str = PERMIT) -> Form:
    """A form with its blocks put in."""
    return blocks.put_in(definition.parse(text, file="forms/x.yaml"), blocks.built_in(), file="forms/x.yaml")


def made(text: str = PERMIT) -> Plan:
    """A form ready to run."""
    return plan.of(form(text))


ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "who": {"first_names": "Ann", "last_name": "Example"},
    "skip": {"on_road": "yes", "lights": "We do", "size": "large", "days": "14"},
    "dates": {"starts": "2026-03-10", "ends": "2026-03-24"},
    "firm": {"insurance": "later"},
    "people": {"crew": [{"name": "Bob Sample", "driver": "yes", "licence": "X1"}, {"name": "Cy", "driver": "no"}]},
    "pledge": {"declaration": "yes"},
}
"""What fills the form in, page by page."""
