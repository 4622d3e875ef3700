"""
What bad databases do to it: a real gateway on a real PostgreSQL that is full, slow, silent, cut off, read-only, somebody
else's, of tomorrow; whose password changes; two gateways with one number or one name; clocks an hour apart; a move that is
killed. Each time: a clear word or a 503 within two seconds, work again within ten of the end, every thread alive, and a
ledger that balances. Cases run beside each other; each has a database of its own.

    badstore.py [PART…]     only cases whose names contain one of these
"""
import concurrent.futures, datetime, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, threading, time, traceback

import postgres
from harness import CASE, ROOT, wait_for
from move import Mover
from several import SCRIPT, Citizen, Load, Provider, Several
from trouble import STOP_S, Line, Office, Pulse, Skip, Tmpfs, close, database, lone, refuses, server, waits

AT_ONCE = 5
FIRST = ("slow", "packet", "older", "midway", "disk", "stop_finishes", "trickles")  # these take longest
FAULTS = pathlib.Path(os.environ.get("HUIYIN_FAULTS", ROOT / "build" / "fault"))


# ---- full ------------------------------------------------------------------------------------------------------------------

def case_the_disk_of_the_tables_is_full():
    disk = Tmpfs(server().folder / "small", "40m")
    try:
        place = disk.folder / "tables"
        place.mkdir()
        os.chown(place, postgres._owner().pw_uid, postgres._owner().pw_gid)
        server().ask(f"CREATE TABLESPACE small LOCATION '{place}'", database="postgres")
        view = database("brimful", "TABLESPACE small")
        with Office(view.url, view) as o:
            def check():
                assert "state=53100" in o.g.said(), o.g.said()[-800:]
            said = o.trouble(disk.fill, disk.empty, word="disk is full: make room", check=check)
            again = o.trouble(disk.fill, disk.empty)
            result = o.balances()
        server().ask("DROP DATABASE brimful WITH (FORCE)", database="postgres")
        server().ask("DROP TABLESPACE small", database="postgres")
        return said, again, result
    finally:
        disk.close()


def case_the_disk_of_the_log_is_full():
    """PostgreSQL ends itself then, and does not come up before there is room."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-wal-"))
    folder.chmod(0o755)
    try:
        disk = Tmpfs(folder / "disk", "130m")
    except Skip:
        folder.rmdir()
        raise
    try:
        pg = postgres.Postgres(disk.folder / "pg", settings=["max_wal_size = 48MB", "min_wal_size = 32MB"]).start()
        try:
            with Office(pg.url, pg) as o:
                def fill():
                    disk.fill()
                    for _ in range(6):  # what was laid in for later is used up
                        pg.try_to("SELECT pg_switch_wal(), pg_logical_emit_message(false, 'x', 'x')")
                        disk.fill()

                def free():
                    disk.empty()
                    if not pg.try_to("SELECT 1"):
                        pg.start()
                said = o.trouble(fill, free, limit=30)
                assert "No space left on device" in (pg.folder / "log").read_text(), "it was never full"
                return said, o.balances()
        finally:
            pg.close()
    finally:
        disk.close()
        for p in (disk.folder, folder):
            p.rmdir()


# ---- slow, and silent ------------------------------------------------------------------------------------------------------

def through(line, name, more=""):
    return f"postgresql://huiyin@127.0.0.1:{line.port}/{name}{more}"


def case_a_slow_database():
    view, line = database("slow"), Line(server().port)
    with Office(through(line, "slow"), view) as o:
        begun = time.monotonic()
        line.wait = 0.2  # some round trips a batch: nobody is refused, but who waits behind another batch waits for both
        o.load.goes_on(12, 30)
        served = [took for _, s, took in o.load.tries(begun) if s == 200]
        assert max(served) > 0.2 and not o.load.count(-1), served
        line.well()
        o.load.goes_on(20, 20)

        def delay(seconds):
            line.wait = seconds
        said = o.trouble(lambda: delay(3.0), line.well)
        line.wait = 3.0
        time.sleep(0.5)
        took = o.stops()
        line.well()
        o.starts_again()
        return f"a fifth of a second each way back: served after {max(served):.1f} s at most", said, f"stopped in {took:.1f} s", o.balances()


def case_a_database_that_trickles():
    view, line = database("trickle"), Line(server().port)
    with Office(through(line, "trickle"), view) as o:
        def begin():
            line.trickle = 4
        said = o.trouble(begin, line.well)
        begin()
        time.sleep(0.5)
        took = o.stops()
        line.well()
        o.starts_again()
        return said, f"stopped in {took:.1f} s while it trickled", o.balances()


def case_answers_that_stop_midway():
    """Also of a COMMIT, which was done all the same: what became of it is looked up, and told or sent again."""
    view, line = database("midway"), Line(server().port)
    with Office(through(line, "midway"), view, citizens=4) as o:
        said = []
        for left in (7, 60, 200, 700):
            def begin():
                line.left = left
            said.append(o.trouble(begin, line.well, seconds=1.0))
        line.left = 7
        time.sleep(0.5)
        took = o.stops()
        line.well()
        o.starts_again()
        assert "means=unsure" in o.g.said(), "no answer was ever lost on its way"
        return *said, f"stopped in {took:.1f} s", o.balances()


def case_connections_that_are_cut_again_and_again():
    view = database("cuts")
    with Office(view.url, view, citizens=4) as o:
        for _ in range(25):
            server().ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'cuts' AND application_name LIKE"
                        " 'huiyin/%'", database="postgres")
            time.sleep(0.12)
        return o.balances()


def inside(prefix):
    """In the client's namespace: one gateway, one database, and a link that drops every packet."""
    import cluster
    net, folder = cluster.Network(prefix), pathlib.Path(tempfile.mkdtemp(prefix="huiyin-hole-"))
    folder.chmod(0o755)
    db = None
    try:
        db = cluster.Database(net, "db1", folder / "db1")
        db.found()
        url = f"postgresql://huiyin@{cluster.address('db1')}:{cluster.PG_PORT}/huiyin"
        Provider.__init__.__defaults__ = ("0.0.0.0",)
        o = Office(url, db, host=cluster.address("gw1"), port=cluster.GW_PORT, prefix=["ip", "netns", "exec", net.ns("gw1")])
        o.g.api_url = f"http://{cluster.address('client')}:{o.provider.port}"
        o.g.write()
        with o:
            said = o.trouble(lambda: net.cut("db1"), lambda: net.heal("db1"), seconds=6.0, word="is it up")
            o.load.goes_on(20)
            net.cut("db1")
            time.sleep(0.7)
            took = o.stops()
            late = waits(o.g, cluster.address("db1"), "the database cannot be used", "is it up", seconds=6)
            net.heal("db1")
            o.starts_again()
            print(said, f"stopped in {took:.1f} s; a start said so after {late:.1f} s", o.balances(), sep="; ")
    finally:
        if db:
            db.stop("immediate")
        subprocess.run(["rm", "-rf", str(folder)], check=False)


def case_every_packet_is_dropped():
    import cluster
    cluster.HOSTS = {h: cluster.HOSTS[h] for h in ("client", "db1", "gw1")}
    why = cluster.allowed()
    if why:
        raise Skip(why)
    net = cluster.Network(f"hb{os.getpid()}")
    try:
        net.make()
        r = subprocess.run(["ip", "netns", "exec", net.ns("client"), sys.executable, __file__, "--inside", net.prefix],
                           capture_output=True, text=True, timeout=120)
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout.strip()
    finally:
        net.remove()


# ---- credentials -----------------------------------------------------------------------------------------------------------

def drop_connections(user):
    server().ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}'", database="postgres")


def case_the_password_changes_in_its_file():
    server().ask("CREATE ROLE guest LOGIN PASSWORD 'fake-first'", database="postgres")
    view = database("guests", "OWNER guest")
    with tempfile.TemporaryDirectory(prefix="huiyin-pass-") as folder:
        passfile = pathlib.Path(folder) / "pgpass"
        passfile.write_text("127.0.0.1:*:guests:guest:fake-first\n")
        passfile.chmod(0o600)
        with Office(f"postgresql://guest@127.0.0.1:{server().port}/guests?passfile={passfile}", view) as o:
            def change():
                server().ask("ALTER ROLE guest PASSWORD 'fake-second'", database="postgres")
                o.load.goes_on(10)  # who is connected goes on
                drop_connections("guest")
            said = o.trouble(change, lambda: passfile.write_text("127.0.0.1:*:guests:guest:fake-second\n"),
                             word="the password is wrong", check=lambda: o.g.said().index("the password is wrong"))
            result = o.balances()
            took = o.stops()
            assert "fake-first" not in o.g.said() and "fake-second" not in o.g.said(), "a password is in the log"
            return said, f"stopped in {took:.1f} s", result


def case_a_wrong_password_at_the_start():
    server().ask("CREATE ROLE shut LOGIN PASSWORD 'fake-right'; CREATE ROLE nobody LOGIN", database="postgres")
    database("shut_out", "OWNER shut")
    here, format_ = f"127.0.0.1:{server().port}/shut_out", ("cannot be read", "postgresql://USER@HOST:PORT/DATABASE")
    secret = ("fake-wrong", "fake%wrong", "fake%zzwrong")
    for url, words in ((f"postgresql://shut:fake-wrong@{here}", ("the password is wrong", "store:")),
                       (f"postgresql://shut@{here}", ("no password supplied", "store:")),
                       (f"postgresql://stranger:fake-wrong@{here}", ("the password is wrong", "store:")),
                       (f"postgresql://shut:fake-right@127.0.0.1:{server().port}/absent", ("createdb",)),
                       (f"postgresql://shut:fake%zzwrong@{here}", format_),
                       (f"postgresql://shut:fake%wrong@{here}", format_),
                       ("postgresql://shut:fake-wrong@[::1/x", format_),
                       (f"postgresql://shut@{here}?password=fake-wrong&nonsense=1", (*format_, "nonsense"))):
        with lone(url) as m:
            took = refuses(m, *words, without=secret)
            assert took < 4, took
            for command in (("doctor",), ("migrate", "--to", url)):
                r = m.cli(*command, check=False)
                assert not any(x in r.stdout + r.stderr for x in secret), (command, "a password is shown")


# ---- whose database it is -------------------------------------------------------------------------------------------------

def case_the_database_of_another_program():
    view = database("another")
    view.ask("CREATE TABLE orders(id integer PRIMARY KEY, of text); INSERT INTO orders VALUES(1, 'somebody')")
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    before = view.ask(tables)
    with lone(view.url) as m:
        refuses(m, "belongs to another program", "createdb")
    assert view.ask(tables) == before and view.ask("SELECT * FROM orders") == [["1", "somebody"]], view.ask(tables)


def case_a_read_only_database():
    view = database("readonly")

    def shut():
        server().ask("ALTER DATABASE readonly SET default_transaction_read_only = on", database="postgres")
        server().ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'readonly'", database="postgres")

    def mend():
        server().ask("ALTER DATABASE readonly RESET default_transaction_read_only", database="postgres")
    shut()
    with lone(view.url) as m:
        waits(m, "read-only", "name the primary")
    mend()
    with Office(view.url, view) as o:
        said = o.trouble(shut, mend, word="this host is read-only")
        return said, o.balances()


# ---- names, numbers, clocks -----------------------------------------------------------------------------------------------

def case_two_gateways_with_one_number_or_name():
    """Two that start at once under one number: one works, the other says why not. Two of one name are told apart."""
    view = database("numbers")
    desk = view.url + "?huiyin_name=desk"
    with lone(desk) as a, lone(desk) as b, lone(desk, 2, extra="keep: {lease: 50s}\n") as other:
        for x in (b, other):
            for key in ("store.key", "cli.key"):
                shutil.copy(a.folder / "state" / key, x.folder / "state" / key)
        a.launch(), b.launch()
        wait_for(lambda: a.process.poll() is not None or b.process.poll() is not None, 15, 0.05, why="one of them to end")
        lost, won = (a, b) if a.process.poll() is not None else (b, a)
        assert lost.process.returncode == 1, lost.process.returncode
        last = lost.said().strip().splitlines()[-1]
        assert "gateway number 1 is at work already (desk" in last and "gateway: in huiyin.yaml" in last, last
        assert won.up(), won.said()
        other.start()
        said = lambda m: json.loads(m.get("/readyz")[1]).get("remarks", [])  # noqa: E731
        wait_for(lambda: any("gateway desk (2): its configuration" in r for r in said(won)), 10, 0.2, why="a remark on 2")
        wait_for(lambda: any("gateway desk (1): its configuration" in r for r in said(other)), 10, 0.2, why="a remark on 1")
        assert not any("(1)" in r for r in said(won)), said(won)
        other.stop()
        won.stop()


def case_clocks_an_hour_apart():
    """Both make their ids by the database's clock, not by their own. The days that people are told are those of each one's own
    clock: both are to be on the same day."""
    view, provider = database("clocks"), Provider()
    beijing = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    ahead = -3600 if beijing.hour == 23 else 3600
    with tempfile.NamedTemporaryFile(prefix="huiyin-clock-") as clock:
        clock.write((ahead * 1000).to_bytes(8, "little", signed=True) + bytes(4088))
        clock.flush()
        s = Several(view.url, provider, n=2)
        s[1].env.update(LD_PRELOAD=str(FAULTS / "clock.so"), HUIYIN_CLOCK=clock.name,
                        ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0")
        try:
            s.start()
            pulses = [Pulse(m) for m in s.members]
            with Load(s.doors, s.key, citizens=4) as load:
                load.goes_on(150, 30)
                wait_for(lambda: "its clock is wrong" in s[0].get("/readyz")[1], 12, 0.2, why="a remark on the clock")
                result = load.end(view, provider)
            for p in pulses:
                p.end()
            assert not result["bad"], result["bad"]
            assert result["acknowledged"] >= 150 and not load.count(-1), result
            return result
        finally:
            s.close()
            provider.close()


# ---- an upgrade ------------------------------------------------------------------------------------------------------------

def run_as(member, program):
    member.command = lambda: [*member.prefix, str(program), "serve", "--config", str(member.folder / "huiyin.yaml")]


def case_an_upgrade_while_people_write():
    """Gateways of today and of tomorrow (a schema that is one step on, in every table) work side by side; one after the
    other is replaced, and one of today starts once more beside those of tomorrow."""
    tomorrow = FAULTS / "tomorrow"
    assert tomorrow.exists(), f"{tomorrow} is not built (make faults)"
    view, provider = database("upgrade"), Provider()
    s = Several(view.url, provider, n=2)
    try:
        s.start()
        schema = lambda: int(view.ask("SELECT version FROM huiyin_schema")[0][0])  # noqa: E731
        today = schema()
        with Load(s.doors, s.key, citizens=4) as load:
            load.goes_on(30, 20)
            s[0].stop()
            run_as(s[0], tomorrow)
            s[0].start()
            assert schema() == today + 1, schema()
            load.goes_on(60, 20)          # both at work
            s[1].stop()
            load.goes_on(20, 20)
            s[1].start()                  # today's, on tomorrow's tables
            assert "a newer huiyin has brought the tables on" in s[1].said() and "finish the upgrade" in s[1].said()
            load.goes_on(40, 20)
            s[0].stop()
            load.goes_on(20, 20)          # alone on them
            s[0].start()
            s[1].stop()
            run_as(s[1], tomorrow)
            s[1].start()
            load.goes_on(30, 20)
            result = load.end(view, provider)
        assert not result["bad"] and not load.count(-1), result
        assert not any("state=42" in m.said() for m in s.members), "a statement did not fit the tables"
        return result
    finally:
        s.close()
        provider.close()


def case_a_stop_finishes_the_calls_it_has_begun():
    """Each step of a rolling upgrade stops a gateway: its calls are not taken over by the other one meanwhile, which would
    have to call them unsure and tell a person."""
    view, provider = database("finishes"), Provider()
    s = Several(view.url, provider, n=2)
    taken, free = threading.Event(), threading.Event()
    try:
        s.start()
        citizen = Citizen(s.doors[:1], threading.Event(), repeats=(0,))
        number = next(m.group(1) for step, line in enumerate(SCRIPT) for m in [CASE.search(citizen.say(line, step))] if m)
        provider.script = lambda form, n: (taken.set(), free.wait(20), None)[2]
        assert s[0].api("POST", f"/cases/{number}/accept", {})[0] == 200
        assert taken.wait(5), "a call"
        row = f"SELECT holder, state FROM outbox WHERE case_number = '{number}' ORDER BY id DESC LIMIT 1"
        holder = int(view.ask(row)[0][0])
        ends = s[holder - 1]
        ends.process.send_signal(signal.SIGTERM)
        time.sleep(8)  # longer than one may be silent that lives
        assert view.ask(row)[0] == [str(holder), "1"], (view.ask(row), "was taken over")
        free.set()
        assert ends.process.wait(STOP_S) == 0, ends.said()[-800:]
        assert view.ask(row)[0][1] == "3", (view.ask(row), ends.said()[-1500:])
        other = s[holder % 2]
        time.sleep(1)
        assert "unsure" not in json.dumps(other.api("GET", "/queue")[1]) and sum(number in m["Body"] for m in provider.sent) == 1
    finally:
        free.set()
        s.close()
        provider.close()


def case_an_upgrade_that_older_gateways_cannot_live_with():
    """It does not begin as long as one of them is at work; once it is made, none of them begins, and one that was only
    stopped for long ends by itself."""
    alone = FAULTS / "tomorrow-alone"
    assert alone.exists(), f"{alone} is not built (make faults)"
    view, provider = database("break_off"), Provider()
    s = Several(view.url, provider, n=2)
    newer = s.member(3)
    run_as(newer, alone)
    try:
        s.start()
        with Load(s.doors[:1], s.key, citizens=3) as load:
            load.goes_on(20, 20)
            refuses(newer, "older gateways that are at work: 1 (", "stop those gateways")
            load.goes_on(20, 20)
            s[1].process.send_signal(signal.SIGSTOP)
            s[0].stop()
            newer.start(20)  # it waits until the one that is silent counts as dead
            for who in (*load.citizens, load.clerk):
                who.doors = [(newer.host, newer.port)]
            load.goes_on(20, 20)
            s[1].process.send_signal(signal.SIGCONT)
            code = s[1].process.wait(10)
            assert code == 75 and "start the newer program" in s[1].said(), (code, s[1].said()[-600:])
            refuses(s[0], "brought to schema", "newer huiyin", "start the newer program")
            load.goes_on(20, 20)
            result = load.end(view, provider)
        assert not result["bad"], result
        return result
    finally:
        for m in (newer, *s.members):
            if m.process and m.process.poll() is None:
                m.process.send_signal(signal.SIGCONT)
        if newer.process.poll() is None:
            newer.stop()
        newer.temp.cleanup()
        s.close()
        provider.close()


# ---- a move that is cut off ---------------------------------------------------------------------------------------------

def case_a_move_that_is_killed():
    """kill -9 of `huiyin migrate` while it copies, while it waits for the gateway to stop, and at the change-over. Each time
    the gateway is started on the old store: it works there, or says where the people went."""
    view, provider = database("moved"), Provider()
    s = Several("sqlite:state/huiyin.db", provider, n=1)
    g = s[0]
    moments = [("copying", 0.03), ("copying", 0.1), ("copying", 0.25), ("waiting", 0.0), ("waiting", 0.3),
               ("over", 0.0), ("over", 0.03), ("over", 0.08), ("over", 0.2), ("over", 0.4), ("over", 0.6), ("over", 0.8)]
    worked = refused = 0
    try:
        s.start()
        with Load(s.doors, s.key, citizens=4, repeats=(0,)) as load:
            load.goes_on(60, 20)
            for where, seconds in moments:
                m = Mover(g, "--to", view.url)
                if where != "copying":
                    m.asks()
                if where == "over":
                    g.stop()
                time.sleep(seconds)
                m.process.kill()
                m.process.wait()
                m.thread.join()
                if where != "over":
                    load.goes_on(10, 10)  # it never stood still
                    continue
                if m.process.returncode == 0:
                    break  # it was done
                g.launch()
                wait_for(lambda: g.process.poll() is not None or g.status() == 200, 15, 0.05, why="a start or a refusal")
                if g.process.poll() is None:
                    worked += 1
                    load.goes_on(10, 10)
                else:
                    refused += 1
                    last = g.said().strip().splitlines()[-1]
                    assert g.process.returncode == 1 and ("huiyin migrate" in last or "has moved to" in last), last
                    break
            if m.process.returncode != 0 or "every row was compared" not in m.said():
                m = Mover(g, "--to", view.url)
                if g.process.poll() is None:
                    m.asks()
                    g.stop()
                m.process.wait(60), m.thread.join()
                said = m.said()
                assert "every row was compared" in said or "already: move that one" in said, said
            refuses(g, "has moved to postgresql")
            g.store_url = view.url
            g.write()
            g.start()
            load.goes_on(30, 20)
            result = load.end(view, provider)
        assert not result["bad"] and not load.count(-1), result
        return f"worked on {worked} times, refused {refused}", result
    finally:
        s.close()
        provider.close()


def case_a_move_shows_no_password():
    server().ask("CREATE ROLE mover LOGIN PASSWORD 'fake-mover'", database="postgres")
    database("mover", "OWNER mover")
    provider = Provider()
    s = Several("sqlite:state/huiyin.db", provider, n=1)
    try:
        s.start()
        s[0].stop()
        r = s[0].cli("migrate", "--to", f"postgresql://mover:fake-mover@127.0.0.1:{server().port}/mover")
        assert "fake-mover" not in r.stdout + r.stderr, "a password is shown"
        assert f"store: postgresql://mover:${{DB_PASSWORD}}@127.0.0.1:{server().port}/mover" in r.stdout, r.stdout
    finally:
        s.close()
        provider.close()


# ---- all of them ------------------------------------------------------------------------------------------------------------

def shown(result):
    parts = result if isinstance(result, tuple) else (result,) if result else ()
    return "; ".join(str({k: v for k, v in p.items() if k not in ("bad", "checked")} if isinstance(p, dict) else p) for p in parts)


def one(case):
    begun, name = time.monotonic(), case.__name__.removeprefix("case_")
    try:
        result = case()
        print(f"ok   {name} ({time.monotonic() - begun:.0f} s) {shown(result)}", flush=True)
        return "passed"
    except Skip as why:
        print(f"skipped: {name}: {why}", flush=True)
        return "skipped"
    except Exception:  # noqa: BLE001: a case fails by any exception
        print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        return "failed"


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside(sys.argv[2])
    parts = sys.argv[1:]
    cases = [v for k, v in list(globals().items()) if k.startswith("case_") and (not parts or any(p in k for p in parts))]
    cases.sort(key=lambda c: next((i for i, part in enumerate(FIRST) if part in c.__name__), len(FIRST)))
    server()
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(one, cases))
    finally:
        close()
    print(f"{done.count('passed')} passed, {done.count('failed')} failed, {done.count('skipped')} skipped", flush=True)
    sys.exit(1 if "failed" in done else 0)


if __name__ == "__main__":
    main()
