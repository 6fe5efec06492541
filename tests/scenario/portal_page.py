"""A browser without a script: reads the portal's pages, fills their forms, presses their buttons."""
import http.client
import html.parser
import json
import os
import re
import signal
import subprocess
import time
import urllib.parse

import scenario

STAGE = str(scenario.BUILD / "tests/portal/portal_stage")


class Stage:
    """The portal before a played intake; use it with `with`."""

    def __init__(self, folder, *options):
        self.out = folder / f"stage-{time.monotonic_ns()}.out"
        self.err = self.out.with_suffix(".err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen([STAGE, *map(str, options)], stdout=out, stderr=err)
        for _ in range(500):
            found = re.match(r"ready http://127\.0\.0\.1:(\d+)", self.out.read_text())
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                break
            time.sleep(.02)
        raise AssertionError(f"the stage does not start: {self.err.read_text()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.err.read_text()[-2000:]

    def did(self, what=None):
        """What intake was asked to do."""
        rows = [json.loads(line) for line in self.out.read_text().splitlines()[1:]]
        return [row for row in rows if what in (None, row["did"])]

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {})
        got = connection.getresponse()
        page = Page(self, path, got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        connection.close()
        return page

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def post(self, path, fields, **headers):
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self.ask("POST", path, urllib.parse.urlencode(fields), headers)


class Form:
    def __init__(self, attributes):
        self.action, self.method = attributes.get("action", ""), attributes.get("method", "get")
        self.fields, self.buttons, self.choices = [], [], {}


class Page(html.parser.HTMLParser):
    """An answer; when it is HTML, its text, links and forms."""

    VOID = {"meta", "link", "input", "br", "hr", "img"}

    def __init__(self, stage, path, status, headers, body):
        super().__init__(convert_charrefs=True)
        self.stage, self.path, self.status, self.headers, self.body = \
            stage, path, status, headers, body
        self.text, self.links, self.forms, self.tags = "", [], [], []
        self.area = self.select = None
        self.dropped = 0
        if headers.get("content-type", "").startswith("text/html"):
            self.feed(body.decode())

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        self.tags.append((tag, attributes))
        form = self.forms[-1] if self.forms else None
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag == "form":
            self.forms.append(Form(attributes))
        elif tag == "input" and form is not None:
            self.input(form, attributes)
        elif tag == "textarea":
            self.area = [attributes["name"], ""]
        elif tag == "select":
            self.select = attributes["name"]
            form.choices[self.select] = []
        elif tag == "option" and self.select:
            form.choices[self.select].append(attributes["value"])
            if "selected" in attributes or len(form.choices[self.select]) == 1:
                form.fields = [f for f in form.fields if f[0] != self.select]
                form.fields.append((self.select, attributes["value"]))
        elif tag == "button" and form is not None:
            form.buttons.append(attributes)

    def input(self, form, attributes):
        kind, name = attributes.get("type", "text"), attributes.get("name")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(attributes["value"])
            if "checked" in attributes:
                form.fields.append((name, attributes["value"]))
        elif name:
            form.fields.append((name, attributes.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser drops the line end behind the tag.
            self.forms[-1].fields.append((self.area[0], self.area[1].removeprefix("\n")))
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area:
            self.area[1] += data
        self.text += data

    # what a person does

    def form(self, button):
        """The form with a button of that value, and the button."""
        for form in self.forms:
            for attributes in form.buttons:
                if attributes.get("value") == button:
                    return form, attributes
        raise AssertionError(f"no button {button} on {self.path}: {self.text[:800]}")

    def press(self, button, **answers):
        """Fills fields in and presses a button; what it does not name stays as the page has it."""
        form, attributes = self.form(button)
        names = {name for name, _ in form.fields} | set(form.choices)
        for name, value in answers.items():
            assert name in names, f"no field {name} on {self.path}"
            if name in form.choices and value:
                assert value in form.choices[name], f"{name} has no choice {value}"
        fields = [(n, v.replace("\n", "\r\n")) for n, v in form.fields if n not in answers]
        fields += [(n, v.replace("\n", "\r\n")) for n, v in answers.items() if v is not None]
        fields.append((attributes.get("name", "go"), button))
        action = attributes.get("formaction", form.action)
        if form.method == "get":
            return self.stage.get(action + "?" + urllib.parse.urlencode(fields))
        return self.stage.post(action, fields)

    def field(self, name):
        return next((v for form in self.forms for n, v in form.fields if n == name), None)


def fill_report(stage, language="en", until="check", **more):
    """Goes through the steps as a person does; returns the last page."""
    answers = {"what": "site", "address": "www.example.org/lighthouse", "place": "website",
               "topic": "other", "when": "today", "words": "", "contact": "none", **more}
    page = stage.get(f"/{language}/report")
    for step in (["what"], ["address", "place", "none"],
                 ["topic", "when", "words", "date", "time", "zone"], ["contact", "mail"]):
        if until == step[0]:
            return page
        page = page.press("next", **{n: answers[n] for n in step if n in answers})
    return page


def wait_until_sendable(seconds=4.3):
    """A form that is sent sooner than a person could is asked for once more."""
    time.sleep(seconds)


class Lynx:
    """A text browser with somebody at its keys; knows where things are from our own reading."""

    def __init__(self, folder, stage, page):
        self.stage, self.page = stage, page
        pipe = folder / "keys"
        os.mkfifo(pipe)
        self.screen = open(folder / "screen", "wb")
        self.process = subprocess.Popen(
            ["lynx", "-nocolor", f"-cmd_script={pipe}", f"http://127.0.0.1:{stage.port}{page.path}"],
            stdin=subprocess.DEVNULL, stdout=self.screen, stderr=self.screen,
            env={**os.environ, "TERM": "vt100", "LINES": "40", "COLUMNS": "60", "HOME": str(folder)})
        self.keys = open(pipe, "w")
        self.at = 0

    def stops(self):
        """What the tab key stops at, in order."""
        found = []
        for tag, attributes in self.page.tags:
            if tag in ("a", "button", "textarea", "select") or \
                    tag == "input" and attributes.get("type") != "hidden":
                found.append(attributes)
        return found

    def key(self, *names):
        for name in names:
            self.keys.write(f"key {name}\n")
        self.keys.flush()

    def go(self, wanted):
        """To the stop that has these attributes; the last one, where there are two."""
        stops = self.stops()
        index = max(i for i, stop in enumerate(stops) if wanted.items() <= stop.items())
        assert index >= self.at, (wanted, self.at, index)
        self.key(*["<tab>"] * (index - self.at))
        self.at = index

    def choose(self, name, value):
        self.go({"name": name, "value": value})
        self.key("^J")

    def type(self, name, text):
        self.go({"name": name})
        self.key(*("<space>" if char == " " else char for char in text))

    def press(self, button, **answers):
        """Presses it; the page that follows is read by us, with the same answers."""
        self.go({"name": "go", "value": button})
        self.key("^J")
        self.page, self.at = self.page.press(button, **answers), 0

    def leave(self):
        self.key("Q")
        self.keys.close()
        self.process.wait(20)
        self.screen.close()
