from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "moothall.core.jobs"
    label = "jobs"
