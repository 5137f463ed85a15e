"""The way through the pages of a form as a chart: after each page those that may come next, up to the first that always does."""

from collections.abc import Callable, Iterator

from moothall.domain.forms.definition import Form, Page
from moothall.domain.forms.studio import conditions
from moothall.domain.workflow.drawing import Box, Chart, Way

END = "check"
_MOST_WAYS = 12


def chart(form: Form) -> Chart:
    """The chart of a form whose blocks are put in."""
    boxes = tuple(_boxes(form))
    return Chart("form-flow", form.name.en, " ".join(_told(boxes)), form.pages[0].id, boxes)


def boxes(form: Form) -> tuple[Box, ...]:
    """The pages, each with the ways out of it, and the end."""
    return tuple(_boxes(form))


def _boxes(form: Form) -> Iterator[Box]:
    known = conditions.subjects(form)

    def when(page: Page) -> str:
        said = conditions.say(page.when, known) or page.when if page.when else ""
        for_whom = {"officers": "an officer fills it in", "citizens": "a citizen fills it in"}.get(page.asked_of, "")
        return " and ".join(part for part in (said, for_whom) if part)

    for number, page in enumerate(form.pages):
        questions = len([one for one in page.asks if one.type != "guidance"])
        asks = [] if page.exit else [f"{questions} question{'' if questions == 1 else 's'}"]
        marks = [*(["first page"] if number == 0 else []), *asks, *(["only when …"] if when(page) else [])]
        ways = (Way("", "", "■ The way ends here", ends=True),) if page.exit else tuple(_ways(form, number, when))
        shade = "holding" if page.exit else "automatic" if when(page) else ""
        yield Box(page.id, page.title.en, tuple(marks), ways, pale=shade, dashed=bool(when(page)))
    yield Box(END, "Check your answers", (), (Way("", "", "■ Sent", ends=True),))


def _ways(form: Form, number: int, when: Callable[[Page], str]) -> Iterator[Way]:
    """The pages that may come after one, up to the first that is asked of everybody."""
    told = False
    for page in form.pages[number + 1 :][:_MOST_WAYS]:
        said = when(page)
        yield Way(f"If {said}" if said else "Otherwise" if told else "Then", page.id, page.title.en)
        told = True
        if not said:
            return
    yield Way("Otherwise" if told else "Then", END, "Check your answers")


def _told(boxes: tuple[Box, ...]) -> Iterator[str]:
    for box in boxes:
        ways = "; ".join(f"{way.name} {way.says}".strip() for way in box.ways)
        yield f"{box.name}: {ways}."
