"""Users, the security groups that say what they may do, and the tokens they use the API with."""

from datetime import date, datetime
from functools import cached_property
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from moothall.core.accounts.permissions import Permission
from moothall.core.history import keep_history

EVERY_SERVICE = "*"


@keep_history()
class SecurityGroup(models.Model):
    """A role: named permissions, the services they are given for, and which of their documents it is confined to."""

    key = models.SlugField(max_length=60, unique=True)  # what definitions name
    name = models.CharField(max_length=120)
    permissions = ArrayField(models.CharField(max_length=60), default=list)  # of `Permission`
    services = ArrayField(models.CharField(max_length=60), default=list)  # service keys; "*" is every service
    document_tags = ArrayField(models.CharField(max_length=60), default=list)  # not empty: only documents tagged so

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a user. Without a password they cannot sign in until one is set."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


@keep_history(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """Somebody who works in the product, or the product itself acting by rule (`kind` system)."""

    class Kind(models.TextChoices):
        PERSON = "person"
        SYSTEM = "system"

    email = models.EmailField(unique=True)  # lower case
    full_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    is_active = models.BooleanField(default=True)
    skills = ArrayField(models.CharField(max_length=60), default=list)  # those that stages ask for, by key
    created_at = models.DateTimeField(auto_now_add=True)
    groups = models.ManyToManyField(SecurityGroup, through="Membership", related_name="users")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]
    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case")]

    def __str__(self) -> str:
        return self.full_name

    @cached_property
    def security_groups(self) -> list[SecurityGroup]:
        """The groups of this user, read once for this object's life (a request)."""
        return list(self.groups.all()) if self.is_active else []

    @cached_property
    def group_keys(self) -> frozenset[str]:
        return frozenset(group.key for group in self.security_groups)

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What this user may do somewhere; where is told by `services_with`."""
        return frozenset(name for group in self.security_groups for name in group.permissions)

    @cached_property
    def service_keys(self) -> frozenset[str]:
        """Services this user may do something in; holds `EVERY_SERVICE` when a group reaches all."""
        return frozenset(key for group in self.security_groups for key in group.services)

    @cached_property
    def reach(self) -> tuple[object, ...]:
        """All that decides what this user may see and do: the same for everybody of the same groups."""
        given = (
            (one.key, *map(tuple, (one.permissions, one.services, one.document_tags))) for one in self.security_groups
        )
        return (self.is_active, *sorted(given))

    def anybody(self) -> "User":
        """Somebody of the same groups, who is nobody in particular and was never stored."""
        somebody = User(is_active=self.is_active)
        somebody.security_groups = self.security_groups
        return somebody

    def groups_with(self, permission: Permission) -> list[SecurityGroup]:
        """The groups that give this user a permission, each for its own services and documents alone."""
        return [group for group in self.security_groups if permission in group.permissions]

    def services_with(self, permission: Permission) -> frozenset[str]:
        """Services a permission is given for, by the groups that give it; may hold `EVERY_SERVICE`."""
        return frozenset(key for group in self.groups_with(permission) for key in group.services)

    def reached(self, *needs: Permission) -> frozenset[str] | None:
        """The services for which this user has every one of these permissions; None for all services there are."""
        given = [self.services_with(permission) for permission in needs]
        named = [some for some in given if EVERY_SERVICE not in some]
        return frozenset.intersection(*named) if named else None

    def document_tags(self, service: str) -> frozenset[str] | None:
        """Tags of the only documents of a service this user may see; None when no tag confines them (CT-51).

        Only groups that give the permission to see documents of the service count, so another group lifts nothing.
        """
        here = {service, EVERY_SERVICE}
        giving = [group for group in self.groups_with(Permission.VIEW_DOCUMENTS) if here & set(group.services)]
        if any(not group.document_tags for group in giving):
            return None
        return frozenset(tag for group in giving for tag in group.document_tags)

    def may(self, permission: Permission, service: str | None = None) -> bool:
        """Whether this user has a permission for a service. None, for what is about no case, is: for any or none."""
        if not self.is_active:
            return False
        if service is None:
            return permission in self.permissions
        return bool(self.services_with(permission) & {service, EVERY_SERVICE})


@keep_history()
class Membership(models.Model):
    """Who is in which security group, since when."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    group = models.ForeignKey(SecurityGroup, on_delete=models.CASCADE)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="membership_once")]


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        return self.filter(first_day__lte=day, last_day__gte=day)


@keep_history()
class Absence(models.Model):
    """Whole days on which somebody does not work, both included, and who covers for them (BEST-4).

    Why is told in classes only: nothing here says anything of anybody's health.
    """

    class WhyAway(models.TextChoices):
        LEAVE = "leave"
        TRAINING = "training"
        OTHER_DUTIES = "other_duties"
        NOT_SAID = "not_said"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=20, choices=WhyAway, default=WhyAway.NOT_SAID)
    cover = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["last_day"], name="absence_last_day")]
        constraints = [
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="absence_ends_last"),
            models.CheckConstraint(
                condition=models.Q(cover=None) | ~models.Q(cover=models.F("user")), name="absence_covered_by_another"
            ),
        ]


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, now: datetime) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)


class ApiToken(models.Model):
    """A bearer token. Only its SHA-256 is kept; the prefix lets a person recognise it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()


class SignInAttempt(models.Model):
    """A try at signing in, kept a day to count failures. Digests only: what people type by mistake is never stored."""

    class Result(models.TextChoices):
        FAILED = "failed"  # what a try is until it has succeeded
        SUCCEEDED = "succeeded"
        REFUSED = "refused"  # not looked at: there were too many failures before it

    account = models.CharField(max_length=64)  # keyed digest of the e-mail address given
    source = models.CharField(max_length=64)  # keyed digest of the network address it came from
    at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=Result, default=Result.FAILED)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="sign_in_account"),
            models.Index(fields=["source", "at"], name="sign_in_source"),
            models.Index(fields=["at"], name="sign_in_at"),
        ]
