"""``python -m yigong.exchange.nhsa.simulator``: the simulator as a program, without the county's database."""

# texts: data (words for operators)

import argparse
import os
import signal
import sys
from pathlib import Path

from yigong.exchange.nhsa.simulator.server import TITLE, serve

PACKS = Path(__file__).resolve().parents[5] / "packs"


def main(arguments: list[str]) -> int:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser("./yigong simulate-insurance", description=f"{TITLE}：演示与测试用，不是真实平台")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--folder", type=Path, help="账本所在目录；不给则只在内存中")
    parser.add_argument("--plans", type=Path, default=PACKS / "demo" / "benefits")
    parser.add_argument("--catalogue", type=Path, default=PACKS / "demo" / "insurance-catalogue.csv")
    options = parser.parse_args(arguments)
    key = os.environ.get("YIGONG_NHSA_KEY", "demo-key").encode()
    server = serve(options.host, options.port, options.folder, options.plans, options.catalogue, key)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write(f"{TITLE}：http://{options.host}:{server.server_address[1]}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
