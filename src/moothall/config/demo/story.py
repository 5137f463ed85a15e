"""The story: an application becomes a badge; another is refused and appealed against. Every step is asked for, waited
for, and compared with what was expected, here and in the outside systems."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from moothall.config.demo import AUTHORITY, citizens, council, processes
from moothall.config.demo.citizens import ALMA, KIT
from moothall.config.demo.processes import DidNotHappen, wait_until
from moothall.config.demo.telling import Teller, keep_letters
from moothall.connectors.dft_blue_badge import KEY
from moothall.domain.cases import actions, clock, progress, rehearsal, requests
from moothall.domain.cases.models import Case, Submission, TimelineEntry, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.domain.people.actions import PersonDetails, create_person
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.sandbox.testing import Running

DELAY_SECONDS = 1  # between queueing and sending; 15 minutes for a council
PERSONAL_LINE = "<p>You told us on the phone that your neighbour can take the photograph. That is fine.</p>"


def tell(sandbox: Running) -> int:
    """Play everything and print it; return 0 when all was as expected, else 1."""
    teller = Teller()
    folder = Path(settings.DATA_DIR)
    try:
        with ExitStack() as ending:
            story = _begin(teller, sandbox, folder, ending)
            story.arrive()
            first, second = story.cases()
            story.order_a_badge(first)
            story.refuse(second)
            story.end(first, second)
    except DidNotHappen as fault:
        teller.expect(str(fault), holds=False)
    if teller.disappointments:
        teller.heading(f"Not as expected: {len(teller.disappointments)}. Logs are in {folder}.")
        for sentence in teller.disappointments:
            teller.say(sentence)
        return 1
    teller.heading("Everything expected was seen.")
    return 0


def _begin(teller: Teller, sandbox: Running, folder: Path, ending: ExitStack) -> "Story":
    teller.heading("Setting the stage")
    teller.say(
        f"National Blue Badge service (sandbox) at {sandbox.base_url}; look inside at {sandbox.base_url}/_admin/"
    )
    call_command("migrate", verbosity=0)
    queue = {"delay_seconds": DELAY_SECONDS, "retry_seconds": 1, "per_minute": 600, "breaker_after": 20}
    officer = council.make_ready(
        base_url=sandbox.base_url, credentials=sandbox.authority(AUTHORITY), at=timezone.now(), **queue
    )
    teller.say("Services published, connection to the national service set, officers in their groups.")
    worker = ending.enter_context(processes.worker(folder / "worker.log"))
    teller.say(f"A worker runs as process {worker.pid}.")
    return Story(teller, sandbox, folder, officer)


class Story:
    """What the steps share: who tells, the outside systems, the folder of files, and the officer who decides."""

    def __init__(self, teller: Teller, sandbox: Running, folder: Path, officer: Any) -> None:
        self.teller, self.sandbox, self.folder, self.officer = teller, sandbox, folder, officer

    def arrive(self) -> None:
        """Two applications come by polling, once each, however often the service is asked."""
        self.teller.heading("Two people apply on the national service's site")
        now = timezone.now()
        known = PersonDetails(first_names="Kit", last_name="Notreal", date_of_birth=KIT.born, nino=KIT.nino)
        create_person(known, by=self.officer, at=now)
        for citizen in (ALMA, KIT):
            citizens.apply(self.sandbox, citizen, today=timezone.localdate())
            self.teller.say(f"{citizen.name} applied.")
        for _ in range(2):
            self._job(f"{KEY}.poll")
        wait_until("each application becomes a case", lambda: Case.objects.count() >= 2)
        self.teller.expect(
            "each application became one case, though the service was asked twice", self._one_case_each()
        )

    def cases(self) -> tuple[Case, Case]:
        """The cases of the two, with who they were taken for."""
        first, second = (
            Case.objects.select_related("service", "customer").get(customer__person__nino=citizen.nino)
            for citizen in (ALMA, KIT)
        )
        for case in (first, second):
            opened = case.timeline.filter(kind=TimelineEntry.Kind.CASE).order_by("pk").values_list("text", flat=True)[0]
            self.teller.say(f"{case.reference}: {case.customer.name}. {opened}")
        people = Case.objects.values("customer").distinct().count()
        self.teller.expect("one person is new and the other was known by National Insurance number", people == 2)
        self.teller.expect(
            "what came with the application is on the case",
            Document.objects.filter(case_link__case=first, tags__contains=["proof_of_address"]).count() == 1,
        )
        return first, second

    def order_a_badge(self, case: Case) -> None:
        """From initial checks by way of missing information to a badge that is ordered."""
        self.teller.heading(f"{case.reference}: the photograph is missing")
        self._choose(case, "initial_checks", "incomplete")
        self._ask_for_the_photograph(case)
        self._photograph_comes(case)
        self._choose(case, "desktop_screening", "eligible")
        self.teller.heading(f"{case.reference}: a badge is ordered; the first answer of the national service is lost")
        self.sandbox.set_fault("drop-after", pattern="POST .*/badges$", count=1)
        photograph = Document.objects.get(case_link__case=case, tags__contains=["photograph"])
        details = {"eligibility": "walkd", "photograph": photograph.pk}
        self._choose(case, "badge_details", "confirm", answers=details)
        paid = {"method": "card", "payment_reference": "EXAMPLE-0001"}
        self._choose(case, "payment", "received", answers=paid)
        self.teller.expect("paid for, the case went on by itself", self._stage(case) == "issue")
        wait_until("the case is complete", lambda: Case.objects.filter(pk=case.pk, end_state="complete").exists())
        self._one_badge(case)

    def _ask_for_the_photograph(self, case: Case) -> None:
        asked = {"missing": ["photograph"]}
        item = self._item(case, "missing_information")
        composed = rehearsal.rehearse(item, "ask", by=self.officer, at=timezone.now(), answers=asked)
        edited = composed[0].html.replace("</p>", f"</p>{PERSONAL_LINE}", 1)
        edits = {"missing_information": {"html": edited}}
        self._choose(case, "missing_information", "ask", answers=asked, edits=edits)
        self.teller.say("The officer added a line to this copy of the letter.")
        waiting = self._item(case, "missing_information_result")
        reckoning = clock.reckon(clock.with_clock(WorkItem.objects.all()).get(pk=waiting.pk), timezone.now())
        self.teller.expect("the clock stands still while the applicant is asked", reckoning and reckoning.is_paused)
        wait_until("the letter and e-mail are sent", lambda: not self._unsent(case))
        received = [mail for mail in self._mail() if ALMA.email in mail["recipients"]]
        words = "your neighbour can take the photograph"
        self.teller.expect(
            "the e-mail came, with the officer's line and the paragraph about photographs",
            any(words in mail["text"] and "A photograph of the badge holder" in mail["text"] for mail in received),
        )
        letter = Document.objects.filter(case_link__case=case, name__startswith="Letter").first()
        self.teller.expect("the letter is a PDF among the documents", letter and letter.media_type == "application/pdf")

    def _photograph_comes(self, case: Case) -> None:
        now = timezone.now()
        actions.add_document(
            case,
            name="photograph.png",
            content=citizens.PHOTOGRAPH,
            origin=Document.Origin.APPLICANT,
            tags=["photograph"],
            by=self.officer,
            at=now,
        )
        request = case.requests.get(state="open")
        requests.answer(request, text="The photograph came by post.", by=self.officer, at=now)
        self.teller.say("The photograph came, and the request is answered.")
        reckoned = clock.reckon(self._item(case, "missing_information_result"), timezone.now())
        self.teller.expect("the clock goes on", reckoned and not reckoned.is_paused)
        self._choose(case, "missing_information_result", "complete")

    def _one_badge(self, case: Case) -> None:
        ours = list(case.customer.references.filter(type=BADGE_NUMBER).values_list("number", flat=True))
        theirs = self._national_badges(case)
        self.teller.expect(
            f"the national service has exactly one badge for {case.reference}, the one recorded here: {', '.join(ours)}",
            len(theirs) == 1 and ours == [theirs[0]["number"]],
        )
        self.teller.expect("it has the photograph", theirs and theirs[0]["photo"])
        order = Item.objects.get(case=case, operation=f"{KEY}.order")
        asked = order.tries.filter(asking=True).exists()
        self.teller.expect("after the lost answer the service was asked before anything was sent again", asked)

    def refuse(self, case: Case) -> None:
        """Fast checks, a refusal, the holding stage, and an appeal that starts."""
        self.teller.heading(f"{case.reference}: refused")
        self._choose(case, "initial_checks", "desktop_screening")
        self._choose(case, "desktop_screening", "refuse")
        reasons = {"refusal_reasons": ["arms_not_met", "evidence_insufficient"]}
        note = "Drives an unadapted car and uses parking machines."
        self._choose(case, "refusal", "refuse", answers=reasons, note=note)
        self.teller.expect("the case waits in the holding stage", self._item(case, "refused_holding").stage.holding)
        wait_until("the refusal is sent", lambda: not self._unsent(case))
        letter = Message.objects.filter(
            case_link__case=case, channel="letter", status="sent", subject__contains="decision"
        )
        self.teller.expect("the refusal is a letter with both reasons", self._has_both_reasons(letter.first()))
        self.teller.heading(f"{case.reference}: an appeal comes")
        self._choose(case, "refused_holding", "appeal_received")
        said = {"received_by": "phone", "what_was_said": "Cannot turn a steering wheel since last month."}
        self._choose(case, "appeal_received", "acknowledge", answers=said)
        self.teller.expect("the appeal waits for a decision", self._stage(case) == "decision")
        self.teller.expect("no badge was ordered for it", not self._national_badges(case))

    @staticmethod
    def _has_both_reasons(letter: Message | None) -> bool:
        return (
            letter is not None
            and "disability in both arms" in letter.html
            and "does not show that you meet" in letter.html
        )

    def end(self, first: Case, second: Case) -> None:
        """The badge is issued, everything has gone out, and the cases are printed."""
        self.teller.heading("The national service prints and issues the badge")
        wait_until("the sandbox issues the badge", lambda: self._national_badges(first)[0]["status"] == "ISSUED")
        self._job(f"{KEY}.nightly")
        badge = first.customer.references.get(type=BADGE_NUMBER)
        self.teller.expect(f"badge {badge.number} is recorded as issued", badge.status == "issued")
        wait_until("every message is sent", lambda: not self._unsent(first) and not self._unsent(second))
        wait_until("the integration queue is empty", lambda: not Item.objects.unsettled().exists())
        self.teller.expect("nothing is left on the integration queue", not Item.objects.unsettled().exists())
        letters: list[Path] = []
        for case in (first, second):
            case.refresh_from_db()
            self.teller.case(case, now=timezone.now())
            letters += keep_letters(case, self.folder / "letters")
        self.teller.heading("Files to open")
        for path in letters:
            self.teller.say(str(path))

    def _choose(self, case: Case, stage: str, outcome: str, **given: Any) -> None:
        item = self._item(case, stage)
        chosen = progress.choose(item, outcome, by=self.officer, at=timezone.now(), version=item.version, **given)
        where = chosen.now_at.stage.name if chosen.now_at else "the end of this workflow"
        name = chosen.item.stage.name
        self.teller.say(f"{name}: {outcome.replace('_', ' ')} → {where}")

    def _item(self, case: Case, stage: str) -> WorkItem:
        found = WorkItem.objects.open().filter(case=case, stage__key=stage).select_related("stage").first()
        if found is None:
            raise DidNotHappen(f"{case.reference} is not at {stage.replace('_', ' ')} but at {self._stage(case)}.")
        return found

    def _stage(self, case: Case) -> str:
        keys = WorkItem.objects.open().filter(case=case).values_list("stage__key", flat=True)
        return ", ".join(keys) or "no stage"

    def _job(self, name: str) -> None:
        """Have the worker do a job and wait for it."""
        with suppress(AlreadyEnqueued):  # by the clock
            app.configure_task(name).defer(timestamp=int(timezone.now().timestamp()))
        undone = ProcrastinateJob.objects.filter(task_name=name, status__in=["todo", "doing"])
        wait_until(f"the worker does {name}", lambda: not undone.exists())

    def _one_case_each(self) -> bool:
        made = Submission.objects.filter(case__isnull=False).values("external_id").distinct().count()
        return made == Submission.objects.count() == Case.objects.count() == 2

    def _unsent(self, case: Case) -> bool:
        return Message.objects.filter(case_link__case=case).exclude(status="sent").exists()

    def _mail(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = self.sandbox.control("GET", "/mail")
        return received

    def _national_badges(self, case: Case) -> list[dict[str, Any]]:
        badges = self.sandbox.control("GET", "/badges")
        return [badge for badge in badges if badge["la_reference"] == case.reference]
