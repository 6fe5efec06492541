"""Chromium without a window, driven over its DevTools pipe.

Python's standard library alone: the browser reads commands at descriptor 3 and
writes answers and events at 4, each JSON behind which stands a NUL, so no port
is opened and no library is needed.

    with Chromium() as browser:
        page = browser.page("http://127.0.0.1:8080/")
        page.size(360, 640)
        assert page.evaluate("document.title") == "Lights"

A test that finds no Chromium is skipped: `Chromium()` raises Missing.

WARD_LATENCY_MS makes every page's network as slow as that: what a test does not
wait for is then found every time, not once in a hundred runs ("make soak").
"""
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 60
# What a command is answered while the browser goes from one page to the next.
LEFT = ("Inspected target navigated", "Execution context was destroyed", "Cannot find default execution context",
        "Cannot find context")


class Missing(Exception):
    """There is no browser here."""


class Failed(Exception):
    """The browser, or a script in it, says that something went wrong."""


def _high(fd):
    """The same file under a number that 3 and 4 are not."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return copy


class Chromium:
    def __init__(self, *flags):
        program = os.environ.get("WARD_CHROMIUM") or next(
            filter(None, map(shutil.which, NAMES)), None)
        if not program:
            raise Missing("there is no Chromium; tools/deps test gets it")
        self.profile = tempfile.mkdtemp(prefix="ward-chromium-")
        self.number, self.kept, self.unread = 0, [], b""
        (theirs_in, self.out), (self.into, theirs_out) = (
            [_high(fd) for fd in os.pipe()] for _ in range(2))

        def hand_over():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--remote-debugging-pipe", f"--user-data-dir={self.profile}",
             "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--no-proxy-server",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--mute-audio", "--force-color-profile=srgb", "--use-mock-keychain",
             *(["--no-sandbox"] if os.geteuid() == 0 else []), *flags, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=hand_over, pass_fds=(3, 4), start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            try:
                self.send("Browser.close")
                self.process.wait(10)
            except (Failed, OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- the pipe ----

    def _write(self, message):
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]

    def _read(self, end):
        """The next message; Failed when none comes until `end`."""
        while b"\0" not in self.unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                raise Failed("the browser does not answer")
            piece = os.read(self.into, 1 << 20)
            if not piece:
                raise Failed("the browser is gone")
            self.unread += piece
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def send(self, method, params=None, session=None, seconds=PATIENCE_S):
        """A command's result; events that come meanwhile are kept."""
        self.number += 1
        self._write({"id": self.number, "method": method, "params": params or {}}
                    | ({"sessionId": session} if session else {}))
        end = time.monotonic() + seconds
        while True:
            message = self._read(end)
            if message.get("id") == self.number:
                break
            self.kept.append(message)
        if "error" in message:
            raise Failed(f"{method}: {message['error']['message']}")
        return message["result"]

    def event(self, method, session, fits=lambda params: True, seconds=PATIENCE_S):
        """The parameters of the first event of this name that fits, kept or to come."""
        end = time.monotonic() + seconds
        seen = 0
        while True:
            for at, message in enumerate(self.kept[seen:], seen):
                if (message.get("method") == method and message.get("sessionId") == session
                        and fits(message["params"])):
                    del self.kept[at]
                    return message["params"]
            seen = len(self.kept)
            self.kept.append(self._read(end))

    def page(self, address="about:blank"):
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        page = Page(self, target)
        if address != "about:blank":
            page.open(address)
        return page


class Page:
    def __init__(self, browser, target):
        self.browser, self.target = browser, target
        self.session = browser.send("Target.attachToTarget",
                                    {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "DOM", "Log"):
            self.send(domain + ".enable")
        if latency := float(os.environ.get("WARD_LATENCY_MS", 0)):
            self.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency,
                                                           "downloadThroughput": -1, "uploadThroughput": -1})

    def send(self, method, params=None, seconds=PATIENCE_S):
        return self.browser.send(method, params, self.session, seconds)

    def event(self, method, fits=lambda params: True, seconds=PATIENCE_S):
        return self.browser.event(method, self.session, fits, seconds)

    def close(self):
        self.browser.send("Target.closeTarget", {"targetId": self.target})

    # ---- going somewhere ----

    def open(self, address):
        """Loads the address; what was sent or said before is forgotten."""
        self.forget()
        told = self.send("Page.navigate", {"url": address})
        if "errorText" in told:
            raise Failed(f"{address}: {told['errorText']}")
        self.event("Page.loadEventFired")

    def forget(self):
        self.browser.kept = [message for message in self.browser.kept
                             if message.get("sessionId") != self.session]

    # ---- looking ----

    def evaluate(self, script, seconds=PATIENCE_S):
        """The value of a JavaScript expression; a promise is waited for."""
        told = self.send("Runtime.evaluate", {"expression": script, "awaitPromise": True,
                                              "returnByValue": True, "userGesture": True}, seconds)
        if "exceptionDetails" in told:
            details = told["exceptionDetails"]
            raise Failed(details.get("exception", {}).get("description") or details["text"])
        return told["result"].get("value")

    def wait(self, script, seconds=PATIENCE_S):
        """The first value of the expression that counts as true; on whichever page is there by then."""
        end = time.monotonic() + seconds
        while True:
            try:
                if value := self.evaluate(script):
                    return value
            except Failed as why:
                if not any(words in str(why) for words in LEFT):
                    raise
            if time.monotonic() > end:
                raise Failed(f"in vain: {script}")
            time.sleep(.05)

    def screenshot(self, path=None):
        """PNG bytes of the page, also written to `path`."""
        data = base64.b64decode(self.send("Page.captureScreenshot", {"format": "png"})["data"])
        if path:
            pathlib.Path(path).write_bytes(data)
        return data

    def requests(self):
        """What the page has sent since it was opened: (method, URL, body)."""
        self.evaluate("0")  # what came before this has arrived
        return [(sent["request"]["method"], sent["request"]["url"],
                 sent["request"].get("postData", ""))
                for sent in self._events("Network.requestWillBeSent")]

    def complaints(self):
        """What the console has of errors: of scripts, and of what the policy refused."""
        self.evaluate("0")
        return ([entry["entry"]["text"] for entry in self._events("Log.entryAdded")
                 if entry["entry"]["level"] == "error"]
                + [thrown["exceptionDetails"]["text"]
                   for thrown in self._events("Runtime.exceptionThrown")])

    def _events(self, method):
        return [message["params"] for message in self.browser.kept
                if message.get("method") == method and message.get("sessionId") == self.session]

    # ---- doing ----

    def click(self, selector):
        """As soon as it is there and may be clicked: what it stands in may still wait for the server."""
        self.wait(f"(e => e && !e.disabled && (e.click(), true))(document.querySelector({json.dumps(selector)}))")

    def key(self, key, text=None, modifiers=0):
        """One key down and up, as from the keyboard: "Enter", "j"."""
        named = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38,
                 "ArrowRight": 39, "ArrowDown": 40}
        code = named.get(key) or ord(key[0].upper())
        text = text or ("\r" if key == "Enter" else key if len(key) == 1 else "")
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", {
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "modifiers": modifiers} | ({"text": text} if kind == "keyDown" and text else {}))

    def type(self, text):
        """The words, where the caret is."""
        self.send("Input.insertText", {"text": text})

    def choose_files(self, selector, *paths):
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        # The browser opens no path that has ".." in it.
        files = [str(pathlib.Path(path).resolve()) for path in paths]
        self.send("DOM.setFileInputFiles", {"nodeId": node, "files": files})

    # ---- pretending ----

    def size(self, width, height, scale=1, touch=False):
        self.send("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": touch})

    def media(self, kind="", **features):
        """"print"; prefers_color_scheme="dark", prefers_reduced_motion="reduce"."""
        self.send("Emulation.setEmulatedMedia", {"media": kind, "features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def scripts(self, on):
        self.send("Emulation.setScriptExecutionDisabled", {"value": not on})

    def offline(self, yes):
        self.send("Network.emulateNetworkConditions", {
            "offline": yes, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

    def authenticator(self, **options):
        """A security key that says yes to everything; its id."""
        self.send("WebAuthn.enable")
        return self.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True} | options})["authenticatorId"]
