"""Why an import or a row of it is not taken. Messages are sentences for whoever gave the file; they hold no value of it."""


class ImportRefused(Exception):
    """The file cannot be imported, or not now. Nothing was changed."""


class Stopped(Exception):
    """The import was cancelled meanwhile."""


class RowRefused(Exception):
    """One row cannot be taken: which field, by its heading or name, and why."""

    def __init__(self, field: str, says: str) -> None:
        self.field, self.says = field, says
        super().__init__(says)
