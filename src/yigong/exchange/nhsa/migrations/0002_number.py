from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nhsa", "0001_initial")]

    operations = [migrations.RunSQL("create sequence nhsa_message as bigint", "drop sequence nhsa_message")]
