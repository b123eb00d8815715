#!/usr/bin/env python3
"""Writes the text messages of a WebSocket to standard output, one a line: what the recorder asks of `websocat -n ws://...`, where that is not
installed. The last argument is the address; only `ws://` to a named port is understood.
"""
import base64
import os
import signal
import socket
import sys
import urllib.parse


def exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise SystemExit(0)
    return data


def main():
    address = urllib.parse.urlsplit(sys.argv[-1])
    peer = socket.create_connection((address.hostname, address.port))
    key = base64.b64encode(os.urandom(16)).decode()
    target = address.path + (f"?{address.query}" if address.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {address.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    peer.sendall("\r\n".join(lines).encode())
    stream = peer.makefile("rb")
    status = stream.readline()
    if b" 101 " not in status:
        raise SystemExit(f"listen: {status.decode(errors='replace').strip()}")
    while stream.readline().strip():
        pass
    text = b""
    while True:
        first, second = exactly(stream, 2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(exactly(stream, 2 if size == 126 else 8), "big")
        body = exactly(stream, size)
        if first & 0x0F == 8:
            return
        if first & 0x0F in (0, 1):
            text += body
            if first & 0x80:
                sys.stdout.buffer.write(text + b"\n")
                sys.stdout.buffer.flush()
                text = b""


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main()
