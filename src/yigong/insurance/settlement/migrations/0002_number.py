from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial")]

    operations = [
        migrations.RunSQL("create sequence settlement_number as bigint", "drop sequence settlement_number"),
    ]
