#!/usr/bin/env python3
"""ward link, from outside."""
from scenario import *

PAGE = b"""<!DOCTYPE html><base href="http://example.org/d/"><a href="../x?a&amp;b#c">one</a>
<img src=//pictures.example.net/%61.png> and www.example.com/y.
"""
MAIL = b"""From: a@example.org
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

see http://example.org/p=C3=BC.
--b
Content-Type: text/html

<p><a href="http://example.org/h">h</a></p>
--b--
"""


@case("spellings come to one form, by arguments and by lines")
def _(folder):
    done = ward("link", "canonical", "HTTP://WWW.Example.ORG.:80/%61/../b", "www.example.org/b", status=0)
    equal(done.stdout, b"http://www.example.org/b\n" * 2)
    done = ward("link", "canonical", "-", stdin=b"0xC0.0.513\n\n http://[::ffff:192.0.2.1]\n", status=0)
    equal(done.stdout, b"http://192.0.2.1/\n" * 2)
    done = ward("link", "canonical", "--rules", "whatwg", "mailto:a@example.org", status=0)
    equal(done.stdout, b"mailto:a@example.org\n")


@case("all parts of a link are in its object")
def _(folder):
    row = rows(ward("link", "canonical", "--json", "http://xn--mnchen-3ya.example.co.uk:8080/a?", status=0))[0]
    equal(row, {"original": "http://xn--mnchen-3ya.example.co.uk:8080/a?",
                "url": "http://xn--mnchen-3ya.example.co.uk:8080/a?", "scheme": "http",
                "kind": "name", "host": "xn--mnchen-3ya.example.co.uk",
                "display": "m\u00fcnchen.example.co.uk", "registered": "example.co.uk",
                "port": 8080, "path": "/a", "query": ""})


@case("what is no link is told by its number, not by its text")
def _(folder):
    done = ward("link", "canonical", "http://example.org/", "http://secret word/", status=2)
    equal(done.stdout, b"http://example.org/\n")
    assert b"link 2" in done.stderr and b"secret" not in done.stderr, done.stderr
    row = rows(ward("link", "canonical", "--json", "secretword:", "http://[secretword]/", status=2))
    equal([r.get("error", r.get("port")) for r in row], [0, "format"])
    assert b"which links" in ward("link", "canonical", status=2).stderr
    ward("link", "canonical", "--rules", "mine", "example.org", status=2)


@case("links are found in a page and a text of whichever encoding")
def _(folder):
    def found(data, *options):
        (folder / "page").write_bytes(data)
        return [row["url"] for row in rows(ward("link", "find", "--json", *options, folder / "page", status=1))]

    word = "\u06af\u0644 caf\u00e9"
    page = '<!DOCTYPE html><a href="http://example.org/caf\u00e9">x</a> and http://\u043c\u043e\u0441\u0442.example/a'
    links = ["http://example.org/caf%C3%A9", "http://xn--l1aeje.example/a"]
    equal(found(page.encode()), links)
    equal(found(page.encode("utf-16")), links)
    equal(found(b"\xfe\xff" + page.encode("utf-16-be")), links)
    equal(found(page.replace("<a", "<meta charset=windows-1251><a").replace("\u00e9", "&eacute;").encode("cp1251")), links)
    # Without a word of its own: UTF-8 when all of it is, and else what browsers take.
    equal(found(b"." * 2000 + b" http://example.org/caf\xe9 ."), links[:1])
    equal(found(f"{word} http://example.org/caf\u00e9".encode("utf-16")), links[:1])
    equal(found(page.encode("utf-16"), "--as", "text")[1:], links[1:])


@case("links are found in a page, with its base")
def _(folder):
    path = folder / "page"
    path.write_bytes(PAGE)
    found = rows(ward("link", "find", "--json", path, status=1))
    equal([(r["where"], r["text"], r["url"], r["loads"]) for r in found], [
        ("base href", "http://example.org/d/", "http://example.org/d/", False),
        ("a href", "../x?a&b#c", "http://example.org/x?a&b", False),
        ("img src", "//pictures.example.net/%61.png", "http://pictures.example.net/a.png", True),
        ("text", "www.example.com/y", "http://www.example.com/y", False)])
    for row in found[2:]:
        equal(PAGE[row["offset"]:][:len(row["text"])].decode(), row["text"])
    done = ward("link", "find", "--as", "html", "--base", "https://example.net/a/b", "-",
                stdin=b"<a href=c>", status=1)
    equal(done.stdout, b"https://example.net/a/c\ta href\n")
    done = ward("link", "find", "--as", "text", "-", stdin=b"<a href=c>", status=0)
    equal(done.stdout, b"")


@case("links are found in the parts of a mail")
def _(folder):
    path = folder / "mail"
    path.write_bytes(MAIL)
    found = rows(ward("link", "find", "--json", path, status=1))
    equal([(r["part"], r["where"], r["url"]) for r in found], [
        (1, "text", "http://example.org/p%C3%BC"), (2, "a href", "http://example.org/h")])


@case("a file that is not there, and one that is too large, are trouble")
def _(folder):
    ward("link", "find", folder / "none", status=2)
    with open(folder / "large", "wb") as file:
        file.truncate((64 << 20) + 1)
    ward("link", "find", folder / "large", status=2)


@case("expressions and their hashes are what hashed lists have")
def _(folder):
    done = ward("link", "expressions", "http://b.c/1/2.html?q", status=0)
    equal(done.stdout, b"b.c/1/2.html?q\nb.c/1/2.html\nb.c/\nb.c/1/\n")
    row = rows(ward("link", "expressions", "--json", "--sha256", "foo.com", status=0))[0]
    equal(row, {"expression": "foo.com/",
                "sha256": "af30010e4c011fc77e1ab03ef898ab2f8dec17c0bd178a875ad0cd9b7a6e5973"})


run_cases()
