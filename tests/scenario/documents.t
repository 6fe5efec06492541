#!/usr/bin/env python3
"""ward scan of mails, mailboxes and documents, from outside."""
import email.message
import email.policy
import io
import mailbox
import os
import zipfile

import pst_make
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


@case("the mailboxes that the reader's tests bend are such that readpst reads")
def _(folder):
    for seed in "unicode", "ansi", "4k":
        seen = read_by_readpst(folder, pathlib.Path(os.environ["WARD_SOURCE_ROOT"], "tests/corpus/pst", seed))
        equal(seen["Mailbox/Inbox/2-lighthouse.png"], b"lighthouse" * 820)
        equal(seen["Mailbox/Inbox/Boats/1-attach2"], b"bridge")


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
