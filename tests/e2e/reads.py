"""
What is read for the office and for pages, with a PostgreSQL that is slow or frozen: nothing else waits for it. And the
list of refused webhooks, of one gateway and of several.
"""
import http.client, itertools, json, os, signal, subprocess, sys, threading, time, urllib.parse

import postgres
from harness import FakeTwilio, Gateway, Phone, TWILIO_ENV, run, twilio_channel, wait_for
from several import Provider, Several, hook

ANSWER_S = 2.6  # two seconds, a sweep, and a busy machine
AT_ONCE_S = 0.5


def refusals(gateway, key=None):
    status, body = gateway.api("GET", "/refusals", key=key)
    assert status == 200, (status, body)
    return body


def forge(gateway, account="sms", peer=None):
    form = urllib.parse.urlencode({"From": "+14155550000", "Body": "a forged secret"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "A" * 28}
    if peer:
        headers["X-Forwarded-For"] = peer  # loopback is a trusted proxy
    assert gateway.request("POST", f"/hooks/{account}", form, headers)[0] == 403


def test_refused_webhooks_are_listed():
    twilio = FakeTwilio()
    with Gateway(twilio_channel(twilio.port), env=TWILIO_ENV, extra="keep: {quarantine: 5}\n") as g:
        r = g.cli("refusals")
        assert "No webhook was refused" in r.stdout, r.stdout
        assert Phone(g).say("投诉")
        forge(g)
        forge(g)
        forge(g, peer="198.51.100.9")
        rows = refusals(g)["refusals"]
        assert [(r["account"], r["reason"], r["peer"], r["times"]) for r in rows] == [
            ("sms", "signature", "198.51.100.9", 1), ("sms", "signature", "127.0.0.1", 2)], rows
        assert all(r["length"] > 20 and r["gateway"] == 0 and r["at"][:4] >= "2026" for r in rows), rows
        r = g.cli("refusals")
        lines = r.stdout.splitlines()
        assert len(lines) == 3 and "LAST SEEN" in lines[0] and "198.51.100.9" in lines[1], r.stdout
        assert not r.stderr, r.stderr
        assert json.loads(g.cli("refusals", "--json").stdout)["refusals"] == rows
        for n in range(30):
            forge(g, peer=f"198.51.100.{n}")
        rows = refusals(g)["refusals"]
        assert len(rows) == 5 and rows[0]["peer"] == "198.51.100.29", "bounded by keep.quarantine"
        said = json.dumps(rows) + g.log.read_text()
        assert "secret" not in said and "4155550000" not in said and "198.51.100" not in g.log.read_text()
        assert g.request("GET", "/api/v1/refusals")[0] == 401
        g.stop()
        gone = g.cli("refusals", check=False)
        assert gone.returncode == 1 and "is `huiyin serve` running" in gone.stderr, gone
    twilio.close()


_world = None


class World:
    def __init__(self):
        self.pg = postgres.Postgres().start()
        self.provider = Provider()
        self.all = Several(self.pg.url, self.provider, n=2).start()
        self.members = self.all.members

    def close(self):
        self.all.close()
        self.pg.close()
        self.provider.close()


def world():
    global _world
    if not _world:
        _world = World()
    return _world


def test_refusals_of_all_gateways():
    w = world()
    one, two = w.members
    forge(one, peer="198.51.100.1")
    time.sleep(1.1)
    forge(two, peer="198.51.100.2")

    def both(g):
        body = refusals(g, w.all.key)
        return body["all_gateways"] and [(r["gateway"], r["peer"]) for r in body["refusals"]] == [
            (2, "198.51.100.2"), (1, "198.51.100.1")]
    for g in (one, two):
        wait_for(lambda: both(g), 5, why=f"both lists at gateway {g.number}: {refusals(g, w.all.key)}")
    begun, sent, versions = time.monotonic(), 0, set()
    while time.monotonic() - begun < 3.0:
        for _ in range(100):
            forge(one, peer=f"198.51.100.{sent % 250}")
            sent += 1
        versions.add(w.pg.ask("SELECT version FROM shared WHERE name = 'refusals/1'")[0][0])
    assert len(versions) <= 5, ("written at most once a second", sent, versions)
    time.sleep(1.5)
    rows = w.pg.ask("SELECT name, length(value) FROM shared WHERE name LIKE 'refusals/%' ORDER BY name")
    assert [r[0] for r in rows] == ["refusals/1", "refusals/2"] and 1000 < int(rows[0][1]) <= 16384, (sent, rows)
    one.stop()  # the other still shows what it had said
    body = refusals(two, w.all.key)
    assert body["all_gateways"] and any(r["gateway"] == 1 for r in body["refusals"]), body
    one.start()
    assert any(r["gateway"] == 1 for r in refusals(one, w.all.key)["refusals"]), "of its former life"


_numbers = itertools.count(1)


def message():
    n = next(_numbers)
    return {"MessageSid": f"SM{n:032d}", "AccountSid": "AC00000000000000000000000000000000", "From": f"+1415777{n:04d}",
            "To": "+15005550006", "Body": "投诉", "NumMedia": "0"}


class Timed(threading.Thread):
    """A request beside the others: status and how long it took."""

    def __init__(self, gateway, path, key=None):
        super().__init__(daemon=True)
        self.gateway, self.path, self.key = gateway, path, key
        self.status, self.took = 0, 0.0
        self.start()

    def run(self):
        begun = time.monotonic()
        try:
            self.status, self.body, self.headers = self.gateway.request(
                "GET", self.path, headers={"Authorization": "Bearer " + self.key} if self.key else None)
        except (OSError, http.client.HTTPException) as e:
            self.body = str(e)
        self.took = time.monotonic() - begun

    def result(self):
        self.join(15)
        return self


def pages_at_once(gateway, seconds):
    """The longest of many small requests that need no store."""
    end, longest = time.monotonic() + seconds, 0.0
    while time.monotonic() < end:
        for path in ("/healthz", "/chat", "/api/v1/openapi.json"):
            t = Timed(gateway, path).result()
            assert t.status == 200, (path, t.status, t.body)
            longest = max(longest, t.took)
        time.sleep(0.02)
    return longest


def test_a_locked_table_holds_up_only_who_reads_it():
    w = world()
    one = w.members[0]
    lock = subprocess.Popen([str(postgres.BIN / "psql"), "-h", str(w.pg.folder), "-p", str(w.pg.port), "-U", w.pg.user, "-d",
                             w.pg.database, "-X", "-q"], stdin=subprocess.PIPE, text=True)
    lock.stdin.write("BEGIN; LOCK TABLE handover IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4);\n")
    lock.stdin.flush()
    wait_for(lambda: w.pg.ask("SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'handover'"
                              " AND l.mode = 'AccessExclusiveLock' AND granted"), 5, why="the lock")
    asked = [Timed(one, "/api/v1/queue", w.all.key) for _ in range(3)]
    time.sleep(0.05)
    took = []
    for _ in range(10):
        status, _, seconds = hook(one.host, one.port, message())
        assert status == 200, status
        took.append(seconds)
    assert max(took) < AT_ONCE_S, took
    assert pages_at_once(one, 0.3) < AT_ONCE_S
    for t in asked:
        t.result()
        assert t.status == 503 and t.took < ANSWER_S and "retry-after" in t.headers, (t.status, t.took, t.body)
        assert "error" in json.loads(t.body), t.body
    lock.stdin.close()
    lock.kill()
    lock.wait()
    wait_for(lambda: one.api("GET", "/queue", key=w.all.key)[0] == 200, 10, why="the queue can be read again")


def signal_all(pids, number):
    for p in pids:
        try:
            os.kill(p, number)
        except ProcessLookupError:
            pass


def test_a_frozen_database_holds_up_no_page():
    w = world()
    one = w.members[0]
    frozen = [int(row[0]) for row in w.pg.ask("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")]
    signal_all(frozen, signal.SIGSTOP)
    try:
        asked = [Timed(one, path, w.all.key) for path in ("/api/v1/cases", "/api/v1/queue", "/api/v1/counts", "/api/v1/refusals")]
        longest = pages_at_once(one, 2.5)
        assert longest < AT_ONCE_S, longest
        for t in asked:
            t.result()
            assert t.took < ANSWER_S, (t.path, t.took)
            assert t.status == (200 if "refusals" in t.path else 503), (t.path, t.status, t.body)
        assert json.loads(asked[3].body)["all_gateways"] is False
        metrics = one.get("/metrics")[1]
        assert "huiyin_reads_late_total" in metrics and "huiyin_reads_waiting" in metrics
    finally:
        signal_all(frozen, signal.SIGCONT)
    for path in ("/cases", "/queue", "/counts", "/refusals"):
        wait_for(lambda: one.api("GET", path, key=w.all.key)[0] == 200, 10, why=path + " after the thaw")
    wait_for(lambda: hook(one.host, one.port, message())[0] == 200, 10, why="work after the thaw")


if __name__ == "__main__":
    parts = sys.argv[1:]
    tests = [v for k, v in list(globals().items()) if k.startswith("test_") and (not parts or any(p in k for p in parts))]
    try:
        run(tests)
    finally:
        if _world:
            _world.close()
