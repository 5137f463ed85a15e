"""What stands beside the work list: its stages by workflow, and once that is counted how many of it are at each."""

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from moothall.web.desk.work_lists import WorkList
from moothall.web.desk.work_pages import MOST_COUNTED

_FLOW = (
    '<h3 class="govuk-body-s govuk-!-font-weight-bold govuk-!-margin-bottom-1">{name}</h3>'
    '<ul class="govuk-list app-work__stages">{stages}</ul>'
)
_STAGE = '<li><a class="govuk-link" href="{href}"{current}>{name}</a> <span class="app-work__count">{count}</span></li>'


def html(
    found: WorkList, address: str, many: Mapping[int, int] | None = None, *, every: bool = False
) -> tuple[SafeString, int]:
    """The stages, versions of one together, and how many were left out since nothing is there (`every`: none is).

    `address` is of the list at every stage; `many` are at each, by its number: without it all are shown.
    """
    names = dict(found.form.fields["workflow"].choices[1:])  # type: ignore[attr-defined]
    rows: dict[str, dict[str, tuple[str, int]]] = {}
    for stage in found.stages:
        flow = rows.setdefault(stage.version.workflow.key, {})
        _name, before = flow.get(stage.key, ("", 0))
        flow[stage.key] = (stage.name, before + (many or {}).get(stage.pk, 0))
    here = found.query.get("stage", "")
    left = 0
    if many is not None and not every:
        for name, stages in list(rows.items()):
            rows[name] = {key: one for key, one in stages.items() if one[1] or f"{name}/{key}" == here}
            left += len(stages) - len(rows[name])
    flows = (
        _FLOW.format(
            name=escape(str(names.get(flow, flow))),
            stages="".join(_stages(flow, stages, address, here, many is not None)),
        )
        for flow, stages in rows.items()
        if stages
    )
    return mark_safe("".join(flows)), left  # noqa: S308 - each part is escaped


def _stages(flow: str, stages: Mapping[str, tuple[str, int]], address: str, here: str, counted: bool) -> Iterator[str]:
    for key, (name, count) in stages.items():
        place = f"{flow}/{key}"
        yield _STAGE.format(
            href=escape(f"{address}&stage={quote(place, safe='')}"),  # the tab is in the address always
            current=' aria-current="true"' if place == here else "",
            name=escape(name),
            count=("" if not counted else f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count)),
        )
