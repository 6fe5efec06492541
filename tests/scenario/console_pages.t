#!/usr/bin/env python3
"""The office pages of the console: people, policy, exposure, report status, numbers, lists, and what follows a decision."""
import sqlite3

from console_page import *

PLACES = {
    "sam": ["policy/tree", "policy/routes", "policy/kinds", "policy/queues", "appeals/dead", "stats/intake",
            "stats/wellbeing", "exposure/team", "exposure/mine", "lists", "lists/lamps"],
    "ada": ["people", "people/roles"],
    "fay": ["filings"],
}
WORLD = None


class World:
    """One daemon, and people whose sessions a browser is lent."""

    def __init__(self):
        try:
            self.browser = chromium.Chromium()
        except chromium.Missing as missing:
            raise Skip(missing) from None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-pages-"))
        self.place = workspace(self.folder, lamps=["sha256:" + hashlib.sha256(bytes([n])).hexdigest() for n in range(60)])
        ward("vault", "init", "-w", self.place, status=0)
        self.daemon = Daemon(self.place, demo=False)
        self.people = {name: member(self.daemon, name, roles) for name, roles in (
            ("sam", "supervisor,lists"), ("ada", "admin"), ("fay", "senior,filer"), ("rae", "reviewer"))}
        sam, fay = self.people["sam"], self.people["fay"]
        sam.ask("PUT", "/v1/policies/harm", {"title": "Harm", "labels": "ward:lamp", "severe": True, "help": "Lamps."}, status=200)
        sam.ask("PUT", "/v1/policies/harm.known", {"title": "Known", "labels": ""}, status=200)
        sam.post("/v1/routes", {"mode": "test", "conditions": {"channel": "console", "urgent": False}, "queue": "inbox"}, status=201)
        sam.ask("PUT", "/v1/action-kinds/tell", {"title": "Tell", "url": "https://desk.example/tell",
                                                 "parameters": [{"name": "why", "type": "text"}]}, status=200)
        for words in ("The lamp is out.", "The bell is gone."):
            ward("intake", "add", "-w", self.place, "--text", words, status=0)
        self.job = fay.post("/v1/queues/inbox/take", status=200).json["id"]
        self.filing = fay.post("/v1/filings", {"job": self.job}, status=201).json["id"]
        # One for another authority, as if its package had been made and taken out.
        self.handed = fay.post("/v1/filings", {"job": self.job, "authority": "nca"}, status=201).json["id"]
        with sqlite3.connect(self.place / "ward.db", timeout=20) as store:
            store.execute("UPDATE filings SET state = 'downloaded', approved_at = created_at WHERE id = ?", [self.handed])
            store.execute("INSERT INTO filing_packages VALUES (?, 'i', ?, 5120, 0, 1, 1, '', 0, '', '', '', '', 0, '')",
                          [self.handed, "0" * 64])
            # What was written behind block pages.
            for number, (ordered, list_name, entry) in enumerate(((0, "games", "=lighthouse.example"), (1, "national", "7"))):
                store.execute("INSERT INTO site_appeals VALUES (?, 1790000000, ?, ?, ?, ?, ?, ?, 'en', ?, 'open', '', '', 0, 0)",
                              [f"appeal{number}", f"once{number}", "abuse" if ordered else "category", list_name, entry,
                               "" if ordered else "lighthouse.example", ordered, "There are only lamps on it."])
            store.execute("INSERT INTO site_appeal_contacts VALUES ('appeal0', 'keeper@example.org', 1999999999)")
        PLACES["fay"] += [f"filings/{self.filing}", f"filings/{self.handed}"]
        PLACES["ada"].append(f"people/person/{self.people['rae'].person}")

    def end(self):
        self.browser.close()
        self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def console(name, width=1280, height=720):
    """The console in the browser, with this person's session and nothing that another left behind."""
    global WORLD
    WORLD = WORLD or World()
    with as_person(WORLD.browser, WORLD.people[name], width, height) as here:
        yield here, WORLD.people[name]


@case("every office page is reachable by keyboard and reader, light and dark, wide and narrow, from the right as well")
def _(folder):
    for name, places in PLACES.items():
        with console(name) as (here, _):
            for where in list(places):
                settle(here, where)
                here.keep(f"{where.replace('/', '-')[:24]}-en")
                equal((where, axe(here.page)), (where, []))
                equal((where, overflow(here.page)), (where, ""))
            # What axe sees in the dark and from the right is the same stylesheet's: every third page.
            choose(here, "ar", "dark")
            for where in list(places)[::3]:
                settle(here, where)
                equal((where, axe(here.page)), (where, []))
            here.page.size(360, 740)
            for where in list(places):
                settle(here, where)
                here.keep(f"{where.replace('/', '-')[:24]}-ar-dark-360")
                equal((where, overflow(here.page)), (where, ""))
                assert "{" not in here.text().replace("{}", ""), here.text()
            equal(here.page.complaints(), [])


@case("by Tab one comes to everything of every page, and sees where one is")
def _(folder):
    for name, places in PLACES.items():
        with console(name) as (here, _):
            for where in list(places):
                settle(here, where)
                equal((where, by_tab(here)), (where, ([], [])))


@case("a window keeps the focus, shows it, and gives it back, and axe finds nothing wrong in it; in Arabic and dark as well")
def _(folder):
    windows = {
        "sam": {"policy/tree": ["policy.new", "office.change"], "policy/routes": ["routes.new", "do.remove"],
                "policy/kinds": ["kinds.new"], "policy/queues": ["queues.new", "queues.people"], "exposure/team": ["team.raise"],
                "lists": ["lists.import"], "lists/lamps": ["office.change", "lists.delete", "lists.opinion"]},
        "ada": {"people": ["people.invite"], "people/roles": ["roles.new"],
                f"people/person/{WORLD.people['rae'].person}": ["people.change_names", "people.change_roles", "people.anew", "people.off"]},
        "fay": {f"filings/{WORLD.filing}": ["filing.retract"], f"job/{WORLD.job}": ["job.move", "job.ask"]},
    }
    for language, theme in (("en", "light"), ("ar", "dark")):
        words = {}
        for file in (ROOT / "web/console/words" / language).glob("*.json"):
            words |= json.loads(file.read_text())
        for name, places in windows.items():
            with console(name) as (here, _):
                choose(here, language, theme)
                for where, buttons in places.items():
                    settle(here, where)
                    for button in buttons:
                        equal((language, where, button, window(here, words[button])), (language, where, button, []))


@case("the palette has every page of the person, and what does not fit into the line is behind one button")
def _(folder):
    with console("sam") as (here, _):
        choose(here, "fr", "light")
        here.page.wait("!!document.querySelector('main h1')")
        names = here.page.wait("[...document.querySelectorAll('#pages a')].map(a => a.textContent.trim())")
        assert len(names) >= 8, names
        here.page.key("k", modifiers=2)
        here.page.wait("!!document.querySelector('dialog[open] [role=option]')")
        listed = here.page.evaluate("[...document.querySelectorAll('[role=option] bdi')].map(e => e.textContent.trim())")
        equal([name for name in names if name not in listed], [])
        here.page.key("Escape")
        for width in (1280, 1024, 820):
            here.page.size(width, 720)
            here.settle()
            here.settle()
            lines = here.page.evaluate("new Set([...document.querySelectorAll('header #pages > li')].map(e => Math.round(e.getBoundingClientRect().top))).size")
            equal((width, lines, overflow(here.page)), (width, 1, ""))
        assert here.page.evaluate("document.querySelector('header').getBoundingClientRect().height") < 110
        here.page.evaluate("document.querySelector('.more button').focus(); 1")
        here.page.key("Enter")
        here.page.wait("!document.querySelector('#more').hidden")
        here.page.key("Tab")
        equal(here.page.evaluate("document.activeElement.closest('#more') !== null"), True)
        # What the open menu lies over is another matter.
        equal(axe(here.page, "document.querySelector('header')"), [])
        here.page.key("Escape")
        equal(here.page.evaluate("[document.querySelector('#more').hidden, document.activeElement.closest('.more > button') !== null]"), [True, True])


@case("a person is invited, a policy added, a route tried and a list brought in by these pages alone")
def _(folder):
    with console("ada") as (here, ada):
        settle(here, "people")
        here.page.key("n")
        here.fill("dialog input[autocomplete=off]", "bo")
        here.fill("dialog .field:nth-of-type(2) input", "Bo Strand")
        here.page.click("dialog input[type=checkbox]")
        here.page.evaluate("document.querySelector('dialog form').requestSubmit(); 1")
        here.see("shown now and never again")
        code = here.page.evaluate("document.querySelector('dialog code').innerText")
        assert "Bo Strand" in [one["name"] for one in ada.get("/v1/people", status=200).json["people"]]
        Browser(ada.daemon).post("/v1/session", {"invitation": code, "password": PASSWORD}, status=200)
    with console("sam") as (here, sam):
        settle(here, "policy/tree")
        here.page.key("n")
        here.fill("dialog input", "harm.bell")
        here.fill("dialog .field:nth-of-type(2) input", "Bells")
        here.page.evaluate("document.querySelector('dialog form').requestSubmit(); 1")
        here.page.wait("!document.querySelector('dialog') && document.body.innerText.includes('harm.bell')")
        equal([one["parent"] for one in sam.get("/v1/policies", status=200).json["policies"] if one["title"] == "Bells"], ["harm"])
        settle(here, "policy/routes")
        here.page.key("n")
        here.press("What would it match?")
        here.see("2 of 2")
        here.page.key("Escape")
        equal(len(sam.get("/v1/routes", status=200).json["routes"]), 1)
        listed = folder / "bells.txt"
        listed.write_text("".join(f"{hashlib.sha256(bytes([n, 1])).hexdigest()}\n" for n in range(7)) + "no hash\n")
        settle(here, "lists")
        here.page.key("n")
        here.fill("dialog input", "bells")
        here.page.choose_files("dialog input[type=file]", listed)
        here.page.evaluate("document.querySelector('dialog form').requestSubmit(); 1")
        try:
            here.see("The list is imported.")
        except Exception:
            raise AssertionError(here.page.evaluate("document.querySelector('dialog')?.innerText ?? document.body.innerText"))
        here.press("Done")
        here.page.wait("location.hash === '#/lists/bells'")
        equal(sam.get("/v1/lists/bells", status=200).json["entries"], 7)
        # Pages of a long list, forth and back.
        settle(here, "lists/lamps")
        equal(here.page.evaluate("document.querySelectorAll('tbody tr').length"), 50)
        here.press("Next page")
        here.page.wait("document.querySelectorAll('tbody tr').length === 10")
        here.press("Page before")
        here.page.wait("document.querySelectorAll('tbody tr').length === 50")


@case("somebody's budget of today is raised, with a reason, and they see it")
def _(folder):
    with console("sam") as (here, sam):
        rae = WORLD.people["rae"]
        settle(here, "exposure/team")
        here.see("These are totals")
        here.press("Add to a budget")
        here.page.wait("document.querySelectorAll('dialog option').length > 2")
        here.page.evaluate(f"""(field => {{ field.value = {json.dumps(rae.person)};
            field.dispatchEvent(new Event("change", {{ bubbles: true }})); }})(document.querySelector("dialog select")); 1""")
        here.fill("dialog input[type=number]", "3")
        here.page.click("dialog input[type=checkbox]")
        here.page.evaluate("""(field => { field.value = "2020-01-01";
            field.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector("dialog input[type=date]")); 1""")
        here.fill("dialog textarea", "a colleague is ill")
        here.page.evaluate("document.querySelector('dialog form').requestSubmit(); 1")
        here.see("The budget is raised.")
        equal(rae.get("/v1/exposure", status=200).json["raised"]["items"], 3)


@case("who looks at items is offered what is theirs, and a page that is not says so")
def _(folder):
    with console("rae") as (here, _):
        here.page.wait("!!document.querySelector('#pages a')")
        offered = here.page.evaluate("[...document.querySelectorAll('#pages a')].map(a => a.hash)")
        assert "#/exposure" in offered, offered
        assert not {"#/people", "#/stats", "#/lists"} & set(offered), offered
        here.go("#/people")
        here.see("You may not do this")
        settle(here, "exposure")
        here.press("I take a break now")
        here.see("begins with the next view")
        here.see("You have no vault key yet")


@case("what is approved is the text that was read, and the quiet key takes it away")
def _(folder):
    with console("fay") as (here, fay):
        settle(here, f"filings/{WORLD.filing}")
        assert not here.page.evaluate("[...document.querySelectorAll('main button')].some(b => b.innerText.startsWith('Approve'))")
        here.press("Read the draft")
        here.see(fay.get(f"/v1/filings/{WORLD.filing}/draft", status=200).json["sha256"])
        here.page.key("Escape")
        here.see("Everything is hidden")
        here.press("Go on")
        settle(here, f"filings/{WORLD.filing}")
        assert "SHA-256" not in here.text()


@case("a person says how a package was sent, and keeps what the authority answered")
def _(folder):
    with console("fay") as (here, fay):
        settle(here, f"filings/{WORLD.handed}")
        here.see("National Crime Agency")
        here.see("It has no pages for people")
        here.press("It was sent")
        here.fill("dialog .field:nth-of-type(2) input", "P-17")
        here.fill("dialog .field:nth-of-type(3) input", "by hand")
        here.page.key("Enter")
        here.see("P-17")
        here.press("Keep the answer")
        here.fill("dialog textarea", "We have it.")
        here.press("Keep the answer")
        wait_until(lambda: fay.get(f"/v1/filings/{WORLD.handed}", status=200).json["state"] == "acknowledged")
        equal(fay.get(f"/v1/filings/{WORLD.handed}/receipt", status=200).body, b"We have it.")


@case("a person reads why a blocked page should be open, and opens it; what a law closes can only stay closed")
def _(folder):
    with console("fay") as (here, fay):
        choose(here, "ar", "dark")
        settle(here, "appeals/blocks")
        here.page.size(360, 740)
        equal((axe(here.page), overflow(here.page), by_tab(here)), ([], "", ([], [])))
        here.keep("site-appeals-ar")
        here.page.size(1280, 720)
        choose(here, "en", "light")
        settle(here, "appeals/blocks")
        here.see("lighthouse.example")
        equal((axe(here.page), window(here, "Read and answer")), ([], []))
        here.press("Read and answer")
        here.see("There are only lamps on it.")
        here.see("keeper@example.org")
        here.keep("site-appeal")
        here.page.click("dialog input[value=lift]")
        here.fill("dialog textarea", "only lamps")
        send_form(here)
        here.see("It is answered")
        wait_until(lambda: [row["id"] for row in fay.get("/v1/site/appeals?state=lifted", status=200).json["appeals"]] == ["appeal0"])
        here.page.wait("!document.querySelector('main').innerText.includes('lighthouse.example')")
        here.press("Read and answer")
        here.see("cannot be lifted here")
        equal(here.page.evaluate("document.querySelectorAll('dialog input[type=radio]').length"), 1)
        here.page.click("dialog input[value=keep]")
        here.fill("dialog textarea", "it is ordered")
        send_form(here)
        here.see("Nobody has written")
        equal(here.page.complaints(), [])
    assert "allowed" in ward("site", "ls", "-w", WORLD.place, status=0).stdout.decode()


try:
    run_cases()
finally:
    if WORLD:
        WORLD.end()
