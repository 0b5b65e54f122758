"""Durations as the list writes them: days/hours/minutes."""


def written(minutes: int | None) -> str:
    """``1/2/30`` for one day, two hours, thirty minutes; empty for nothing."""
    if not minutes:
        return ""
    days, rest = divmod(minutes, 1440)
    return f"{days}/{rest // 60}/{rest % 60}"


def minutes_of(text: str) -> int | None:
    """The minutes of a written duration; None when it is not one."""
    parts = text.split("/")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    days, hours, minutes = map(int, parts)
    return days * 1440 + hours * 60 + minutes if hours < 24 and minutes < 60 else None
