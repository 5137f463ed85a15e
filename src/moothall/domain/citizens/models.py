"""Accounts of citizens, which are no users: nothing of the desk or the API knows them, and they know no permission."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from moothall.core.history import keep_history
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer


@keep_history(exclude=["password", "totp", "totp_step"])
class Account(models.Model):
    """Somebody outside who can sign in. There is one only once its e-mail address was confirmed, or by GOV.UK One Login.

    It is tied to one person of the golden record (`customer`) when that was proved; a merge of records moves it along.
    `totp` is the sealed secret of an authenticator app, and `totp_step` the last step of time a code was taken for.
    """

    class Tied(models.TextChoices):
        CASE = "case", "By a case, and an e-mail address recorded for its customer"
        IDENTITY = "identity", "By a verified identity"
        EARLIER = "earlier", "By an account of the website before, its confirmed address, and their name and birthday"

    email = models.EmailField(unique=True)  # lower case
    password = models.CharField(max_length=128, blank=True)  # empty: signs in by One Login alone
    language = models.CharField(max_length=2, default="en")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="accounts")
    tied_how = models.CharField(max_length=10, choices=Tied, blank=True)
    tied_at = models.DateTimeField(null=True)
    subject = models.CharField(max_length=255, null=True, unique=True)  # who they are to One Login
    totp = models.BinaryField(null=True)
    totp_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="account_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(customer=None) | ~models.Q(tied_how=""), name="account_tied_says_how"
            ),
        ]

    @property
    def is_factored(self) -> bool:
        """Whether a code is asked for beside the password."""
        return self.totp is not None


class RecoveryCode(models.Model):
    """A code for whoever lost their authenticator app: good once. Only its digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Session(models.Model):
    """A browser somebody is signed in with. The secret of its cookie is kept as a digest alone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    digest = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=100)
    began_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["used_at"], name="citizen_session_used")]


class Ticket(models.Model):
    """A link sent to an e-mail address, to show that it is somebody's own: good once, and for a while.

    `seed` makes the link together with the secret key; `digest` is what it is found by. A registration keeps the
    password here until its address is confirmed, so that no account is there before.
    """

    class Purpose(models.TextChoices):
        REGISTER = "register"
        KNOWN = "known"  # somebody registers an address that has an account: its owner is told
        RESET = "reset"
        UNKNOWN = "unknown"  # a forgotten password of an address without an account
        EMAIL = "email"  # a new address of an account

    purpose = models.CharField(max_length=10, choices=Purpose)
    email = models.EmailField()
    password = models.CharField(max_length=128, blank=True)
    language = models.CharField(max_length=2, default="en")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="tickets")
    seed = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="ticket_made")]


class LinkedCase(models.Model):
    """A case somebody showed to be theirs, or made with a form while signed in.

    `sent_for_another`: the form named somebody else, and who sent it sees no more than that (`seeing`).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="linked_cases")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="linked_accounts")
    sent_for_another = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "case"], name="linked_case_once")]


@keep_history()
class OnlineMessage(models.Model):
    """What a citizen and an officer write to one another within a case (BEST-32). Plain text, always shown escaped.

    `by` is the officer; without one the citizen wrote it. `seen_at` is when the other side first saw it.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="online_messages")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    once = models.UUIDField(unique=True)  # made with the page, so that sending twice is sending once
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["case", "at", "id"], name="online_message_case_at")]


class SentFile(models.Model):
    """A file a citizen sent for a case, and from which account."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="sent_files")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="sent_files")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="sent_file")
    request = models.PositiveIntegerField(null=True)  # the number of the request it answers
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="sent_file_case_at")]


@keep_history()
class DetailChange(models.Model):
    """A change of verified details somebody asked for, which an officer confirms or refuses."""

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Not changed"

    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="detail_changes")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="detail_changes")
    facts = models.JSONField()  # by their names: last_name, first_names, title, known_as, address, email
    words = models.TextField(blank=True)  # what the citizen says about it
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(state="open"), name="detail_change_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="detail_change_ended_has_time",
            )
        ]
