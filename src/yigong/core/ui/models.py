"""Tables of the user interface kit."""

from typing import ClassVar
from uuid import UUID

from django.db import connection, models

from yigong.core import clock


class FormReceipts(models.Manager["FormReceipt"]):
    """Receipts of forms sent."""

    def take(self, key: UUID, account_id: UUID | None) -> tuple["FormReceipt", bool]:
        """Take the receipt for a key: (it, True) for the first to come, (the first one's, False) for a repeat.

        A repeat in the same instant waits until the first is committed or rolled back. Somebody else's key is a new form.
        """
        with connection.cursor() as cursor:
            now = clock.now()
            cursor.execute(
                "INSERT INTO ui_formreceipt (key, account_id, address, created_at) VALUES (%s, %s, '', %s) "
                "ON CONFLICT (key, account_id) DO NOTHING RETURNING id",
                [key, account_id, now],
            )
            taken = cursor.fetchone()
        if taken is None:
            return self.get(key=key, account_id=account_id), False
        return FormReceipt.from_db(
            self.db, ["id", "key", "account_id", "address", "created_at"], [taken[0], key, account_id, "", now]
        ), True


class FormReceipt(models.Model):
    """One form sent: the key it carried and the address its sender was led to."""

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField()
    account_id = models.UUIDField(null=True)
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[FormReceipts] = FormReceipts()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "account_id"], name="ui_formreceipt_once", nulls_distinct=False),
        ]
        indexes = [models.Index(fields=["created_at"], name="ui_formreceipt_created")]
