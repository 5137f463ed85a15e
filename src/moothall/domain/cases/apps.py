from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "moothall.domain.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the effects cases themselves perform."""
        from moothall.domain.cases import (  # noqa: F401
            communications,
            corrected,
            days_freed,
            died,
            from_forms,
            intending,
            merged,
            paying,
            progress,
            requests,
        )
