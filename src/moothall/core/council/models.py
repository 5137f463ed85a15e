"""What differs between councils, kept in the council's own database."""

from django.db import models

from moothall.core.history import keep_history


@keep_history(exclude=["secret"])
class Setting(models.Model):
    """One setting. A secret value is kept encrypted in `secret` and its `value` stays null."""

    key = models.CharField(max_length=80, unique=True)
    value = models.JSONField(null=True)
    secret = models.BinaryField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value=None) | models.Q(secret=None), name="setting_plain_or_secret"
            )
        ]
