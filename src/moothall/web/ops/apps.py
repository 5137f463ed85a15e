from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "moothall.web.ops"
    label = "ops"
