"""Lists of messages: who is told of a visit that is due. What sends them is the county's own; each visit is told once."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time
from yigong.core.errors import InvalidInput
from yigong.core.ids import new_id
from yigong.programmes import policies
from yigong.programmes.models import Notice
from yigong.programmes.queries import lists
from yigong.programmes.rules.packs import visit_messages


@change
def make_list(*, actor: Actor, programme: str = "", late: bool = False) -> UUID:
    """Put the most pressing people to be told onto a list, as many as one holds; returns its key. They stand on no later list for the same visit."""
    policies.require(actor, policies.WORK)
    one_at_a_time("visit messages", actor.institution_id or "")
    batch, today = new_id(), clock.today()
    rows = lists.to_tell(actor, programme=programme, late=late)[: visit_messages().most]
    made = [Notice(due_id=due.id, batch=batch, on=today, actor_name=actor.name) for due in rows]
    if not made:
        raise InvalidInput(_("没有需要发提醒的人。"))
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    return batch
