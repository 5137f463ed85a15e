"""What cannot be done on a case."""


class CannotChange(Exception):
    """Something on a case cannot be changed as asked. Its message may be shown to whoever asked."""
