# Files of people are taken on by exchange.takeon, whose first migration copies this history.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('residents', '0007_counts_and_imports'),
    ]

    operations = [
        migrations.DeleteModel(name='LinkImport'),
    ]
