"""Publishing workflow versions."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.domain.workflow import definition
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.models import Stage, WorkflowVersion
from moothall.domain.workflow.models import Workflow as WorkflowRow


def publish(service: str, workflow: Workflow, *, by: User, at: datetime) -> WorkflowVersion:
    """Keep `workflow` as the newest version of `<service>.<key>`; the newest as it is when nothing changed.

    Runs inside the transaction of whoever publishes the service.
    """
    row, _ = WorkflowRow.objects.select_for_update().get_or_create(key=f"{service}.{workflow.key}")
    latest = row.versions.order_by("-number").first()
    fingerprint = definition.fingerprint(workflow)
    if latest and latest.fingerprint == fingerprint:
        return latest
    version = WorkflowVersion.objects.create(
        workflow=row,
        number=latest.number + 1 if latest else 1,
        definition=definition.to_data(workflow),
        fingerprint=fingerprint,
        published_at=at,
        published_by=by,
    )
    Stage.objects.bulk_create(
        Stage(
            version=version,
            key=stage.id,
            name=stage.name,
            see=list(stage.see),
            progress=list(stage.progress),
            automatic=bool(stage.automatic),
            holding=stage.holding,
            order=order,
        )
        for order, stage in enumerate(workflow.stages)
    )
    return version
