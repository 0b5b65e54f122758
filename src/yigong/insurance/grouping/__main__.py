"""``python -m yigong.insurance.grouping``: group a record file, or compare it with the answers it carries."""

from yigong.insurance.grouping.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
