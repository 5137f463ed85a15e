"""What an example of a service may say."""

import pytest

from moothall.domain.catalogue import bundle
from moothall.domain.workflow.definition import Faulty

EXAMPLE = "name: A story\nby: officers\ncase: {type: new, source: online}\nsteps:\n  - {%s}\n"


def _faults(step: str) -> str:
    with pytest.raises(Faulty) as refusal:
        bundle.parse({"service.yaml": "", "examples/story.yaml": EXAMPLE % step})
    return "\n".join(str(fault) for fault in refusal.value.faults if fault.file == "examples/story.yaml")


def test_a_step_is_one_thing_that_happens() -> None:
    assert "this one is days and pay" in _faults("days: 3, pay: {pence: 1000, method: card}")
    assert "this one is none" in _faults("now: initial_checks")


def test_a_step_that_chooses_says_at_which_stage() -> None:
    assert "say at which stage" in _faults("choose: complete")
    assert "say at which stage" in _faults("at: initial_checks, days: 2")


def test_a_step_with_an_unknown_key_is_a_fault() -> None:
    assert "lettres" in _faults("days: 3, lettres: [refusal]")


def test_a_sound_step_has_no_fault() -> None:
    assert _faults("at: initial_checks, choose: complete, now: payment") == ""
