"""Moving house: a gateway on SQLite with open conversations and sends that wait moves to PostgreSQL while people write,
goes on there, and moves back. Nothing is lost, nothing comes twice."""
import json, signal, subprocess, tempfile, threading, time
from harness import (CASE, FakeTwilio, Gateway, HUIYIN, Phone, TWILIO_ENV, file_a_report, run, twilio_channel, wait_for)
from postgres import Postgres


class Mover:
    """huiyin migrate, whose words are read as they come."""

    def __init__(self, gateway, *args):
        self.lines = []
        self.process = subprocess.Popen([HUIYIN, "migrate", "--config", str(gateway.folder / "huiyin.yaml"), *args],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=gateway.folder,
                                        env=gateway.env)
        self.thread = threading.Thread(target=lambda: [self.lines.append(l) for l in self.process.stdout], daemon=True)
        self.thread.start()

    def said(self):
        return "".join(self.lines)

    def asks(self, seconds=60):
        """Until it asks for the gateway to be stopped."""
        wait_for(lambda: "NOW STOP" in self.said() or self.process.poll() is not None, seconds, why="the word to stop")
        assert "NOW STOP" in self.said(), self.said()

    def done(self, seconds=60):
        code = self.process.wait(timeout=seconds)
        self.thread.join()
        assert code == 0, self.said()
        return self.said()


class Crowd:
    """People who write all the time, one after the other; what was not taken is sent again, as a provider does."""

    def __init__(self, gateway, n=6):
        self.gateway, self.stop, self.error = gateway, threading.Event(), None
        self.phones = [Phone(gateway) for _ in range(n)]
        self.taken = []
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def bring(self, phone, form):
        while not self.stop.is_set():
            try:
                if phone.post(form)[0] == 200:
                    self.taken.append(form["MessageSid"])
                    return
            except OSError:
                pass
            time.sleep(0.05)

    def work(self):
        try:
            while not self.stop.is_set():
                for p in self.phones:
                    self.bring(p, p.form("投诉"))
        except Exception as e:  # noqa: BLE001
            self.error = e

    def end(self):
        self.stop.set()
        self.thread.join()
        assert not self.error, self.error


def restart(gateway, store):
    path = gateway.folder / "huiyin.yaml"
    lines = [f"store: {store}" if l.startswith("store:") else l for l in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    gateway.start()


def open_conversation(gateway):
    """In the middle of a report: what happened was asked for."""
    p = Phone(gateway)
    for line in ("投诉", "1", "解放路12号"):
        p.say(line)
    return p


def finish_conversation(phone):
    return file_a_report(phone, ["昨天", "楼上漏水，没人管。", "0", "修好水管", "张三", "1"])[0]


def test_there_and_back():
    twilio = FakeTwilio()
    hold = {"on": True}
    twilio.script = lambda form, n: (503, {}) if hold["on"] else None
    with Postgres() as pg, tempfile.TemporaryDirectory(prefix="huiyin-e2e-") as folder:
        g = Gateway(twilio_channel(twilio.port), folder=folder, env=TWILIO_ENV, store="sqlite:state/huiyin.db")
        g.start()
        try:
            talker, filed = open_conversation(g), Phone(g)
            number, _ = file_a_report(filed)
            g.cli("case", "accept", number)  # the notice waits: the provider takes nothing now
            crowd = Crowd(g)
            time.sleep(1)
            m = Mover(g, "--to", pg.url)
            m.asks()
            time.sleep(0.5)
            g.stop()
            begun = time.monotonic()
            said = m.done()
            assert f"store: {pg.url}" in said and "stood still" in said, said
            print("     the stop lasted %.1f s" % (time.monotonic() - begun))
            # the old store is closed
            r = subprocess.run([HUIYIN, "serve", "--config", str(g.folder / "huiyin.yaml")], capture_output=True, text=True,
                               env=g.env, cwd=g.folder, timeout=30)
            assert r.returncode and "has moved to postgresql" in r.stderr, r
            restart(g, pg.url)
            wait_for(lambda: len(crowd.taken) > 20, 20, why="people who go on")
            time.sleep(1)
            crowd.end()
            hold["on"] = False
            case = finish_conversation(talker)
            assert CASE.match(case) and case != number, (case, number)
            wait_for(lambda: twilio.to(filed.number), 30, why="the notice that waited")
            time.sleep(2)
            assert len([t for t in twilio.to(filed.number) if number in t]) == 1, twilio.to(filed.number)
            inbox = {r[0]: int(r[1]) for r in pg.ask("SELECT provider_id, count(*) FROM inbox WHERE kind = 0 AND fate <>"
                                                     " 'duplicate' GROUP BY 1")}
            lost = [sid for sid in crowd.taken if sid not in inbox]
            assert not lost, (len(lost), len(crowd.taken))
            assert not [sid for sid, n in inbox.items() if n > 1], "a message was taken twice"
            # what was answered before the move is a duplicate after it
            first = crowd.phones[0].form("投诉", sid=crowd.taken[0])
            assert crowd.phones[0].post(first)[0] == 200
            assert any("duplicate" in json.dumps(c) for c in [g.api("GET", "/counts")[1]])
            # and back
            m = Mover(g, "--to", "sqlite:state/back.db")
            m.asks()
            g.stop()
            m.done()
            check = g.cli("migrate", "--from", pg.url, "--to", "sqlite:state/back.db", "--check")
            assert "equal" in check.stdout, check
            restart(g, "sqlite:state/back.db")
            assert g.api("GET", f"/cases/{number}")[0] == 200 and g.api("GET", f"/cases/{case}")[0] == 200
            g.cli("case", "accept", case)
            wait_for(lambda: any(case in t for t in twilio.to(talker.number)), 20, why="a notice after the way back")
            third, _ = file_a_report(Phone(g))
            assert third not in (number, case)
            assert crowd.phones[0].post(first)[0] == 200
        finally:
            g.close()
            twilio.close()


def test_killed_in_the_middle_it_goes_on():
    twilio = FakeTwilio()
    with Postgres() as pg, tempfile.TemporaryDirectory(prefix="huiyin-e2e-") as folder:
        g = Gateway(twilio_channel(twilio.port), folder=folder, env=TWILIO_ENV, store="sqlite:state/huiyin.db")
        g.start()
        try:
            talker = open_conversation(g)
            crowd = Crowd(g)
            time.sleep(1)
            for wait in (0.05, 0.15, 0.3, 0.6):
                m = Mover(g, "--to", pg.url)
                time.sleep(wait)
                m.process.send_signal(signal.SIGKILL)
                m.process.wait()
            crowd.end()
            m = Mover(g, "--to", pg.url)
            m.asks()
            # while it waits, its database dies and comes back
            pg.stop("immediate")
            pg.start()
            g.stop()
            m.done()
            restart(g, pg.url)
            assert CASE.match(finish_conversation(talker))
            inbox = {r[0] for r in pg.ask("SELECT provider_id FROM inbox")}
            assert set(crowd.taken) <= inbox
            doubled = pg.ask("SELECT provider_id FROM inbox WHERE kind = 0 AND fate <> 'duplicate' GROUP BY 1 HAVING"
                             " count(*) > 1")
            assert not doubled, doubled
        finally:
            g.close()
            twilio.close()


def test_words_for_who_types():
    with tempfile.TemporaryDirectory(prefix="huiyin-e2e-") as folder:
        g = Gateway(twilio_channel(1), folder=folder, env=TWILIO_ENV, store="sqlite:state/huiyin.db")
        g.start()
        g.stop()
        assert "usage" in g.cli("migrate", check=False).stderr
        assert "--to URL" in g.cli("migrate", "--help").stdout
        r = g.cli("migrate", "--to", "postgresql://huiyin@127.0.0.1:1/x", check=False)
        assert r.returncode == 1 and "is it up" in r.stderr, r
        r = g.cli("migrate", "--to", "sqlite:other.db", check=False)
        assert r.returncode == 1 and "huiyin backup" in r.stderr, r
        g.start()
        g.close()


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
