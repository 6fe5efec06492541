#!/usr/bin/env python3
"""The portal as people use it: no script, any language, slow hands, curious strangers."""
import shutil
import socket
import threading

from daemon import wait_until
from portal_page import *
from scenario import *

LANGUAGES = ["en", "fr", "es", "ar"]
NAMES = ["", "report", "help", "back", "stop", "children", "nine", "twelve", "teens", "parents",
         "teachers", "privacy", "transparency"]
HOSTILE = "\"><script>alert(1)</script>' onmouseover='x' {text x} &amp; \u202eevil"


def words_of(page):
    """The six code words of a receipt page."""
    return re.search(r"((?:\S+ ){5}\S+)", re.search(r'class="code"[^>]*><bdi>([^<]*)', page.body.decode())[1])[1]


def sent(stage, **answers):
    page = fill_report(stage, **answers)
    wait_until_sendable()
    return page.press("send")


@case("a report is made in four steps, and arrives as it was written")
def _(folder):
    with Stage(folder, "--operator", "The Lighthouse") as stage:
        page = stage.get("/en/report")
        assert "Step 1 of 4" in page.text
        page = page.press("next", what="conversation")
        assert "Step 2 of 4" in page.text
        page = page.press("next", address=" keeper@the game ", place="gaming")
        assert "Step 3 of 4" in page.text
        page = page.press("next", topic="grooming", when="yesterday", date="2026-02-28",
                          time="18:30", zone="+05:45", words="Two lines,\nand <b>a third</b> é ش.\n")
        assert "Step 4 of 4" in page.text
        page = page.press("next", contact="mail", mail="ann@example.org")
        assert "Check and send" in page.text and "Two lines," in page.text
        equal(stage.did(), [])
        wait_until_sendable()
        page = page.press("send")
        equal(page.status, 200)
        assert "Your report is here" in page.text
        equal(len(words_of(page).split()), 6)
        report = stage.did("file")[0]
        for name, value in {"what": "conversation", "address": "keeper@the game",
                            "place": "gaming", "topic": "grooming", "when": "yesterday",
                            "date": "2026-02-28", "time": "18:30", "zone": "+05:45",
                            "words": "Two lines,\nand <b>a third</b> é ش.", "contact": "mail",
                            "mail": "ann@example.org", "language": "en"}.items():
            equal(report[name], value)


@case("every language can make a report, and a receipt told in one is heard in another")
def _(folder):
    with Stage(folder) as stage:
        pages = [fill_report(stage, language) for language in LANGUAGES]
        wait_until_sendable()
        for language, page in zip(LANGUAGES, pages):
            page = page.press("send")
            words = words_of(page)
            opened = stage.get("/en/back").press("open", code=words)
            assert "Where it stands" in opened.text, words
            # In capitals, with other marks between, as one would write it down.
            again = stage.get("/fr/back").press("open", code="  " + words.upper().replace(" ", "-- "))
            assert "Où il en est" in again.text, words
        equal([row["language"] for row in stage.did("file")], LANGUAGES)


@case("what is missing is said at its place, and what was written stays")
def _(folder):
    with Stage(folder) as stage:
        page = stage.get("/en/report").press("next")
        assert "Please choose one." in page.text and "Step 1" in page.text
        page = page.press("next", what="picture").press("next", address="here")
        assert "Please choose a kind of place" in page.text
        equal(page.field("address"), "here")
        page = page.press("next", address="", place="other" if False else "email")
        assert "Please write the address" in page.text
        page = page.press("next", none="yes")
        page = page.press("next", topic="other", date="31.12.2026", words="my words")
        assert "Please write the date like" in page.text
        equal(page.field("words"), "my words")
        page = page.press("next", date="", words="a" * 4001)
        assert "It can have 4000 letters" in page.text
        equal(page.field("words"), "a" * 4001)
        page = page.press("next", words="ش" * 4000)
        page = page.press("next", contact="mail", mail="nobody")
        assert "Please write a whole address" in page.text
        page = page.press("next", contact="none")
        assert "I have no address" in page.text and "Check and send" in page.text


@case("one goes back and forth, changes one thing, and changes the language, and loses nothing")
def _(folder):
    with Stage(folder) as stage:
        page = fill_report(stage, until="contact", words="first words")
        page = page.press("back")
        equal(page.field("words"), "first words")
        page = page.press("back")
        equal(page.field("address"), "www.example.org/lighthouse")
        form, _button = page.form("stay")
        arabic = next(b for b in form.buttons if b.get("formaction") == "/ar/report")
        page = stage.post(arabic["formaction"], form.fields + [("go", "stay")])
        assert 'dir="rtl"' in page.body.decode()
        equal(page.field("address"), "www.example.org/lighthouse")
        page = page.press("next").press("next").press("next")
        page = page.press("where", )
        page = page.press("next", address="elsewhere")
        # All steps were done before, so the next is the check again.
        assert "elsewhere" in page.text and "first words" in page.text


@case("the danger button shows numbers of the country that is chosen, and keeps what was written")
def _(folder):
    with Stage(folder) as stage:
        page = fill_report(stage, until="contact", words="half a story")
        page = page.press("danger", contact="code")
        assert "What you wrote is still here" in page.text
        assert "117" not in page.text
        page = page.press("danger", country="CH")
        assert "117" in page.text and "147" in page.text and "Pro Juventute" in page.text
        page = page.press("stay")
        assert "Step 4 of 4" in page.text
        equal(page.field("contact"), "code")
        page = page.press("next")
        assert "half a story" in page.text
        for code, number in ("FR", "119"), ("US", "911"), ("IN", "1098"), ("SA", "116111"):
            shown = stage.get(f"/ar/help?country={code}")
            assert number in shown.text, code
            assert any(link.startswith("tel:") for link in shown.links)
        # A country nobody has heard of shows the list, and no error.
        equal(stage.get("/en/help?country=%22%3E%3Cb%3E").status, 200)


@case("a form that is sent twice is one report with one receipt")
def _(folder):
    with Stage(folder) as stage:
        page = fill_report(stage)
        wait_until_sendable()
        first, second = page.press("send"), page.press("send")
        equal(words_of(first), words_of(second))
        rows = stage.did("file")
        equal([row["known"] for row in rows], [False, True])
        equal(rows[0]["key"], rows[1]["key"])
        third = sent(stage)
        assert words_of(third) != words_of(first)


@case("whoever goes back and changes what was sent has sent another report, and none is lost")
def _(folder):
    with Stage(folder) as stage:
        page = fill_report(stage, words="first words")
        wait_until_sendable()
        first = page.press("send")
        changed = page.press("seen").press("next", words="second words")
        second = changed.press("send")
        assert words_of(first) != words_of(second)
        again = changed.press("seen").press("next").press("send")
        equal(words_of(second), words_of(again))
        equal([(row["words"], row["known"]) for row in stage.did("file")],
              [("first words", False), ("second words", False), ("second words", True)])
        for words in words_of(first), words_of(second):
            assert "Where it stands" in stage.get("/en/back").press("open", code=words).text
        # The same of what is added.
        opened = stage.get("/en/back").press("open", code=words_of(second))
        opened.press("add", words="I saw more.")
        assert "And more." in opened.press("add", words="And more.").text
        equal([row["words"] for row in stage.did("add")], ["I saw more.", "And more."])


@case("words that are too long to add are said to be so, and stay")
def _(folder):
    with Stage(folder) as stage:
        opened = stage.get("/en/back").press("open", code=words_of(sent(stage)))
        page = opened.press("add", words="a" * 4001)
        assert "It can have 4000 letters" in page.text
        equal(page.field("words"), "a" * 4001)
        equal(stage.did("add"), [])
        page.press("add", words="a" * 4000)
        equal(len(stage.did("add")), 1)


@case("whoever has the words reads the answer, adds to the report once, and takes it back")
def _(folder):
    with Stage(folder) as stage:
        words = words_of(sent(stage, words="the lamp is lit"))
        page = stage.get("/en/back").press("open", code=words)
        assert "The work on it is done" in page.text and "2026-03-01" in page.text
        assert "&lt;b&gt;The keeper&lt;/b&gt;" in page.body.decode()
        # The words themselves are in no page.
        assert words not in page.body.decode()
        assert "Please write something first" in page.press("add", words=" ").text
        once = page.press("add", words="I saw more.")
        page.press("add", words="I saw more.")
        assert "I saw more." in once.text
        equal([row["words"] for row in stage.did("add")], ["I saw more."])
        assert "Please tick the box" in once.press("withdraw").text
        equal(stage.did("withdraw"), [])
        page = once.press("withdraw", sure="yes")
        assert "You took it back" in page.text and len(page.forms) == 0
        equal(len(stage.did("withdraw")), 1)


@case("wrong words, and a sealed text that is not ours, open nothing")
def _(folder):
    with Stage(folder) as stage:
        words = words_of(sent(stage)).split()
        other = next(w for w in ("apple", "bridge") if w != words[0])
        for typed in ("", "one two", " ".join(words[:5]), " ".join(words + [words[0]]),
                      " ".join([other] + words[1:]), "x" * 5000, "\0\xff" * 50, "ش " * 6):
            page = stage.get("/en/back").press("open", code=typed)
            assert "We do not know these words" in page.text, typed
            equal(page.status, 200)
        token = fill_report(stage).field("token")
        for fake in ("", "AAAA", token, token[:-4] + "AAAA", "é" * 100):
            for button in ("add", "withdraw"):
                stage.post("/en/back", {"token": fake, "go": button, "words": "w", "sure": "yes"})
        equal(stage.did("add") + stage.did("withdraw"), [])


@case("a draft that was changed on its way, or is of another use, begins anew and keeps the page")
def _(folder):
    with Stage(folder) as stage:
        page = fill_report(stage, until="contact")
        token = page.field("token")
        for fake in ("", token[:-2], token[:50] + ("A" if token[50] != "A" else "B") + token[51:],
                     "x" * 150000):
            got = stage.post("/en/report", {"token": fake, "step": "seen", "go": "next",
                                            "topic": "abuse", "words": "keep me"})
            assert "too old" in got.text and "Step 1 of 4" in got.text
            later = got.press("next", what="site").press("next", address="a", place="p2p")
            equal(later.field("words"), "keep me")
        wait_until_sendable()
        got = stage.post("/en/report", {"token": token, "step": "check", "go": "send"})
        equal(len(stage.did("file")), 1)


@case("nothing is sent while a step is missing, whatever is asked for")
def _(folder):
    with Stage(folder) as stage:
        token = stage.get("/en/report").field("token")
        wait_until_sendable()
        for step in ("what", "where", "seen", "contact", "check", "help", "nonsense", ""):
            got = stage.post("/en/report", {"token": token, "step": step, "go": "send"})
            equal(got.status, 200)
        equal(stage.did(), [])


@case("a form that is sent at once is asked for again, and a rush is told to wait, words kept")
def _(folder):
    with Stage(folder, "--reports-per-minute", "1") as stage:
        pages = [fill_report(stage, words=f"story {i}") for i in range(8)]
        assert "That was quick" in pages[0].press("send").text
        equal(stage.did(), [])
        wait_until_sendable()
        answers = [page.press("send") for page in pages]
        # Ten are saved up; forms younger than a minute may have the upper half.
        equal([answer.status for answer in answers], [200] * 5 + [503] * 3)
        assert "Please wait" in answers[7].text and "story 7" in answers[7].text
        assert int(answers[7].headers["retry-after"]) > 0
        equal(len(stage.did("file")), 5)


@case("when intake cannot store a report, the page says so and the next press sends it")
def _(folder):
    with Stage(folder) as stage:
        page = sent(stage, words="the disk is full")
        equal(page.status, 503)
        assert "It is not sent yet" in page.text and "the disk is full" in page.text
        page = page.press("send").press("send")
        assert "Your report is here" in page.text
        equal(len(stage.did("file")), 1)


@case("numbers under five are not told, and counts are of reports")
def _(folder):
    with Stage(folder) as stage:
        pages = [fill_report(stage, words="the lamp is lit" if i == 0 else "") for i in range(6)]
        wait_until_sendable()
        for page in pages:
            page.press("send")
        page = stage.get("/en/transparency")
        assert re.search(r"Reports from the public\s*6\b", page.text)
        assert re.search(r"Work done\s*fewer than 5", page.text)
        # Who asks again does not learn that somebody has reported since.
        sent(stage)
        equal(stage.get("/en/transparency").text, page.text)
    with Stage(folder) as stage:
        assert "There are no numbers" in stage.get("/en/transparency").text


@case("a picture is stopped by its hashes alone; no field is for anything else")
def _(folder):
    (folder / "stop.js").write_text("// played\n")
    (folder / "pdq.wasm").write_bytes(b"\0asm\1\0\0\0")
    with Stage(folder) as stage:
        page = stage.get("/en/stop")
        assert "This part needs scripts" in page.text and not page.forms
        assert not any(tag == "script" for tag, _ in page.tags)
        equal(stage.get("/portal/stop.js").status, 404)
    with Stage(folder, "--script", folder / "stop.js", "--module", folder / "pdq.wasm") as stage:
        page = stage.get("/en/stop")
        assert "script-src 'self' 'wasm-unsafe-eval'" in page.headers["content-security-policy"]
        picture = next(a for tag, a in page.tags if a.get("type") == "file")
        assert "name" not in picture
        equal(stage.get("/portal/pdq.wasm").headers["content-type"], "application/wasm")
        token = page.field("token")
        good = "0f" * 32
        for bad in ({}, {"hash": ""}, {"hash": good}, {"hash": good + ":101"},
                    {"hash": good + "0:50"}, {"hash": good[:-1] + "g:50"}):
            got = stage.post("/en/stop", {"token": token, **bad})
            assert "There was no number" in got.text, bad
        equal(stage.post("/en/stop", {"token": "x", "hash": good + ":50"}).status, 200)
        many = [("token", token)] + [("hash", f"{i:064x}:80") for i in range(150)]
        got = stage.post("/en/stop", many)
        words = words_of(got)
        equal(len(stage.did("file")), 1)
        report = stage.did("file")[0]
        equal(report["what"], "own_picture")
        equal(len(report["hashes"]), 150)
        # The page once more, with another picture: that is another report.
        got = stage.post("/en/stop", [("token", token), ("hash", good + ":80")])
        assert words_of(got) != words
        equal([len(row["hashes"]) for row in stage.did("file")], [150, 1])
        equal(words_of(stage.post("/en/stop", many)), words)
        equal(stage.did("file")[2]["known"], True)
        equal(report["hashes"][7], f"{7:064x}")
        page = stage.get("/en/back").press("open", code=words).press("withdraw", sure="yes")
        equal(len(stage.did("withdraw")), 1)
        got = stage.post("/en/stop", many + [("hash", good + ":50")])
        assert "There was no number" in got.text


@case("what people write is never markup, on any page that shows it")
def _(folder):
    with Stage(folder, "--operator", HOSTILE.replace("\u202e", "")) as stage:
        page = fill_report(stage, address=HOSTILE, words=HOSTILE, contact="mail",
                           mail="a'b@example.org", date="", time="")
        pages = [page, page.press("where"), page.press("seen"), page.press("contact")]
        wait_until_sendable()
        words = words_of(page.press("send"))
        opened = stage.get("/en/back").press("open", code=words)
        pages += [opened.press("add", words=HOSTILE),
                  stage.get("/en/back").press("open", code=HOSTILE),
                  stage.get("/en/privacy"), stage.get("/en/help?country=" + urllib.parse.quote(HOSTILE))]
        for page in pages:
            assert not any(tag == "script" or "onmouseover" in attributes
                           for tag, attributes in page.tags), page.path
            assert "\u202e" not in page.body.decode()[page.body.decode().index("<main"):], page.path


@case("no answer sets a cookie, asks elsewhere, or may be kept; every page has its policy")
def _(folder):
    with Stage(folder) as stage:
        paths = [f"/{language}/{name}" for language in LANGUAGES for name in NAMES]
        for path in paths + ["/", "/en/nothing", "/xx/"]:
            page = stage.get(path)
            assert "set-cookie" not in page.headers, path
            assert page.headers["content-security-policy"].startswith("default-src 'none'"), path
            equal(page.headers["referrer-policy"], "no-referrer")
            equal(page.headers["cache-control"], "no-store")
            for tag, attributes in page.tags:
                loads = attributes.get("src") or (tag == "link" and attributes.get("href"))
                assert not loads or loads.startswith("/"), (path, loads)
                assert not any(name.startswith("on") or name == "style" for name in attributes), path
            for link in page.links:
                if link.startswith("/"):
                    assert stage.get(link).status == 200, (path, link)


@case("the first page and all it needs are under 14 kB, and no page is over 30 kB")
def _(folder):
    with Stage(folder) as stage:
        def weight(path):
            page = stage.get(path, **{"Accept-Encoding": "identity"})
            return len(page.body) + sum(len(k) + len(v) + 4 for k, v in page.headers.items()) + 17

        extra = weight("/portal.css") + weight("/portal.svg")
        for language in LANGUAGES:
            total = weight(f"/{language}/") + extra
            print(f"# {language}: the first page with everything is {total} bytes")
            assert total <= 14000, total
            for name in NAMES:
                assert weight(f"/{language}/{name}") + extra <= 30000, name


@case("the language is what the browser prefers, and else what the address says")
def _(folder):
    with Stage(folder) as stage:
        for header, code in ("ar-EG,en;q=0.5", "ar"), ("de, fr;q=0.3, es;q=0.7", "es"), \
                ("xx", "en"), ("", "en"), ("fr;q=0,es;q=0.1", "es"), ("FR", "fr"), \
                (",;,q=;en" * 500, "en"):
            page = stage.get("/", **{"Accept-Language": header})
            equal(page.headers["content-language"], code)
            equal(stage.get("/es/", **{"Accept-Language": header}).headers["content-language"], "es")
        equal(stage.get("/fr").headers["location"], "/fr/")


@case("what is no form of ours is refused, and the portal goes on")
def _(folder):
    with Stage(folder) as stage:
        equal(stage.ask("PUT", "/en/report").status, 405)
        equal(stage.post("/en/parents", {}).status, 405)
        equal(stage.ask("POST", "/en/report", b"{}", {"Content-Type": "application/json"}).status, 415)
        equal(stage.ask("POST", "/en/report", b"x", {}).status, 415)
        equal(stage.post("/en/report", {"a": "b" * 300000}).status, 413)
        equal(stage.post("/en/report", [("a", "b")] * 200).status, 413)
        equal(stage.post("/en/report", {}, **{"Sec-Fetch-Site": "cross-site"}).status, 403)
        equal(stage.post("/en/report", {}, **{"Sec-Fetch-Site": "same-origin"}).status, 200)
        for path in ("/en/../etc", "/en%00/", "/en/report%00", "//en/", "/EN/", "/en/report/x",
                     "/portal/../portal.css", "/portal/"):
            equal(stage.get(path).status, 404)
        chunked = b"POST /en/report HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" \
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        with socket.create_connection(("127.0.0.1", stage.port), timeout=30) as peer:
            peer.sendall(chunked)
            try:
                for _ in range(40):
                    peer.sendall(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
                peer.sendall(b"0\r\n\r\n")
            except OSError:
                pass
            assert b" 413 " in peer.recv(4096)
        equal(stage.get("/en/").status, 200)


@case("bodies that drip are cut, idle connections keep nobody out")
def _(folder):
    with Stage(folder, "--request-time", "2", "--connections", "20") as stage:
        idle = [socket.create_connection(("127.0.0.1", stage.port)) for _ in range(60)]
        equal(stage.get("/en/").status, 200)
        peer = socket.create_connection(("127.0.0.1", stage.port), timeout=30)
        peer.sendall(b"POST /en/report HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                     b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 20:
                peer.sendall(b"a")
                time.sleep(.2)
        except OSError:
            pass
        assert time.monotonic() - begun < 10
        equal(stage.get("/en/").status, 200)
        for one in idle + [peer]:
            one.close()


@case("many people at once are served, and each report is filed once")
def _(folder):
    with Stage(folder, "--reports-per-minute", "1000") as stage:
        pages = [fill_report(stage, words=f"story {i}") for i in range(24)]
        wait_until_sendable()
        answers = [None] * len(pages)

        def send(i):
            answers[i] = pages[i].press("send").status

        threads = [threading.Thread(target=send, args=(i,)) for i in range(len(pages))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(answers, [200] * len(pages))
        equal(sorted(row["words"] for row in stage.did("file")),
              sorted(f"story {i}" for i in range(24)))


@case("the log holds nothing of who asked or what they wrote")
def _(folder):
    with Stage(folder) as stage:
        sent(stage, words="the disk is full", address="www.example.org/secret-place")
        log = stage.err.read_text()
        assert "portal_intake" in log
        for word in ("127.0.0.1", "secret", "disk is full", "example"):
            assert word not in log, log


@case("a text browser can do every step, by keys alone")
def _(folder):
    if not shutil.which("lynx"):
        raise Skip("lynx is not here")
    with Stage(folder) as stage:
        lynx = Lynx(folder, stage, stage.get("/en/report"))
        try:
            lynx.choose("what", "account")
            lynx.press("next", what="account")
            lynx.type("address", "keeper of the lamp")
            lynx.choose("place", "gaming")
            lynx.press("next", address="keeper of the lamp", place="gaming")
            lynx.choose("topic", "sexual_extortion")
            lynx.choose("when", "week")
            lynx.type("words", "by keys alone")
            lynx.press("next", topic="sexual_extortion", when="week", words="by keys alone")
            lynx.press("next")
            wait_until_sendable(5)
            # Our own reading of the page stops here; the receipt is lynx's alone.
            lynx.go({"name": "go", "value": "send"})
            lynx.key("^J")
            wait_until(lambda: stage.did("file"))
        finally:
            lynx.leave()
        screen = (folder / "screen").read_text(errors="replace")
        assert "Your report is here" in screen
        report = stage.did("file")[0]
        equal([report[name] for name in ("what", "address", "place", "topic", "when", "words")],
              ["account", "keeper of the lamp", "gaming", "sexual_extortion", "week",
               "by keys alone"])


@case("another text browser shows every page's words")
def _(folder):
    if not shutil.which("w3m"):
        raise Skip("w3m is not here")
    with Stage(folder) as stage:
        for language in LANGUAGES:
            for name in NAMES:
                page = stage.get(f"/{language}/{name}")
                shown = subprocess.run(
                    ["w3m", "-dump", "-cols", "40", "-I", "UTF-8", "-O", "UTF-8", "-T", "text/html"],
                    input=page.body, capture_output=True, check=True, timeout=60).stdout.decode()
                title = re.search(r"<h1[^>]*>([^<]*)", page.body.decode())[1]
                for word in title.replace("&#39;", "'").split():
                    assert word in shown, (page.path, word)


@case("the HTML of every page is valid, in every language")
def _(folder):
    # Where another Python comes first, Debian's module is still at its place.
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        import html5lib
    except ImportError:
        raise Skip("html5lib is not here (Debian: python3-html5lib)")
    (folder / "stop.js").write_text("// played\n")
    with Stage(folder, "--operator", HOSTILE, "--script", folder / "stop.js", "--module",
               folder / "stop.js") as stage:
        pages = []
        for language in LANGUAGES:
            pages += [stage.get(f"/{language}/{name}") for name in NAMES + ["nothing"]]
            pages.append(stage.get(f"/{language}/help?country=CA"))
            steps = [stage.get(f"/{language}/report").press("next")]
            steps += [fill_report(stage, language, until) for until in ("address", "topic", "contact")]
            pages += steps + [step.press("next", **{name: None for name in
                                                    ("what", "place", "topic", "contact")
                                                    if name in step.forms[0].choices})
                              for step in steps]
            pages.append(steps[1].press("danger"))
            pages.append(fill_report(stage, language, words=HOSTILE + " 0123 456789",
                                     contact="mail", mail="a@example.org"))
        wait_until_sendable()
        for page in pages[-1::-(len(pages) // 4)][:4]:
            thanks = page.press("send")
            language = thanks.path.split("/")[1]
            opened = stage.get(f"/{language}/back").press("open", code=words_of(thanks))
            pages += [thanks, opened, opened.press("add", words=HOSTILE)]
        for page in pages:
            parser = html5lib.HTMLParser(strict=False)
            parser.parse(page.body.decode())
            assert not parser.errors, (page.path, parser.errors)
            look_closer(page)


def look_closer(page):
    """What a parser does not mind and a person does."""
    where = f"{page.path} {page.text[:80]!r}"
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    equal(len(ids), len(set(ids)))
    equal(sum(tag == "h1" for tag, _ in page.tags), 1)
    equal(sum(tag == "main" for tag, _ in page.tags), 1)
    for tag, attributes in page.tags:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            for target in attributes.get(name, "").split():
                assert target in ids, (where, name, target)
    language = page.path.split("/")[1]
    equal(next(a for tag, a in page.tags if tag == "html")["lang"], language)
    # A field says what it is for: by a label with its id, or by the label it stands in.
    labelled = {attributes["for"] for tag, attributes in page.tags if "for" in attributes}
    for tag, attributes in page.tags:
        if tag in ("select", "textarea") or \
                tag == "input" and attributes.get("type", "text") not in ("hidden", "radio", "checkbox"):
            assert attributes.get("id") in labelled, (where, attributes)


run_cases()
