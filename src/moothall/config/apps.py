from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "moothall.config"
    label = "config"
