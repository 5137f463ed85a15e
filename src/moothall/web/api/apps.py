from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "moothall.web.api"
    label = "api"
