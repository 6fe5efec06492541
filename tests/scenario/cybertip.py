"""A stand-in for NCMEC's CyberTipline that ends with the case (tests/cybertip_server.py)."""
import urllib.request

from scenario import *

SERVER = pathlib.Path(__file__).parent.parent / "cybertip_server.py"


class Server:
    """Validates what it gets by xmllint with the real schema, and misbehaves when told to."""

    def __init__(self):
        if not shutil.which("xmllint"):
            raise Skip("xmllint is not installed")
        self.process = subprocess.Popen([sys.executable, SERVER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)

    def control(self, **told):
        data = json.dumps(told).encode() if told else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control", data, 10) as answer:
            return json.load(answer)

    def states(self):
        return sorted(report["state"] for report in self.control()["reports"])


def put_account(place, tag="test"):
    """The account that the server lets in."""
    account = place / "keys/cybertip.json"
    account.write_text(json.dumps({"environment": tag, "user": "harbour", "password": "lamp:and sea"}))
    account.chmod(0o600)
