"""Publishing workflow versions."""

from collections.abc import Collection
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.domain.workflow import definition
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.models import Stage, WorkflowVersion
from moothall.domain.workflow.models import Workflow as WorkflowRow


def publish(service: str, workflows: Collection[Workflow], *, by: User, at: datetime) -> list[WorkflowVersion]:
    """Keep each as the newest version of `<service>.<key>`; the newest as it is where nothing changed.

    In as few statements for many as for one. Runs inside the transaction of whoever publishes the service.
    """
    keys = sorted(f"{service}.{workflow.key}" for workflow in workflows)
    WorkflowRow.objects.bulk_create([WorkflowRow(key=key) for key in keys], ignore_conflicts=True)
    rows = {row.key: row for row in WorkflowRow.objects.select_for_update().filter(key__in=keys).order_by("key")}
    numbered = WorkflowVersion.objects.filter(workflow__in=rows.values()).order_by("workflow", "-number")
    newest = {version.workflow_id: version for version in numbered.distinct("workflow").defer("definition")}
    versions: list[WorkflowVersion] = []
    fresh: list[tuple[WorkflowVersion, Workflow]] = []
    for workflow in workflows:
        row = rows[f"{service}.{workflow.key}"]
        latest, fingerprint = newest.get(row.pk), definition.fingerprint(workflow)
        if latest is None or latest.fingerprint != fingerprint:
            latest = WorkflowVersion(
                workflow=row,
                number=latest.number + 1 if latest else 1,
                definition=definition.to_data(workflow),
                fingerprint=fingerprint,
                published_at=at,
                published_by=by,
            )
            fresh.append((latest, workflow))
        versions.append(latest)
    WorkflowVersion.objects.bulk_create([version for version, _ in fresh])
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
        for version, workflow in fresh
        for order, stage in enumerate(workflow.stages)
    )
    return versions
