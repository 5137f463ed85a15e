"""Opinions the council asks of colleagues and outsiders, with what they were shown and what they said (BEST-6)."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models

from moothall.core.history import keep_history
from moothall.domain.cases.models import Case, Pause
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.kit.calendars import LONDON


@keep_history(exclude=["seed", "digest", "draft"])
class Opinion(models.Model):
    """A question to one person about a case. Open until answered, declined, withdrawn or out of time.

    Asked of a colleague, who answers signed in, or of an outsider, who answers by a link. `form` holds the questions as
    they were asked: {"questions": [{"id", "label", "type", "hint", "required", "choices"}], "recommendations": [{"key",
    "label"}]}. `answers` is [{"label", "text"}], in words.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        DECLINED = "declined", "Cannot answer"
        EXPIRED = "expired", "Not answered in time"
        WITHDRAWN = "withdrawn", "Withdrawn"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="opinions")
    number = models.PositiveIntegerField()  # 1, 2, 3 within the case
    once = models.UUIDField(unique=True)  # made with the page that asks, so that asking twice is asking once
    kind = models.CharField(max_length=60, blank=True)  # of the service's; empty: a question of the officer's own
    title = models.CharField(max_length=200)
    question = models.TextField()
    form = models.JSONField(default=dict)
    tag = models.CharField(max_length=60, blank=True)  # the documents of the answer carry it
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="opinions_asked_of"
    )
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    remind_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    round = models.PositiveSmallIntegerField(default=1)  # how often it was asked: only the last link leads anywhere
    seed = models.CharField(max_length=64, blank=True)  # of the link, which nobody can make without the secret key
    digest = models.CharField(max_length=64, null=True, unique=True)
    pause = models.OneToOneField(Pause, on_delete=models.SET_NULL, null=True, related_name="opinion")
    draft = models.JSONField(default=dict)  # what was written and not sent yet
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answers = models.JSONField(default=list)
    recommendation = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)  # why withdrawn, or why they cannot answer
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=models.Q(state="open"), name="opinion_expires"),
            models.Index(
                fields=["remind_on"], condition=models.Q(state="open", reminded_at=None), name="opinion_reminds"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="opinion_number_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="opinion_ended_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(colleague__isnull=False, email="")
                | (models.Q(colleague=None) & ~models.Q(email="")),
                name="opinion_of_one_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["withdrawn", "declined"]) | ~models.Q(reason=""),
                name="opinion_ended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Opinion {self.number}"

    @property
    def answer_by(self) -> date:
        """The last day it can be answered on."""
        return (self.expires_at.astimezone(LONDON) - timedelta(seconds=1)).date()

    @property
    def who(self) -> str:
        """Who was asked, with whom they work."""
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


class OpinionDocument(models.Model):
    """A document and an opinion: shown to whoever is asked, put to an answer not sent yet, or part of the answer."""

    class Role(models.TextChoices):
        SHOWN = "shown"
        DRAFT = "draft"
        ANSWER = "answer"
        COPY = "copy"  # the whole answer as a document, made of what was said

    opinion = models.ForeignKey(Opinion, on_delete=models.CASCADE, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=6, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "document"], name="opinion_document_once"),
            models.UniqueConstraint(fields=["opinion"], condition=models.Q(role="copy"), name="opinion_copy_once"),
        ]


class OpinionMessage(models.Model):
    """An e-mail with the link of an opinion, of the round it was written in."""

    opinion = models.ForeignKey(Opinion, on_delete=models.CASCADE, related_name="messages")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="opinion_link")
    round = models.PositiveSmallIntegerField()


class OpinionCode(models.Model):
    """A code sent to the e-mail address the link went to, for a browser that was not seen before."""

    opinion = models.ForeignKey(Opinion, on_delete=models.CASCADE, related_name="codes")
    seed = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["opinion", "-made_at"], name="opinion_code_newest")]
