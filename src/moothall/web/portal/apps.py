from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "moothall.web.portal"
    label = "portal"
