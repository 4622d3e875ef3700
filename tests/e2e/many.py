"""
Three gateways on one PostgreSQL: order over gateways, once for all, pushed from one to another, taken over from the dead,
timers once, one number one process, one key, differences named; and the database stopped, killed, frozen, shut by a
password, read-only: 503 within two seconds, work within ten, and a ledger that balances.

    many.py [PART…]     only tests whose names contain one of these
"""
import asyncio, json, os, pathlib, random, shutil, signal, sys, tempfile, threading, time

import postgres
from chat import Chat
from harness import CASE, HUIYIN, ROOT, run, wait_for
from several import SCRIPT, Citizen, Load, Member, Provider, Several, hook

REFUSE_S, RETURN_S = 2.0, 10.0
CLOCK_SO = pathlib.Path(os.environ.get("HUIYIN_FAULTS_CLOCK", ROOT / "build" / "fault" / "clock.so"))
_world = None


class World:
    """One server, one provider, three gateways for most tests."""

    def __init__(self):
        self.pg = postgres.Postgres()
        hba = self.pg.data / "pg_hba.conf"
        hba.write_text("local all all trust\nhost all huiyin 127.0.0.1/32 trust\nhost all guest 127.0.0.1/32 scram-sha-256\n")
        self.pg.start()
        self.provider = Provider()
        self.all = Several(self.pg.url, self.provider).start()

    def close(self):
        self.all.close()
        self.pg.close()
        self.provider.close()


def world():
    global _world
    if not _world:
        _world = World()
    for m in _world.all.members:
        if m.process.poll() is not None:
            m.start()
    return _world


def balanced(result, least=30):
    print("   ", {k: v for k, v in result.items() if k != "checked"}, flush=True)
    assert not result["bad"], result["bad"]
    assert result["acknowledged"] >= least, result


def pids_of(pg):
    """The postmaster and all that it started."""
    top = int((pg.data / "postmaster.pid").read_text().split()[0])
    children = []
    for p in pathlib.Path("/proc").iterdir():
        try:
            if p.name.isdigit() and int((p / "stat").read_text().rsplit(")", 1)[1].split()[1]) == top:
                children.append(int(p.name))
        except (OSError, ValueError):
            pass
    return [top] + children


# ---- one conversation, one message, one chat, over gateways --------------------------------------------------------------

def test_a_conversation_goes_on_over_all_gateways():
    w = world()
    one, turn = Citizen(w.all.doors[:1], threading.Event()), Citizen(w.all.doors, threading.Event())
    said = []
    for c in (one, turn):
        c.repeats = (0,)
        answers = []
        for step, line in enumerate(SCRIPT):
            if c is turn:
                c.doors = [w.all.doors[step % 3]]
            answers.append(c.say(line, step))
            if CASE.search(answers[-1]):
                break
        said.append(answers)
    import several
    assert CASE.search(said[0][-1]) and CASE.search(said[1][-1]), said[1][-1]
    assert [several.masked(a) for a in said[0]] == [several.masked(a) for a in said[1]], said[1]


def test_the_same_webhook_to_all_at_once_is_one_turn():
    w = world()
    c = Citizen(w.all.doors, threading.Event())
    for n, text in enumerate(SCRIPT[:6]):
        form = {"MessageSid": f"SM{c.id:012d}at-once{n}", "AccountSid": "AC00000000000000000000000000000000",
                "From": c.phone, "To": "+15005550006", "Body": text, "NumMedia": "0"}
        answers, gate = [], threading.Barrier(6)

        def one(door):
            gate.wait()
            while True:
                status, body, _ = hook(*door, form)
                if status != 503:
                    answers.append((status, body))
                    return
                time.sleep(0.02)
        threads = [threading.Thread(target=one, args=(d,)) for d in w.all.doors * 2]
        for t in threads:
            t.start()
        for t in threads:
            t.join(15)
        assert len(answers) == 6 and len(set(answers)) == 1 and answers[0][0] == 200, (text, set(answers))
        assert "<Message>" in answers[0][1], answers[0]
    rows = w.pg.ask(f"SELECT provider_id, count(*) FROM inbox WHERE kind = 0 AND provider_id LIKE 'SM{c.id:012d}at-once%'"
                    " GROUP BY 1")
    assert len(rows) == 6 and all(r[1] == "1" for r in rows), rows


def test_a_notice_reaches_the_chat_that_hangs_on_another():
    w = world()
    a, b = w.all[0], w.all[1]

    async def go():
        chat = await Chat(b).open()
        number = await chat.file(["投诉", "2", "人民路8号", "昨天", "某某公司", "三个月没发工资", "0", "发工资"])
        begun = time.monotonic()
        status, body = a.api("POST", f"/cases/{number}/accept", {})
        assert status == 200, body
        told = await chat.hear(5)
        took = time.monotonic() - begun
        assert number in told["text"] and took <= 2.0, (told, took)
        print(f"    pushed after {took * 1000:.0f} ms", flush=True)
        await chat.ws.close()
        # a chat that moves to another gateway goes on there with all its lines
        moved = Chat(w.all[2])
        moved.token = chat.token
        await moved.open()
        while len(moved.lines) < len(chat.lines) and moved.last != chat.last:
            await moved.hear()
        assert moved.lines == chat.lines, (moved.lines, chat.lines)
        await moved.ws.close()
    asyncio.run(go())


# ---- taken over ------------------------------------------------------------------------------------------------------------

def test_what_a_dead_gateway_held_is_taken_over_and_sent_once():
    w = world()
    stop = threading.Event()
    citizens = [Citizen(w.all.doors, stop, repeats=(0,)) for _ in range(8)]
    numbers = []
    for c in citizens:
        for step, line in enumerate(SCRIPT):
            m = CASE.search(c.say(line, step))
            if m:
                numbers.append(m.group(1))
                break
    before = set(w.provider.by_id())
    w.provider.down = True
    for n in numbers:
        assert w.all[2].api("POST", f"/cases/{n}/accept", {})[0] == 200
    waiting = "SELECT count(*) FROM outbox WHERE state = 0 AND attempts > 0 AND case_number IN ('%s')" % "','".join(numbers)
    wait_for(lambda: int(w.pg.ask(waiting)[0][0]) == len(numbers), 5, why="a first try of each")
    w.all[2].kill9()
    died = time.monotonic()
    w.provider.down = False
    ours = lambda: [m for m in list(w.provider.sent) if m["_status"] == 201 and any(n in m["Body"] for n in numbers)]  # noqa
    wait_for(lambda: len(ours()) >= len(numbers), 12, why="another to send what the dead one held")
    took = time.monotonic() - died
    print(f"    {len(numbers)} sends taken over, the last after {took:.1f} s", flush=True)
    assert took <= RETURN_S, took
    w.all[2].start()
    time.sleep(1)
    seen = w.provider.by_id()
    twice = {k: n for k, n in seen.items() if k not in before and n > 1}
    assert not twice and len(ours()) == len(numbers), (twice, len(ours()))


def test_a_call_that_was_under_way_is_not_made_twice():
    """The provider has taken it and the gateway dies before it knows: nobody sends it again; a person is told."""
    w = world()
    c = Citizen(w.all.doors, threading.Event(), repeats=(0,))
    number = next(m.group(1) for step, line in enumerate(SCRIPT) for m in [CASE.search(c.say(line, step))] if m)
    hold, taken = threading.Event(), threading.Event()
    plain = w.provider.script

    def slow(form, n):
        if number in form["Body"]:
            taken.set()
            hold.wait(20)
        return plain(form, n)
    w.provider.script = slow
    w.provider.server.handle_error = lambda *_: None
    try:
        assert w.all[2].api("POST", f"/cases/{number}/accept", {})[0] == 200
        assert taken.wait(5), "a call"
        holder = int(w.pg.ask(f"SELECT holder FROM outbox WHERE case_number = '{number}' AND state = 1")[0][0])
        w.all[holder - 1].kill9()
        died = time.monotonic()
        hold.set()
        other = w.all[holder % 3]
        wait_for(lambda: "unsure" in json.dumps(other.api("GET", "/queue")[1]), 12, 0.1, why="a word to a person")
        print(f"    told after {time.monotonic() - died:.1f} s", flush=True)
        assert time.monotonic() - died <= RETURN_S
        assert sum(number in m["Body"] for m in list(w.provider.sent)) == 1, "sent again"
    finally:
        w.provider.script = plain
        hold.set()
    w.all[holder - 1].start()


def test_a_timer_fires_once():
    w = world()
    with tempfile.TemporaryDirectory(prefix="huiyin-prompts-") as folder:
        prompts = pathlib.Path(folder) / "prompts"
        shutil.copytree(ROOT / "prompts", prompts)
        for f in prompts.rglob("*.yaml"):
            text = f.read_text(encoding="utf-8")
            f.write_text(text.replace("idle: {remind: 10m, file_draft: 24h, expire: 7d}",
                                      "idle: {remind: 3s, file_draft: 2h, expire: 3h}"), encoding="utf-8")
        w.pg.ask("CREATE DATABASE timers", database="postgres")
        provider = Provider()
        with Several(w.pg.url.rsplit("/", 1)[0] + "/timers", provider, prompts=prompts) as s:
            citizens = [Citizen(s.doors, threading.Event(), repeats=(0,)) for _ in range(20)]
            for c in citizens:
                c.say("投诉", 0)
                c.say("1", 1)
            dead = s[1]
            dead.kill9()  # what it has marked as its own is another's after the lease
            wait_for(lambda: all(provider.to(c.phone) for c in citizens), 15, why="a reminder for each")
            time.sleep(2)
            heard = [len(provider.to(c.phone)) for c in citizens]
            assert heard == [1] * len(citizens), heard
        provider.close()


# ---- who may work here -------------------------------------------------------------------------------------------------------

def refused(member, seconds=15):
    member.launch()
    code = member.process.wait(seconds)
    assert code not in (0, -signal.SIGSEGV, -signal.SIGABRT), code
    return member.said()


def test_a_number_and_a_key_are_refused_and_differences_are_named():
    w = world()
    prompts = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-prompts-")) / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)
    with open(prompts / "texts.yaml", "a", encoding="utf-8") as f:
        f.write("\n# changed\n")
    texts = (prompts / "texts.yaml").read_text(encoding="utf-8")
    (prompts / "texts.yaml").write_text(texts.replace("say_remind:", "say_remind: ", 1), encoding="utf-8")
    assert CLOCK_SO.exists(), f"{CLOCK_SO} is not built (make faults)"
    clock = tempfile.NamedTemporaryFile(prefix="huiyin-clock-")
    clock.write((3600 * 1000).to_bytes(8, "little") + bytes(4088))
    clock.flush()
    same, stranger = w.all.member(2), w.all.member(5, keys=None)
    fourth = w.all.member(4, prompts=prompts, extra="keep: {lease: 50s}\n",
                          env={"LD_PRELOAD": str(CLOCK_SO), "HUIYIN_CLOCK": clock.name,
                               "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"})
    try:
        fourth.launch()
        same.launch()
        said = refused(stranger)
        assert "another key" in said and "store.key" in said, said
        wait_for(fourth.up, 15, 0.1, why="the fourth: " + fourth.said()[-1500:])
        mine = lambda m: json.loads(m.get("/readyz")[1])  # noqa: E731

        def named():
            line = " ".join(mine(w.all[0]).get("remarks", []))
            return all(x in line for x in ("(4): its configuration", "(4): its prompts", "(4): its clock")) and line
        wait_for(named, 12, 0.2, why="the differences in /readyz: " + json.dumps(mine(w.all[0])))
        remarks = mine(w.all[1])
        assert remarks["ready"] and "(3)" not in json.dumps(remarks), remarks
        code = same.process.wait(15)
        assert code == 1 and "gateway number 2 is at work already" in same.said(), same.said()
        fourth.stop()
        wait_for(lambda: "remarks" not in mine(w.all[0]), 12, 0.2, why="the remarks to go")
    finally:
        for m in (same, stranger, fourth):
            if m.process and m.process.poll() is None:
                m.kill9()
            m.temp.cleanup()
        shutil.rmtree(prompts.parent, ignore_errors=True)
    # a process that wakes up after its number went to another must not work on
    third, again = w.all[2], w.all.member(3)
    third.process.send_signal(signal.SIGSTOP)
    try:
        again.start(20)
        third.process.send_signal(signal.SIGCONT)
        assert third.process.wait(10) == 75, third.said()[-500:]
        assert "another process works under this gateway's number" in third.said()
        again.stop()
    finally:
        if third.process.poll() is None:
            third.kill9()
        if again.process.poll() is None:
            again.kill9()
        again.temp.cleanup()
    third.start()


# ---- without the database ----------------------------------------------------------------------------------------------------

def outage(name, begin, end, still=3.0, check=None):
    """Load, trouble for `still` seconds, its end: how long a 503 took at most, and how long until all were served again."""
    w = world()
    with Load(w.all.doors, w.all.key, citizens=6) as load:
        load.goes_on(30)
        at = time.monotonic()
        try:
            begin(w)
            time.sleep(still)
            held = load.tries(at + 0.5)
            if check:
                check(w, load)
        finally:
            back = time.monotonic()
            end(w)
        mended = time.monotonic()
        took = load.all_served_after(mended, 20)
        load.goes_on(20)
        slow = load.slowest((503, 0, -1), at, mended + 2)
        readyz = [m.status() for m in w.all.members]
        result = load.end(w.pg, w.provider)
        print(f"    {name}: slowest refusal {slow:.2f} s, {sum(t[1] == 503 for t in held)} refusals in {back - at:.1f} s, "
              f"work again after {took:.1f} s", flush=True)
        assert sum(t[1] == 503 for t in held) >= 6, "nobody was refused: the test shows nothing"
        assert slow <= REFUSE_S + 0.2, f"a refusal took {slow:.2f} s"
        assert took <= RETURN_S, f"work was taken up after {took:.1f} s"
        assert not load.count(-1), "an answer never came"
        wait_for(lambda: all(m.status() == 200 for m in w.all.members), 5, why=f"readiness, was {readyz}")
        balanced(result)


def test_postgres_is_stopped():
    outage("stopped", lambda w: w.pg.stop("fast"), lambda w: w.pg.start())


def test_postgres_crashes():
    outage("crashed", lambda w: w.pg.stop("immediate"), lambda w: w.pg.start())


def test_postgres_freezes():
    frozen = []

    def freeze(w):
        frozen.extend(pids_of(w.pg))
        for p in frozen:
            os.kill(p, signal.SIGSTOP)

    def thaw(_):
        while frozen:
            try:
                os.kill(frozen.pop(), signal.SIGCONT)
            except ProcessLookupError:
                pass
    try:
        outage("frozen", freeze, thaw, still=5.0)
    finally:
        thaw(None)


def lines(said, part):
    return [x[-300:] for x in said.splitlines() if part in x][-5:]


def drop_connections(pg, user="huiyin"):
    pg.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'huiyin/%' AND usename = '{user}'",
           database="postgres")


def test_the_password_changes():
    w = world()
    w.pg.ask("CREATE ROLE guest LOGIN PASSWORD 'fake-first'", database="postgres")
    w.pg.ask("CREATE DATABASE guests OWNER guest", database="postgres")
    url = f"postgresql://guest:fake-first@127.0.0.1:{w.pg.port}/guests"
    here = postgres_view(w.pg, "guests")
    with Several(url, w.provider, n=1) as s, Load(s.doors, citizens=3) as load:
        load.goes_on(10)
        w.pg.ask("ALTER ROLE guest PASSWORD 'fake-second'", database="postgres")
        load.goes_on(10)  # who is connected goes on
        at = time.monotonic()
        drop_connections(w.pg, "guest")
        time.sleep(2.5)
        held = load.tries(at + 0.5)
        said = s[0].said()
        assert any(t[1] == 503 for t in held) and not any(t[1] == 200 for t in held), held[:5]
        assert "the password is wrong" in said, lines(said, "no connection")
        assert "fake-first" not in said and "fake-second" not in said, "a password is in the log"
        assert load.slowest((503, 0, -1), at) <= REFUSE_S, load.slowest((503, 0, -1), at)
        w.pg.ask("ALTER ROLE guest PASSWORD 'fake-first'", database="postgres")
        mended = time.monotonic()
        took = load.all_served_after(mended, 15)
        print(f"    mended: work again after {took:.1f} s", flush=True)
        assert took <= RETURN_S, took
        balanced(load.end(here), 20)


def postgres_view(pg, database):
    class View:
        @staticmethod
        def ask(sql, database=database):
            return pg.ask(sql, database)
    return View


def test_the_database_becomes_read_only():
    def shut(w):
        w.pg.ask("ALTER DATABASE huiyin SET default_transaction_read_only = on", database="postgres")
        drop_connections(w.pg)

    def mend(w):
        w.pg.ask("ALTER DATABASE huiyin RESET default_transaction_read_only", database="postgres")

    def said(w, _):
        for m in w.all.members:
            assert "this host is read-only" in m.said(), lines(m.said(), "no connection")
    outage("read-only", shut, mend, check=said)


def test_rolling_restart_under_load():
    w = world()
    with Load(w.all.doors, w.all.key, citizens=6) as load:
        load.goes_on(20)
        for m in w.all.members:
            m.stop()
            load.goes_on(20)
            m.start()
            load.goes_on(20)
        result = load.end(w.pg, w.provider)
        assert not load.count(-1), "an answer never came"
        balanced(result)


if __name__ == "__main__":
    parts = sys.argv[1:]
    tests = [v for k, v in list(globals().items()) if k.startswith("test_") and (not parts or any(p in k for p in parts))]
    try:
        run(tests)
    finally:
        if _world:
            _world.close()
