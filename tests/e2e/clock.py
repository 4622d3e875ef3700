"""
The wall clock jumps under the running gateway: an hour and a day forward and back, ten minutes back. No send leaves early
or late by it, none twice; no session ends by it; ids rise on, also over a restart; somebody is told, once.
"""
import asyncio, json, mmap, os, pathlib, shutil, struct, sys, tempfile, threading, time

from harness import CASE, HUIYIN, ROOT, FakeTwilio, Gateway, Phone, TWILIO_ENV, file_a_report, run, twilio_channel, wait_for

SO = os.environ.get("HUIYIN_FAULTS_CLOCK", str(pathlib.Path(HUIYIN).parent / "fault" / "clock.so"))
HOUR, DAY = 3600, 86400
JUMPS = {"an hour on": HOUR, "an hour back": -HOUR, "a day on": DAY, "a day back": -DAY, "ten minutes back": -600}
REMIND_S = 3


class Clock:
    def __init__(self, off=0):
        self.file = tempfile.NamedTemporaryFile(prefix="huiyin-clock-")
        self.file.truncate(4096)
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.env = {"LD_PRELOAD": SO, "HUIYIN_CLOCK": self.file.name}
        self.set(off)

    def set(self, seconds):
        self.map[:8] = struct.pack("<q", int(seconds * 1000))


class World:
    """A gateway with a clock of its own and prompts that remind after seconds; its Twilio notes when each text came."""

    def __init__(self):
        self.clock, self.twilio, self.times, self.slow = Clock(), FakeTwilio(), [], 0
        self.twilio.server.handle_error = lambda *_: None
        self.refuse = set()

        def script(form, number):
            self.times.append((form["Body"], time.monotonic()))
            if self.slow:
                time.sleep(self.slow)
            for part in list(self.refuse):
                if part in form["Body"]:
                    self.refuse.discard(part)
                    return 503, {"code": 20503, "message": "later"}
        self.twilio.script = script
        self.gateway = Gateway(twilio_channel(self.twilio.port) + "  chat: {channel: webchat}\n",
                               env=dict(TWILIO_ENV, **self.clock.env))
        prompts = self.gateway.folder / "prompts"
        shutil.copytree(ROOT / "prompts", prompts)
        for f in prompts.rglob("*.yaml"):
            text = f.read_text(encoding="utf-8")
            f.write_text(text.replace("idle: {remind: 10m, file_draft: 24h, expire: 7d}",
                                      f"idle: {{remind: {REMIND_S}s, file_draft: 2h, expire: 3h}}"), encoding="utf-8")
        config = self.gateway.folder / "huiyin.yaml"
        config.write_text(config.read_text().replace(f"prompts: {ROOT}/prompts", f"prompts: {prompts}"))
        self.gateway.start()

    def log(self, what):
        return [x for x in self.gateway.log.read_text(errors="replace").splitlines() if what in x]

    def when(self, part):
        return [t for body, t in self.times if part in body]

    def close(self):
        self.gateway.close()
        self.twilio.close()


def one_jump(name, seconds, out):
    w = World()
    try:
        waiting, talking, flying = Phone(w.gateway), Phone(w.gateway), Phone(w.gateway)
        number, _ = file_a_report(waiting)
        other, _ = file_a_report(flying)
        for line in ("投诉", "1"):
            talking.say(line)
        spoke = time.monotonic()
        # A notice that is refused once waits some five seconds for its second try …
        w.refuse.add(number)
        w.gateway.cli("case", "accept", number)
        wait_for(lambda: w.when(number), why="the first try")
        first = w.when(number)[0]
        # … and one is on its way to a provider that takes its time.
        w.slow = 2
        w.gateway.cli("case", "accept", other)
        wait_for(lambda: w.when(other), why="the slow call")
        w.slow = 0
        w.clock.set(seconds)
        wait_for(lambda: len(w.when(number)) > 1, 15, why=f"{name}: the second try")
        gap = w.when(number)[1] - first
        assert 4 - 1 <= gap <= 6 + 1.5, f"{name}: tried again after {gap:.1f} s"
        # The reminder comes after its silence, not at once and not never; and the session goes on.
        reminded = [t for m, t in list(w.times) if "还没完成" in m]
        silence = reminded[0] - spoke if reminded else wait_for(
            lambda: [t for m, t in list(w.times) if "还没完成" in m], 10, why=f"{name}: the reminder")[0] - spoke
        assert REMIND_S - 0.5 <= silence <= REMIND_S + 4, f"{name}: reminded after {silence:.1f} s"
        time.sleep(1.5)
        heard = w.twilio.to(talking.number)
        assert len(heard) == 1, (name, heard)
        answer = talking.say("解放路12号")
        assert answer, f"{name}: no answer after the jump"
        assert w.gateway.rows("SELECT count(*) FROM cases")[0][0] == 2, f"{name}: a session was filed by the jump"
        for line in ("昨天", "楼上漏水，没人管。", "0", "修好水管", "张三", "1", "1"):
            answer = talking.say(line)
            if any(CASE.search(t) for t in answer):
                break
        assert w.gateway.rows("SELECT count(*) FROM cases")[0][0] == 3, (name, answer)
        # What was in flight was one call, and is sent.
        assert len(w.when(other)) == 1 and len(w.when(number)) == 2, (name, w.times)
        wait_for(lambda: not w.gateway.rows("SELECT 1 FROM outbox WHERE state IN (0, 1)"), 5, why=f"{name}: all sent")
        assert not w.gateway.rows("SELECT 1 FROM outbox WHERE state = 2"), f"{name}: nothing unsure"
        # Somebody is told, once; ids rise.
        told = w.log("the wall clock jumped")
        assert len(told) == 1 and f"seconds={seconds}" in told[0].replace(f"={seconds - 1}", f"={seconds}").replace(
            f"={seconds + 1}", f"={seconds}"), (name, told)
        for phone in (waiting, talking, flying):
            mine = [r[0] for r in w.gateway.rows("SELECT provider_id FROM inbox WHERE provider_id LIKE ? ORDER BY id", f"SM{phone.number[1:]}%")]
            assert mine == sorted(mine), (name, mine)
        # And over a restart, with the clock as it now is.
        before = w.gateway.rows("SELECT max(id) FROM outbox")[0][0]
        w.gateway.stop()
        w.gateway.start()
        late = Phone(w.gateway)
        late.say("投诉")
        ids = [r[0] for r in w.gateway.rows("SELECT id FROM outbox ORDER BY rowid DESC LIMIT 1")]
        assert ids[0] > before, (name, before, ids)
        if seconds < -60:
            assert len(w.log("the clock is behind")) == 1, (name, w.log("clock"))
        out[name] = f"{name}: again after {gap:.1f} s, reminded after {silence:.1f} s"
    except Exception as e:  # noqa: BLE001
        import traceback
        traceback.print_exc()
        out[name] = e
    finally:
        w.close()


def test_jumps_change_no_interval():
    out = {}
    threads = [threading.Thread(target=one_jump, args=(n, s, out)) for n, s in JUMPS.items()]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    wrong = [f"{n}: {e}" for n, e in out.items() if isinstance(e, Exception)] + [n for n in JUMPS if n not in out]
    print("     " + "; ".join(str(x) for x in out.values() if not isinstance(x, Exception)), flush=True)
    assert not wrong, wrong


def test_web_chat_loses_no_line_when_the_clock_goes_back():
    import chat as talk
    w = World()

    async def drain(page):
        while not json.loads(await asyncio.wait_for(page.ws.recv(), 5), object_hook=lambda m: page.take(m) or m).get("ready"):
            pass
    try:
        async def go():
            page = await talk.Chat(w.gateway).open()
            await page.say("投诉")
            await page.say("1")
            await page.ws.close()
            seen = len(page.lines)
            w.gateway.stop()
            w.clock.set(-DAY)
            w.gateway.start()
            await page.open()
            await drain(page)
            assert len(page.lines) == seen, "nothing new was said"
            said = await page.say("人民路8号")
            assert said, "it goes on where it was"
            last = page.last
            await page.ws.close()
            page.last = None
            again = talk.Chat(w.gateway)
            again.token = page.token
            await again.open()
            await drain(again)
            assert again.lines == page.lines and again.last == last, (again.lines, page.lines)
            await again.ws.close()
        asyncio.run(go())
    finally:
        w.close()


def test_small_steps_add_up_to_an_alarm():
    w = World()
    try:
        for i in range(1, 12):
            w.clock.set(-7 * i)
            time.sleep(0.35)
        assert len(w.log("the wall clock jumped")) == 1 and w.log("the wall clock was set"), w.log("clock")
        assert Phone(w.gateway).say("你好")
    finally:
        w.close()


if __name__ == "__main__":
    if not os.path.exists(SO):
        print(f"{SO} is missing: make {SO}\n0 passed, 1 failed")
        sys.exit(1)
    only = sys.argv[1:]
    run([t for t in (test_jumps_change_no_interval, test_web_chat_loses_no_line_when_the_clock_goes_back,
                     test_small_steps_add_up_to_an_alarm) if not only or t.__name__ in only])
