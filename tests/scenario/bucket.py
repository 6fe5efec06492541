"""A bucket on loopback: ListObjectsV2 in pages and GetObject, each request's signature checked (AWS Signature Version 4)."""
import contextlib
import email.utils
import hashlib
import hmac
import http.server
import re
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

ID, SECRET, REGION = "HARBOUR7", "made-up/secret+words", "us-east-1"


def signature(method, raw, fields, signed, date):
    """Of a request as its signer should have seen it; the path is as sent, which is S3's rule."""
    path, _, query = raw.partition("?")
    pairs = sorted(pair if "=" in pair else pair + "=" for pair in query.split("&")) if query else []
    canonical = "\n".join([method, path, "&".join(pairs),
                           *(f"{name}:{' '.join(fields[name].split())}" for name in signed), "",
                           ";".join(signed), fields["x-amz-content-sha256"]])
    scope = f"{date[:8]}/{REGION}/s3/aws4_request"
    words = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (date[:8], REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, words.encode(), "sha256").hex()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def is_signed(self):
        found = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
                         r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$", self.headers.get("Authorization", ""))
        if not found or found[1] != ID or found[3] != REGION:
            return False
        fields = {name.lower(): value for name, value in self.headers.items()}
        signed = found[4].split(";")
        if not {"host", "x-amz-date"} <= set(signed) or "x-amz-content-sha256" not in fields:
            return False
        return hmac.compare_digest(found[5], signature("GET", self.path, fields, signed, fields["x-amz-date"]))

    def answer(self, status, body, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        bucket = self.server.bucket
        bucket.asked.append(self.path)
        if not self.is_signed():
            return self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        path, _, query = self.path.partition("?")
        key = urllib.parse.unquote(path.removeprefix("/harbour/"))
        if not key and path.startswith("/harbour/"):
            return self.answer(200, bucket.list(dict(urllib.parse.parse_qsl(query))))
        if key not in bucket.objects:
            return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        body, when = bucket.objects[key]
        bucket.fetched.append(key)
        self.answer(200, body, ETag=bucket.etag(key), Last_Modified=email.utils.formatdate(when, usegmt=True))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Who asks may hang up."""


class Bucket:
    def __init__(self, page=3):
        self.objects, self.page, self.asked, self.fetched = {}, page, [], []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.bucket = self
        self.url = f"http://127.0.0.1:{self.server.server_port}/harbour"
        self.keys = f"{ID}:{SECRET}\n"

    def put(self, key, body, when=None):
        self.objects[key] = body, when or time.time()

    def etag(self, key):
        return '"' + hashlib.md5(self.objects[key][0]).hexdigest() + '"'

    def list(self, words):
        prefix, after = words.get("prefix", ""), words.get("continuation-token", "")
        assert words["list-type"] == "2" and words["encoding-type"] == "url", words
        keys = sorted(key for key in self.objects if key.startswith(prefix) and "t/" + key + "=" > after)
        here, more = keys[:self.page], keys[self.page:]
        out = ['<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">']
        out.append(f"<Name>harbour</Name><KeyCount>{len(here)}</KeyCount><IsTruncated>{str(bool(more)).lower()}</IsTruncated>")
        for key in here:
            body, when = self.objects[key]
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S.250Z", time.gmtime(when))
            out.append(f"<Contents><Key>{escape(urllib.parse.quote(key))}</Key><LastModified>{stamp}</LastModified>"
                       f"<ETag>{escape(self.etag(key))}</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>")
        if more:
            out.append(f"<NextContinuationToken>{escape('t/' + here[-1] + '=')}</NextContinuationToken>")
        return ("".join(out) + "<EncodingType>url</EncodingType></ListBucketResult>").encode()


@contextlib.contextmanager
def bucket(page=3):
    made = Bucket(page)
    threading.Thread(target=made.server.serve_forever, args=(.05,), daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
