"""The session store: one statement per request brings the session, whether the account is in order and its rights version."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError, connection, router, transaction

from yigong.access.models import Session
from yigong.core import clock, statements

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
_TOUCH = timedelta(minutes=1)


_LOAD = """
select s.session_data, s.created_at, s.last_seen_at, s.account_id, a.is_active, a.must_change_password, a.rights_version, w.rights_version
from access_session s left join access_account a on a.id = s.account_id left join network_staff w on w.id = a.staff_id
where s.session_key = %(key)s and s.expire_date > %(now)s
"""


# A session changes with every message on a page. Losing the last change in a power cut harms nobody, so nobody waits for the disk.
_SAVE = """
update access_session set session_data = %(session_data)s, expire_date = %(expire_date)s, account_id = %(account_id)s
from (select set_config('synchronous_commit', case when %(alone)s then 'off' else current_setting('synchronous_commit') end, true)) quiet
where session_key = %(session_key)s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The account behind the session at this instant."""

    is_active: bool
    must_change_password: bool
    version: tuple[int, int]


class SessionStore(DatabaseStore):
    """Sessions in our own table, ended after idling or at the latest after a long shift."""

    standing: Standing | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def load(self) -> dict[str, Any]:
        """The session's data, or nothing when it has ended."""
        found = statements.fetch(_LOAD, {"key": self.session_key, "now": clock.now()})
        row = found[0] if found else None
        if row is None or self._over(row[1], row[2]):
            self._session_key = None
            return {}
        if row[3] is not None:
            self.standing = Standing(row[4], row[5], (row[6], row[7] or 0))
        if clock.now() - row[2] > _TOUCH:
            Session.objects.filter(session_key=self.session_key).update(last_seen_at=clock.now())
        return self.decode(row[0])

    def save(self, must_create: bool = False) -> None:
        """Write the session, keeping when it began and where from."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # the stubs leave it out
        account = data.get("_auth_user_id")
        values: dict[str, Any] = {
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(),
            "account_id": UUID(account) if account else None,
        }
        if not must_create:
            with connection.cursor() as cursor:
                alone = not connection.in_atomic_block
                cursor.execute(_SAVE, values | {"session_key": self.session_key, "alone": alone})
                if not cursor.rowcount:
                    raise UpdateError
            return None
        with transaction.atomic(using=router.db_for_write(Session)):
            values |= {"address": data.get("address", ""), "agent": data.get("agent", "")}
            values |= {"created_at": clock.now(), "last_seen_at": clock.now()}
            try:
                with transaction.atomic():
                    Session.objects.create(session_key=self.session_key, **values)
            except IntegrityError as taken:
                raise CreateError from taken
        return None

    @staticmethod
    def _over(created_at: datetime, last_seen_at: datetime) -> bool:
        return clock.now() - last_seen_at > IDLE or clock.now() - created_at > LONGEST
