#!/usr/bin/env python3
"""The page "Stop my picture" in Chromium: pictures are hashed there, and nothing else leaves it."""
import http.server
import html
import random
import threading
import time
import urllib.parse

from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
sys.path.insert(0, str(ROOT / "tests"))
import chromium

PORTAL = ROOT / "web/portal"
BUILD = pathlib.Path(os.environ.get("WARD_BUILD_ROOT", "build"))
WASM, STAGE = BUILD / "web/portal/pdq/pdq.wasm", BUILD / "tests/portal/portal_stage"
# As the portal sends it with this page.
POLICY = ("default-src 'none'; style-src 'self'; img-src 'self' blob:; media-src blob:; "
          "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'self'; "
          "base-uri 'none'; frame-ancestors 'none'")
WORDS = {"en": ("ltr", "Your device is at work.", "Your device cannot read this file.", "Too much.",
                "Send"),
         "ar": ("rtl", "جهازك يعمل.", "لا يستطيع جهازك قراءة هذا الملف.", "هذا كثير.", "إرسال")}

# What stop.js finds in stop.html, and no more.
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Stop</title>
<link rel="stylesheet" href="/portal.css"></head><body><main>
<form id="stop" method="post" action="/{language}/stop" autocomplete="off" hidden
 data-working="{working}" data-unreadable="{unreadable}" data-many="{many}">
<input type="hidden" name="token" value="sealed">
<p><input type="file" id="picture" accept="image/*,video/*" multiple></p>
<p id="state" role="status"></p>
<div id="ready" hidden><ul id="hashes" class="long" dir="ltr"></ul>
<p class="buttons"><button class="go" name="go" value="send">{send}</button></p></div>
</form>
<div id="plain"><p>Other ways.</p></div>
</main><script src="/portal/stop.js" defer></script></body></html>"""
PLAIN_STYLE = ".long { overflow-wrap: anywhere } [hidden] { display: none }"


class Stage:
    """The portal itself before a played intake, which says what it is asked to do."""

    def __init__(self):
        self.process = subprocess.Popen(
            [STAGE, "--script", PORTAL / "stop.js", "--module", WASM], stdout=subprocess.PIPE)
        word, self.address = self.process.stdout.readline().decode().split()
        assert word == "ready", word
        self.address = self.address.rstrip("/") + "/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.lines = self.process.communicate(timeout=30)[0]

    def received(self):
        """The hashes of each report, once the portal has ended."""
        told = [json.loads(line) for line in self.lines.splitlines()]
        return [row["hashes"] for row in told if row["did"] == "file"]


class Played:
    """Serves the page and keeps what is sent, where the portal is not built."""

    def __init__(self):
        portal, self.sent, self.module = self, [], WASM.read_bytes()
        style = PORTAL / "portal.css"
        files = {"/portal/stop.js": ("text/javascript", (PORTAL / "stop.js").read_bytes),
                 "/portal/pdq.wasm": ("application/wasm", lambda: portal.module),
                 "/portal.css": ("text/css", style.read_bytes if style.is_file()
                                 else PLAIN_STYLE.encode)}

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, kind, body, status=200):
                self.send_response(status)
                self.send_header("Content-Type", kind + "; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except BrokenPipeError:
                    pass  # the page is closed already

            def do_GET(self):
                language = self.path.split("/")[1]
                if self.path in files and (body := files[self.path][1]()):
                    self.answer(files[self.path][0], body)
                elif language in WORDS:
                    names = ("direction", "working", "unreadable", "many", "send")
                    words = map(html.escape, WORDS[language])
                    self.answer("text/html", PAGE.format(
                        language=language, **dict(zip(names, words))).encode())
                else:
                    self.answer("text/plain", b"", 404 if self.path != "/favicon.ico" else 200)

            def do_POST(self):
                portal.sent.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer("text/html", b"<!doctype html><title>Receipt</title><p>lamp pier")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def received(self):
        forms = [urllib.parse.parse_qsl(body) for body in self.sent]
        return [[value.split(":")[0] for name, value in form if name == "hash"] for form in forms]


Portal = Stage if STAGE.is_file() else Played
WAIT_S = 4.5 if Portal is Stage else 0  # the portal takes no form that a person cannot have read


def open_page(browser, portal, language="en"):
    page = browser.page(f"{portal.address}{language}/stop")
    page.wait("!document.getElementById('stop').hidden")
    return page


def hashes(page, *files):
    """What the page found in the files."""
    page.choose_files("#picture", *files)
    return found(page)


def found(page):
    page.wait("!ready.hidden || state.textContent === document.getElementById('stop').dataset.unreadable")
    page.wait("state.textContent !== document.getElementById('stop').dataset.working")
    shown = page.evaluate("Array.from(document.querySelectorAll('#hashes li'), i => i.textContent)")
    fields = page.evaluate("Array.from(document.getElementsByName('hash'), field => field.value)")
    equal(shown, fields)
    return shown


def told(path):
    """What ward says of the file, as the page would show it."""
    row = hash_of(path)
    return f"{row['pdq']}:{row['quality']}"


def send(page):
    """Presses the button; the answer is a page without the form."""
    time.sleep(WAIT_S)
    page.click("button[name=go]")
    page.wait("document.readyState === 'complete' && !document.getElementById('stop')")


def bits(a, b):
    return (int(a, 16) ^ int(b, 16)).bit_count()


try:
    BROWSER = chromium.Chromium("--autoplay-policy=no-user-gesture-required")
except chromium.Missing as missing:
    print(f"1..0 # skip {missing}")
    sys.exit(0)
if not WASM.is_file():
    BROWSER.close()
    print("1..0 # skip pdq.wasm is not built (tools/deps build gets what makes it)")
    sys.exit(0)


@case("pictures are hashed as ward hashes them, and shown before anything is sent")
def _(folder):
    looks = (lighthouse, 300, 300), (bridge, 513, 200), (lighthouse, 90, 700), (bridge, 64, 64)
    files = [draw_png(folder / f"{n}.png", *look) for n, look in enumerate(looks)]
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        equal(hashes(page, *files), [told(file) for file in files])
        # A new choice takes the place of the old one; one file twice counts once.
        equal(hashes(page, files[1], files[1]), [told(files[1])])
        equal(page.complaints(), [])
        page.close()
    equal(portal.received(), [])


@case("only hashes leave: not the picture, not its name, and nothing before the button")
def _(folder):
    secret = draw_png(folder / "my-own-name.png", lighthouse)
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        equal(hashes(page, secret), [told(secret)])
        own = [request for request in page.requests() if not request[1].startswith("blob:")]
        equal({method for method, _, _ in own}, {"GET"})
        equal({urllib.parse.urlsplit(url).path for _, url, _ in own}
              - {"/favicon.ico", "/portal.svg"},
              {"/en/stop", "/portal.css", "/portal/stop.js", "/portal/pdq.wasm"})
        send(page)
        posts = [request for request in page.requests() if request[0] == "POST"]
        equal([url for _, url, _ in posts], [portal.address + "en/stop"])
        fields = urllib.parse.parse_qs(posts[0][2], keep_blank_values=True)
        equal(set(fields), {"token", "go", "hash"})
        equal(fields["hash"], [told(secret)])
        # The device keeps nothing of it.
        equal(page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]"),
              ["", 0, 0])
        workers = "navigator.serviceWorker.getRegistrations().then(all => all.length)"
        equal(page.evaluate(workers), 0)
        page.close()
    equal(portal.received(), [[told(secret).split(":")[0]]])


@case("once loaded it works without a network, and the button waits for one")
def _(folder):
    file = draw_png(folder / "a.png", bridge)
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        page.offline(True)
        page.wait("!navigator.onLine")
        equal(hashes(page, file), [told(file)])
        assert page.wait("document.querySelector('button[name=go]').disabled")
        page.offline(False)
        page.wait("!document.querySelector('button[name=go]').disabled")
        send(page)
        page.close()
    equal(portal.received(), [[told(file).split(":")[0]]])


@case("what is no picture, or too plain, is said and not sent")
def _(folder):
    (folder / "a.png").write_bytes(b"no picture at all")
    plain = draw_png(folder / "plain.png", lambda x, y: 128)
    good = draw_png(folder / "good.png", lighthouse)
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        for bad in folder / "a.png", plain:
            equal(hashes(page, bad), [])
            assert page.evaluate("document.getElementById('ready').hidden")
        # Beside a good one it is said, and the good one stands.
        equal(hashes(page, plain, good), [told(good)])
        equal(page.evaluate("state.textContent"),
              page.evaluate("document.getElementById('stop').dataset.unreadable"))
        page.close()


@case("what is too much for one form is said, and the page does not look as if all were in it")
def _(folder):
    def blocks(number):
        """A picture of its own for each number."""
        state = random.Random(number)
        light = [state.randrange(256) for _ in range(64)]
        return lambda x, y: light[int(y * 8) * 8 + int(x * 8)]

    files = [draw_png(folder / f"{n}.png", blocks(n), 64, 64) for n in range(152)]
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        page.choose_files("#picture", *files)
        page.wait("state.textContent === document.getElementById('stop').dataset.many")
        equal(page.evaluate("document.getElementsByName('hash').length"), 150)
        equal(page.evaluate("ready.hidden"), False)
        # Exactly as many as there is room for, one of them twice, is not too much.
        equal(len(hashes(page, *files[:150], files[0])), 150)
        equal(page.evaluate("state.textContent"), "")
        page.close()


@case("a video is hashed once a second, without repeating itself")
def _(folder):
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        # Two drawn scenes of two seconds each, recorded by the browser itself.
        page.evaluate("""(async () => {
            const canvas = document.createElement("canvas");
            canvas.width = 320; canvas.height = 240;
            const context = canvas.getContext("2d");
            let drawn = 0;
            const timer = setInterval(() => {
                const second = drawn++ >= 20;
                for (let y = 0; y < 12; y++) for (let x = 0; x < 16; x++) {
                    const light = second ? (x * x * 7 + y * 31) % 256 : (x * 13 + y * y * 5) % 256;
                    context.fillStyle = `rgb(${light},${light},${255 - light})`;
                    context.fillRect(x * 20, y * 20, 20, 20);
                }
            }, 100);
            const parts = [], recorder = new MediaRecorder(canvas.captureStream(10));
            recorder.ondataavailable = event => parts.push(event.data);
            recorder.start();
            await new Promise(resolve => setTimeout(resolve, 4000));
            const stopped = new Promise(resolve => { recorder.onstop = resolve; });
            recorder.stop();
            clearInterval(timer);
            await stopped;
            const chosen = new DataTransfer();
            chosen.items.add(new File(parts, "a.webm", { type: "video/webm" }));
            picture.files = chosen.files;
            picture.dispatchEvent(new Event("change"));
        })()""")
        frames = found(page)
        print(f"# {len(frames)} frames")
        assert 2 <= len(frames) <= 4, frames
        hexes = [frame.split(":")[0] for frame in frames]
        assert all(bits(a, b) > 10 for n, a in enumerate(hexes) for b in hexes[:n]), frames
        assert max(bits(hexes[0], other) for other in hexes) > 60, "two scenes look alike"
        equal(page.complaints(), [])
        page.close()


@case("without script, and without its module, the page tells other ways")
def _(_):
    with Portal() as portal:
        page = BROWSER.page()
        page.scripts(False)
        page.open(portal.address + "en/stop")
        page.scripts(True)
        visible = "['stop', 'plain'].map(id => document.getElementById(id).checkVisibility())"
        equal(page.evaluate(visible), [False, True])
        page.close()
    with Played() as portal:
        portal.module = b""
        page = BROWSER.page(portal.address + "en/stop")
        page.wait("document.readyState === 'complete'")
        time.sleep(.5)
        equal(page.evaluate(visible), [False, True])
        page.close()


@case("on a phone, in the dark and in Arabic nothing runs over the edge")
def _(folder):
    file = draw_png(folder / "a.png", lighthouse)
    with Portal() as portal:
        for language in WORDS:
            for width in 240, 320:
                page = open_page(BROWSER, portal, language)
                page.size(width, 480, 2, touch=True)
                page.media(prefers_color_scheme="dark")
                equal(hashes(page, file), [told(file)])
                wide = page.evaluate("""Array.from(document.querySelectorAll("body *"))
                    .filter(e => e.checkVisibility())
                    .map(e => [e.tagName + " " + e.id, e.getBoundingClientRect()])
                    .filter(([_, box]) => box.right > innerWidth + 1 || box.left < -1)
                    .map(([name]) => name)""")
                equal((language, width, wide), (language, width, []))
                equal(page.evaluate("[document.documentElement.dir, hashes.dir]"),
                      [WORDS[language][0], "ltr"])
                page.screenshot(folder / f"{language}-{width}.png")
                page.close()


@case("what Chromium decodes is within 10 bits of what the server does, on the golden set")
def _(folder):
    pictures = sorted(path for path in (GOLDEN / "images").rglob("*")
                      if path.suffix in (".png", ".jpg", ".jpeg", ".webp")) if GOLDEN.is_dir() else []
    if not pictures:
        raise Skip("there are no golden pictures; WARD_GOLDEN names their folder")
    apart, place = {}, workspace(folder)
    reports = {row["path"]: row for row in rows(ward("scan", "--json", "--upright", "-w", place,
                                                     *pictures)) if "path" in row}
    with Portal() as portal:
        page = open_page(BROWSER, portal)
        for path in pictures:
            shown = [one.split(":")[0] for one in hashes(page, path)]
            for frame in reports[str(path)]["items"][0]["frames"]:
                # Transparent is white in the browser, and not left out.
                if frame["quality"] >= 50 and (frame["view"] == "composited" or "alpha" not in path.name):
                    for name in {"pdq", "upright"} & frame.keys():
                        apart[path.name, name] = min((bits(one, frame[name]) for one in shown),
                                                     default=256)
        page.close()
    far = {name: bits for name, bits in apart.items() if bits > 10}
    print(f"# {len(apart)} hashes, {sum(b == 0 for b in apart.values())} equal, "
          f"farthest {max(apart.values())}")
    equal(far, {})
    assert len(apart) > 100


if __name__ == "__main__":
    try:
        run_cases()
    finally:
        BROWSER.close()
