"""A shop so small that its end-to-end run takes a second: prices with tax, served over HTTP."""

import http.server
import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path

PRICES = {"apple": 100, "pear": 250}


def rate():
    return int(os.environ.get("SHOP_RATE") or 20)


def total(item):
    return PRICES[item] * (100 + rate()) // 100


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(float(os.environ.get("SHOP_SLOW") or 0))
        body = json.dumps({item: total(item) for item in PRICES}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} GET {self.path} id={uuid.uuid4()}")


def results():
    return Path(os.environ.get("SHOP_RESULTS") or tempfile.mkdtemp())


def build():
    compile(Path(__file__).read_text(encoding="utf-8"), "shop.py", "exec")
    print(f"built {len(PRICES)} prices in {time.process_time():.3f}s")


def smoke():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/prices"
    began = time.monotonic()
    prices = json.load(urllib.request.urlopen(url, timeout=60))
    (results() / "prices.json").write_text(json.dumps(prices, sort_keys=True) + "\n", encoding="utf-8")
    print("prices:", json.dumps(prices, sort_keys=True))
    if prices["apple"] != 120:
        scratch = tempfile.mkdtemp()
        print(f"worker pid {os.getpid()} asked {url} and waited {time.monotonic() - began:.4f}s", file=sys.stderr)
        print(f"scratch {scratch}/prices.json of {server!r}", file=sys.stderr)
        Path(scratch).rmdir()
        raise SystemExit(f"apple costs {prices['apple']}, not 120, in {Path(__file__).resolve()}")


def report():
    (results() / "report.txt").write_text("all prices are as they should be\n", encoding="utf-8")
    print("reported")


def cleanup():
    print("nothing to clean up")


if __name__ == "__main__":
    {"build": build, "smoke": smoke, "report": report, "cleanup": cleanup}[sys.argv[1]]()
