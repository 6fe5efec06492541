#!/usr/bin/env python3
"""ward text, from outside: lists are compiled and checked, pages are scanned."""
from scenario import *

LIST = """# made-up terms
zorbel\tweight=20\tcategory=sea\tlanguage=en
lighthouse\tweight=4
boat\twith=sail\twithin=3\tweight=12
museum\tweight=-8
forbidden zorb\tkind=banned
"""
PAGE = (b"<!DOCTYPE html><title>Z0rbel</title><p>A zor<b>b</b>\xc3\xa9l, a boat without; a "
        b"l.i.g.h.t.h.o.u.s.e.<div hidden>zorbel</div><img alt='a zorbel'><script>zorbel</script>")


def lists(folder):
    """The list as text and compiled."""
    text, compiled = folder / "terms", folder / "terms.ward"
    text.write_text(LIST)
    done = ward("text", "compile", text, "-o", compiled, status=0)
    assert done.stdout.startswith(b"5 terms, "), done.stdout
    return text, compiled


@case("a list as text and the same list compiled find the same, with where and why")
def _(folder):
    page = folder / "page"
    page.write_bytes(PAGE)
    told = [rows(ward("text", "scan", "--json", "--terms", terms, page, status=1))[0]
            for terms in lists(folder)]
    equal(told[0], told[1])
    row = told[0]
    equal((row["path"], row["bytes"], row["html"], row["cut"], row["encoding"], row["encoding_by"]),
          (str(page), len(PAGE), True, False, "utf-8", "utf-8"))
    equal([(h["term"], h["where"]) for h in row["hits"]],
          [("zorbel", "title"), ("zorbel", "text"), ("lighthouse", "text"), ("zorbel", "hidden"),
           ("zorbel", "alt")])
    equal([PAGE[h["offset"]:][:h["len"]] for h in row["hits"]],
          [b"Z0rbel", b"zor<b>b</b>\xc3\xa9l", b"l.i.g.h.t.h.o.u.s.e", b"zorbel", b"zorbel"])
    equal({h["category"] for h in row["hits"] if h["term"] == "zorbel"}, {"sea"})
    equal(row["hit_total"], 5)
    score = row["score"]
    # 20 four times, each time again by half; 4 once.
    equal(score["terms"], 20 * (1 + .5 + .25 + .125) + 4)
    equal(score["total"], sum(score[part] for part in
                              ("terms", "density", "harmless", "links", "pictures", "host")))
    equal((score["banned"], score["exception"]), (False, False))


@case("combinations, harmless and banned terms do what their line says")
def _(folder):
    terms, _compiled = lists(folder)

    def scan(text, status):
        return rows(ward("text", "scan", "--json", "--terms", terms, "-", stdin=text,
                         status=status))[0]
    equal(scan(b"a boat far from any other sail", 0)["hit_total"], 0)
    equal([h["term"] for h in scan(b"a boat with a sail", 1)["hits"]], ["boat"])
    row = scan(b"the museum", 1)
    assert row["score"]["harmless"] == row["score"]["total"] == -8, row["score"]
    equal(scan(b"for-bidden FORBIDDEN zorb", 1)["score"]["banned"], True)
    equal(scan(b"", 0)["words"], 0)


@case("the encoding is the label's, and a type that is no text has none")
def _(folder):
    terms, _compiled = lists(folder)
    page = "\u043c\u0430\u044f\u043a zorbel".encode("koi8-r")
    row = rows(ward("text", "scan", "--json", "--terms", terms, "--type",
                    "text/plain; charset=koi8-r", "-", stdin=page, status=1))[0]
    equal((row["encoding"], row["encoding_by"], row["html"]), ("koi8-r", "header", False))
    equal(row["hits"][0]["excerpt"].strip(), "\u043c\u0430\u044f\u043a zorbel")
    ward("text", "scan", "--terms", terms, "--type", "image/png", "-", stdin=b"zorbel", status=0)


@case("what a page says to the terminal does not reach it")
def _(folder):
    terms, _compiled = lists(folder)
    page = b"\x1b]0;x\x07 \xc2\x9b5m \xff \xe2\x80\xae zorbel\n"
    done = ward("text", "scan", "--terms", terms, "-", stdin=page, status=1)
    assert b'text "zorbel" 20: ' in done.stdout, done.stdout
    for command in (b"\x1b", b"\x07", b"\xc2\x9b", b"\xff", b"\xe2\x80\xae"):
        assert command not in done.stdout, done.stdout


@case("one file that cannot be read is trouble, and the others are still scanned")
def _(folder):
    terms, _compiled = lists(folder)
    page = folder / "page"
    page.write_bytes(PAGE)
    done = ward("text", "scan", "--json", "--terms", terms, folder / "none", page, status=2)
    equal([row["path"] for row in rows(done)], [str(page)])
    assert b"file 1" in done.stderr and b"zorbel" not in done.stderr, done.stderr


@case("a compiled file that is damaged in any part is refused, and so is another's")
def _(folder):
    _terms, compiled = lists(folder)
    good = compiled.read_bytes()
    broken = [good[:-1], good + b"\0", good[:100], good[:8]]
    for at in range(8, len(good), max(1, len(good) // 16)):
        broken.append(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    assert len(broken) > 16
    for data in broken:
        compiled.write_bytes(data)
        done = ward("text", "scan", "--terms", compiled, "-", stdin=b"zorbel", status=2)
        equal(done.stdout, b"")
        assert b"compiled terms" in done.stderr, done.stderr


@case("a list that is wrong says in which line, and what was compiled before stays")
def _(folder):
    terms, compiled = lists(folder)
    before = compiled.read_bytes()
    for line, why in ((b"zorbel\tweight=nan", b"a weight is a number"),
                      (b"zorbel\tweight=1e999", b"a weight is a number"),
                      (b"zorbel\tcolour=red", b"no such attribute"),
                      (b"zorbel\twithin=3", b"within needs a with"),
                      (b"zorb\xff", b"not UTF-8"), (b"...", b"nothing is left"),
                      (b"z" * 300, b"at most 255")):
        terms.write_bytes(b"# one\nboat\n" + line + b"\n")
        done = ward("text", "compile", terms, "-o", compiled, status=2)
        assert b"line 3: " in done.stderr and why in done.stderr, done.stderr
        equal(compiled.read_bytes(), before)
        ward("text", "check", terms, status=2)
        ward("text", "scan", "--terms", terms, "-", stdin=b"boat", status=2)


@case("doubts about a list are told, and none about a good one")
def _(folder):
    terms, _compiled = lists(folder)
    equal(ward("text", "check", terms, status=0).stdout, b"")
    terms.write_text("zorbel\nZ\u00d3RBEL\nox\n1984\nzorb\tcontext=part\n")
    found = rows(ward("text", "check", "--json", terms, status=1))
    equal(sorted((row["doubt"], row["term"], row.get("other")) for row in found),
          [("inside", "zorb", "zorbel"), ("number", "1984", None),
           ("same", "Z\u00d3RBEL", "zorbel"), ("short", "ox", None)])
    equal(len(ward("text", "check", terms, status=1).stdout.splitlines()), 4)


@case("phrase lists of e2guardian are read as what they are")
def _(folder):
    phrases, compiled = folder / "phrases", folder / "phrases.ward"
    phrases.write_text("< zorbel ><30>\n<light>,<house><-5>\n")
    ward("text", "compile", "--format", "e2-weighted", phrases, "-o", compiled, status=0)
    row = rows(ward("text", "scan", "--json", "--terms", compiled, "-",
                    stdin=b"zorbels, a zorbel, moonlight, houses", status=1))[0]
    equal([(h["term"], h["weight"]) for h in row["hits"]], [("zorbel", 30), ("light", -5)])
    ward("text", "compile", "--format", "mine", phrases, "-o", compiled, status=2)


@case("text is folded as terms are")
def _(folder):
    equal(ward("text", "fold", stdin="A B0\u00e1t: b.o.a.t, \uff42\uff4f\uff41\uff54!\n".encode(),
               status=0).stdout, b"a boat boat boat\n")
    equal(ward("text", "fold", "--repeats", "-", stdin=b"boooat", status=0).stdout, b"boat\n")
    equal(ward("text", "fold", "-", stdin=b"", status=0).stdout, b"\n")
    ward("text", "fold", folder / "none", status=2)


@case("a text that is nothing but words that look like terms is taken at its word after some thousands")
def _(folder):
    terms, compiled = folder / "terms", folder / "terms.ward"
    terms.write_text("lol\nill\n")
    ward("text", "compile", terms, "-o", compiled, status=0)
    # An i is no l, and a 1 may be one.
    equal(rows(ward("text", "scan", "--json", "--terms", compiled, "-", stdin=b"ioi " * 1000, status=0))[0]["hits"], [])
    assert rows(ward("text", "scan", "--json", "--terms", compiled, "-", stdin=b"1o1", status=1))[0]["hits"]
    assert rows(ward("text", "scan", "--json", "--terms", compiled, "-", stdin=b"ioi " * 100_000, status=1))[0]["hits"]


@case("what is not said on the command line is asked for")
def _(folder):
    for words in (("scan", "page"), ("scan", "--terms", "list"), ("compile", "list"),
                  ("compile", "-o", "file"), ("check",)):
        done = ward("text", *words, status=2)
        assert b"which" in done.stderr, (words, done.stderr)


run_cases()
