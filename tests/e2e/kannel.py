"""The whole intake over a real Kannel (bearerbox, smsbox, its fake SMSC driver): texts in as SMS, replies out as SMS."""
import pathlib, re, signal, socket, subprocess, tempfile, threading, time, urllib.parse
from harness import CASE, Gateway, free_port, run, wait_for

SENDSMS_USER, SENDSMS_PASSWORD, HOOK_TOKEN = "huiyin", "fake-sendsms-password", "fake-hook-token-0123456789"


class Kannel:
    def __init__(self, gateway_port):
        self.temp = tempfile.TemporaryDirectory(prefix="huiyin-kannel-")
        self.dir = pathlib.Path(self.temp.name)
        self.admin, self.box, self.smsc, self.sendsms = (free_port() for _ in range(4))
        hook = (f"http://127.0.0.1:{gateway_port}/hooks/kannel?token={HOOK_TOKEN}"
                "&id=%I&ts=%T&from=%p&to=%P&text=%b&charset=%C&coding=%c&smsc=%i")
        (self.dir / "kannel.conf").write_text(f"""
group = core
admin-port = {self.admin}
admin-password = fake
smsbox-port = {self.box}
admin-allow-ip = 127.0.0.1
box-allow-ip = 127.0.0.1
log-level = 0
log-file = "{self.dir}/bearerbox.log"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {self.smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {self.box}
sendsms-port = {self.sendsms}
sendsms-interface = 127.0.0.1
log-level = 0
log-file = "{self.dir}/smsbox.log"
http-request-retry = 5
http-queue-delay = 1

group = sendsms-user
username = {SENDSMS_USER}
password = {SENDSMS_PASSWORD}
max-messages = 10
concatenation = true
user-allow-ip = 127.0.0.1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
omit-empty = true
get-url = "{hook}"
""")
        self.processes, self.received, self.parts, self.lock = [], [], {}, threading.Lock()

    def start(self):
        for box in ("bearerbox", "smsbox"):
            self.processes.append(subprocess.Popen(["/usr/sbin/" + box, str(self.dir / "kannel.conf")],
                                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            wait_for(lambda: self.listens(self.box if box == "bearerbox" else self.sendsms), 15, why=box)
        self.link = socket.create_connection(("127.0.0.1", self.smsc))
        threading.Thread(target=self.read, daemon=True).start()
        return self

    @staticmethod
    def listens(port):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def text(self, sender, words, receiver="12345"):
        """The fake SMSC takes no UCS-2 inwards: what is not ASCII goes in as UTF-8 octets (UCS-2 in is in tests/channels)."""
        kind, body = ("text", words) if words.isascii() else ("data", urllib.parse.quote(words, safe=""))
        self.link.sendall(f"{sender} {receiver} {kind} {body}\n".encode())

    def read(self):
        data = b""
        while True:
            try:
                chunk = self.link.recv(65536)
            except OSError:
                return
            if not chunk:
                return
            data += chunk
            while b"\n" in data:
                line, data = data.split(b"\n", 1)
                self.take(line.decode("ascii"))

    def take(self, line):
        """`from to [udh %xx] text words` · `… data %xx` · `… ucs-2 %xx`, as Debian's fake SMSC writes them."""
        sender, receiver, kind, rest = line.split(" ", 3)
        udh = None
        if kind == "udh":
            udh, kind, rest = rest.split(" ", 2)
            udh = urllib.parse.unquote_to_bytes(udh)
        if kind == "text":
            body = rest.encode("latin-1")
        else:
            body = urllib.parse.unquote_to_bytes(rest.replace("+", "%20"))
        if udh is None:
            self.got(receiver, self.decode(body, kind))
            return
        assert udh[0:3] == b"\x05\x00\x03", udh
        with self.lock:
            parts = self.parts.setdefault((receiver, udh[3]), {})
            parts[udh[5]] = body
            if len(parts) < udh[4]:
                return
            del self.parts[(receiver, udh[3])]
        self.got(receiver, self.decode(b"".join(b for _, b in sorted(parts.items())), kind))

    @staticmethod
    def decode(body, kind):
        """Parts of a long UCS-2 text come as `data`; GSM text is ASCII here."""
        if kind != "ucs-2":
            try:
                words = body.decode("utf-8")
                if "\0" not in words:
                    return words
            except UnicodeDecodeError:
                pass
        return body.decode("utf-16-be")

    def got(self, receiver, words):
        with self.lock:
            self.received.append((receiver, words))

    def to(self, number):
        with self.lock:
            return [w for r, w in self.received if r.lstrip("+") == number.lstrip("+")]

    def stop(self):
        self.link.close()
        for p in reversed(self.processes):
            p.send_signal(signal.SIGTERM)
        for p in self.processes:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
        self.temp.cleanup()


def channel(kannel):
    return (f"  kannel:\n    channel: kannel\n    api_url: http://127.0.0.1:{kannel.sendsms}\n    username: {SENDSMS_USER}\n"
            f"    password: ${{KANNEL_PASSWORD}}\n    token: ${{KANNEL_TOKEN}}\n    number: '12345'\n")


class Talk:
    """One citizen at the SMSC: sends a text and waits for what comes back."""

    def __init__(self, kannel, number):
        self.kannel, self.number, self.seen = kannel, number, 0

    def say(self, words, expect=1, seconds=15):
        self.kannel.text(self.number, words)
        return self.hear(expect, seconds)

    def hear(self, expect=1, seconds=15):
        if expect:
            wait_for(lambda: len(self.kannel.to(self.number)) >= self.seen + expect, seconds,
                     why=f"{expect} SMS to {self.number}; so far {self.kannel.to(self.number)}")
        time.sleep(0.3)
        new = self.kannel.to(self.number)[self.seen:]
        self.seen += len(new)
        return new


def file_case(talk, lines):
    heard = []
    for line in list(lines) + ["1", "跳过", "1", "跳过"]:
        heard = talk.say(line, expect=0 if heard is None else 1)
        for words in heard:
            if CASE.search(words):
                return CASE.search(words).group(1)
    raise AssertionError("no case number came by SMS: " + " | ".join(talk.kannel.to(talk.number)[-4:]))


class World:
    def __enter__(self):
        port = free_port()
        self.kannel = Kannel(port)
        self.gateway = Gateway(channel(self.kannel), env={"KANNEL_PASSWORD": SENDSMS_PASSWORD, "KANNEL_TOKEN": HOOK_TOKEN})
        config = self.gateway.folder / "huiyin.yaml"
        config.write_text(config.read_text().replace(str(self.gateway.port), str(port)))
        self.gateway.port = port
        self.gateway.start()
        self.kannel.start()
        return self

    def __exit__(self, *_):
        self.kannel.stop()
        self.gateway.close()


def test_intake_status_rating_in_chinese():
    with World() as w:
        talk = Talk(w.kannel, "8613800138000")
        heard = talk.say("投诉") + talk.say("1")
        assert any("哪里" in t or "地" in t for t in heard), heard
        number = intake_rest(talk)
        w.gateway.cli("case", "transfer", number, "unit=住建局")
        assert any("住建局" in t for t in talk.hear()), "transfer notice"
        w.gateway.cli("case", "accept", number, "route=房管科")
        talk.hear()
        w.gateway.cli("case", "answer", number, "result=已修好水管")
        talk.hear()
        w.gateway.cli("case", "close", number)
        closing = talk.hear(2)
        assert any("满意" in t for t in closing), closing
        thanks = talk.say("1")
        assert thanks, "thanks for the rating"
        row = w.gateway.api("GET", f"/cases/{number}")[1]
        assert "satisf" in str(row) or row.get("rating") in (1, "satisfied"), row
        # Delivery reports came home: the notices are marked delivered.
        wait_for(lambda: str(w.gateway.api("GET", f"/cases/{number}")[1]).count("delivered") >= 4, 15,
                 why="delivery reports; " + str(w.gateway.api("GET", f"/cases/{number}")[1])[:1500])


def intake_rest(talk, lines=("解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管")):
    """Answers what is left of the intake; gathers the closing text with the number."""
    for line in list(lines) + ["跳过", "1", "跳过", "1", "1"]:
        talk.kannel.text(talk.number, line)
        time.sleep(0.7)
        for t in talk.hear(0):
            if CASE.search(t):
                return CASE.search(t).group(1)
    raise AssertionError("no case number by SMS: " + " | ".join(talk.kannel.to(talk.number)[-5:]))


def test_english_and_gsm():
    with World() as w:
        talk = Talk(w.kannel, "447700900123")
        heard = talk.say("I want to complain")
        assert any("1" in t for t in heard), heard
        talk.say("2")
        number = intake_rest(talk, ("12 Jiefang Road", "yesterday", "ACME Ltd", "They did not pay us.", "0", "pay the wages"))
        assert number
        heard = talk.say("status")
        assert any(number in t for t in heard), heard


if __name__ == "__main__":
    run([test_intake_status_rating_in_chinese, test_english_and_gsm])
