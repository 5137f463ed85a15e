from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    name = "moothall.web.components"
    label = "components"
