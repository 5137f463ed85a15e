from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "moothall.domain.workflow"
    label = "workflow"
