"""
The kill test: citizens write over the Twilio webhook (each message once to five times, as a provider does), the gateway
is killed with SIGKILL at random moments and started again. At the end the ledger of what was acknowledged is compared
with what the store holds: nothing lost, nothing twice, no order broken, every repeated answer identical.

    kill.py [KILLS]        default 10
"""
import http.client, json, os, random, sqlite3, sys, threading, time
from harness import CASE, FakeTwilio, Gateway, Phone, TWILIO_ENV, twilio_channel, wait_for

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
CITIZENS = 12
SEED = int(os.environ.get("SEED", "1"))
SCRIPT = ["投诉", "1", "解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管"]


class Citizen(threading.Thread):
    def __init__(self, gateway, number, stop):
        super().__init__(daemon=True)
        self.phone = Phone(gateway, f"+1415556{number:04d}")
        self.number, self.stop, self.random = number, stop, random.Random(SEED * 1000 + number)
        self.ledger = []      # (sid, text, answer) in the order sent: acknowledged ones only
        self.mismatch = []    # a repeated message got another answer
        self.refused = self.broken = self.repeats = 0
        self.wrong = None
        self.pause = 0.01      # at most so long between two messages, in seconds
        self.rest = 0          # and so long after a case

    def once(self, form):
        """One try. The answer's text, or None when it is unknown or refused."""
        try:
            status, body, _ = self.phone.post(form)
        except (OSError, http.client.HTTPException):  # a broken connection: unknown
            self.broken += 1
            return None
        if status == 200:
            return body
        assert status in (503, 429), (status, body)
        self.refused += 1
        return None

    def say(self, text):
        form = self.phone.form(text)
        answer = None
        while answer is None:
            answer = self.once(form)
            if answer is None:
                if self.stop.is_set() and time.monotonic() > self.deadline:
                    raise AssertionError("a message could not be delivered after the last restart")
                time.sleep(self.random.uniform(0.005, 0.05))
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            again = self.once(form)
            self.repeats += again is not None
            if again is not None and again != answer:
                self.mismatch.append((form["MessageSid"], answer, again))
        self.ledger.append((form["MessageSid"], text, answer))
        return answer

    def run(self):
        self.deadline = time.monotonic() + 3600
        try:
            while not self.stop.is_set():
                for line in SCRIPT + ["跳过", "1", "跳过", "1", "1"]:
                    if CASE.search(self.say(line)):
                        break
                    time.sleep(self.random.uniform(0, self.pause))
                self.stop.wait(self.rest)
        except Exception as e:  # noqa: BLE001
            self.wrong = e


def check(citizens, folder):
    lost, doubled, order, cases_twice = [], [], [], []
    db = sqlite3.connect(f"file:{folder}/state/huiyin.db?mode=ro", uri=True)
    rows = {}
    for id_, provider, contact in db.execute("SELECT id, provider_id, contact FROM inbox WHERE kind = 0 ORDER BY id"):
        rows.setdefault(provider, []).append((id_, contact))
    told = {}
    for c in citizens:
        last = 0
        for sid, text, answer in c.ledger:
            got = rows.get(sid, [])
            if not got:
                lost.append((sid, text))
            elif len(got) > 1:
                doubled.append(sid)
            else:
                if got[0][0] < last:
                    order.append(sid)
                last = got[0][0]
            m = CASE.search(answer)
            if m:
                told.setdefault(m.group(1), set()).add(sid)
    stored = [r[0] for r in db.execute("SELECT number FROM cases ORDER BY number")] if has(db, "cases") else \
             [r[0] for r in db.execute('SELECT number FROM "case" ORDER BY number')]
    phantom = [n for n in told if n not in set(stored)]
    cases_twice = [n for n, sids in told.items() if len(sids) > 1]
    sids = {sid for c in citizens for sid, _, _ in c.ledger}
    unexpected = [p for p in rows if p and p not in sids]
    whole = db.execute("PRAGMA integrity_check").fetchone()[0]
    return dict(acknowledged=len(sids), lost=len(lost), doubled=len(doubled), order_broken=len(order), cases_told=len(told),
                cases_stored=len(stored), cases_told_but_absent=len(phantom), cases_told_twice=len(cases_twice),
                stored_but_never_acknowledged=len(unexpected), integrity=whole,
                answers_changed=sum(len(c.mismatch) for c in citizens))


def has(db, table):
    return db.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0] > 0


def main():
    twilio = FakeTwilio()
    gateway = Gateway(twilio_channel(twilio.port), env=TWILIO_ENV)
    dice, stop, slowest = random.Random(SEED), threading.Event(), 0.0
    gateway.start()
    citizens = [Citizen(gateway, i, stop) for i in range(CITIZENS)]
    for c in citizens:
        c.start()
    for kill in range(KILLS):
        time.sleep(dice.uniform(0.02, 0.3))
        gateway.kill9()
        begun = time.monotonic()
        gateway.start()
        slowest = max(slowest, time.monotonic() - begun)
        if (kill + 1) % 50 == 0:
            print(f"  {kill + 1} kills, {sum(len(c.ledger) for c in citizens)} messages acknowledged", flush=True)
    time.sleep(0.5)
    for c in citizens:
        c.deadline = time.monotonic() + 20
    stop.set()
    for c in citizens:
        c.join(60)
    broken = [str(c.wrong) for c in citizens if c.wrong or c.is_alive()]
    gateway.stop()
    result = check(citizens, gateway.folder)
    result.update(kills=KILLS, repeats=sum(c.repeats for c in citizens), broken_connections=sum(c.broken for c in citizens),
                  refused=sum(c.refused for c in citizens), slowest_restart_s=round(slowest, 2))
    print(json.dumps(result, indent=1))
    bad = [k for k in ("lost", "doubled", "order_broken", "cases_told_but_absent", "cases_told_twice", "answers_changed",
                       "stored_but_never_acknowledged") if result[k]]
    bad += broken
    if result["integrity"] != "ok":
        bad.append("integrity")
    if result["acknowledged"] < KILLS * 3:
        bad.append("hardly anything was acknowledged: the test shows nothing")
    for c in citizens:
        for m in c.mismatch[:2]:
            print("changed:", m)
    twilio.close()
    gateway.close()
    print("kill test:", "FAILED: " + ", ".join(bad) if bad else "held")
    print(f"{0 if bad else 1} passed, {1 if bad else 0} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
