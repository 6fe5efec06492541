#!/usr/bin/env python3
"""The vault in the console: a key goes to a colleague, a package leaves by two persons, a letter holds, an end is asked for."""
from console_page import *

WORLD = None


class World:
    """One daemon; two seniors, of whom one holds the keys, and a job of three sealed items, decided."""

    def __init__(self):
        try:
            self.browser = chromium.Chromium()
        except chromium.Missing as missing:
            raise Skip(missing) from None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-vault-"))
        self.place = workspace(self.folder)
        self.daemon = Daemon(self.place, demo=False)
        self.people = {name: member(self.daemon, name, "senior") for name in ("fay", "gus")}
        for who in self.people.values():
            who.ask("PUT", "/v1/session/key", {"phrase": PHRASE}, status=200)
        open_vault(self.daemon, "fay", reports=[("--text", f"The lamp {n} is out.") for n in range(2)])
        fay = self.people["fay"]
        self.jobs = []
        for _ in range(2):
            job = fay.post("/v1/queues/inbox/take", status=200).json["id"]
            fay.post(f"/v1/jobs/{job}/decisions", {"outcome": "none", "undo_seconds": 0}, status=201)
            self.jobs.append(job)
        self.item = fay.get(f"/v1/jobs/{self.jobs[0]}/vault", status=200).json["items"][0]["item"]

    def end(self):
        self.browser.close()
        self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def console(name):
    global WORLD
    WORLD = WORLD or World()
    person, page = WORLD.people[name], WORLD.browser.page()
    page.size(1280, 720)
    key, _, value = person.cookie.partition("=")
    page.send("Network.clearBrowserCookies")
    page.send("Network.setCookie", {"name": key, "value": value, "url": person.site(), "httpOnly": True, "sameSite": "Strict"})
    try:
        here = Console(page, WORLD.daemon, name="127.0.0.1")
        choose(here, "en", "light")
        yield here, person
    finally:
        page.close()


def choose(here, language, theme):
    here.page.evaluate(f"localStorage.setItem('ward-language', '{language}'); localStorage.setItem('ward-theme', '{theme}'); 1")
    here.open("")


def settle(here, where):
    here.go(f"#/{where}")
    here.page.wait(f"location.hash === {json.dumps('#/' + where)} && !!document.querySelector('main h1') && "
                   "!document.querySelector('.waiting') && !document.querySelector('[aria-busy=true]')")


def press_button(here, words):
    """Just these words: a tab may begin with them."""
    found = f"[...document.querySelectorAll('main button')].find(e => e.innerText.trim() === {json.dumps(words)})"
    here.page.wait(f"!!{found} && !{found}.disabled")
    here.page.evaluate(f"{found}.click(); 1")


def submit(here):
    here.page.evaluate("document.querySelector('dialog form').requestSubmit(); 1")


def confirm_all(who):
    for second in who.get("/v1/seconds", status=200).json["waiting"]:
        who.post(f"/v1/seconds/{second['id']}", {"confirm": True, "reason": "as asked"}, status=204)


@case("a package is asked for, confirmed by another, downloaded, and ward verify proves it")
def _(folder):
    secret = folder / "secret"
    key = ward("verify", "--new-secret", secret, status=0).stdout.decode().strip().splitlines()[-1].split()[-1]
    with console("fay") as (here, fay):
        job = WORLD.jobs[0]
        settle(here, f"vault/job/{job}")
        fay.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
        here.open(f"#/vault/job/{job}")
        here.press("Export")
        here.fill("dialog .field:nth-of-type(1) input", "harbour police")
        here.fill("dialog .field:nth-of-type(2) input", key)
        here.fill("dialog textarea", "letter 9")
        here.keep("vault-export-dialog")
        submit(here)
        here.see("It now waits for a second person.")
        confirm_all(WORLD.people["gus"])
        WORLD.browser.send("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
        here.open("#/vault/acts")
        here.keep("vault-acts-en")
        here.press("Do it now")
        here.press("Download the package")
        package = wait_until(lambda: next(iter(folder.glob("*.tar")), None))
        told = ward("verify", package, status=0).stdout.decode()
        assert "harbour police" in told, told
        settle(here, f"vault/custody/{WORLD.item}")
        here.see("item.exported")
        equal(here.page.complaints(), [])


@case("a letter holds the items, and an end that is asked for waits until it is let go")
def _(folder):
    with console("fay") as (here, fay):
        job = WORLD.jobs[0]
        settle(here, f"vault/job/{job}")
        here.page.wait("!!document.querySelector('main table')")
        here.page.key("h")
        here.page.wait("document.querySelectorAll('dialog option').length > 2")
        here.fill("dialog .field:nth-of-type(2) input", "harbour police, letter 9")
        here.fill("dialog textarea", "their letter")
        here.keep("vault-hold-dialog")
        submit(here)
        here.see("1 item is held.")
        here.see("held for an authority")
        press_button(here, "Destroy")
        here.fill("dialog textarea", "sent by mistake")
        submit(here)
        here.see("Something has changed meanwhile")
        here.press("Cancel")
        settle(here, "vault/holds")
        here.see("harbour police, letter 9")
        other = WORLD.jobs[1]
        settle(here, f"vault/job/{other}")
        press_button(here, "Destroy")
        here.fill("dialog textarea", "sent by mistake")
        submit(here)
        here.see("It now waits for a second person.")
        confirm_all(WORLD.people["gus"])
        here.open(f"#/vault/job/{other}")
        here.press("Do it now")
        here.see("destroyed")
        settle(here, "vault/destructions")
        here.see("sent by mistake")


@case("a role's key is given from the people page to a colleague, and opens the item for them")
def _(folder):
    with console("fay") as (here, fay):
        gus = WORLD.people["gus"]
        settle(here, "people")
        here.see("Held by")
        here.press("Give")
        here.fill("dialog textarea", "begins today")
        submit(here)
        here.see("It now waits for a second person.")
        confirm_all(gus)
        here.open("#/people/keys")
        here.press("Do it now")
        here.page.wait("document.querySelectorAll('main .things li').length === 2")
        gus.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
        gus.post(f"/v1/items/{WORLD.item}/text", {"reason": "to see that it opens"}, status=200)
        here.press("Take away")
        here.fill("dialog textarea", "works elsewhere now")
        submit(here)
        here.page.wait("document.querySelectorAll('main .things li').length === 1")


@case("its pages are reachable by keyboard and reader, light and dark, wide and narrow, from the right as well")
def _(folder):
    with console("fay") as (here, _):
        places = ["vault", "vault/holds", "vault/acts", "vault/destructions", "vault/clocks", f"vault/job/{WORLD.jobs[0]}",
                  f"vault/custody/{WORLD.item}", "people/keys"]
        for where in places:
            settle(here, where)
            here.keep(f"{where.replace('/', '-')[:18]}-en")
            equal((where, overflow(here.page)), (where, ""))
            equal((where, axe(here.page)), (where, []))
        choose(here, "ar", "dark")
        here.page.size(360, 740)
        for where in places:
            settle(here, where)
            here.keep(f"{where.replace('/', '-')[:18]}-ar-dark-360")
            equal((where, overflow(here.page)), (where, ""))
            assert "{" not in here.text(), here.text()
        equal(axe(here.page), [])
        equal(here.page.complaints(), [])


try:
    run_cases()
finally:
    if WORLD:
        WORLD.end()
