"""Four clients in a process of their own: `python -m bench.clients PORT COOKIE SECONDS PATH` prints pages a second."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

CLIENTS = 4


def main(port: str, cookie: str, seconds: str, path: str) -> None:
    until = time.perf_counter() + float(seconds)
    with ThreadPoolExecutor(CLIENTS) as clients:
        pages = [clients.submit(read_until, until, int(port), cookie, path) for _ in range(CLIENTS)]
    print(sum(page.result() for page in pages) / float(seconds))


def read_until(until: float, port: int, cookie: str, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port)
    pages = 0
    while time.perf_counter() < until:
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"{path} : {response.status}")
        pages += 1
    return pages


if __name__ == "__main__":
    main(*sys.argv[1:])
