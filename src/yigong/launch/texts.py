"""Translations are complete: counts the texts and names those without English."""

import sys


def main() -> int:
    """Status 1 when a text has no usable translation."""
    import django

    django.setup()
    from yigong.core.ui import messages

    found = messages.collect()
    count = sum(map(len, found.values()))
    gaps = messages.missing(found)
    print(f"{count} texts, {len(gaps)} without English")
    for gap in gaps:
        print(f"{gap.app}: {gap.reason}: {gap.msgid[:80]}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
