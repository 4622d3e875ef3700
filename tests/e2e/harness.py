"""What the end-to-end tests share: a gateway in a folder of its own, a Twilio that records, signed webhooks."""
import atexit, base64, hashlib, hmac, http.client, http.server, json, os, pathlib, re, signal, socket, sqlite3, subprocess, sys
import tempfile, threading, time, urllib.parse, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HUIYIN = os.environ.get("HUIYIN", str(ROOT / "build" / "huiyin"))
TOKEN = "fake-twilio-auth-token-0123456789"
SID = "AC00000000000000000000000000000000"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, seconds=10.0, every=0.02, why="condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain for {why}")


class FakeTwilio:
    """The Messages API on loopback: answers 201 with a new sid and keeps what came. `script` may answer otherwise."""

    def __init__(self, host="127.0.0.1"):
        self.sent, self.lock, self.script = [], threading.Lock(), None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:  # half a request was never made
                    self.close_connection = True
                    return
                form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
                with outer.lock:
                    number = len(outer.sent) + 1
                    form["_sid"] = f"SM{number:032d}"
                    form["_auth"] = self.headers.get("Authorization", "")
                    status, answer = 201, {"sid": form["_sid"], "status": "queued"}
                    if outer.script:
                        made = outer.script(form, number)
                        if made:
                            status, answer = made
                    form["_status"] = status
                    outer.sent.append(form)
                raw = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def to(self, number):
        with self.lock:
            return [m["Body"] for m in self.sent if m["To"] == number and m["_status"] == 201]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


_house = None


def store_of(folder):
    """The embedded store; with STORE=postgres a database of a private PostgreSQL, one a folder."""
    global _house
    if os.environ.get("STORE") != "postgres":
        return "sqlite:state/huiyin.db"
    import postgres
    if not _house:
        _house = postgres.Postgres().start()
        atexit.register(_house.close)
    name = "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    if not _house.ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", database="postgres"):
        _house.ask(f"CREATE DATABASE {name}", database="postgres")
    return _house.url.rsplit("/", 1)[0] + "/" + name


class Gateway:
    host = "127.0.0.1"

    def __init__(self, channels, extra="", folder=None, env=None, store=None):
        self.temp = None if folder else tempfile.TemporaryDirectory(prefix="huiyin-e2e-")
        self.folder = pathlib.Path(folder or self.temp.name)
        self.port = free_port()
        self.env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", **(env or {}))
        self.process = None
        self.log = self.folder / "gateway.log"
        (self.folder / "huiyin.yaml").write_text(
            f"listen: 127.0.0.1\nport: {self.port}\npublic_url: http://127.0.0.1:{self.port}\n"
            f"store: {store or store_of(self.folder)}\nstate: state\nprompts: {ROOT}/prompts\n"
            f"limits: {{flood_per_minute: 5000, disk_free_mb: 1, per_address: 5000}}\n"
            f"windows:\n  W1: {{unit: hall, zh: 一号窗口, en: Window 1}}\n"
            f"{extra}channels:\n{channels}", encoding="utf-8")

    def start(self, ready=10.0):
        out = open(self.log, "ab")
        self.process = subprocess.Popen([HUIYIN, "serve", "--config", str(self.folder / "huiyin.yaml")],
                                        stdout=out, stderr=out, env=self.env, cwd=self.folder)
        out.close()

        def up():
            if self.process.poll() is not None:
                raise AssertionError("the gateway ended at once:\n" + self.log.read_text(errors="replace")[-4000:])
            try:
                return self.get("/readyz")[0] == 200
            except OSError:
                return False
        wait_for(up, ready, why="readiness; log:\n" + self.log.read_text(errors="replace")[-2000:])
        return self

    def kill9(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(timeout=30)
            assert code == 0, f"stopped with {code}:\n" + self.log.read_text(errors="replace")[-4000:]

    def close(self):
        try:
            self.stop()
        finally:
            if self.process and self.process.poll() is None:
                self.kill9()
            if self.temp:
                self.temp.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def request(self, method, path, body=None, headers=None, timeout=10):
        c = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            c.request(method, path, body=body, headers=headers or {})
            r = c.getresponse()
            return r.status, r.read().decode(errors="replace"), dict((k.lower(), v) for k, v in r.getheaders())
        finally:
            c.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def cli_key(self):
        return (self.folder / "state" / "cli.key").read_text().strip()

    def api(self, method, path, body=None, key=None):
        raw = json.dumps(body).encode() if body is not None else None
        status, text, _ = self.request(method, "/api/v1" + path, raw, {
            "Authorization": "Bearer " + (key or self.cli_key()), "Content-Type": "application/json"})
        return status, json.loads(text) if text else None

    def rows(self, sql, *args):
        """Of its embedded store, which may be at work."""
        db = sqlite3.connect(f"file:{self.folder}/state/huiyin.db?mode=ro", uri=True)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def cli(self, *args, check=True):
        r = subprocess.run([HUIYIN, *args, "--config", str(self.folder / "huiyin.yaml")], capture_output=True, text=True,
                           env=self.env, cwd=self.folder, timeout=60)
        assert not check or r.returncode == 0, f"huiyin {' '.join(args)}: {r.returncode}\n{r.stdout}\n{r.stderr}"
        return r


def twilio_channel(api_port, name="sms", extra=""):
    return (f"  {name}:\n    channel: twilio\n    account_sid: {SID}\n    auth_token: ${{TWILIO_AUTH_TOKEN}}\n"
            f"    number: '+15005550006'\n    api_url: http://127.0.0.1:{api_port}\n{extra}")


TWILIO_ENV = {"TWILIO_AUTH_TOKEN": TOKEN}


def twilio_signature(url, form, token=TOKEN):
    text = url + "".join(k + v for k, v in sorted(form.items()))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Phone:
    """A citizen with a phone: texts through the Twilio webhook, reads the inline TwiML."""
    count = 0

    def __init__(self, gateway, number=None, account="sms"):
        Phone.count += 1
        self.gateway, self.account = gateway, account
        self.number = number or f"+1415555{Phone.count:04d}"
        self.n = 0

    def form(self, text, sid=None, media=()):
        self.n += 1
        form = {"MessageSid": sid or f"SM{self.number[1:]}{self.n:020d}", "AccountSid": SID, "From": self.number,
                "To": "+15005550006", "Body": text, "NumMedia": str(len(media))}
        for i, (url, kind) in enumerate(media):
            form[f"MediaUrl{i}"], form[f"MediaContentType{i}"] = url, kind
        return form

    def post(self, form, signature=None, path=None):
        path = path or f"/hooks/{self.account}"
        url = f"http://127.0.0.1:{self.gateway.port}{path}"
        return self.gateway.request("POST", path, urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": twilio_signature(url, form) if signature is None else signature})

    def say(self, text, sid=None, media=()):
        status, body, _ = self.post(self.form(text, sid, media))
        assert status == 200, f"{status} {body}"
        import html
        return [html.unescape(t) for t in re.findall(r"<Message>(.*?)</Message>", body, re.S)]


CASE = re.compile(r"(?<!\d)(\d{6}-\d{4,6}-\d)(?!\d)")


def file_a_report(phone, lines=("投诉", "1", "解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管", "张三", "1")):
    """Talks until a case number appears; answers by what is asked are the caller's, in order, then 1 or skip."""
    seen = []
    for line in list(lines) + ["1", "跳过", "1", "跳过", "1"]:
        seen += phone.say(line)
        for t in seen:
            m = CASE.search(t)
            if m:
                return m.group(1), seen
    raise AssertionError("no case number came: " + " | ".join(seen[-6:]))


def run(tests):
    """Runs functions, prints a line each and the closing line."""
    passed = failed = 0
    for t in tests:
        try:
            t()
            passed += 1
            print(f"ok   {t.__name__}", flush=True)
        except Exception as e:  # noqa: BLE001: a test fails by any exception
            failed += 1
            import traceback
            traceback.print_exc()
            print(f"FAIL {t.__name__}: {e}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
