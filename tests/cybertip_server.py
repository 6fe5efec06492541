#!/usr/bin/env python3
"""cybertip_server.py [--xsd FILE] - a stand-in for NCMEC's CyberTipline Reporting API

Speaks the API of https://report.cybertip.org/ispws on a free port of 127.0.0.1, which it prints as
its first line, and ends when its standard input does.  Documents are validated by xmllint's
library with the real schema.  It misbehaves when told to, so that a client can be tested: POST a
JSON object to /control with any of

    {"faults": [{"call": "upload", "kind": "lose_after", "times": 1, "skip": 0}, ...],
     "random": 0.2, "seed": 7,        each call has a random fault with this chance
     "clock": 3600,                   reports age by so many seconds
     "forget": true}                  everything is as at the start

and GET /control tells what it holds.  Kinds of faults:

    code        answers with "code" and does nothing
    lose_before closes the connection and has done nothing
    lose_after  does it, and closes the connection without an answer
    cut         stops reading in the middle of the request
    slow        waits "seconds" before it answers
    truncate    does it, and sends half of the answer
    garbage     does it, and answers with bytes that are no XML
    html        does nothing, and answers as a proxy in trouble does
    huge        does it, and answers without end
    empty_401   does nothing, and refuses to let in with an empty body
    wrong_md5   takes other bytes than were sent
    expire      has deleted the report
"""
import base64
import ctypes
import email.parser
import email.policy
import functools
import hashlib
import http.server
import json
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

USER, PASSWORD = "harbour", "lamp:and sea"
XSD = pathlib.Path(__file__).parent / "vectors/ncmec/cybertip_ispws.xsd"
CALLS = ("status", "xsd", "submit", "upload", "fileinfo", "finish", "retract")
RANDOM_KINDS = ({"kind": "code", "code": 1000}, {"kind": "lose_before"}, {"kind": "lose_after"},
                {"kind": "cut"}, {"kind": "truncate"}, {"kind": "garbage"}, {"kind": "html"},
                {"kind": "huge"}, {"kind": "wrong_md5"}, {"kind": "code", "code": 1110})


class Desk:
    """What NCMEC holds."""

    def __init__(self):
        self.lock = threading.RLock()
        self.forget()

    def forget(self):
        self.reports, self.faults, self.chance = {}, [], 0.0
        self.random, self.aged, self.next = random.Random(1), 0, 4564654
        self.calls, self.refused = [], []

    def now(self):
        return time.time() + self.aged

    def fault_for(self, call):
        for fault in self.faults:
            if fault.get("call", call) == call and fault.get("times", 1) > 0:
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                fault["times"] = fault.get("times", 1) - 1
                return fault
        if self.chance and call not in ("status", "xsd") and self.random.random() < self.chance:
            return self.random.choice(RANDOM_KINDS)
        return {"kind": None}

    def expire(self):
        for report in self.reports.values():
            if report["state"] == "open" and self.now() > max(report["opened"] + 86400,
                                                              report["touched"] + 3600):
                report["state"] = "expired"

    def find(self, number):
        """The report, or the code of why it cannot be worked on."""
        self.expire()
        report = self.reports.get(number)
        if report is None or report["state"] == "expired":
            return None, 5001
        return report, {"open": 0, "retracted": 5101, "finished": 5102}[report["state"]]

    def told(self):
        self.expire()
        return {"reports": [dict(r, number=n, files=[{k: v for k, v in f.items() if k != "bytes"}
                                                     for f in r["files"].values()])
                            for n, r in self.reports.items()],
                "calls": self.calls, "refused": self.refused}


desk = Desk()


def answer(code, words="", **fields):
    inside = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in fields.items())
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<reportResponse><responseCode>{code}'
            f"</responseCode><responseDescription>{escape(words)}</responseDescription>{inside}"
            "</reportResponse>\n").encode()


class Schema:
    """xmllint's library, within this process: xmllint itself reads the schema anew for each document."""

    NONET, NOERROR, NOWARNING = 1 << 11, 1 << 5, 1 << 6

    def __init__(self, path):
        self.xml = ctypes.CDLL("libxml2.so.2")
        for name in ("xmlSchemaNewParserCtxt", "xmlSchemaParse", "xmlSchemaNewValidCtxt", "xmlReadMemory"):
            getattr(self.xml, name).restype = ctypes.c_void_p
        self.lock = threading.Lock()
        context = ctypes.c_void_p(self.xml.xmlSchemaNewParserCtxt(str(path).encode()))
        self.schema = ctypes.c_void_p(self.xml.xmlSchemaParse(context))
        self.xml.xmlSchemaFreeParserCtxt(context)
        if not self.schema:
            raise SystemExit(f"{path} is no schema")

    def holds(self, document):
        with self.lock:
            tree = ctypes.c_void_p(self.xml.xmlReadMemory(document, len(document), b"-", None,
                                                          self.NONET | self.NOERROR | self.NOWARNING))
            if not tree:
                return False
            context = ctypes.c_void_p(self.xml.xmlSchemaNewValidCtxt(self.schema))
            # Without these it speaks on stderr.
            self.xml.xmlSchemaSetValidErrors(context, SILENT, SILENT, None)
            good = self.xml.xmlSchemaValidateDoc(context, tree) == 0
            self.xml.xmlSchemaFreeValidCtxt(context)
            self.xml.xmlFreeDoc(tree)
            return good


SILENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(lambda context, words: None)


@functools.cache
def schema():
    return Schema(XSD)


def invalid(document):
    """What xmllint says is wrong; it is asked for its words where its library says no."""
    if schema().holds(document):
        return ""
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", str(XSD), "-"],
                          input=document, capture_output=True, check=False)
    return done.stderr.decode(errors="replace")[:300] or "invalid"


def text_at(root, path):
    found = root.find(path)
    return found.text or "" if found is not None else ""


def submit(document):
    if wrong := invalid(document):
        desk.refused.append(wrong)
        return 400, answer(4100, "Validation failed: " + wrong)
    root = ElementTree.fromstring(document)
    if root.tag != "report":
        return 400, answer(4100, "this is no report")
    number, desk.next = desk.next, desk.next + 1
    desk.reports[number] = {"state": "open", "opened": desk.now(), "touched": desk.now(), "files": {},
                            "reference": text_at(root, "incidentSummary/platform"),
                            "batched": root.find("batchedReport") is not None,
                            "document": document.decode()}
    return 200, answer(0, "Success", reportId=number)


def upload(form, fault):
    number = int(form["id"])
    report, code = desk.find(number)
    if code:
        return 200, answer(code, "state")
    content = form["file"] + (b"!" if fault["kind"] == "wrong_md5" else b"")
    name = hashlib.sha256(f"{number} {len(report['files'])}".encode()).hexdigest()[:32]
    md5 = hashlib.md5(content).hexdigest()
    report["files"][name] = {"id": name, "md5": md5, "size": len(content), "details": None}
    report["touched"] = desk.now()
    return 200, answer(0, "Success", reportId=number, fileId=name, hash=md5)


def fileinfo(document):
    if wrong := invalid(document):
        desk.refused.append(wrong)
        return 400, answer(4100, "Validation failed: " + wrong)
    root = ElementTree.fromstring(document)
    report, code = desk.find(int(root.findtext("reportId")))
    if code:
        return 200, answer(code, "state")
    file = report["files"].get(root.findtext("fileId"))
    if file is None:
        return 200, answer(5002, "no such file")
    if file["details"]:
        return 400, answer(4000, "the details of this file were given before")
    file["details"] = document.decode()
    report["touched"] = desk.now()
    return 200, answer(0, "Success", reportId=root.findtext("reportId"))


def finish(number):
    report, code = desk.find(number)
    if code:
        return 200, answer(code, "state")
    if report["batched"] and len(report["files"]) != 1:
        return 400, answer(4100, "a batch has one file")
    report["state"] = "finished"
    report["finished"] = report.get("finished", 0) + 1
    files = "".join(f"<fileId>{name}</fileId>" for name in report["files"])
    return 200, (f"<reportDoneResponse><responseCode>0</responseCode><reportId>{number}</reportId>"
                 f"<files>{files}</files></reportDoneResponse>").encode()


def retract(number):
    report, code = desk.find(number)
    if code:
        return 200, answer(code, "state")
    report["state"] = "retracted"
    return 200, answer(0, "Success", reportId=number)


def read_form(kind, body):
    """The fields of a form, of either type."""
    if kind.startswith("multipart/form-data"):
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        fields = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            fields[name] = part.get_payload(decode=True)
            if name == "file" and not part.get_filename():
                raise ValueError("a file without a name")
        fields["id"] = fields["id"].decode().strip()
        return fields
    return dict(pair.split("=", 1) for pair in body.decode().split("&"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_):
        pass

    def send(self, status, body, kind="application/xml"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-ID", f"req-{len(desk.calls)}")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def hang_up(self):
        self.close_connection = True

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if len(body) != int(self.headers.get("Content-Length", 0)):
            raise ConnectionError("cut off")
        return body

    def let_in(self):
        given = self.headers.get("Authorization", "")
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return given == "Basic " + wanted

    def control(self):
        if self.command == "POST":
            wanted = json.loads(self.body() or b"{}")
            with desk.lock:
                if wanted.get("forget"):
                    desk.forget()
                desk.faults = wanted.get("faults", desk.faults)
                desk.chance = wanted.get("random", desk.chance)
                desk.aged = wanted.get("clock", desk.aged)
                if "seed" in wanted:
                    desk.random = random.Random(wanted["seed"])
        with desk.lock:
            self.send(200, json.dumps(desk.told()).encode(), "application/json")

    def act(self, call, body, fault):
        with desk.lock:
            if call == "status":
                return 200, answer(0, f"Remote User : {USER}, Remote Ip : 127.0.0.1")
            if call == "xsd":
                return 200, XSD.read_bytes() + (b" " if fault["kind"] == "drift" else b"")
            if call == "submit":
                return submit(body)
            if call == "fileinfo":
                return fileinfo(body)
            form = read_form(self.headers.get("Content-Type", ""), body)
            if call == "upload":
                return upload(form, fault)
            if fault["kind"] == "expire":
                desk.reports[int(form["id"])]["state"] = "expired"
            return (finish if call == "finish" else retract)(int(form["id"]))

    def misbehave_before(self, fault):
        kind = fault["kind"]
        if kind == "cut":
            self.rfile.read(min(10, int(self.headers.get("Content-Length", 10) or 10)))
        if kind in ("cut", "lose_before"):
            self.hang_up()
        elif kind == "code":
            self.send(fault.get("status", 400 if fault["code"] in (4000, 4100, 4110, 4200) else 200),
                      answer(fault["code"], "told to"))
        elif kind == "html":
            self.send(fault.get("status", 502), b"<html><body>Bad Gateway</body></html>", "text/html")
        elif kind == "empty_401":
            self.send(401, b"")
        else:
            return False
        return True

    def misbehave_after(self, fault, status, body):
        kind = fault["kind"]
        if kind == "lose_after":
            self.hang_up()
        elif kind == "truncate":
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:len(body) // 2])
            self.hang_up()
        elif kind == "garbage":
            self.send(status, b"\x00\xff<reportResponse><responseCode>0", "application/xml")
        elif kind == "huge":
            self.send(status, body[:-20] + b"x" * (3 << 20))
        else:
            return False
        return True

    def serve(self):
        if self.path == "/control":
            return self.control()
        call = re.sub(r"^/ispws/", "", self.path)
        with desk.lock:
            fault = desk.fault_for(call)
            desk.calls.append({"call": call, "fault": fault["kind"]})
        if fault["kind"] == "cut" and self.misbehave_before(fault):
            return None
        body = self.body()
        if self.misbehave_before(fault):
            return None
        if not self.let_in():
            return self.send(401, b"")
        if call not in CALLS or (self.command == "GET") != (call in ("status", "xsd")):
            return self.send(404, answer(1210, "no such thing"))
        try:
            status, reply = self.act(call, body, fault)
        except (KeyError, ValueError, ElementTree.ParseError) as error:
            status, reply = 400, answer(4000, str(error))
        if fault["kind"] == "slow":
            time.sleep(fault["seconds"])
        if not self.misbehave_after(fault, status, reply):
            self.send(status, reply)
        return None

    def guarded(self):
        try:
            self.serve()
        except (ConnectionError, TimeoutError, ValueError):
            self.hang_up()

    do_GET = do_POST = guarded


def main():
    global XSD
    if "--xsd" in sys.argv:
        XSD = pathlib.Path(sys.argv[sys.argv.index("--xsd") + 1])
    schema()  # before there are threads
    http.server.ThreadingHTTPServer.daemon_threads = True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
