from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "moothall.core.retention"
    label = "retention"
