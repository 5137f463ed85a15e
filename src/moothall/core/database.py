"""Which database is in use: what a process keeps of one council's must not be taken for another's."""

from django.db import connection


def where() -> str:
    """The database in use, told apart from every other by server, port and name."""
    used = connection.settings_dict
    return f"{used['HOST']}:{used['PORT']}/{used['NAME']}"
