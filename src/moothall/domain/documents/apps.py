from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "moothall.domain.documents"
    label = "documents"
