"""A thread pool that fetches pages from a local HTTP server, which is a process of its own."""
import argparse
import concurrent.futures
import http.server
import json
import multiprocessing
import urllib.request


class Pages(http.server.BaseHTTPRequestHandler):
    """Page /N has N lines of JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = "".join(json.dumps({"line": i}) + "\n" for i in range(int(self.path[1:]))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def serve(port):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    port.send(server.server_address[1])
    server.serve_forever()


def fetch(url):
    with urllib.request.urlopen(url) as page:
        return sum(json.loads(line)["line"] for line in page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--pages", type=int, default=200)
    options = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    address = "http://127.0.0.1:%d/" % ours.recv()
    with concurrent.futures.ThreadPoolExecutor(options.workers, thread_name_prefix="fetch") as pool:
        sums = list(pool.map(fetch, [address + str(page) for page in range(options.pages)]))
    server.terminate()
    server.join()
    print(len(sums), "pages, sum", sum(sums))
