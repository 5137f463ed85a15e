"""Pages to look inside the stand-ins and to set faults. Plain HTML, no script; loopback only."""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from moothall.sandbox import markup as html
from moothall.sandbox.clamd import FAULTS as SCANNER_FAULTS
from moothall.sandbox.clamd import UnknownScannerFault
from moothall.sandbox.control import Sandbox, is_local
from moothall.sandbox.dft import lifecycle
from moothall.sandbox.dft.responses import Refused
from moothall.sandbox.dft.world import Badge
from moothall.sandbox.faults import KINDS, UnknownFault
from moothall.sandbox.markup import Html
from moothall.sandbox.smtp import FAULTS as MAIL_FAULTS
from moothall.sandbox.smtp import UnknownMailFault

ROWS_SHOWN = 200
Page = Callable[[Sandbox, Request], Html]
Form = dict[str, str]
Act = Callable[[Sandbox, Form], str]


def _home(sandbox: Sandbox, request: Request) -> Html:
    del request
    world = sandbox.world
    counts = (
        ("Applications", len(world.applications)),
        ("Badges", len(world.badges)),
        ("Documents", len(world.documents.all_keys())),
        ("Messages", len(sandbox.mail.messages())),
        ("Files scanned", len(sandbox.scanner.as_json())),
        ("Calls remembered", len(sandbox.calls.newest_first())),
    )
    settings = world.settings
    steps = (
        ("Printed after (seconds)", settings.processed_after),
        ("Issued after (seconds)", settings.issued_after),
        ("Links live (seconds)", settings.link_seconds),
        ("Tokens live (seconds)", settings.token_seconds),
    )
    return html.page(
        "Sandbox",
        html.paragraph(f"The national service answers at {world.base_url}. Nothing here is real."),
        html.table("What is in it", ("What", "How many"), counts),
        html.table("Settings", ("Setting", "Value"), steps),
    )


def _applications(sandbox: Sandbox, request: Request) -> Html:
    del request
    listed = sorted(
        sandbox.world.applications.values(), key=lambda one: str(one.record["submissionDate"]), reverse=True
    )
    rows = (
        (
            html.link(f"/_admin/applications/{one.id}", one.id),
            one.la,
            (one.record["party"]["person"] or one.record["party"]["organisation"])["badgeHolderName"],
            (one.record["eligibility"] or {}).get("typeCode"),
            one.record["submissionDate"],
            "deleted" if one.deleted else one.record["applicationStatus"],
        )
        for one in listed[:ROWS_SHOWN]
    )
    heads = ("Application", "Authority", "Name", "Eligibility", "Submitted", "Status")
    return html.page("Applications", html.table(f"Newest {ROWS_SHOWN} of {len(listed)}", heads, rows))


def _application(sandbox: Sandbox, request: Request) -> Html:
    application = sandbox.world.applications.get(request.path_params["id"])
    if application is None:
        return html.page("Application", html.paragraph("There is no such application."))
    files = html.items(html.link(sandbox.world.link(key), key) for key in application.files)
    return html.page(f"Application {application.id}", html.json_block(application.record), html.heading("Files"), files)


def _badges(sandbox: Sandbox, request: Request) -> Html:
    del request
    lifecycle.catch_up_all(sandbox.world)
    listed = list(sandbox.world.badges.values())
    rows = (
        (one.number, one.la, one.holder, one.la_reference, one.start, one.expiry, one.status, _steps(one))
        for one in reversed(listed[-ROWS_SHOWN:])
    )
    heads = ("Badge", "Authority", "Holder", "Reference", "Start", "Expiry", "Status", "Move on")
    return html.page("Badges", html.table(f"Last {ROWS_SHOWN} of {len(listed)}", heads, rows))


def _steps(badge: Badge) -> Html:
    possible = [to for to, earlier in lifecycle.STEPS.items() if badge.status in earlier]
    return html.join(
        html.form("/_admin/badges", f"{to.title()} {badge.number}", hidden={"number": badge.number, "to": to})
        for to in possible
    )


def _calls(sandbox: Sandbox, request: Request) -> Html:
    del request
    calls = sandbox.calls.newest_first()[:ROWS_SHOWN]
    rows = (
        (
            call.number,
            call.at,
            f"{call.method} {call.path}",
            call.status or "no answer",
            call.milliseconds,
            call.fault,
            html.details("What was said", html.join((html.block(call.request), html.block(call.answer)))),
        )
        for call in calls
    )
    heads = ("Number", "When", "Call", "Status", "Milliseconds", "Fault", "Bodies")
    return html.page("Calls", html.table("Newest first, secrets masked", heads, rows))


def _faults(sandbox: Sandbox, request: Request) -> Html:
    del request
    rows = (
        (
            rule.fault,
            rule.pattern or "every call",
            rule.probability,
            "always" if rule.count is None else rule.count,
            html.form("/_admin/faults/remove", f"Remove {rule.id}", hidden={"id": str(rule.id)}),
        )
        for rule in sandbox.faults.rules
    )
    heads = ("Fault", "Calls", "Probability", "Times left", "")
    new = html.form(
        "/_admin/faults",
        "Set fault",
        fields=(
            ("fault", f"Fault ({', '.join(KINDS)}; slow=2.5)", ""),
            ("pattern", "Calls, a pattern for METHOD /path (empty: every call)", ""),
            ("probability", "Probability, 0 to 1", "1"),
            ("count", "How often (empty: always)", ""),
        ),
    )
    mail = html.form(
        "/_admin/mail/fault",
        "Set mail fault",
        fields=(
            ("fault", f"Mail fault ({', '.join(MAIL_FAULTS)}; empty: none). Now: {sandbox.mail.fault or 'none'}", ""),
            ("count", "How often (empty: always)", ""),
        ),
    )
    scanner = html.form(
        "/_admin/scanner/fault",
        "Set scanner fault",
        fields=(
            (
                "fault",
                f"Scanner fault ({', '.join(SCANNER_FAULTS)}; slow=2.5; empty: none). Now: {sandbox.scanner.fault or 'none'}",
                "",
            ),
            ("count", "How often (empty: always)", ""),
        ),
    )
    return html.page(
        "Faults",
        html.table("In force", heads, rows),
        *(html.heading("New"), new, html.heading("Mail"), mail, html.heading("Virus scanner"), scanner),
    )


def _mail(sandbox: Sandbox, request: Request) -> Html:
    del request
    rows = (
        (
            mail.number,
            mail.at,
            ", ".join(mail.recipients),
            mail.subject,
            ", ".join(f"{one.name} ({one.media_type}, {one.size} bytes)" for one in mail.attachments),
            html.details("Text", html.block(mail.text or mail.raw)),
        )
        for mail in sandbox.mail.messages()[:ROWS_SHOWN]
    )
    heads = ("Number", "When", "To", "Subject", "Attachments", "Text")
    return html.page("Mail", html.table("Newest first; delivered to nobody", heads, rows))


PAGES: tuple[tuple[str, Page], ...] = (
    ("/", _home),
    ("/applications", _applications),
    ("/applications/{id}", _application),
    ("/badges", _badges),
    ("/calls", _calls),
    ("/faults", _faults),
    ("/mail", _mail),
)


def _count(form: Form) -> int | None:
    return int(form["count"]) if form.get("count") else None


def _set_fault(sandbox: Sandbox, form: Form) -> str:
    sandbox.faults.add(
        fault=form.get("fault", ""),
        pattern=form.get("pattern", ""),
        probability=float(form.get("probability") or 1),
        count=_count(form),
    )
    return "/_admin/faults"


def _remove_fault(sandbox: Sandbox, form: Form) -> str:
    sandbox.faults.remove(int(form["id"]))
    return "/_admin/faults"


def _set_mail_fault(sandbox: Sandbox, form: Form) -> str:
    sandbox.mail.set_fault(form.get("fault", ""), _count(form))
    return "/_admin/faults"


def _set_scanner_fault(sandbox: Sandbox, form: Form) -> str:
    sandbox.scanner.set_fault(form.get("fault", ""), _count(form))
    return "/_admin/faults"


def _move_badge(sandbox: Sandbox, form: Form) -> str:
    badge = sandbox.world.badges[form["number"]]
    lifecycle.advance(badge, to=form["to"], at=sandbox.world.now())
    sandbox.world.keep_badge(badge)
    return "/_admin/badges"


ACTS: tuple[tuple[str, Act], ...] = (
    ("/faults", _set_fault),
    ("/faults/remove", _remove_fault),
    ("/mail/fault", _set_mail_fault),
    ("/scanner/fault", _set_scanner_fault),
    ("/badges", _move_badge),
)


def _show(sandbox: Sandbox, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not is_local(request):
            return HTMLResponse("The admin pages answer this machine only.", status_code=403)
        return _answer(page(sandbox, request))

    return endpoint


def _do(sandbox: Sandbox, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not is_local(request):
            return HTMLResponse("The admin pages answer this machine only.", status_code=403)
        form = {name: values[0].strip() for name, values in parse_qs((await request.body()).decode()).items()}
        try:
            return RedirectResponse(act(sandbox, form), status_code=303)
        except (
            UnknownFault,
            UnknownMailFault,
            UnknownScannerFault,
            lifecycle.NotPossible,
            Refused,
            ValueError,
        ) as problem:
            return _answer(html.page("That cannot be done", html.paragraph(str(problem))), status=400)
        except KeyError:
            return _answer(html.page("That cannot be done", html.paragraph("Something is missing.")), status=400)

    return endpoint


def _answer(page: Html, *, status: int = 200) -> HTMLResponse:
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}
    return HTMLResponse(str(page), status_code=status, headers=policy)


def routes(sandbox: Sandbox) -> Iterable[Route]:
    """The paths of the admin pages."""
    for path, page in PAGES:
        yield Route(f"/_admin{path}", _show(sandbox, page), methods=["GET"])
    for path, act in ACTS:
        yield Route(f"/_admin{path}", _do(sandbox, act), methods=["POST"])
