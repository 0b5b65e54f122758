from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0002_recorded_elsewhere'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='chargeline',
            index=BrinIndex(fields=['performed_at'], name='clinic_line_by_time'),
        ),
    ]
