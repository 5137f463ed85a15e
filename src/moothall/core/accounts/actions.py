"""What is done with users, groups and tokens."""

from moothall.core.accounts.models import User

SYSTEM_EMAIL = "system@moothall.invalid"


def system_user() -> User:
    """The product itself, as the author of what it does by rule."""
    user, _ = User.objects.get_or_create(
        email=SYSTEM_EMAIL, defaults={"full_name": "Moothall", "kind": User.Kind.SYSTEM, "password": "!"}
    )
    return user
