#!/usr/bin/env python3
"""ward scan of mails, mailboxes and documents, from outside."""
import email.message
import email.policy
import io
import mailbox
import os
import zipfile
import zlib

import pst_make
from daemon import *
from scenario import *


def set_up(folder):
    """A workspace that knows a lighthouse, and pictures of it and of a bridge."""
    draw_png(folder / "lighthouse.png", lighthouse)
    draw_png(folder / "bridge.png", bridge)
    place = workspace(folder, lighthouses=["pdq:" + hash_of(folder / "lighthouse.png")["pdq"]])
    return place, (folder / "lighthouse.png").read_bytes(), (folder / "bridge.png").read_bytes()


def letter(*pictures, subject="The lamp"):
    """A mail with pictures: pairs of a name and bytes."""
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "keeper@lighthouse.example", "a@b.example", subject
    mail["Message-ID"] = "<1@lighthouse.example>"
    mail.set_content("The lamp is lit.\n")
    for name, picture in pictures:
        mail.add_attachment(picture, maintype="image", subtype="png", filename=name)
    return mail


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def scanned(place, path, status):
    """What `ward scan` finds in one file: pairs of a path within it and a kind of finding."""
    row = rows(ward("scan", "-w", place, "--json", path, status=status))[0]
    return [(finding.get("path", ""), finding["kind"]) for finding in row["findings"]]


def names(place, path, status):
    row = rows(ward("scan", "-w", place, "--json", path, status=status))[0]
    return [item["path"] for item in row["items"] if item.get("path")]


# ---- mails ----

@case("a picture attached to a mail is found by its name, and in an archive there")
def _(folder):
    place, known, other = set_up(folder)
    mail = folder / "letter"  # known by what is in it, without a name that says so
    mail.write_bytes(bytes(letter(("bridge.png", other), ("Leuchtt\u00fcrme.png", known))))
    equal(scanned(place, mail, 1), [("Leuchtt\u00fcrme.png", "known")])
    equal(names(place, mail, 1), ["part 1.txt", "bridge.png", "Leuchtt\u00fcrme.png"])
    packed = letter()
    packed.add_attachment(zipped(a_png=known), maintype="application", subtype="zip",
                          filename="photo.zip")
    mail.write_bytes(packed.as_bytes(policy=email.policy.SMTP))
    equal(scanned(place, mail, 1), [("photo.zip!a.png", "known")])
    mail.write_bytes(bytes(letter(("bridge.png", other))))
    equal(scanned(place, mail, 0), [])


@case("a picture that stands within a page, and a mail within a mail, are found")
def _(folder):
    place, known, other = set_up(folder)
    page = letter()
    page.add_alternative("<p>Look: <img src='cid:1'>", subtype="html")
    page.get_payload()[1].add_related(known, "image", "png", cid="<1>")
    (folder / "page.eml").write_bytes(bytes(page))
    equal(scanned(place, folder / "page.eml", 1), [("part 3.png", "known")])
    outer = letter(("bridge.png", other))
    outer.add_attachment(letter(("a.png", known)))
    (folder / "outer.eml").write_bytes(bytes(outer))
    equal(scanned(place, folder / "outer.eml", 1), [("part 3!a.png", "known")])


@case("an mbox and a Maildir give what is in each message")
def _(folder):
    place, known, other = set_up(folder)
    box = mailbox.mbox(folder / "mail.mbox")
    directory = mailbox.Maildir(folder / "Maildir")
    packed = letter(("bridge.png", other))
    packed.add_attachment(zipped(a_png=known), maintype="application", subtype="zip",
                          filename="photo.zip")
    for mail in letter(), letter(("b.png", other)), packed:
        box.add(mailbox.mboxMessage(mail))
        directory.add(mail)
    box.flush()
    equal(scanned(place, folder / "mail.mbox", 1), [("3!photo.zip!a.png", "known")])
    found = [row for row in rows(ward("scan", "-w", place, "--json", folder / "Maildir", status=1))
             if row["findings"]]
    equal([row["findings"][0]["path"] for row in found], ["photo.zip!a.png"])


@case("names in old character sets are read in the jail, and one it has not is no reason to fall")
def _(folder):
    place, known, _ = set_up(folder)
    plain = bytes(letter(("a.png", known)))
    for set_name, shown in ("windows-1252?Q?=80", "\u20ac"), ("koi8-r?Q?=C1", "\u0430"), \
            ("shift_jis?B?k5Q=", "\u706f"), ("gb2312?Q?=B5=C6", "\u706f"), ("ebcdic-us?Q?a", None):
        name = f'"=?{set_name}?="'.encode()
        (folder / "a.eml").write_bytes(plain.replace(b'"a.png"', name))
        found = scanned(place, folder / "a.eml", 1)
        equal([kind for _, kind in found], ["known"])
        assert shown is None or found[0][0] == shown, found


@case("a mail without an end gives what is there, one that is sealed is said to be")
def _(folder):
    place, known, other = set_up(folder)
    mail = bytes(letter(("a.png", known), ("b.png", other)))
    (folder / "cut.eml").write_bytes(mail[:mail.rindex(b"b.png") + 200])
    equal(scanned(place, folder / "cut.eml", 1), [("a.png", "known"), ("b.png", "unreadable")])
    (folder / "sealed.eml").write_bytes(
        b"From: a\nTo: b\nMIME-Version: 1.0\nContent-Type: application/pkcs7-mime;\n"
        b" smime-type=enveloped-data; name=smime.p7m\n\nbGFtcA==\n")
    equal(scanned(place, folder / "sealed.eml", 1), [("smime.p7m", "encrypted")])


@case("a letter typed with To: and Subject: above it is text, as it was")
def _(folder):
    place, _, _ = set_up(folder)
    (folder / "typed.txt").write_text("To: the keeper\nFrom: me\nSubject: lamp\n\nIs it lit?\n")
    equal(names(place, folder / "typed.txt", 0), [])


@case("where the worker for documents is not installed, a mail is said to be unread")
def _(folder):
    place, known, _ = set_up(folder)
    programs = folder / "programs"
    programs.mkdir()
    (programs / "ward-worker").symlink_to((BUILD / "src/bin/ward-worker").resolve())
    (folder / "a.eml").write_bytes(bytes(letter(("a.png", known))))
    os.environ["WARD_WORKER"] = str(programs / "ward-worker")
    try:
        equal(scanned(place, folder / "a.eml", 1), [("", "unreadable")])
    finally:
        del os.environ["WARD_WORKER"]


# ---- PDF ----

def tool(name, *args):
    """A tool of Debian's that writes PDFs, or reads mailboxes."""
    if not shutil.which(name):
        raise Skip(f"there is no {name} here")
    subprocess.run([name, *map(str, args)], check=True, capture_output=True, timeout=60)


def pdf_of(folder, *pictures):
    tool("img2pdf", "-o", folder / "a.pdf", *pictures)
    return folder / "a.pdf"


@case("a picture in a PDF is found by its page, also in object streams and in an attached file")
def _(folder):
    place, known, _ = set_up(folder)
    path = pdf_of(folder, folder / "bridge.png", folder / "lighthouse.png")
    found = [("page 2 picture 1.pgm", "known")]
    equal(scanned(place, path, 1), found)
    tool("qpdf", "--object-streams=generate", "--linearize", path, folder / "b.pdf")
    equal(scanned(place, folder / "b.pdf", 1), found)
    (folder / "photo.zip").write_bytes(zipped(a_png=known))
    plain = pdf_of(folder, folder / "bridge.png")
    tool("qpdf", plain, "--add-attachment", folder / "photo.zip", "--", folder / "c.pdf")
    equal(scanned(place, folder / "c.pdf", 1), [("attachments/photo.zip!a.png", "known")])
    equal(scanned(place, plain, 0), [])


@case("a JPEG, a JPEG 2000 and a fax in a PDF are found")
def _(folder):
    place, _, _ = set_up(folder)
    tool("img2pdf", "--version")  # which has brought PIL, for the system's own Python
    tool("/usr/bin/python3", "-c", """
import sys
from PIL import Image
folder = sys.argv[1]
picture = Image.open(folder + "/lighthouse.png")
picture.save(folder + "/a.jpg", quality=85)
picture.convert("1").save(folder + "/a.tif", compression="group4")
Image.merge("RGB", [picture] * 3).save(folder + "/a.jp2", quality_layers=[20])
""", folder)
    tool("img2pdf", "-o", folder / "a.pdf", *(folder / f"a.{end}" for end in ("jpg", "tif", "jp2")))
    equal([path for path, _ in sorted(scanned(place, folder / "a.pdf", 1))],
          ["page 1 picture 1.jpg", "page 2 picture 1.tif", "page 3 picture 1.jp2!pixels.ppm"])


@case("a PDF that opens without a password is read, and one that does not is said to be encrypted")
def _(folder):
    place, _, _ = set_up(folder)
    path = pdf_of(folder, folder / "lighthouse.png")
    for bits in "40", "128", "256":
        tool("qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", bits, "--", path,
             folder / "open.pdf")
        equal(scanned(place, folder / "open.pdf", 1), [("page 1 picture 1.pgm", "known")])
        tool("qpdf", "--allow-weak-crypto", "--encrypt", "lamp", "owner", bits, "--", path,
             folder / "closed.pdf")
        equal(scanned(place, folder / "closed.pdf", 1), [("", "encrypted")])


@case("a PDF that breaks off gives what is there, and is said to be broken")
def _(folder):
    place, _, _ = set_up(folder)
    whole = pdf_of(folder, folder / "lighthouse.png", folder / "bridge.png").read_bytes()
    (folder / "cut.pdf").write_bytes(whole[:whole.rindex(b"/Image") + 3000])
    found = scanned(place, folder / "cut.pdf", 1)
    equal([kind for _, kind in found], ["known", "unreadable"])
    (folder / "none.pdf").write_bytes(b"%PDF-1.7\nwords\n")
    equal(scanned(place, folder / "none.pdf", 1), [("", "unreadable")])


@case("a PDF in a mail in an archive is one path")
def _(folder):
    place, _, _ = set_up(folder)
    mail = letter()
    mail.add_attachment(pdf_of(folder, folder / "lighthouse.png").read_bytes(),
                        maintype="application", subtype="pdf", filename="report.pdf")
    (folder / "a.zip").write_bytes(zipped(old_eml=bytes(mail)))
    equal(scanned(place, folder / "a.zip", 1), [("old.eml!report.pdf!page 1 picture 1.pgm", "known")])


def read_by_readpst(folder, path):
    """What the reader of pst-utils, which knows nothing of us, writes of a mailbox: files by name."""
    out = folder / "readpst"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    tool("readpst", "-q", "-S", "-D", "-o", out, path)
    return {str(each.relative_to(out)): each.read_bytes() for each in out.rglob("*") if each.is_file()}


@case("pictures in mailboxes of Outlook are found, of all ages, and readpst sees the same ones")
def _(folder):
    place, known, other = set_up(folder)
    for shape, method in ("unicode", 1), ("ansi", 2), ("4k", 0), ("unicode", 2):
        path = folder / f"{shape}{method}.pst"
        path.write_bytes(pst_make.mailbox(shape, method, known, other))
        seen = read_by_readpst(folder, path)
        equal(seen["Mailbox/Inbox/2-lighthouse.png"], known)
        equal(seen["Mailbox/Inbox/2-bridge.png"], other)
        equal(seen["Mailbox/Inbox/Boats/1-object"], known)
        equal(scanned(place, path, 1), [
            ("Inbox!RE: The lamp!lighthouse.png", "known"),
            ("Inbox/Boats!message 1!The way!deep.png", "known"),
            ("Inbox/Boats!message 1!object", "known")])
    (folder / "cut.pst").write_bytes(path.read_bytes()[:40000])
    equal(scanned(place, folder / "cut.pst", 1), [("", "unreadable")])


@case("long names in a mailbox are cut, and a message that is said to be an object is opened")
def _(folder):
    place, known, _ = set_up(folder)
    box = pst_make.Mailbox("unicode", 1)
    box.begin()
    inner = box.letter("Inner", "Below.", attached=[("deep.png", known, pst_make.PICTURE_METHOD)])
    box.message(box.folder("Q" * 3000), "\u00e4" * 2000, attached=[("said", inner, pst_make.OLE_METHOD)])
    (folder / "a.pst").write_bytes(box.bytes())
    equal(scanned(place, folder / "a.pst", 1),
          [("Q" * 255 + "!" + "\u00e4" * 127 + "!said!deep.png", "known")])


@case("the mailboxes that the reader's tests bend are such that readpst reads")
def _(folder):
    for seed in "unicode", "ansi", "4k":
        seen = read_by_readpst(folder, pathlib.Path(os.environ["WARD_SOURCE_ROOT"], "tests/corpus/pst", seed))
        equal(seen["Mailbox/Inbox/2-lighthouse.png"], b"lighthouse" * 820)
        equal(seen["Mailbox/Inbox/Boats/1-attach2"], b"bridge")


# ---- what texts say ----

SAYING = "See www.buoy.example/way at night, where the zorbel is lit."


def pdf_page(stream, fonts, last):
    """A page of these instructions and fonts, and one object more, the fifth."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<<%b>>>>>>" % fonts,
               b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream), last]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    return bytes(out + b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table)


def pdf_saying(text):
    """A page that shows a text, without a note of what it leads to."""
    return pdf_page(f"BT /F 12 Tf 50 700 Td ({text}) Tj ET".encode(), b"/F 5 0 R",
                    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")


def pdf_of_fonts(times):
    """A page whose font is read anew each time, for it is no object; its table is long and empty."""
    table = zlib.compress(b" " * (4 << 20), 9)
    return pdf_page(b"BT " + b"/F 9 Tf " * times + b"ET", b"/F<</ToUnicode 5 0 R>>",
                    b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(table), table))


def texts(folder):
    """A file of each kind that says the same, and where in it that is."""
    mail = letter()
    mail.set_content(SAYING)
    box = pst_make.Mailbox("unicode", 1)
    box.begin()
    box.message(box.folder("Inbox"), "The lamp", SAYING)
    files = {"a.pdf": (pdf_saying(SAYING), "text.txt"), "a.eml": (bytes(mail), "part 1.txt"),
             "a.pst": (box.bytes(), "Inbox!The lamp!body.txt"), "a.txt": (SAYING.encode(), ""),
             "wide.txt": (SAYING.encode("utf-16"), ""), "old.txt": (b"\xe9t\xe9 " + SAYING.encode(), ""),
             "a.rtf": (b"{\\rtf1 " + SAYING.encode() + b"}", "text.txt"),
             "a.docx": (zipped(**{"word/document_xml": f"<?xml version='1.0'?><w:t>{SAYING}</w:t>"}),
                        "word/document.xml")}
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: path for name, (_, path) in files.items()}


def site_list(place, name, *lines, options=()):
    ward("site", "import", "-w", place, *options, name, "-", stdin="\n".join(lines).encode(), status=0)


@case("a listed link that is written in a PDF, a mail, a mailbox or a document is told, and why not")
def _(folder):
    place, _, _ = set_up(folder)
    files = texts(folder)
    for name in files:  # no list, no look
        equal(scanned(place, folder / name, 0), [])
    site_list(place, "buoys", "buoy.example", options=("--category", "sea"))
    for name, path in files.items():
        row = rows(ward("scan", "-w", place, "--json", folder / name, status=1))[0]
        equal([(f.get("path", ""), f["kind"], f["list"], f["labels"], f["link"])
               for f in row["findings"]],
              [(path, "link", "buoys", ["category:sea"], "http://www.buoy.example/way")])
        equal((row["verdict"]["kind"], row["verdict"]["queue"]), ("hold", "link"))
    told = ward("scan", "-w", place, folder / "a.pdf", status=1).stdout
    assert b"text.txt (http://www.buoy.example/way)" in told, told
    equal(rows(ward("scan", "-w", place, "--json", "--set", "texts=no", folder / "a.pdf",
                    status=0))[0]["findings"], [])
    with (place / "ward.conf").open("a") as conf:
        conf.write("\nscan { texts = no }\n")
    equal(scanned(place, folder / "a.pdf", 0), [])
    equal(rows(ward("scan", "-w", place, "--json", "--set", "texts=yes", folder / "a.pdf",
                    status=1))[0]["findings"][0]["kind"], "link")
    (place / "ward.conf").write_text((place / "ward.conf").read_text().replace("texts = no", ""))
    (folder / "page").write_bytes(
        b"<!DOCTYPE html><base href='//lamp.example/'><a href='buoy.example/x'>x</a>")
    equal(scanned(place, folder / "page", 0), [])  # that is a page of lamp.example
    (folder / "page").write_bytes(b"<!DOCTYPE html><a href='HTTPS://BUOY.example/x'>x</a>" * 3)
    equal(scanned(place, folder / "page", 1), [("", "link")])
    site_list(place, "hidden", "buoy.example", options=("--hidden",))
    row = rows(ward("scan", "-w", place, "--json", folder / "a.txt", status=1))[0]
    equal([(f["list"], "link" in f) for f in row["findings"]], [("buoys", True), ("hidden", False)])
    site_list(place, "fine", "buoy.example", options=("--sense", "allow"))
    equal(scanned(place, folder / "a.pdf", 0), [])


@case("terms of the operator's are found in texts, and wardd says the same as ward scan")
def _(folder):
    place, _, _ = set_up(folder)
    files = texts(folder)
    (folder / "terms").write_text("zorbel\tweight=300\nlighthouse\tweight=2\n")
    ward("text", "compile", folder / "terms", "-o", place / "terms.ward", status=0)
    with (place / "ward.conf").open("a") as conf:
        conf.write("\nnetwork { terms = terms.ward }\n")
    for name, path in files.items():
        equal(scanned(place, folder / name, 1), [(path, "score")])
    (folder / "b.txt").write_text("A lighthouse by the sea.\n")  # too little
    equal(scanned(place, folder / "b.txt", 0), [])
    site_list(place, "buoys", "buoy.example")
    with Daemon(place) as daemon:
        told = daemon.post("/v1/scan", (folder / "a.pdf").read_bytes(), status=200).json["files"][0]
        equal([(f["path"], f["kind"]) for f in told["findings"]],
              [("text.txt", "link"), ("text.txt", "score")])
        assert told["findings"][1]["score"] >= 300, told
        equal(daemon.post("/v1/scan", b"A lighthouse.", status=200).json["verdict"], "allow")


@case("a PDF of fonts without end has an end, which is told")
def _(folder):
    place, _, _ = set_up(folder)
    for times, kinds in (3, []), (300, [("", "limit")]):
        (folder / "a.pdf").write_bytes(pdf_of_fonts(times))
        equal(scanned(place, folder / "a.pdf", 1 if kinds else 0), kinds)


# ---- office documents: archives since long ----

@case("pictures in office documents are found")
def _(folder):
    place, known, _ = set_up(folder)
    with zipfile.ZipFile(folder / "a.docx", "w") as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("word/document.xml", "<w:document/>")
        out.writestr("word/media/image1.png", known)
    with zipfile.ZipFile(folder / "a.odt", "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        out.writestr("Pictures/1.png", known)
    equal(scanned(place, folder / "a.docx", 1), [("word/media/image1.png", "known")])
    equal(scanned(place, folder / "a.odt", 1), [("Pictures/1.png", "known")])


run_cases()
