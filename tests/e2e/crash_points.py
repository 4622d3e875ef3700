"""
Every crash point of the sources (huiyin/crash.h), for Twilio, the web chat and a generic gateway: citizens write and a
clerk works while the process kills itself at the point, is started again, and is killed at the next one. At the end the
ledgers of who heard what are compared with the store: nothing acknowledged lost, no turn twice, no order broken, every
repeated answer the same, every call to the provider made once, or told as unsure.

    crash_points.py [ROUNDS [CHANNEL…]]      default 1, all three; HUIYIN names a build made with CRASH=1
"""
import asyncio, http.client, json, os, random, re, sqlite3, subprocess, sys, tempfile, threading, time, urllib.parse

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
CHANNELS = sys.argv[2:] or ["twilio", "webchat", "generic"]
sys.argv = sys.argv[:1]
from harness import CASE, HUIYIN, ROOT, FakeTwilio, Gateway, TWILIO_ENV, twilio_channel, wait_for  # noqa: E402
import kill  # noqa: E402
import websockets  # noqa: E402

SEED = int(os.environ.get("SEED", "1"))
SCRIPT = kill.SCRIPT
LEASE_S = 6
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
                    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082")
GENERIC = ("  city:\n    channel: generic\n    number: '10690000'\n    proof_secret: bearer-secret\n    unsure: again\n    per_second: 500\n"
           "    api_url: http://127.0.0.1:{port}\n"
           "    send: {{url: '{{api_url}}/send', body: 'To={{to|url}}&Body={{text|url}}'}}\n"
           "    success: {{codes: [201], id: 'json:/sid'}}\n"
           "    inbound: {{from: 'form:From', text: 'form:Body', id: 'form:MessageSid'}}\n"
           "    answer: {{type: application/json, body: '{{\"ok\":true}}'}}\n    proof: {{kind: bearer}}\n")
# What a channel never comes by.
ABSENT = {
    "twilio": {"frame_written", "upload_named"},
    "generic": {"frame_written", "upload_named"},
    "webchat": {"outbox_claimed", "outbox_given", "before_send", "after_send", "result_queued"},
}
SELDOM = {"before_seal", "after_seal", "checkpointed", "tidied", "timer_fired", "backup_copied", "upload_named"}


def points():
    found = []
    for f in sorted((ROOT / "gateway").rglob("*.c")):
        if f.name.startswith("pg_"):  # the same places of the other store
            continue
        found += re.findall(r'crash_point\("(\w+)"\)', f.read_text(encoding="utf-8"))
    assert len(found) == len(set(found)) and len(found) >= 12, found
    return found


class Clerk(threading.Thread):
    """Accepts, answers and closes every case that anyone was told of, each call once to three times; makes backups."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.stop, self.done, self.wrong, self.repeats = world, threading.Event(), {}, None, 0
        self.random = random.Random(SEED)

    def call(self, number, verb, body):
        once = f"{number}-{verb}"
        tries = 1 + (self.random.random() < 0.3)
        while tries:
            try:
                status, raw, _ = self.world.gateway.request(
                    "POST", f"/api/v1/cases/{number}/{verb}", json.dumps(body),
                    {"Authorization": "Bearer " + self.world.gateway.cli_key(), "Content-Type": "application/json",
                     "Idempotency-Key": once})
            except (OSError, http.client.HTTPException):
                status = 0
            if status == 200:
                got = json.loads(raw)
                assert got["number"] == number, got
                self.repeats += once in self.done
                self.done.setdefault(once, got)
                tries -= 1
                continue
            assert status in (0, 503), (number, verb, status, raw)
            if self.stop.is_set() and time.monotonic() > self.deadline:
                raise AssertionError(f"{verb} of {number} could not be done after the last restart")
            time.sleep(0.02)

    def copy(self):
        try:
            self.world.gateway.api("POST", "/backup", {"file": str(self.world.gateway.folder / "copy.db")})
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def run(self):
        worked = set()
        try:
            while True:
                todo = [n for n in self.world.told() if n not in worked][:5]
                self.copy()
                if not todo and self.stop.is_set():
                    return
                for number in todo:
                    worked.add(number)
                    self.call(number, "accept", {"route": "房管科"})
                    self.call(number, "answer", {"result": "已修好"})
                    self.call(number, "close", {})
                time.sleep(0.05)
        except Exception as e:  # noqa: BLE001
            self.wrong = e


class GenericPhone(kill.Phone):
    def post(self, form, signature=None, path=None):
        return self.gateway.request("POST", "/hooks/city", urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer bearer-secret"})


class Chatter:
    """A citizen in the web chat: resends what was not acknowledged, resumes by its token, keeps every line it saw."""

    def __init__(self, world, number):
        self.world, self.number, self.random = world, number, random.Random(SEED * 1000 + number)
        self.token = self.last = self.ws = None
        self.n, self.ledger, self.lines, self.mismatch, self.told, self.repeats = 0, [], {}, [], set(), 0
        self.wrong = None

    def take(self, m):
        if "token" in m:
            self.token = m["token"]
        if "text" in m and m.get("ours", True):
            if self.lines.setdefault(m["id"], m["text"]) != m["text"]:
                self.mismatch.append((m["id"], self.lines[m["id"]], m["text"]))
            if self.last is None or int(m["id"]) > int(self.last):
                self.last = m["id"]
            found = CASE.search(m["text"])
            if found:
                self.told.add(found.group(1))

    async def next(self, seconds=2):
        m = json.loads(await asyncio.wait_for(self.ws.recv(), seconds))
        self.take(m)
        return m

    async def open(self):
        self.ws = await websockets.connect(f"ws://127.0.0.1:{self.world.gateway.port}/chat/ws", close_timeout=0.2,
                                           subprotocols=["huiyin-chat"], compression=None, open_timeout=3)
        await self.ws.send(json.dumps({"hello": {"token": self.token, "after": self.last, "lang": "zh"}}))
        while not (await self.next()).get("ready"):
            pass

    async def close(self):
        if self.ws:
            ws, self.ws = self.ws, None
            try:
                await ws.close()
            except Exception:  # noqa: BLE001: it is gone already
                pass

    async def deliver(self, message):
        """Until it is acknowledged, over as many connections as that takes."""
        while True:
            try:
                if not self.ws:
                    await self.open()
                await self.ws.send(json.dumps(message))
                while True:
                    m = await self.next()
                    if m.get("ok") == message["id"]:
                        return m["event"]
                    assert m.get("bad") != message["id"], m
                    if m.get("again") == message["id"]:
                        raise OSError("again")
            except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException):
                await self.close()
                if self.world.stop.is_set() and time.monotonic() > self.world.deadline:
                    raise AssertionError("a message could not be delivered after the last restart")
                await asyncio.sleep(self.random.uniform(0.01, 0.05))

    async def say(self, text):
        self.n += 1
        message = {"text": text, "id": f"w{self.number}-{self.n}"}
        event = await self.deliver(message)
        self.ledger.append((message["id"], text, event))
        if self.random.random() < 0.15:
            self.repeats += 1
            await self.deliver(message)
        if self.ws and self.last and self.random.random() < 0.3:
            try:
                await self.ws.send(json.dumps({"seen": self.last}))
            except websockets.exceptions.WebSocketException:
                await self.close()

    async def picture(self):
        try:
            await asyncio.get_running_loop().run_in_executor(
                None, lambda: self.world.gateway.request("POST", f"/chat/upload?token={self.token}", PNG + os.urandom(8),
                                                         {"Content-Type": "image/png"}, timeout=3))
        except (OSError, http.client.HTTPException):
            pass

    async def talk(self):
        try:
            while not self.world.stop.is_set():
                before = len(self.told)
                for line in SCRIPT + ["跳过", "1", "跳过", "1", "1"]:
                    await self.say(line)
                    if len(self.told) > before:
                        break
                await self.picture()
                await self.close()
            # What was said while the connection was down is fetched now.
            await self.say("你好")
            await self.close()
            await asyncio.sleep(self.world.quiet_s)
            await self.open()
            await self.close()
        except Exception as e:  # noqa: BLE001
            self.wrong = e


class World:
    def __init__(self, channel):
        self.channel, self.stop, self.deadline, self.crashes = channel, threading.Event(), 0, 0
        self.quiet_s = 3
        self.twilio = FakeTwilio()
        self.twilio.server.handle_error = lambda *_: None  # the dead hang up on it
        self.twilio.server.RequestHandlerClass.wbufsize = -1  # head and body in one segment: no wait of 40 ms each
        section = {"twilio": twilio_channel(self.twilio.port, extra="    per_second: 500\n"), "webchat": "  chat: {channel: webchat}\n",
                   "generic": GENERIC.format(port=self.twilio.port)}[channel]
        self.gateway = Gateway(section, env=TWILIO_ENV, extra=f"survey: {{remind: 1s, window: 2s}}\nkeep: {{lease: {LEASE_S}s,"
                               " inline_wait: 1s}\n")
        self.citizens, self.threads = [], []
        if channel == "webchat":
            self.citizens = [Chatter(self, i) for i in range(8)]
            self.threads = [threading.Thread(target=self.chat, daemon=True)]
        else:
            self.citizens = [kill.Citizen(self.gateway, i, self.stop) for i in range(8)]
            for c in self.citizens:
                if channel == "generic":
                    c.phone.__class__ = GenericPhone
            self.threads = self.citizens
            for c in self.citizens:
                c.pause, c.rest = 0.03, 1.5 * (c.number % 2)
        self.clerk = Clerk(self)

    def chat(self):
        async def all_of_them():
            await asyncio.gather(*(c.talk() for c in self.citizens))
        asyncio.run(all_of_them())

    def told(self):
        if self.channel == "webchat":
            return sorted({n for c in self.citizens for n in c.told})
        if self.channel == "twilio":
            return sorted({CASE.search(a).group(1) for c in self.citizens for _, _, a in list(c.ledger) if CASE.search(a)})
        with self.twilio.lock:
            sent = [m["Body"] for m in self.twilio.sent]
        return sorted({CASE.search(t).group(1) for t in sent if CASE.search(t)})

    def spawn(self, point):
        env = dict(self.gateway.env, HUIYIN_CRASH=point)
        with open(self.gateway.log, "ab") as out:
            self.gateway.process = subprocess.Popen([HUIYIN, "serve", "--config", str(self.gateway.folder / "huiyin.yaml")],
                                                    stdout=out, stderr=out, env=env, cwd=self.gateway.folder)

    def crash(self, point, nth):
        self.spawn(f"{point}:{nth}")
        try:
            code = self.gateway.process.wait(20)
        except subprocess.TimeoutExpired:
            wrong = [str(c.wrong) for c in self.citizens + [self.clerk] if c.wrong]
            raise AssertionError(f"{self.channel}: {point} was not reached {nth} times in 20 s; {wrong[:3]}")
        assert code == -9, f"{self.channel}: {point}: ended with {code}:\n" + self.gateway.log.read_text(errors="replace")[-2000:]
        self.crashes += 1

    def settle(self):
        """Nothing is on its way any more: leases of the dead have run out and were judged. What surveys ask from then on, while
        the program is being stopped, waits for its next start."""
        def quiet():
            self.settled_ms = int(time.time() * 1000)
            return not self.gateway.rows("SELECT 1 FROM outbox WHERE state IN (0, 1)")
        wait_for(quiet, 40, 0.2, why=f"{self.channel}: the outbox to be empty")

    def run(self):
        dice = random.Random(SEED)
        todo = [p for p in points() if p not in ABSENT[self.channel]] * ROUNDS
        for t in self.threads + [self.clerk]:
            t.start()
        for p in todo:
            begun = time.monotonic()
            self.crash(p, 1 if p in SELDOM else dice.randint(1, 25))
            if time.monotonic() - begun > 3:
                print(f"  {p}: {time.monotonic() - begun:.1f} s", flush=True)
        self.gateway.start()
        self.deadline = time.monotonic() + 30
        for c in self.citizens + [self.clerk]:
            c.deadline = self.deadline
        self.stop.set()
        for t in self.threads:
            t.join(60)
        self.clerk.stop.set()
        self.clerk.join(60)
        self.settle()
        self.gateway.stop()
        return len(todo)

    # ---- the comparison

    def check(self):
        db = sqlite3.connect(f"file:{self.gateway.folder}/state/huiyin.db?mode=ro", uri=True)
        wrong = [str(c.wrong) for c in self.citizens + [self.clerk] if c.wrong]
        wrong += ["a thread hangs" for t in self.threads + [self.clerk] if t.is_alive()]
        facts = self.check_chat(db) if self.channel == "webchat" else self.check_phones(db)
        facts.update(self.check_clerk(db), **self.check_calls(db))
        facts["crashes"] = self.crashes
        bad = [k for k in facts if k in MUST_BE_ZERO and facts[k]]
        bad += [] if facts["integrity"] == "ok" else ["integrity"]
        bad += [] if facts["acknowledged"] >= self.crashes * 3 and facts["cases_worked"] >= 3 else ["the load was too small to show anything"]
        print(self.channel, json.dumps(facts), flush=True)
        for c in self.citizens:
            for m in c.mismatch[:1]:
                print("  changed:", m)
        db.close()
        return bad + wrong

    def check_phones(self, db):
        facts = kill.check(self.citizens, self.gateway.folder)
        facts["repeats"] = sum(c.repeats for c in self.citizens)
        if self.channel == "twilio":  # every citizen has finished: a case more would be a turn taken twice
            facts["cases_untold"] = facts["cases_stored"] - facts["cases_told"]
        return facts

    def check_chat(self, db):
        lost = doubled = order = unseen = foreign = 0
        stored = {r[0] for r in db.execute("SELECT number FROM cases")}
        for c in self.citizens:
            last = 0
            for name, _, event in c.ledger:
                rows = [r[0] for r in db.execute("SELECT id FROM inbox WHERE provider_id = ?", (name,))]
                lost += not rows or str(rows[0]) != event
                doubled += len(rows) > 1
                order += bool(rows) and rows[0] < last
                last = rows[0] if rows else last
            who = db.execute("SELECT contact FROM outbox WHERE id = ?", (int(next(iter(c.lines))),)).fetchone()[0]
            said = {str(i): t for i, t in db.execute("SELECT id, text FROM outbox WHERE contact = ?", (who,))}
            unseen += sum(int(i) <= int(c.last) and i not in c.lines for i in said)
            foreign += sum(said.get(i) != t for i, t in c.lines.items())
        told = set(self.told())
        sids = {name for c in self.citizens for name, _, _ in c.ledger}
        unexpected = [r[0] for r in db.execute("SELECT provider_id FROM inbox WHERE kind = 0") if r[0] not in sids]
        return dict(acknowledged=len(sids), lost=lost, doubled=doubled, order_broken=order, lines_never_seen=unseen,
                    lines_not_in_store=foreign, cases_told=len(told), cases_stored=len(stored),
                    cases_told_but_absent=len(told - stored), cases_untold=len(stored - told),
                    stored_but_never_acknowledged=len(unexpected), repeats=sum(c.repeats for c in self.citizens),
                    answers_changed=sum(len(c.mismatch) for c in self.citizens),
                    integrity=db.execute("PRAGMA integrity_check").fetchone()[0])

    def check_clerk(self, db):
        rows = {}
        for number, verb in db.execute("SELECT number, verb FROM case_event"):
            rows[f"{number}-{verb}"] = rows.get(f"{number}-{verb}", 0) + 1
        return dict(cases_worked=len({k.rsplit("-", 1)[0] for k in self.clerk.done}),
                    verbs_lost=sum(k not in rows for k in self.clerk.done),
                    verbs_twice=sum(rows.get(k, 0) > 1 for k in self.clerk.done), verbs_repeated=self.clerk.repeats)

    def check_calls(self, db):
        """Calls by text: never more than rows with it, but for rows that say they were tried again after an unsure call."""
        rows, unsure, again, calls = {}, 0, 0, {}
        for text, state, attempts, inline in db.execute("SELECT text, state, attempts, inline_reply FROM outbox"):
            rows[text] = rows.get(text, 0) + 1
            unsure += state == 2
            again += max(0, attempts - 1)
        with self.twilio.lock:
            for m in self.twilio.sent:
                calls[m["Body"]] = calls.get(m["Body"], 0) + 1
        extra = sum(max(0, n - rows.get(t, 0)) for t, n in calls.items() if t in rows)
        told = db.execute("SELECT count(*) FROM handover WHERE reason = 'unsure'").fetchone()[0]
        return dict(calls=sum(calls.values()), calls_phantom=sum(t not in rows for t in calls), calls_again=extra,
                    calls_again_unexplained=max(0, extra - (again if self.channel == "generic" else 0)),
                    calls_again_beyond_flights=max(0, extra - self.crashes * 8), unsure=unsure,
                    unsure_nobody_was_told=max(0, unsure - told),
                    waiting=db.execute("SELECT count(*) FROM outbox WHERE state IN (0, 1) AND created_at < ?",
                                       (self.settled_ms,)).fetchone()[0])


MUST_BE_ZERO = {"lost", "doubled", "order_broken", "cases_told_but_absent", "cases_told_twice", "answers_changed",
                "stored_but_never_acknowledged", "cases_untold", "lines_never_seen", "lines_not_in_store", "verbs_lost",
                "verbs_twice", "calls_phantom", "calls_again_unexplained", "calls_again_beyond_flights",
                "unsure_nobody_was_told", "waiting"}


def main():
    if b"HUIYIN_CRASH" not in open(HUIYIN, "rb").read():
        print(f"{HUIYIN} was built without crash points: make CRASH=1 B=build/crash all")
        print("0 passed, 1 failed")
        sys.exit(1)
    passed = failed = 0
    for channel in CHANNELS:
        w = World(channel)
        begun = time.monotonic()
        try:
            n = w.run()
            bad = w.check()
        except Exception as e:  # noqa: BLE001
            import traceback
            traceback.print_exc()
            n, bad = 1, [str(e)]
        w.gateway.process.poll() is None and w.gateway.kill9()
        print(f"{channel}: {w.crashes} crashes in {time.monotonic() - begun:.0f} s:", "FAILED: " + "; ".join(bad) if bad else "held", flush=True)
        passed, failed = (passed + n, failed) if not bad else (passed, failed + len(bad))
        if not bad:
            w.gateway.temp.cleanup()
        w.twilio.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
