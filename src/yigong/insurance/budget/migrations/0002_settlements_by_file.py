import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


def forget_what_was_not_taken(apps, schema_editor):
    """Lines that were only tried, and files of which nothing was taken in."""
    apps.get_model("budget", "ReturnLine").objects.filter(taken=False).delete()


class Migration(migrations.Migration):
    """Settlements outside the county came by an upload of their own, now by the one way of taking on files: a revision stands by itself."""

    dependencies = [("budget", "0001_initial")]

    operations = [
        migrations.RunPython(forget_what_was_not_taken, migrations.RunPython.noop),
        migrations.RemoveConstraint("returnline", "return_once_in_a_file"),
        migrations.RemoveConstraint("returnline", "one_return_counts"),
        migrations.RemoveConstraint("returnline", "return_revision_once"),
        migrations.RemoveConstraint("returnline", "what_counts_was_taken"),
        migrations.AlterField(
            "returnline", "batch",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="budget.returnbatch"),
        ),
        migrations.AlterField("returnline", "line", models.PositiveIntegerField(default=0)),
        migrations.RemoveField("returnline", "batch"),
        migrations.RemoveField("returnline", "line"),
        migrations.RemoveField("returnline", "taken"),
        migrations.DeleteModel("ReturnBatch"),
        migrations.RenameModel("ReturnLine", "FiledSettlement"),
        migrations.AddField("filedsettlement", "taken_at", models.DateTimeField(db_default=Now())),
        migrations.AddConstraint(
            "filedsettlement", models.UniqueConstraint(fields=("ref", "revision"), name="filed_revision_once")
        ),
        migrations.AddConstraint(
            "filedsettlement",
            models.UniqueConstraint(condition=models.Q(("counts", True)), fields=("ref",), name="one_filed_revision_counts"),
        ),
        migrations.AddIndex("filedsettlement", models.Index(fields=["-taken_at", "-id"], name="filed_newest")),
        migrations.AddIndex(
            "filedsettlement",
            models.Index(
                condition=models.Q(("counts", True), ("figures__provisional", True)), fields=["-taken_at", "-id"], name="filed_provisional"
            ),
        ),
    ]
