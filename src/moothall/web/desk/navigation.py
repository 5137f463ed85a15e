"""The menu of the desk. A page is in it for whoever has its permission, and has or had something there."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.web.common.addresses import address
from moothall.web.desk import checks
from moothall.web.desk.waiting import Waiting


@dataclass(frozen=True)
class Entry:
    """One entry: its name, the page it leads to, what that needs, the pages it is lit for, and how much waits there.

    `waits` is taken of what every page counts anyway, and None leaves the entry out. Those that say what they are `about`
    are seldom needed: they stand on a page of their own, under the heading they are `among`, the last unless given.
    """

    text: str | Promise
    page: str
    needs: Set[Permission]  # all of them
    lit: frozenset[str]
    count: Callable[[User], int] | None = None
    waits: Callable[[Waiting], int | None] | None = None
    about: str | Promise = ""
    among: str | Promise = ""

    def is_for(self, user: User) -> bool:
        """Whether this user may use the page."""
        return all(map(user.may, self.needs))


_CASE = [
    f"case_{tab}"
    for tab in ("application", "workflow", "timeline", "documents", "document", "notes", "payments", "issued")
]
_ON_CASE = (
    "case_link",
    "case_unlink",
    "case_messages",
    "case_accesses",
    "case_to_do",
    "case_to_do_add",
    "to_do_change",
    "to_do_complete",
    "to_do_withdraw",
)
_OPINION = ("begin_opinion", "ask_opinion", "opinion", "opinion_anew", "withdraw_opinion")
_CUSTOMER = [
    f"customer{page}"
    for page in (
        "",
        "_timeline",
        "_apply",
        "_badge",
        "_change",
        "_address",
        "_contact",
        "_relate",
        "_verify",
        "_reference",
        "_on_a_day",
        "_tags",
        "_site",
        "_vehicle",
        "_end",
        "_heed",
        "_flag",
        "_flag_review",
        "_flag_end",
        "_need",
        "_preference",
        "_withdraw",
        "_death",
        "_correct",
        "_merge",
        "_merge_with",
    )
]
_QUEUE = frozenset(
    {
        "queue",
        "queue_item",
        "queue_edit",
        "queue_act",
        "queue_act_case",
        "connectors",
        "connector_pause",
        "connector_cancel",
        "followers",
        "follower",
        "follower_remove",
    }
)
_MONEY = frozenset({"money", "reckonings", "reckoned", "stray"})
_DUPLICATES = frozenset({"duplicates", "duplicate", "duplicates_look", "merge"})
_CHECKS = frozenset({"checks", "check_results", "proposal", "quality_check"})
_LISTS = frozenset({"lists", "list", "list_add", "list_change", "list_retire"})
_DASHBOARDS = frozenset(
    {
        *("dashboards", "dashboard", "dashboard_add", "dashboard_change", "dashboard_remove"),
        *("tile", "tile_add", "tile_change", "tile_remove"),
    }
)
_TEMPLATES = frozenset(f"template{page}" for page in ("s", "", "_text", "_file", "_history", "_version", "_compare"))
_STUDIO = frozenset(
    {
        *("studio", "studio_begin", "studio_form", "studio_about", "studio_history", "studio_take", "studio_put_away"),
        *("studio_rest", "studio_part", "studio_choose", "studio_add", "studio_condition"),
        *("studio_flow", "studio_preview", "studio_test", "studio_publish"),
    }
)
_TO_DO = frozenset({"to_do", "to_do_many"})
_NATIONAL = frozenset({"national", "national_found", "national_import"})
CUSTOMERS, RUNNING, SETTING_UP = _("Customers’ records"), _("What runs, and what failed"), _("Setting up")
HEADINGS = (CUSTOMERS, RUNNING, SETTING_UP)
"""What the pages that are seldom needed stand under, in order."""

MENU = (
    Entry(
        _("Work"),
        "desk:home",
        {Permission.VIEW_WORK},
        frozenset(
            {
                "home",
                "work",
                "map",
                "absences",
                "work_many",
                "work_batches",
                "work_batch",
                "work_views",
                "work_view",
                "work_columns",
            }
        ),
    ),
    Entry(_("Dashboards"), "desk:dashboards", {Permission.VIEW_WORK}, _DASHBOARDS),
    Entry(
        _("Team"),
        "desk:team",
        {Permission.SUPERVISE},
        frozenset({"team", "team_share", "team_member", "team_leave"}),
    ),
    Entry(_("Things to do"), "desk:to_do", {Permission.VIEW_CASES}, _TO_DO, waits=lambda waiting: waiting.due),
    Entry(
        _("Cases"),
        "desk:search",
        {Permission.VIEW_CASES},
        frozenset({"search", "found", "case", "another_copy", *_CUSTOMER, *_CASE, *_ON_CASE, *_OPINION}),
    ),
    Entry(_("Checks"), "desk:checks", {Permission.CONFIRM}, _CHECKS, count=checks.waiting),
    Entry(
        _("Opinions"),
        "desk:opinions",
        {Permission.SIGN_IN},
        frozenset({"opinions", "answer_opinion", "review_opinion", "decline_opinion"}),
        waits=lambda waiting: waiting.opinions if waiting.asked else None,
    ),
    Entry(
        _("To print"), "desk:to_print", {Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS}, frozenset({"to_print"})
    ),
    Entry(
        _("Payments"),
        "desk:money",
        {Permission.VIEW_PAYMENTS, Permission.RECKON_PAYMENTS},
        _MONEY,
        about=_("What was asked for, paid and given back, and where the provider of payments says otherwise."),
        among=RUNNING,
    ),
    Entry(_("National search"), "desk:national", {Permission.SEARCH_NATIONALLY}, _NATIONAL),
    Entry(
        _("Recorded twice?"),
        "desk:duplicates",
        {Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE},
        _DUPLICATES,
        about=_("Look at people who may be one person, and make them one."),
        among=CUSTOMERS,
    ),
    Entry(
        _("Flags"),
        "desk:reviews",
        {Permission.VIEW_PEOPLE, Permission.EDIT_PEOPLE},
        frozenset({"reviews", "place_note_review"}),
        about=_("Look again at flags and notes that are due for it."),
        among=CUSTOMERS,
    ),
    Entry(
        _("Import customers"),
        "desk:imports",
        {Permission.IMPORT_PEOPLE},
        frozenset({"imports", "import", "import_columns"}),
        about=_("Bring in people and organisations from a file, tried out first."),
        among=CUSTOMERS,
    ),
    Entry(
        _("Queue"),
        "desk:queue",
        {Permission.VIEW_QUEUE},
        _QUEUE,
        about=_("See what waits to be sent to other systems, what they answered, and whether they can be reached."),
        among=RUNNING,
    ),
    Entry(
        _("Failures"),
        "desk:digest",
        {Permission.VIEW_QUEUE},
        frozenset({"digest", "digest_deal"}),
        about=_("Everything that failed anywhere, day by day, and what was done about it."),
        among=RUNNING,
    ),
    Entry(
        _("When two records count as one"),
        "desk:duplicates_limits",
        {Permission.MANAGE_SERVICES},
        frozenset({"duplicates_limits"}),
        about=_("Say from how likely on two records are looked at, and from when they are merged by themselves."),
        among=CUSTOMERS,
    ),
    Entry(
        _("Jobs"),
        "desk:jobs",
        {Permission.MANAGE_CONNECTORS},
        frozenset({"jobs"}),
        about=_("See what runs in the background, how far it is, and what failed."),
        among=RUNNING,
    ),
    Entry(
        _("Gazetteer"),
        "desk:gazetteer",
        {Permission.IMPORT_GAZETTEER},
        frozenset({"gazetteer", "gazetteer_supply", "boundaries"}),
        about=_("Bring in supplies of addresses and streets, and see what was refused."),
    ),
    Entry(
        _("Forms"),
        "desk:service_forms",
        {Permission.MANAGE_SERVICES},
        frozenset({"service_forms", "service_form"}),
        about=_("How the forms of services stand and are used, who waits, and what did not arrive."),
    ),
    Entry(
        _("Form studio"),
        "desk:studio",
        {Permission.EDIT_FORMS},
        _STUDIO,
        about=_("Write forms without code: build, try out, compare and publish them."),
    ),
    Entry(
        _("Lists"),
        "desk:lists",
        {Permission.MANAGE_LISTS},
        _LISTS,
        about=_("Change what can be chosen: reasons, ways to reach somebody, relationships."),
    ),
    Entry(
        _("Templates"),
        "desk:templates",
        {Permission.EDIT_TEMPLATES},
        _TEMPLATES,
        about=_("Change what letters and e-mails say, in English and Welsh."),
    ),
)


@dataclass(frozen=True)
class Item:
    text: str
    href: str
    active: bool
    count: int = 0


def menu(request: HttpRequest, user: User, waiting: Waiting) -> list[Item]:
    """The entries for this user, of whom `waiting` says what waits; the one they are at is active."""
    here = _here(request)
    items = [
        Item(str(entry.text), address(entry.page), here in entry.lit, number)
        for entry in MENU
        if not entry.about and entry.is_for(user) and (number := _number(entry, user, waiting)) is not None
    ]
    if seldom := administration(user):
        active = here == "administration" or any(here in entry.lit for entry in seldom)
        items.append(Item(gettext("Administration"), address("desk:administration"), active))
    return items


def administration(user: User) -> list[Entry]:
    """The pages this user needs seldom."""
    return [entry for entry in MENU if entry.about and entry.is_for(user)]


def headed(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """These pages under their headings, in order, without a heading that has none."""
    found = [(str(one), [entry for entry in entries if (entry.among or SETTING_UP) == one]) for one in HEADINGS]
    return [(heading, some) for heading, some in found if some]


def _here(request: HttpRequest) -> str | None:
    """The page one is at; of a page about a case that no entry is lit for, the case."""
    at = request.resolver_match
    if at is None or any(at.url_name in entry.lit for entry in MENU):
        return at.url_name if at else None
    return "case" if {"reference", "item_id", "document_id"} & at.kwargs.keys() else at.url_name


def _number(entry: Entry, user: User, waiting: Waiting) -> int | None:
    """How much waits there; None if the entry is not for them."""
    if entry.waits:
        return entry.waits(waiting)
    return entry.count(user) if entry.count else 0
