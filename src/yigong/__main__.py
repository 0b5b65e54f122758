"""``python -m yigong``: the program behind ``./yigong``."""

import sys

from yigong.launch.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
