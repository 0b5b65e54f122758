"""Who carries a delivery, in what box and when stands with a consignment of logistics, under the delivery's own key and number."""

import django.db.models.deletion
from django.db import migrations, models

FORTH = """
insert into logistics_consignment (id, state, state_since, version, number, kind, sender_id, receiver_id, band, note, pieces_out, pieces_in,
    packed_by, seal, box, courier, loaded_at, arrived_at, received_at, received_by, difference)
select d.id, case d.state when 'sent' then 'aboard' else 'received' end, d.state_since, 1, d.number, 'clean', d.centre_id, d.institution_id,
    'any', '', (select count(*) from sterile_round r where r.delivery_id = d.id),
    case when d.state = 'received' then (select count(*) from sterile_round r where r.delivery_id = d.id and r.received_at is not null) end,
    d.opened_by, d.container, '', coalesce(nullif(d.courier, ''), '—'), coalesce(d.sent_at, d.opened_at), d.received_at, d.received_at,
    case when d.state = 'received' then coalesce(nullif(d.received_by, ''), '—') else '' end, ''
from sterile_delivery d where d.state in ('sent', 'received') and d.centre_id <> d.institution_id on conflict (id) do nothing;
update sterile_delivery d set consignment_id = d.id where exists (select from logistics_consignment c where c.id = d.id);
set constraints all immediate;
set constraints all deferred;
"""
BACK = """
update sterile_delivery d set courier = c.courier, container = c.seal from logistics_consignment c where c.id = d.consignment_id;
update sterile_delivery set consignment_id = null;
delete from logistics_temperature t using logistics_consignment c where c.id = t.consignment_id and c.kind = 'clean';
delete from logistics_consignment where kind = 'clean';
set constraints all immediate;
set constraints all deferred;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0001_initial'),
        ('sterile', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='consignment',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.consignment'),
        ),
        migrations.RunSQL(FORTH, BACK),
        migrations.RemoveField(
            model_name='delivery',
            name='container',
        ),
        migrations.RemoveField(
            model_name='delivery',
            name='courier',
        ),
    ]
