"""The archive's door for other rooms."""

from uuid import UUID

from django.urls import reverse

from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.exchange.dicom import commands, policies, queries
from yigong.exchange.dicom.data import NodeData, StudyData
from yigong.exchange.dicom.models import Study
from yigong.exchange.dicom.scp.nodes import Directory
from yigong.residents import api as residents

__all__ = [
    "Directory",
    "attach_study",
    "detach_study",
    "register_node",
    "studies_of_order",
    "studies_of_resident",
    "unmatched",
    "viewer_url",
]

attach_study = commands.attach_study
detach_study = commands.detach_study


def studies_of_order(order_id: UUID) -> list[StudyData]:
    """The studies attached to an order, oldest first. The caller has decided about the order; opening one decides again."""
    return queries.studies_of_orders([order_id])


def studies_of_resident(resident_id: UUID) -> list[StudyData]:
    """The studies attached to a resident's orders, newest first. The caller has decided about the resident."""
    return queries.studies_of_residents(residents.identities(resident_id))


def unmatched(*, actor: Actor, page: int = 1) -> Page[StudyData]:
    """Studies that wait for a person to attach them, longest waiting first."""
    rows = policies.visible(actor).filter(matching=Study.Matching.UNMATCHED).order_by("received_at", "id")
    return page_of(rows, page=page, convert=queries.to_data)


def viewer_url(study_uid: str) -> str:
    """The address that shows a study in the browser; empty when the archive does not have it."""
    study = Study.objects.filter(uid=study_uid).only("id").first()
    return reverse("dicom:study", args=[study.pk]) if study else ""


def register_node(*, title: str, name: str, actor: Actor, institution_id: UUID | None = None, host: str = "",
                  port: int | None = None, **services: bool) -> NodeData:  # fmt: skip
    """Register a device or archive, or change the one with this AE title. Services: ``may_store`` (default), ``may_query``,
    ``may_retrieve``, ``may_worklist``. Raises InvalidInput."""
    from yigong.exchange.dicom.models import Node

    known = Node.objects.filter(title=title).values_list("pk", flat=True).first()
    return commands.save_node(
        node_id=known,
        actor=actor,
        title=title,
        name=name,
        institution_id=institution_id,
        host=host,
        port=port,
        **services,
    )
