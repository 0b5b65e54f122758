"""A template that was shared when it was taken out of use says so: one that never was stays its owner's."""

from django.db import migrations

_FORTH = """
update orders_texttemplate template set state = 'withdrawn' where state = 'retired' and (
    select change.from_state from states_statechange change
    where change.object_id = template.id and change.to_state = 'retired' order by change.at desc limit 1
) = 'centre'
"""
_BACK = "update orders_texttemplate set state = 'retired' where state = 'withdrawn'"


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_request_templates"), ("states", "0001_initial")]
    operations = [migrations.RunSQL(_FORTH, _BACK)]
