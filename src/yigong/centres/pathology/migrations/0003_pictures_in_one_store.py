"""The pictures themselves move to ``core.pictures``; a row here says to which order and slide one belongs."""

import django.db.models.deletion
from django.db import migrations, models

_MOVE = """
insert into pictures_picture (digest, content, width, height, kept_at)
select distinct on (digest) digest, content, width, height, added_at from pathology_picture order by digest, added_at
on conflict do nothing;
update pathology_picture set kept_id = digest;
set constraints all immediate;
"""
_BACK = """
update pathology_picture set digest = p.digest, content = p.content, width = p.width, height = p.height
from pictures_picture p where p.digest = kept_id;
set constraints all immediate;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pictures", "0001_initial"),
        ("pathology", "0002_containers_travel"),
    ]

    operations = [
        migrations.AddField(
            "picture",
            "kept",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pictures.picture"
            ),
        ),
        migrations.AlterField("picture", "content", models.BinaryField(null=True)),
        migrations.AlterField("picture", "digest", models.CharField(max_length=64, null=True)),
        migrations.AlterField("picture", "width", models.PositiveIntegerField(null=True)),
        migrations.AlterField("picture", "height", models.PositiveIntegerField(null=True)),
        migrations.RunSQL(_MOVE, _BACK),
        migrations.RemoveConstraint("picture", "pathology_picture_once"),
        migrations.RemoveField("picture", "digest"),
        migrations.RemoveField("picture", "content"),
        migrations.RemoveField("picture", "width"),
        migrations.RemoveField("picture", "height"),
        migrations.AlterField(
            "picture",
            "kept",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pictures.picture"),
        ),
        migrations.AddConstraint(
            "picture", models.UniqueConstraint(fields=("order", "kept"), name="pathology_picture_once")
        ),
    ]
