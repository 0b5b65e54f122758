"""A box of tubes is a consignment of logistics: same keys, same numbers; its temperatures go along."""

import django.db.models.deletion
from django.db import migrations, models

FORTH = """
insert into logistics_consignment (id, state, state_since, due_at, escalated_at, version, number, kind, sender_id, receiver_id, band,
    note, pieces_out, pieces_in, packed_by, seal, box, courier, loaded_at, arrived_at, received_at, received_by, difference)
select id, case state when 'in_transit' then 'aboard' when 'arrived' then 'received' else state end, state_since, null, null, version,
    number, 'specimen', sender_id, receiver_id, temperature, '', tubes_out, case when state = 'arrived' then tubes_in end, packed_by, seal,
    '', coalesce(nullif(courier, ''), '—'), sent_at, arrived_at, arrived_at,
    case when state = 'arrived' then coalesce(nullif(received_by, ''), '—') else received_by end, difference
from laboratory_box on conflict (id) do nothing;
insert into logistics_temperature (consignment_id, celsius, is_within, at, recorded_by)
select box_id, celsius, is_within, at, recorded_by from laboratory_tubetemperature order by id;
set constraints all immediate;
set constraints all deferred;
"""
BACK = """
insert into laboratory_box (id, state, state_since, due_at, escalated_at, version, number, sender_id, receiver_id, temperature, packed_by,
    courier, seal, tubes_out, tubes_in, sent_at, arrived_at, received_by, difference)
select id, case when state in ('packing', 'waiting', 'withdrawn') then 'packing' when state = 'aboard' then 'in_transit' else 'arrived' end,
    state_since, null, null, version, number, sender_id, receiver_id, band, packed_by, courier, left(seal, 40), pieces_out,
    coalesce(pieces_in, 0), loaded_at, case when loaded_at is not null then coalesce(received_at, arrived_at) end, received_by, difference
from logistics_consignment where kind = 'specimen';
insert into laboratory_tubetemperature (box_id, celsius, is_within, at, recorded_by)
select t.consignment_id, t.celsius, t.is_within, t.at, t.recorded_by
from logistics_temperature t join logistics_consignment c on c.id = t.consignment_id where c.kind = 'specimen' order by t.id;
delete from logistics_temperature t using logistics_consignment c where c.id = t.consignment_id and c.kind = 'specimen';
set constraints all immediate;
set constraints all deferred;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('laboratory', '0001_initial'),
        ('logistics', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FORTH, migrations.RunSQL.noop),
        # Without its constraint for a moment: going back, the boxes are there again before tubes point to them.
        migrations.AlterField(
            model_name='tube',
            name='box',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.consignment'),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, BACK),
        migrations.AlterField(
            model_name='tube',
            name='box',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.consignment'),
        ),
        migrations.DeleteModel(
            name='TubeTemperature',
        ),
        migrations.DeleteModel(
            name='Box',
        ),
    ]
