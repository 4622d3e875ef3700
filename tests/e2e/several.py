"""
What the tests of several gateways share: gateways with numbers on one PostgreSQL, citizens and a clerk who keep a ledger
of what was acknowledged, and the comparison of that ledger with what the database and the provider hold at the end.
"""
import http.client, itertools, os, pathlib, random, re, shutil, socket, tempfile, threading, time, urllib.parse
from harness import (CASE, FakeTwilio, Gateway, HUIYIN, ROOT, TOKEN, TWILIO_ENV, twilio_channel, twilio_signature,
                     wait_for)  # noqa: F401

PUBLIC = "http://huiyin.test"  # one address for all: what a balancer's would be
SCRIPT = ["投诉", "1", "解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管", "跳过", "1", "跳过", "1", "1"]
SEED = int(os.environ.get("SEED", "1"))
_numbers = itertools.count(1)


class Member(Gateway):
    """One gateway of several. Its state folder begins as a copy of the first one's keys."""

    def __init__(self, number, store, api="http://127.0.0.1:1", keys=None, prompts=None, extra="", host="127.0.0.1",
                 prefix=(), env=None, port=None, folder=None):
        super().__init__("", folder=folder, store=store, env=TWILIO_ENV)
        self.env.update(env or {})
        self.number, self.host, self.prefix, self.port = number, host, list(prefix), port or self.port
        self.api_url, self.prompts, self.extra, self.store_url = api, prompts or ROOT / "prompts", extra, store
        self.write()
        state = self.folder / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        if keys:
            for name in ("store.key", "cli.key"):
                shutil.copy(keys / name, state / name)

    def write(self, extra=None):
        (self.folder / "huiyin.yaml").write_text(
            f"listen: {self.host}\nport: {self.port}\ngateway: {self.number}\nstate: state\npublic_url: {PUBLIC}\n"
            f"store: {self.store_url}\nprompts: {self.prompts}\n"
            "limits: {flood_per_minute: 5000, disk_free_mb: 1, per_address: 5000, connections: 4000}\n"
            f"{self.extra if extra is None else extra}channels:\n  chat: {{channel: webchat}}\n"
            "  sms:\n    channel: twilio\n    account_sid: AC00000000000000000000000000000000\n"
            "    auth_token: ${TWILIO_AUTH_TOKEN}\n    number: '+15005550006'\n    per_second: 500\n"
            f"    api_url: {self.api_url}\n", encoding="utf-8")

    def command(self):
        return [*self.prefix, HUIYIN, "serve", "--config", str(self.folder / "huiyin.yaml")]

    def launch(self):
        import subprocess
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out, env=self.env, cwd=self.folder)
        return self

    def up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"gateway {self.number} ended:\n" + self.said()[-3000:])
        return self.status() == 200

    def status(self, path="/readyz", timeout=3):
        try:
            return self.request("GET", path, timeout=timeout)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def start(self, ready=15.0):
        self.launch()
        wait_for(self.up, ready, every=0.05, why=f"readiness of gateway {self.number}; log:\n" + self.said()[-2000:])
        return self

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Provider(FakeTwilio):
    """Twilio with a count by our own id of the send, which stands in the status callback. `down` answers 500."""

    def __init__(self, host="127.0.0.1"):
        self.down = False
        super().__init__(host)
        self.script = lambda form, n: (500, {"code": 20500}) if self.down else None

    def by_id(self):
        seen = {}
        with self.lock:
            for m in self.sent:
                if m["_status"] == 201:
                    id_ = int(m["StatusCallback"].rsplit("o=", 1)[1])
                    seen[id_] = seen.get(id_, 0) + 1
        return seen


def hook(host, port, form, account="sms", timeout=10):
    """One try: status, body, seconds. Status 0: the connection broke; -1: no answer in time."""
    path, begun = f"/hooks/{account}", time.monotonic()
    c = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        c.request("POST", path, urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": twilio_signature(PUBLIC + path, form)})
        r = c.getresponse()
        status, body = r.status, r.read().decode(errors="replace")
        if status == 503 and "<h1>503" in body:
            status = 502  # said by a balancer, not by a gateway
    except socket.timeout:
        status, body = -1, ""
    except (OSError, http.client.HTTPException):
        status, body = 0, ""
    finally:
        c.close()
    return status, body, time.monotonic() - begun


class Citizen(threading.Thread):
    """Writes reports, each message once to several times, over any of `doors` ((host, port) pairs), until stopped."""

    def __init__(self, doors, stop, pause=0.03, repeats=(0, 0, 0, 1, 2), timeout=10):
        super().__init__(daemon=True)
        self.id = next(_numbers)
        self.phone = f"+1415557{self.id:04d}"
        self.doors, self.stop, self.pause, self.repeats, self.timeout = doors, stop, pause, repeats, timeout
        self.dice = random.Random(SEED * 1000 + self.id)
        self.ledger, self.mismatch = [], []  # (sid, text, answer, round, step) as acknowledged, in order
        self.tries = []                      # (moment, status, seconds)
        self.again, self.n, self.round = 0, 0, 0
        self.wrong, self.deadline = None, None

    def once(self, form):
        status, body, took = hook(*self.dice.choice(self.doors), form, timeout=self.timeout)
        self.tries.append((time.monotonic(), status, took))
        if status == 200:
            return body
        if status not in (0, -1, 503, 429, 502, 504):
            raise AssertionError(f"answered {status}: {body[:200]}")
        return None

    def say(self, text, step):
        self.n += 1
        sid = f"SM{self.id:012d}{self.n:020d}"
        form = {"MessageSid": sid, "AccountSid": "AC00000000000000000000000000000000", "From": self.phone,
                "To": "+15005550006", "Body": text, "NumMedia": "0"}
        answer = None
        while answer is None:
            answer = self.once(form)
            if answer is None:
                if self.deadline and time.monotonic() > self.deadline:
                    raise AssertionError("a message could not be delivered after all was mended")
                time.sleep(self.dice.uniform(0.02, 0.15))
        for _ in range(self.dice.choice(self.repeats)):
            more = self.once(form)
            self.again += more is not None
            if more is not None and more != answer:
                self.mismatch.append((sid, answer, more))
        self.ledger.append((sid, text, answer, self.round, step))
        return answer

    def run(self):
        try:
            while not self.stop.is_set():
                for step, line in enumerate(SCRIPT):
                    if CASE.search(self.say(line, step)):
                        break
                    time.sleep(self.dice.uniform(0, self.pause))
                self.round += 1
        except Exception as e:  # noqa: BLE001
            self.wrong = e


class Clerk(threading.Thread):
    """Accepts each case that a citizen was told of, over any door, under an idempotency key: a notice is owed for each."""

    def __init__(self, doors, key, citizens, stop):
        super().__init__(daemon=True)
        self.doors, self.key, self.citizens, self.stop = doors, key, citizens, stop
        self.dice, self.done, self.wrong, self.deadline = random.Random(SEED), [], None, None
        self.refused = 0

    def told(self):
        return [m.group(1) for c in self.citizens for row in list(c.ledger) for m in [CASE.search(row[2])] if m]

    def accept(self, number):
        host, port = self.dice.choice(self.doors)
        c = http.client.HTTPConnection(host, port, timeout=10)
        try:
            c.request("POST", f"/api/v1/cases/{number}/accept", "{}", {
                "Authorization": "Bearer " + self.key, "Content-Type": "application/json",
                "Idempotency-Key": "accept-" + number})
            r = c.getresponse()
            body = r.read().decode(errors="replace")
            if r.status in (200, 201, 202):
                return True
            if r.status not in (503, 502, 504, 429):
                raise AssertionError(f"accept {number}: {r.status} {body[:300]}")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            c.close()
        self.refused += 1
        return False

    def run(self):
        try:
            while True:
                last = self.stop.is_set()
                for number in [n for n in self.told() if n not in set(self.done)]:
                    while not self.accept(number):
                        if self.deadline and time.monotonic() > self.deadline:
                            raise AssertionError("a case could not be accepted after all was mended")
                        time.sleep(0.1)
                    self.done.append(number)
                if last:
                    return
                time.sleep(0.05)
        except Exception as e:  # noqa: BLE001
            self.wrong = e


class Load:
    """Citizens and a clerk at work; `end` lets them finish what they began and compares."""

    def __init__(self, doors, key=None, citizens=6, **more):
        self.stop, self.last = threading.Event(), threading.Event()
        self.citizens = [Citizen(doors, self.stop, **more) for _ in range(citizens)]
        self.clerk = Clerk(doors, key, self.citizens, self.last) if key else None
        self.begun = time.monotonic()

    def __enter__(self):
        for t in self.citizens + ([self.clerk] if self.clerk else []):
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.last.set()

    def acknowledged(self):
        return sum(len(c.ledger) for c in self.citizens)

    def goes_on(self, more=20, seconds=10.0):
        """So long it took until so many more messages were acknowledged."""
        begun, before = time.monotonic(), self.acknowledged()
        wait_for(lambda: self.acknowledged() >= before + more or any(c.wrong for c in self.citizens), seconds, 0.01,
                 why="the work to go on")
        return time.monotonic() - begun

    def all_served_after(self, moment, seconds=10.0):
        """Every citizen was answered 2xx after `moment`: how long that took."""
        wait_for(lambda: all(any(m > moment and s == 200 for m, s, _ in c.tries[-50:]) or c.wrong for c in self.citizens),
                 seconds, 0.01, why="every citizen to be served again")
        return time.monotonic() - moment

    def tries(self, since=0.0, until=1e18):
        return [t for c in self.citizens for t in list(c.tries) if since <= t[0] <= until]

    def slowest(self, statuses=(503,), since=0.0, until=1e18):
        return max([took for _, s, took in self.tries(since, until) if s in statuses], default=0.0)

    def count(self, *statuses):
        return sum(1 for _, s, _ in self.tries() if s in statuses)

    def end(self, pg, provider=None, seconds=30):
        until = time.monotonic() + seconds
        for t in self.citizens:
            t.deadline = until
        self.stop.set()
        for t in self.citizens:
            t.join(seconds + 15)
        if self.clerk:
            self.clerk.deadline = until
            self.last.set()
            self.clerk.join(seconds + 15)
        wrong = [str(t.wrong or "is stuck") for t in self.citizens + ([self.clerk] if self.clerk else [])
                 if t.wrong or t.is_alive()]
        assert not wrong, wrong[:3]
        return compare(self, pg, provider)


def masked(answer):
    return re.sub(r"[0-9A-Z-]{4,}", "…", answer)


def compare(load, pg, provider=None, drain=40.0):
    """The ledger against the database and the provider. Everything in `bad` must be zero."""
    citizens = load.citizens
    rows, order, ours = {}, 0, tuple(f"SM{c.id:012d}" for c in citizens)
    for provider_id, id_, contact in pg.ask("SELECT provider_id, id, contact FROM inbox WHERE kind = 0 ORDER BY id"):
        if provider_id.startswith(ours):
            rows.setdefault(provider_id, []).append((int(id_), contact))
    lost, doubled, told, contacts = 0, 0, {}, 0
    for c in citizens:
        last, who = 0, set()
        for sid, _, answer, _, _ in c.ledger:
            got = rows.get(sid, [])
            lost += not got
            doubled += len(got) > 1
            if got:
                order += got[0][0] < last
                last = got[0][0]
                who.add(got[0][1])
            m = CASE.search(answer)
            if m:
                told.setdefault(m.group(1), set()).add(sid)
        contacts += len(who) > 1
    sids = {row[0] for c in citizens for row in c.ledger}
    mine = {c for got in rows.values() for _, c in got}
    cases = {n: c for n, c in pg.ask("SELECT number, contact FROM cases") if c in mine}
    spoken = {}
    for c in citizens:
        for _, _, answer, round_, step in c.ledger:
            spoken.setdefault((round_ if round_ < 2 else 2, step), set()).add(masked(answer))
    result = dict(acknowledged=len(sids), repeats=sum(c.again for c in citizens), refused=load.count(503, 429, 502, 504),
                  broken=load.count(0), unanswered=load.count(-1), cases=len(cases))
    bad = dict(lost=lost, doubled=doubled, out_of_order=order, phantom=len(set(rows) - sids), contacts_twice=contacts,
               answers_changed=sum(len(c.mismatch) for c in citizens),
               cases_told_but_absent=len(set(told) - set(cases)), cases_never_told=len(set(cases) - set(told)),
               cases_told_twice=sum(len(s) > 1 for s in told.values()),
               conversations_astray=sum(len(s) - 1 for s in spoken.values()))
    if load.clerk:
        done = set(load.clerk.done)
        wait_for(lambda: not [1 for n, in pg.ask("SELECT case_number FROM outbox WHERE state IN (0, 1) AND case_number IS NOT"
                                                 " NULL AND next_at < 9000000000000000000") if n in done], drain, 0.2,
                 why="the outbox to be empty")
        events = {}
        for n, in pg.ask("SELECT number FROM case_event WHERE verb = 'accept'"):
            events[n] = events.get(n, 0) + 1
        bad.update(accepted_lost=len([n for n in done if not events.get(n)]),
                   accepted_twice=len([n for n in done if events.get(n, 0) > 1]))
        result.update(accepted=len(done))
        if provider:
            seen = provider.by_id()
            sends = [(int(i), int(s)) for i, s, n in pg.ask("SELECT id, state, case_number FROM outbox WHERE inline_reply = 0"
                                                            " AND case_number IS NOT NULL") if n in done]
            bad.update(sent_twice=sum(n > 1 for n in seen.values()),
                       sends_phantom=sum(1 for i, s in sends if s in (3, 4, 5) and i not in seen))
            result.update(sends=len(sends), sends_unsure=sum(1 for _, s in sends if s in (2, 6)))
    result["bad"] = {k: v for k, v in bad.items() if v}
    result["checked"] = sorted(bad)
    for c in citizens:
        for m in c.mismatch[:1]:
            print("changed:", m, flush=True)
    if bad["conversations_astray"]:
        for where, said in sorted(spoken.items()):
            if len(said) > 1:
                print("astray:", where, *sorted(said), sep="\n    ", flush=True)
    return result


class Several:
    """Gateways 1 … n on one store, with the same keys, prompts and settings."""

    def __init__(self, store, provider, n=3, prompts=None, extra="keep: {lease: 60s}\n", **more):
        self.store, self.provider, self.extra, self.more = store, provider, extra, more
        self.folder = tempfile.TemporaryDirectory(prefix="huiyin-several-")
        self.prompts = pathlib.Path(self.folder.name) / "prompts"
        shutil.copytree(prompts or ROOT / "prompts", self.prompts)  # what is edited meanwhile differs for none
        self.keys = pathlib.Path(self.folder.name) / "keys"
        self.keys.mkdir(mode=0o700)
        for name, text in (("store.key", os.urandom(32).hex()), ("cli.key", os.urandom(32).hex())):
            (self.keys / name).write_text(text + "\n")
            (self.keys / name).chmod(0o600)
        self.members = [self.member(i + 1) for i in range(n)]

    def member(self, number, **more):
        return Member(number, **{**dict(store=self.store, api=f"http://127.0.0.1:{self.provider.port}", keys=self.keys,
                                        prompts=self.prompts, extra=self.extra, **self.more), **more})

    @property
    def key(self):
        return (self.keys / "cli.key").read_text().strip()

    @property
    def doors(self):
        return [(m.host, m.port) for m in self.members]

    def start(self):
        self.members[0].start()
        for m in self.members[1:]:
            m.launch()
        for m in self.members[1:]:
            wait_for(m.up, 15, 0.05, why=f"readiness of gateway {m.number}:\n{m.said()[-1500:]}")
        return self

    def __enter__(self):
        return self.start()

    def close(self):
        for m in self.members:
            if m.process and m.process.poll() is None:
                m.process.terminate()
        for m in self.members:
            if m.process:
                try:
                    m.process.wait(15)
                except Exception:  # noqa: BLE001
                    m.kill9()
            m.temp.cleanup() if m.temp else None
        self.folder.cleanup()

    def __exit__(self, *_):
        self.close()

    def __getitem__(self, i):
        return self.members[i]
