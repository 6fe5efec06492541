#!/usr/bin/env python3
"""Reports of ward disk, from outside: each format as its readers read it, of an image with names that are traps."""
import csv
import hashlib
import io
import random
import re
import signal
import stat
import time
import zipfile

from scenario import *

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
# Where another Python comes first, Debian's modules are still at their place.
sys.path.append("/usr/lib/python3/dist-packages")
os.environ["PATH"] += ":/usr/sbin:/sbin"
RLO, ZERO = "\u202e", "\u200b"
ARABIC = "\u0645\u0635\u0628\u0627\u062d.png"
FORMATS = ("html", "csv", "vics", "icse")

# What is public of VICS 2.0: names and kinds of its fields.  A tool that reads more is fine, one that
# writes others is not.
HEX = {"type": "string", "pattern": "^[0-9a-f]+$"}
TEXT, TIME, YES = {"type": "string"}, {"type": "string", "pattern": "^[0-9]{4}-.*Z$"}, {"const": "true"}


def shape(required, **fields):
    return {"type": "object", "properties": fields, "required": required.split(),
            "additionalProperties": False}


MD5 = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
SHAPE = shape(
    "@odata.context value",
    **{"@odata.context": {"type": "string", "pattern":
                          r"^http://github\.com/VICSDATAMODEL/ProjectVic/DataModels/2\.0\.xml/[A-Za-z]+/\$metadata#Cases$"}},
    value={"type": "array", "minItems": 1, "maxItems": 1, "items": shape(
        "CaseID SourceApplicationName Media TotalMediaFiles",
        CaseID={"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        CaseNumber=TEXT, ContactName=TEXT, SourceApplicationName=TEXT, SourceApplicationVersion=TEXT,
        TotalMediaFiles={"type": "integer"},
        Media={"type": "array", "items": shape(
            "MediaID Category MD5 SHA1 MediaSize MediaFiles",
            MediaID={"type": "integer"}, Category={"type": ["integer", "null"]}, MD5=MD5,
            SHA1={"type": "string", "pattern": "^[0-9a-f]{40}$"}, MediaSize={"type": "integer"},
            MimeType=TEXT, IsPrecategorized=YES, PrecategorizationSource=TEXT, VictimIdentified=YES,
            OffenderIdentified=YES, IsDistributed=YES, IsSuspected=YES, SelfGenerated=YES, Comments=TEXT,
            AlternativeHashes={"type": "array", "items": shape(
                "MD5 HashName HashValue", MD5=MD5, HashName={"enum": ["SHA256", "PDQ"]}, HashValue=HEX)},
            MediaFiles={"type": "array", "minItems": 1, "items": shape(
                "MD5 FileName FilePath SourceID", MD5=MD5, FileName=TEXT, FilePath=TEXT, Created=TIME,
                Written=TIME, Accessed=TIME, Unallocated=YES, Deleted=YES, SourceID=TEXT,
                PhysicalLocation={"type": "integer"}, ParentMD5=MD5, ParentFileName=TEXT,
                ParentFilePath=TEXT, ParentPhysicalLocation={"type": "integer"})})})})


def run(*command):
    if not shutil.which(command[0]):
        raise Skip(f"{command[0]} is not here")
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def make_image(folder, tree, megabytes=8):
    image = folder / "disk7.dd"
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    run("mkfs.ext4", "-q", "-d", tree, image)
    return image


def set_up(folder):
    """An image, and a workspace that knows its pictures: by MD5, by a list with categories, and one by its look."""
    tree = folder / "tree"
    (tree / "\u062d\u0627\u0631\u0633").mkdir(parents=True)
    lamp, gone, packed = (png_of(lighthouse, *size) for size in ((300, 300), (320, 240), (260, 300)))
    near = tree / "alike.png"
    near.write_bytes(png_of(lighthouse, 512, 512))
    for name in ("\u062d\u0627\u0631\u0633/" + ARABIC, f"a{RLO}gnp.exe", f"lamp{ZERO}.png",
                 "<script>alert(1)<b>.png", "=cmd|x.png"):
        (tree / name).write_bytes(lamp)
    with open(os.fsencode(tree) + b"/\xff\xfe bad\x01.png", "wb") as file:
        file.write(lamp)
    (tree / "gone.png").write_bytes(gone)
    (tree / "broken.png").write_bytes(lamp[:500])
    (tree / "note.txt").write_bytes(b"Dear keeper, all is well.\n")
    with zipfile.ZipFile(tree / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/" + ARABIC, packed)
    image = make_image(folder, tree)
    run("debugfs", "-w", "-R", "rm gone.png", image)
    place = workspace(folder, known=[hashlib.md5(data).hexdigest() for data in (lamp, gone, packed)],
                      looks=[f"pdq:{int(hash_of(near)['pdq'], 16) ^ 0b1011:064x}"])
    ward("list", "set", "-w", place, "looks", "--radius", "4", status=0)
    (folder / "harbour.json").write_text(json.dumps(
        {"@odata.context": "http://x/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
         "value": [{"MediaID": 7, "Category": 2, "MD5": hashlib.md5(lamp).hexdigest(), "IsDistributed": True}]}))
    ward("list", "import", "-w", place, "harbour", folder / "harbour.json", status=0)
    (folder / "disk7.dd.sha256").write_text(hashlib.sha256(image.read_bytes()).hexdigest() + "  disk7.dd\n")
    return place, image, {"lamp": lamp, "gone": gone, "packed": packed, "near": near.read_bytes()}


def reports(folder, place, image, *more, status=1, formats=FORMATS):
    words = [f"--report={name}={folder / ('report.' + name)}" for name in formats]
    done = ward("disk", "-w", place, "--json", "--found", *words, *more, image, status=status)
    return [folder / f"report.{name}" for name in formats], done


def bits(data, *kinds):
    return {f"{kind}:{hashlib.new(kind, data).hexdigest()}" for kind in kinds}


def signals_of(place, name):
    return {f"{one['kind']}:{one['value']}"
            for row in rows(ward("list", "export", "-w", place, "-f", "jsonl", name, status=0))
            for one in row["signals"]}


def check_page(page, image):
    assert "7/2026" in page and "Keeper &lt;of the light&gt;" in page
    assert hashlib.sha256(image.read_bytes()).hexdigest() in page
    assert "as expected" in page and "What could not be read: 1." in page
    for bad in (RLO, ZERO, "\x01", "<script", "<img", "://", "javascript"):
        assert bad not in page, bad
    for shown in (f"<bdi dir=ltr>{ARABIC}</bdi>", "<i>U+202E</i>gnp.exe", "lamp<i>U+200B</i>", "&lt;script&gt;alert(1)&lt;b&gt;",
                  "<i>0xff</i><i>0xfe</i> bad<i>U+0001</i>.png", "in it: in/<bdi", "deleted", "vics-us:2",
                  "the png picture breaks off"):
        assert shown in page, shown
    try:
        import html5lib
    except ImportError:
        print("# html5lib is not here (Debian: python3-html5lib)")
        return
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page)
    assert not parser.errors, parser.errors[:5]


def check_table(text, planted):
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in table:
        equal(row["volume"], "p1")
        for cell in row.values():
            assert cell[:1] not in tuple("=+-@\t\r\n"), row
    one = {row["path"]: row for row in table}
    equal(one["p1:/gone.png"]["state"], "deleted")
    equal(one["p1:/gone.png"]["sha256"], hashlib.sha256(planted["gone"]).hexdigest())
    equal(bytes.fromhex(next(r["path_hex"] for r in table if r["path_hex"])), b"p1:/\xff\xfe bad\x01.png")
    equal((one["p1:/all.zip"]["member"], one["p1:/all.zip"]["member_size"]),
          ("in/" + ARABIC, str(len(planted["packed"]))))


def check_case(text, planted, image):
    document = json.loads(text)
    try:
        import jsonschema
        jsonschema.validate(document, SHAPE)
    except ImportError:
        print("# jsonschema is not here (Debian: python3-jsonschema)")
    found, = document["value"]
    equal((found["CaseNumber"], found["ContactName"]), ("7/2026", "Keeper <of the light>"))
    media = {one["MD5"]: one for one in found["Media"]}
    lamp, gone, packed, near = (media[hashlib.md5(planted[k]).hexdigest()] for k in ("lamp", "gone", "packed", "near"))
    equal([len(media), found["TotalMediaFiles"]], [4, 4])
    equal([one["Category"] for one in (lamp, gone, packed, near)], [2, None, None, None])
    equal((lamp["IsPrecategorized"], lamp["PrecategorizationSource"], lamp["IsDistributed"]), ("true", "harbour", "true"))
    equal(len(lamp["MediaFiles"]), 6)
    equal(gone["MediaFiles"][0]["Deleted"], "true")
    place = packed["MediaFiles"][0]
    equal((place["FileName"], place["ParentFileName"], place["SourceID"]), (ARABIC, "all.zip", str(image)))
    with open(image, "rb") as file:
        file.seek(near["MediaFiles"][0]["PhysicalLocation"])
        equal(file.read(near["MediaSize"]), planted["near"])


@case("from one run: a page, a table, a case of VICS 2.0 and ICSE's columns, each as its readers want it")
def _(folder):
    place, image, planted = set_up(folder)
    (page, table, vics, icse), done = reports(folder, place, image, "--case", "7/2026",
                                              "--examiner", "Keeper <of the light>")
    equal([stat.S_IMODE(path.stat().st_mode) for path in (page, table, vics, icse)], [0o600] * 4)
    equal([p.name for p in folder.iterdir() if p.name.startswith(".")], [])
    assert len(rows(done)) > 5
    check_page(page.read_text(), image)
    ward("disk", "-w", place, "--verify", "--overwrite", f"--report=html={page}", image)
    assert "<span class=good>the same, byte for byte</span>" in page.read_text()
    check_table(table.read_bytes().decode(), planted)
    check_case(vics.read_text(), planted, image)
    ward("list", "import", "-w", place, "back", vics, status=0)
    want = set().union(*(bits(data, "md5", "sha1", "sha256") for data in planted.values()))
    equal({s for s in signals_of(place, "back") if not s.startswith("pdq:")}, want)
    ward("list", "import", "-w", place, "icse", icse, status=0)
    equal(signals_of(place, "icse"), set().union(*(bits(data, "md5", "sha1") for data in planted.values())))
    for reader in (["w3m", "-dump", "-T", "text/html"], ["lynx", "-dump", "-nolist", "-force_html"]):
        if shutil.which(reader[0]):
            told = subprocess.run([*reader, str(page)], capture_output=True, timeout=30).stdout
            assert b"What could not be read" in told and b"U+202E" in told, told


def without_id(text):
    return re.sub(r'"CaseID": *"[^"]*"', "", text)


def anew(folder, state, *more, status=1):
    words = [f"--report={name}={folder / ('anew.' + name)}" for name in FORMATS]
    return ward("disk", "report", "--overwrite", *words, *more, state, status=status)


@case("from the state of a run its reports are made anew, bit for bit, without the image")
def _(folder):
    place, image, _ = set_up(folder)
    state, image_bytes = folder / "state", image.read_bytes()
    table = ward("disk", "-w", place, "--state", state, image, status=1)
    equal(stat.S_IMODE((folder / "state.finds").stat().st_mode), 0o600)
    image.unlink()
    made = ward("disk", "report", state, status=1)
    equal(sorted(made.stdout.splitlines()), sorted(table.stdout.splitlines()))
    for words in table.stderr.splitlines()[:2]:
        assert words in made.stderr, (words, made.stderr)
    image.write_bytes(image_bytes)
    state = folder / "another"
    written, done = reports(folder, place, image, "--state", state, "--case", "7/2026")
    image.unlink()
    made = anew(folder, state, "--json")
    equal(sorted(made.stdout.splitlines()), sorted(done.stdout.splitlines()))
    for name, path in zip(FORMATS, written):
        equal(without_id((folder / f"anew.{name}").read_text()), without_id(path.read_text()))
    made = anew(folder, state, "--csv", "--examiner", "A. Keeper")
    equal(sorted(made.stdout.splitlines()), sorted(written[1].read_bytes().splitlines()))
    assert "A. Keeper" in (folder / "anew.html").read_text()
    ward("disk", "report", folder / "none", status=2)
    (folder / "x.finds").write_bytes(b"something else, and long enough\n")
    assert b"damaged" in ward("disk", "report", folder / "x", status=2).stderr


@case("of a run that was killed the state has what it had found, and the next one adds to it")
def _(folder):
    place, image, _ = set_up(folder)
    state = folder / "state"
    ward("disk", "-w", place, "--state", state, image, status=1)
    finds = folder / "state.finds"
    whole = finds.read_bytes()
    made = ward("disk", "report", "--json", state, status=1)
    everything = [line for line in made.stdout.splitlines() if b'"findings"' in line]
    assert len(everything) > 5, everything
    # As if it had been killed at any byte; then the next run is killed as well.
    for end in random.Random(7).sample(range(16, len(whole)), 8):
        finds.write_bytes(whole[:end])
        made = ward("disk", "report", "--json", state, status=2)
        some = made.stdout.splitlines()
        assert set(some) <= set(everything) | set(some[-1:]), some
    finds.write_bytes(whole[:len(whole) * 2 // 3])
    ward("disk", "-w", place, "--state", state, image, status=1)
    made = ward("disk", "report", "--json", state, status=1)
    path = lambda line: json.loads(line)["path"]
    equal(sorted(path(line) for line in made.stdout.splitlines() if b'"findings"' in line), sorted(map(path, everything)))
    assert len(finds.read_bytes()) < len(whole) * 3 // 2


@case("the page fits a window of 360 pixels, dark or light, and its policy lets its own style alone through")
def _(folder):
    import chromium
    place, image, _ = set_up(folder)
    (page,), _ = reports(folder, place, image, formats=("html",))
    try:
        browser = chromium.Chromium()
    except chromium.Missing as why:
        raise Skip(why)
    with browser:
        look = browser.page(page.as_uri())
        for width in (1280, 360):
            look.size(width, 800)
            assert look.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        paper = look.evaluate("getComputedStyle(document.body).backgroundColor")
        look.media("screen", **{"prefers-color-scheme": "dark"})
        assert look.evaluate("getComputedStyle(document.body).backgroundColor") != paper
        equal(look.complaints(), [])


@case("what cannot be written is told before the scan, and what is there stays")
def _(folder):
    tree = folder / "tree"
    tree.mkdir()
    (tree / "note.txt").write_bytes(b"All is well.\n")
    image, place = make_image(folder, tree, 2), workspace(folder)
    (folder / "old").write_text("old\n")

    def refused(word, why):
        done = ward("disk", "-w", place, "--json", "--report", word, image, status=2)
        assert why in done.stderr and not done.stdout, (word, done.stderr)

    refused("pdf=x", b"FORMAT is html, csv, vics or icse")
    refused("html=", b"wants FORMAT=FILE")
    refused(f"html={folder / 'old'}", b"--overwrite")
    refused(f"html={tree}", b"is no file")
    refused(f"html={folder / 'none/x'}", b"No such file")
    done = ward("disk", "-w", place, f"--report=html={folder / 'x'}", f"--report=csv={folder / 'x'}", image, status=2)
    assert b"named twice" in done.stderr
    done = ward("disk", "-w", place, "--overwrite", f"--report=html={image}", image, status=2)
    assert b"is an image" in done.stderr
    equal((folder / "old").read_text(), "old\n")
    (folder / "s.finds").mkdir()
    done = ward("disk", "-w", place, "--json", "--state", folder / "s", image, status=2)
    assert b"s.finds" in done.stderr and not done.stdout, done
    ward("disk", "-w", place, "--overwrite", f"--report=html={folder / 'old'}", image, status=0)
    assert "Nothing that a list holds was found" in (folder / "old").read_text()


@case("a report of a run that was stopped says so")
def _(folder):
    tree = folder / "tree"
    for i in range(700):
        (tree / str(i % 20)).mkdir(parents=True, exist_ok=True)
        (tree / str(i % 20) / f"{'n' * 200}{i}").write_bytes(b"%d" % i)
    image, place = make_image(folder, tree, 8), workspace(folder)
    page = folder / "page.html"
    # Its output is read by nobody until it was told to stop, so it cannot have come to its end.
    scan = subprocess.Popen([WARD, "disk", "-w", str(place), "--json", "-j", "1", f"--report=html={page}", str(image)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    scan.stdout.read(1)
    scan.send_signal(signal.SIGINT)
    time.sleep(.2)
    _, words = scan.communicate(timeout=60)
    assert b"stopping" in words, words
    equal(scan.returncode, -signal.SIGINT)
    text = page.read_text()
    assert f" -- {image}" in text, "the command names no image"
    assert "The run was stopped before its end." in text and "stopped by signal 2" in text, text[-3000:]


run_cases()
