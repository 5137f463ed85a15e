from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "moothall.web.public"
    label = "public"
