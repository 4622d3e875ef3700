"""
make bench-grown: what a store's hot statements cost when it holds ten million contacts and as many cases, beside what they
cost at ten thousand. Fills both, plays the same turns of random citizens into both by turns, through the engine and the
store in batches of several sizes (turns.c), and tells the time of each statement (PostgreSQL: pg_stat_statements) or of each
call (SQLite). Writes build/bench-grown-STORE.json and the tables in docs/benchmarks.md.

    grown.py [--store postgres|sqlite|both] [--contacts N] [--small N] [--rounds N] [--batches N] [--batch 1,8,64]
             [--buffers 6GB] [--folder WHERE] [--keep] [--no-docs]     --short: a thousand and two, for `make test`

--batches: how many of 64 events a round has; of smaller ones it has as many more as bring the same events, but 20 × at most.

A store is filled with copies of three lives that the program itself has played, row by row; only what names a citizen
differs. Needs some 2.7 KB of disk a citizen.
"""
import argparse, json, os, pathlib, re, shutil, sqlite3, statistics, subprocess, sys, tempfile, threading, time
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import postgres
from harness import Gateway, ROOT, TWILIO_ENV, twilio_channel

PROGRAMS = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))  # where fill_store and turns are
DAYS = 28                 # all of them wrote so lately that their dedupe keys are still kept
EPOCH = 1704067200000
RUNS = ("small", "few", "all")  # the small store; the big one with as many active as the small one has; with all active
FROM_KEY = ("n", "at", "life", "shard", "contact", "name", "address", "number", "number_shard", "sent", "sent_shard", "key0",
            "key1")
PLAIN = set("channel lang lang_chosen optout unreachable flood_from flood_count open_cases open_surveys flow revision lease_until status "
            "open purpose confidential category place unit window text fields handler route reason result clock version muted rating "
            "seq actor verb detail state comment tries reminded kind fate chat line inline_reply lane part parts attempts sender "
            "buttons holder fence code what took_ms".split())  # columns that are copied as they are
TABLES = ("cases", "outbox", "inbox", "identity", "case_event", "survey", "dedupe", "attempt", "case_ref", "provider_ref",
          "contact", "session")


# ---- what is the same for both stores ------------------------------------------------------------------------------------

class Crowd:
    """So many citizens, evenly over the last four weeks but one day. Each of their rows has a time slot of its own."""

    def __init__(self, n):
        tens = 20 if n > 100000 else 1
        assert n % (10 * tens) == 0, "citizens come in tens, many of them in two hundreds"
        self.lives = {"A": n // 10 * 9 - n // (10 * tens) * 2, "B": n // (10 * tens) * 2, "C": n // 10}  # crowd.h, kind_of
        self.n, self.now = n, int(time.time() * 1000)
        self.step = DAYS * 86400000 // n
        self.first = self.now - (DAYS + 1) * 86400000
        self.slot = max(1, 60000 // self.step) * self.step + 1   # never the same millisecond twice

    def args(self):
        return [str(self.n), str(self.first), str(self.step)]


class House:
    """A folder with huiyin.yaml and the store's key."""

    def __init__(self, folder, store=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        Gateway(twilio_channel(1), folder=folder, store=store, extra="gateway: 1\n")
        self.env = dict(os.environ, **TWILIO_ENV)

    def command(self, what, *args):
        program = [PROGRAMS / "turns"] if what == "turns" else [PROGRAMS / "fill_store", what]
        return [str(x) for x in (*program, "huiyin.yaml", *args)]

    def open(self, what, *args, **more):
        with open(self.folder / "grown.log", "ab") as log:
            return subprocess.Popen(self.command(what, *args), cwd=self.folder, env=self.env, stderr=log,
                                    stdout=subprocess.PIPE, **more)

    def ask(self, what, *args):
        p = self.open(what, *args)
        out = p.communicate()[0].decode()
        self.check(p, what)
        return [line.split("\t") for line in out.splitlines()]

    def check(self, p, what):
        if p.wait() != 0:
            said = (self.folder / "grown.log").read_text(errors="replace")
            raise AssertionError(f"{what} failed: {said[-1500:]}")


class Dialect:
    """The SQL that makes all rows out of those of three citizens (tables p_NAME) and what the key says of each (names)."""

    def __init__(self, crowd, lite):
        self.crowd, self.lite, self.soon = crowd, lite, crowd.now + 6 * 3600000

    def at(self, slot):
        return f"(m.at + {slot} * {self.crowd.slot})"

    def event(self, slot):
        return f"(({self.at(slot)} - {EPOCH}) * 4194304 + 16384)"

    def hex(self, x):
        return f"printf('%016x', {x})" if self.lite else f"lpad(to_hex({x}), 16, '0')"

    def digits(self, x, n):
        return f"printf('%0{n}d', {x})" if self.lite else f"lpad({x}::text, {n}, '0')"

    def expression(self, table, column):
        own, cause = self.event("p.slot"), self.event("p.cause_slot")
        special = {
            ("contact", "id"): "m.contact", ("identity", "hash"): "m.name", ("identity", "address"): "m.address",
            ("session", "data"): "replace(p.data, CAST(p.contact AS TEXT), CAST(m.contact AS TEXT))",
            ("cases", "code"): "m.key0", ("case_event", "event"): cause,
            ("inbox", "reply"): f"CASE WHEN p.cause_slot > 0 THEN {cause} + m.shard ELSE p.reply END",
            ("inbox", "id"): own, ("inbox", "rid"): self.hex(own),
            ("inbox", "provider_id"): f"'SM' || (p.slot - 1) || {self.digits('m.n', 31)}",
            ("outbox", "id"): f"{own} + m.shard", ("outbox", "cause"): cause, ("outbox", "rid"): self.hex(cause),
            ("outbox", "case_number"): "CASE WHEN p.case_number IS NOT NULL THEN m.number END",
            ("outbox", "provider_id"): "CASE WHEN p.provider_id IS NOT NULL THEN m.sent END",
            ("outbox", "text"): "replace(p.text, p.own_number, m.number)",
            ("attempt", "outbox"): f"{own} + m.shard", ("attempt", "provider_id"): "m.sent",
            ("case_ref", "shard"): "m.number_shard", ("provider_ref", "shard"): "m.sent_shard",
            ("provider_ref", "provider_id"): "m.sent", ("provider_ref", "outbox"): f"{own} + m.shard",
            ("dedupe", "key"): "CASE p.slot WHEN 1 THEN m.key0 ELSE m.key1 END", ("dedupe", "event"): own,
        }
        if (table, column) in special:
            return special[table, column]
        if column in ("shard", "owner_shard"):
            return "m.shard"
        if column in ("contact", "number"):
            return f"m.{column}"
        if column in ("at", "created_at", "updated_at", "greeted_at", "asked_at", "sent_at", "next_at"):
            return f"CASE WHEN p.{column} > 0 THEN {self.at('p.slot')} ELSE 0 END"
        if column in ("due_at", "look_at", "until_at"):  # nothing falls due while it is measured
            later = f"CASE WHEN p.{column} > {self.soon} THEN p.{column} ELSE {self.soon} END"
            return f"CASE WHEN p.{column} > 0 THEN {later} + m.n % 86400000 ELSE 0 END"
        assert column in PLAIN, f"{table}.{column}: tell grown.py what to write there"
        return f'p."{column}"'

    def insert(self, table, columns):
        names = ", ".join(f'"{c}"' for c in columns)
        values = ", ".join(self.expression(table, c) for c in columns)
        join = "CROSS JOIN" if self.lite else "JOIN"
        return f"INSERT INTO {table}({names}) SELECT {values} FROM names m {join} p_{table} p {'WHERE' if self.lite else 'ON'} p.life = m.life"


def slots_of(ask, life, contact):
    """Time slots for whatever the rows of a life name by its id; copied are the last two messages, the last answer and the
    last send."""
    def ids(sql):
        return [r[0] for r in ask(sql)]
    inbox = ids(f"SELECT id FROM inbox WHERE contact = {contact} ORDER BY id DESC LIMIT 2")[::-1]
    answers = [i for e in inbox for i in ids(f"SELECT id FROM outbox WHERE contact = {contact} AND cause = {e} ORDER BY id")]
    send = ids(f"SELECT id FROM outbox WHERE contact = {contact} AND provider_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    copied = inbox + answers[-1:] + send
    named = answers + ids(f"SELECT cause FROM outbox WHERE id = {send[0]} UNION SELECT event FROM case_event WHERE contact = {contact}")
    every = list(dict.fromkeys(copied + named))
    return [(i, n + 1, life, 1 if i in copied else 0) for n, i in enumerate(every)]


def pattern_select(table, columns, pg):
    """The rows of the three lives that are copied, with their names and time slots."""
    own = {"inbox": "id", "outbox": "id", "attempt": "outbox", "dedupe": "event", "provider_ref": "outbox"}.get(table)
    cause = {"outbox": "cause", "case_event": "event", "inbox": "reply" if "reply" in columns else None}.get(table)
    who = "id" if table == "contact" else "contact"
    slot = "s.slot" if own else "c.slot" if cause else "0"
    sql = f"SELECT t.*, k.life, k.number AS own_number, {slot} AS slot, {'coalesce(c.slot, 0)' if cause else '0'} AS cause_slot FROM {table} t"
    if own:
        sql += f" JOIN slots s ON s.id = t.{own} AND s.copied = 1"
    sql += " JOIN lives k ON " + ("k.life = s.life" if table == "dedupe" else f"k.contact = t.{who}")
    if cause:
        sql += f" LEFT JOIN slots c ON c.id = t.{cause}"
    if table == "case_event":  # of each case the first two
        order = "seq" if pg else "rowid"
        sql += f" WHERE (SELECT count(*) FROM case_event b WHERE b.number = t.number AND b.{order} < t.{order}) < 2"
    return sql


def weighed(crowd, rows):
    return sum(crowd.lives[life] * int(n) for life, n in rows)


def say(what, since=None):
    print(what + (f" ({time.monotonic() - since:.0f} s)" if since else ""), flush=True)


# ---- PostgreSQL --------------------------------------------------------------------------------------------------------

def settings(buffers, filling):
    common = [f"shared_buffers = {buffers}", "max_wal_size = 32GB", "checkpoint_timeout = 30min",
              "shared_preload_libraries = pg_stat_statements", "pg_stat_statements.max = 1000"]
    if filling:
        return common + ["wal_level = minimal", "max_wal_senders = 0", "fsync = off", "full_page_writes = off",
                         "autovacuum = off", "maintenance_work_mem = 1GB", "max_parallel_maintenance_workers = 0"]
    return common + ["wal_level = replica", "max_wal_senders = 10", "fsync = on", "full_page_writes = on", "autovacuum = on",
                     "maintenance_work_mem = 256MB"]


class Server(postgres.Postgres):
    def become(self, lines):
        self.stop()
        os.sync()
        with open(self.data / "postgresql.conf", "a") as f:
            f.writelines(line + "\n" for line in lines)
        self.start(120)

    def has_huge_pages(self):
        pid = (self.data / "postmaster.pid").read_text().split()[0]
        return "/anon_hugepage" in pathlib.Path(f"/proc/{pid}/maps").read_text()

    def ask(self, sql, database=None):
        try:
            return super().ask(sql, database)
        except subprocess.CalledProcessError as e:
            raise AssertionError(f"{e.stderr.strip()}\n{sql[:2000]}") from None

    def two_at_once(self, database, scripts):
        """Each script in a session of its own; the first ones first."""
        left, wrong = list(scripts), []

        def work():
            while left and not wrong:
                try:
                    self.ask(left.pop(0), database=database)
                except AssertionError as e:
                    wrong.append(str(e))
        threads = [threading.Thread(target=work) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not wrong, wrong[0]


class HugePages:
    """Reserves what the server's buffers need, where we may (root), and gives it back: with pages of 4 KiB each new connection
    begins with empty page tables, which a bench that opens one each round would show and a gateway would not."""
    file = pathlib.Path("/proc/sys/vm/nr_hugepages")

    def __init__(self, buffers):
        self.wanted, self.before = megabytes(buffers) * 11 // 20 + 128, None

    def __enter__(self):
        try:
            self.before = self.file.read_text()
            self.file.write_text(str(int(self.before) + self.wanted))
        except OSError:
            pass
        return self

    def __exit__(self, *_):
        if self.before:
            self.file.write_text(self.before)


def megabytes(text):
    number, unit = re.fullmatch(r"(\d+)(MB|GB)", text).groups()
    return int(number) * (1024 if unit == "GB" else 1)


def definitions(server, database):
    """Every index and key of the tables that are filled: name, table, text; keys apart from indexes."""
    listed = ", ".join(f"'{t}'" for t in TABLES)
    keys = server.ask(f"SELECT conname, conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND "
                      f"conrelid::regclass::text IN ({listed}) ORDER BY 1", database=database)
    indexes = server.ask(f"SELECT indexname, tablename, indexdef FROM pg_indexes WHERE tablename IN ({listed}) AND indexname NOT "
                         "IN (SELECT conname FROM pg_constraint) ORDER BY 1", database=database)
    return keys, indexes


def fill_postgres(server, house, database, crowd):
    begun = time.monotonic()

    def ask(sql):
        return server.ask(sql, database=database)
    lives = house.ask("pattern")
    keys, indexes = definitions(server, database)
    ask("CREATE TABLE lives AS " + " UNION ALL ".join(
        f"SELECT '{k}' AS life, {c}::bigint AS contact, (SELECT number FROM cases WHERE contact = {c}) AS number" for k, c in lives))
    slots = [s for life, contact in lives for s in slots_of(ask, life, contact)]
    ask("CREATE TABLE slots AS SELECT * FROM (VALUES " + ", ".join(f"({i}::bigint, {n}::bigint, '{k}', {c})" for i, n, k, c in slots) +
        ") AS v(id, slot, life, copied)")
    columns = {t: [r[0] for r in ask(f"SELECT attname FROM pg_attribute WHERE attrelid = '{t}'::regclass AND attnum > 0 AND NOT "
                                     "attisdropped ORDER BY attnum")] for t in TABLES}
    for t in TABLES:
        ask(f"CREATE TABLE p_{t} AS {pattern_select(t, columns[t], True)}; ANALYZE p_{t}")
    states = ask("SELECT life, count(*) FROM p_outbox GROUP BY life")
    ask("CREATE UNLOGGED TABLE names(n bigint, at bigint, life text, shard smallint, contact bigint, name bytea, address bytea, "
        "number text, number_shard smallint, sent text, sent_shard smallint, key0 bytea, key1 bytea)")
    load_names(server, house, database, crowd)
    say(f"  {crowd.n:,} names and keys", begun)
    d, scripts = Dialect(crowd, lite=False), []
    for t in TABLES:
        drop = "".join(f"ALTER TABLE {t} DROP CONSTRAINT {name};" for name, of, _ in keys if of == t)
        drop += "".join(f"DROP INDEX {name};" for name, of, _ in indexes if of == t)
        scripts.append(f"BEGIN; {drop} TRUNCATE {t}; SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off; "
                       f"SET LOCAL max_parallel_workers_per_gather = 0; {d.insert(t, columns[t])}; COMMIT")
    server.two_at_once(database, scripts)
    say("  rows", begun)
    server.two_at_once(database, [f"ALTER TABLE {of} ADD CONSTRAINT {name} {text}" for name, of, text in keys])
    server.two_at_once(database, [text for _, _, text in indexes])
    assert definitions(server, database) == (keys, indexes), "the schema is not what it was"
    ask(f"DELETE FROM counts; INSERT INTO counts(day, channel, fate, gateway, n) VALUES ('now', 'contacts', 'all', 1, {crowd.n}), "
        f"('now', 'cases', 'all', 1, {crowd.n}), ('now', 'sessions', 'open', 1, {crowd.lives['B']})")
    ask("DROP TABLE names, slots, lives" + "".join(f", p_{t}" for t in TABLES))
    assert int(ask("SELECT count(*) FROM outbox")[0][0]) == weighed(crowd, states)
    say("  indexes", begun)
    server.two_at_once(database, [f"VACUUM (FREEZE, ANALYZE) {t}" for t in TABLES])
    ask("VACUUM (ANALYZE)")
    ask("CREATE EXTENSION pg_prewarm; CREATE EXTENSION pg_stat_statements")
    say(f"  {database}: {crowd.n:,} citizens, {int(ask('SELECT pg_database_size(current_database())')[0][0]) / 1e9:.1f} GB", begun)


def load_names(server, house, database, crowd):
    names = house.open("names", *crowd.args())
    copy = subprocess.run([str(postgres.BIN / "psql"), "-h", "127.0.0.1", "-p", str(server.port), "-U", server.user, "-d", database,
                           "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", f"COPY names({', '.join(FROM_KEY)}) FROM STDIN"],
                          stdin=names.stdout, capture_output=True, text=True)
    names.stdout.close()
    assert copy.returncode == 0, copy.stderr
    house.check(names, "names")


# What turns look at wherever a citizen is, the most asked for last: it is to be in memory when the measuring begins.
WARM = ("survey", "survey_open", "session", "session_contact", "session_look", "contact", "contact_id", "identity", "identity_pkey",
        "identity_name", "dedupe_pkey")


def statement_names(house):
    def plain(text):  # the constants are other in what the server tells
        return re.sub(r"'[^']*'|\$?\b\d+\b", "?", re.sub(r"\s+", " ", text))
    names = {plain(text): name for name, text in house.ask("statements")}
    return lambda query: names.get(plain(query), query.split()[0] if query in ("BEGIN", "COMMIT") else None)


def statements_of(server, database, named):
    rows = server.ask("SELECT calls, rows, total_exec_time * 1000, shared_blks_hit, shared_blks_read, wal_fpi, wal_bytes, replace(query, "
                      "E'\\n', ' ') FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
                      database=database)
    found = {}
    for calls, n, us, hit, read, fpi, wal, query in rows:
        name = named(query)
        if name and int(calls):
            found[name] = {"calls": int(calls), "rows": int(n), "us": float(us), "hit": int(hit), "read": int(read), "images": int(fpi),
                           "wal": int(wal)}
    return found


class Driver:
    """The turns of one store by so many active citizens: each round goes on where the last one stopped."""

    def __init__(self, house, crowd, active):
        self.house, self.crowd, self.active, self.say, self.talk = house, crowd, active, 0, 0

    def round(self, batch, batches, before=None, after=None):
        p = self.house.open("turns", *self.crowd.args(), self.active, batch, batches, self.say, self.talk, stdin=subprocess.PIPE)
        if p.stdout.readline().strip() != b"ready":
            self.house.check(p, "turns")
        if before:
            before()
        p.stdin.write(b"go\n")
        p.stdin.flush()
        got = json.loads(p.stdout.readline() or "null")
        if not got:
            self.house.check(p, "turns")
        self.say, self.talk = got.pop("say"), got.pop("talk")
        if after:
            got["statements"] = after()
        p.communicate(b"done\n")
        self.house.check(p, "turns")
        return got


def drivers(o, small, big):
    """small, big: (house, crowd) each."""
    return {"small": Driver(*small, o.small), "few": Driver(*big, o.small), "all": Driver(*big, o.contacts)}


def batches_of(o, batch):
    return o.batches * max(1, min(20, 64 // batch))


def play(o, runs, before=None, after=None):
    """The rounds of each run, by turns, at each batch size; a first one of each is not counted."""
    rounds = {batch: {name: [] for name in runs} for batch in o.batch}
    for r in range(o.rounds + 1):
        for batch in o.batch:
            for name in runs if r % 2 else reversed(runs):
                got = runs[name].round(batch, batches_of(o, batch), before and (lambda: before(name)), after and (lambda: after(name)))
                if r:
                    rounds[batch][name].append(got)
        say(f"  round {r} of {o.rounds}")
    return rounds


def rows_by_size(o, rounds, rows_of):
    return {batch: rows_of(rounds[batch], batches_of(o, batch)) for batch in o.batch}


def measure_postgres(o, scratch):
    with HugePages(o.buffers), Server(settings=settings(o.buffers, True), folder=scratch / "server") as server:
        filled = []
        for name, n in (("small", o.small), ("big", o.contacts)):
            server.ask(f"CREATE DATABASE {name}", database="postgres")
            filled.append((House(scratch / name, server.url.rsplit("/", 1)[0] + "/" + name), Crowd(n)))
            fill_postgres(server, filled[-1][0], name, filled[-1][1])
        server.become(settings(o.buffers, False))
        pages = "huge pages" if server.has_huge_pages() else "small pages"
        named, database = statement_names(filled[0][0]), {"small": "small", "few": "big", "all": "big"}
        for name in ("big", "small"):
            server.ask("".join(f"SELECT pg_prewarm('{w}');" for w in WARM), database=name)
        rounds = play(o, drivers(o, *filled), lambda name: server.ask("SELECT pg_stat_statements_reset()", database=database[name]),
                      lambda name: statements_of(server, database[name], named))
        for name, n in (("small", o.small), ("big", o.contacts)):
            assert int(server.ask("SELECT count(*) FROM contact", database=name)[0][0]) == n, "strangers wrote"
        size = int(server.ask("SELECT pg_database_size(current_database())", database="big")[0][0])
    return {"rounds": rounds, "bytes": size, "rows": rows_by_size(o, rounds, rows_of_postgres), "pages": pages}


def middle(values):
    values = sorted(values)
    return statistics.median(values), values[0], values[-1]


def compared(what, of):
    """A row of the table: of each run the median, least and most of its rounds; how the others are to the first."""
    row = {"what": what, **{name: middle(values) for name, values in of.items()}}
    row["ratio"] = {name: row[name][0] / row["small"][0] for name in of if name != "small"}
    return row


def rows_of_postgres(rounds, batches):
    """Of each statement the time a call, and of all of them the time a batch."""
    found = [[r["statements"] for r in rounds[name]] for name in RUNS]
    names = sorted(set.intersection(*(set(s) for one in found for s in one)))
    rows = []
    for s in names:
        row = compared(s, {name: [one[s]["us"] / one[s]["calls"] for one in of] for name, of in zip(RUNS, found)})
        for key in ("calls", "rows", "hit", "read", "images", "wal"):
            row[key] = {name: statistics.median(one[s][key] / (batches if key == "calls" else one[s]["calls"]) for one in of)
                        for name, of in zip(RUNS, found)}
        rows.append(row)
    total = compared("all of a batch", {name: [sum(x["us"] for x in one.values()) / batches for one in of]
                                        for name, of in zip(RUNS, found)})
    for key in ("calls", "rows", "hit", "read", "images", "wal"):
        total[key] = {name: statistics.median(sum(x[key] for x in one.values()) / batches for one in of)
                      for name, of in zip(RUNS, found)}
    wall = {name: [(r["load"]["wall"] + r["apply"]["wall"]) / batches * 1e6 for r in rounds[name]] for name in RUNS}
    return rows + [total, compared("load and apply, as the engine waits for them", wall)]


# ---- SQLite ------------------------------------------------------------------------------------------------------------

def fill_sqlite(house, crowd):
    begun = time.monotonic()
    lives = house.ask("pattern")
    file = house.folder / "state" / "huiyin.db"
    aside = house.folder / "names.db"
    db = sqlite3.connect(file, isolation_level=None)
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"
    before = db.execute(schema).fetchall()
    there = {r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def ask(sql, *args):
        return db.execute(sql, *args).fetchall()
    for sql in ("PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -500000",
                f"ATTACH '{aside}' AS aside", "PRAGMA aside.journal_mode = OFF", "PRAGMA aside.synchronous = OFF"):
        ask(sql)
    ask("CREATE TABLE aside.lives(life TEXT, contact INTEGER, number TEXT)")
    for life, contact in lives:
        ask("INSERT INTO lives SELECT ?, ?, number FROM cases WHERE contact = ?", (life, int(contact), int(contact)))
    ask("CREATE TABLE aside.slots(id INTEGER, slot INTEGER, life TEXT, copied INTEGER)")
    for life, contact in lives:
        db.executemany("INSERT INTO slots VALUES(?, ?, ?, ?)", slots_of(ask, life, contact))
    tables = [t for t in TABLES if t in there]
    columns = {t: [r[1] for r in ask(f"PRAGMA main.table_info({t})")] for t in tables}
    for t in tables:
        ask(f"CREATE TABLE aside.p_{t} AS {pattern_select(t, columns[t], False)}")
    ask("CREATE TABLE aside.names(n INTEGER PRIMARY KEY, at INTEGER, life TEXT, shard INTEGER, contact INTEGER, name BLOB, address BLOB, "
        "number TEXT, number_shard INTEGER, sent TEXT, sent_shard INTEGER, key0 BLOB, key1 BLOB)")
    ask("BEGIN")
    names = house.open("names", *crowd.args())
    hexes = [i for i, c in enumerate(FROM_KEY) if c in ("name", "address", "key0", "key1")]

    def lines():
        for line in names.stdout:
            v = line.decode().rstrip("\n").split("\t")
            for i in hexes:
                v[i] = bytes.fromhex(v[i][3:])
            yield v
    db.executemany(f"INSERT INTO names VALUES({', '.join('?' * len(FROM_KEY))})", lines())
    house.check(names, "names")
    ask("COMMIT")
    say(f"  {crowd.n:,} names", begun)
    ask("BEGIN")
    for kind, name, table, sql in before:
        if kind == "index" and table in tables:
            ask(f"DROP INDEX {name}")
    d = Dialect(crowd, lite=True)
    for t in sorted(tables, reverse=True):
        ask(f"DELETE FROM {t}")
    for t in tables:
        ask(d.insert(t, columns[t]))
    ask("DELETE FROM counts")
    db.executemany("INSERT INTO counts(day, channel, fate, n) VALUES('now', ?, ?, ?)",
                   [("contacts", "all", crowd.n), ("cases", "all", crowd.n), ("sessions", "open", crowd.lives["B"])] +
                   [("outbox", {3: "sent", 4: "delivered"}[state], weighed(crowd, ask("SELECT life, count(*) FROM p_outbox WHERE state = ? "
                     "GROUP BY life", (state,)))) for state in (3, 4)])
    say("  rows", begun)
    for kind, name, table, sql in before:
        if kind == "index" and table in tables:
            ask(sql)
    ask("COMMIT")
    ask("DETACH aside")
    assert db.execute(schema).fetchall() == before, "the schema is not what it was"
    ask("PRAGMA journal_mode = WAL")
    db.close()
    aside.unlink()
    os.sync()
    say("  indexes", begun)
    house.ask("keys", *crowd.args(), crowd.slot)
    os.sync()
    say(f"  {crowd.n:,} citizens, {file.stat().st_size / 1e9:.1f} GB", begun)


def measure_sqlite(o, scratch):
    filled = []
    for name, n in (("small", o.small), ("big", o.contacts)):
        filled.append((House(scratch / f"lite-{name}", "sqlite:state/huiyin.db"), Crowd(n)))
        fill_sqlite(*filled[-1])
    rounds = play(o, drivers(o, *filled))
    return {"rounds": rounds, "bytes": (filled[-1][0].folder / "state/huiyin.db").stat().st_size,
            "rows": rows_by_size(o, rounds, rows_of_sqlite)}


def rows_of_sqlite(rounds, batches):
    """What a batch spends in each call of the store: time, and its part on the CPU; load and apply together."""
    rows = []
    for whats in (("load",), ("apply",), ("due",), ("next_due",), ("load", "apply")):
        for clock, name in (("wall", "time"), ("cpu", "CPU")):
            rows.append(compared(f"{' and '.join(whats)}, {name}", {
                run: [sum(r[w][clock] for w in whats) / batches * 1e6 for r in of] for run, of in rounds.items()}))
    return rows


# ---- the report --------------------------------------------------------------------------------------------------------

def cell(row, name):
    middle, least, most = row[name]
    return f"{middle:,.0f}" + (f" ({least:,.0f} … {most:,.0f})" if least < most else "")


def drawn(head, lines):
    return "".join("| " + " | ".join(cells) + " |\n" for cells in (head, ["---"] * len(head), *lines))


def runs_head(o):
    return [f"{o.small:,}", f"{o.contacts:,}, {o.small:,} active", "×", f"{o.contacts:,}, all active", "×"]


def runs_cells(row):
    return [cell(row, "small"), cell(row, "few"), f"{row['ratio']['few']:.2f}", cell(row, "all"), f"{row['ratio']['all']:.2f}"]


def named(row):
    return row["what"].lower().replace("cpu", "CPU")


def hot_and_cold(rows):
    """PostgreSQL's statements, the dearest first: those that take a hundredth of a batch's time, and the others."""
    def a_batch(row):
        return row["all"][0] * row["calls"]["all"]
    every, total = sorted(rows[:-2], key=a_batch, reverse=True), rows[-2]
    hot = [r for r in every if a_batch(r) > total["all"][0] / 100]
    return hot, every[len(hot):]


def sizes_table(o, got):
    """What a whole batch takes, at each size: the last two rows of each store."""
    lines = [[named(got["rows"][batch][at]), str(batch), *runs_cells(got["rows"][batch][at])] for at in (-2, -1) for batch in o.batch]
    return drawn(["", "events a batch", *runs_head(o)], lines)


def ratios_table(o, got, store):
    """What is hot, at each size: the ratios alone, in the order that the largest size gives."""
    pg, ratios = store == "postgres", {}
    for batch in reversed(o.batch):
        for r in hot_and_cold(got["rows"][batch])[0] if pg else got["rows"][batch][:-2]:
            ratios.setdefault(named(r), {})[batch] = r["ratio"]
    lines = [[what] + [f"{of[batch][run]:.2f}" if batch in of else "" for run in ("few", "all") for batch in o.batch]
             for what, of in ratios.items()]
    head = [f"{who}: {batch}" if batch == o.batch[0] else str(batch) for who in (f"{o.small:,} active", "all active") for batch in o.batch]
    return drawn(["statement" if pg else "call", *head], lines)


def postgres_table(o, rows):
    hot, cold = hot_and_cold(rows)
    rest = {n: [sum(r[n][0] * r["calls"][n] for r in cold)] for n in RUNS}
    lines = []
    for r in hot + ([compared(f"the other {len(cold)}, a batch", rest)] if cold else []) + rows[-2:]:
        pages = [" → ".join(f"{r['hit'][n] + r['read'][n]:.0f}" for n in ("small", "all")), f"{r['images']['all']:.1f}"] \
            if "hit" in r else ["", ""]
        lines.append([named(r), *runs_cells(r), *pages])
    return drawn(["statement", *runs_head(o), "pages", "page images"], lines)


def sqlite_table(o, rows):
    return drawn(["call", *runs_head(o)], [[named(r), *runs_cells(r)] for r in rows])


def report(o, got, store):
    rows, unit = got["rows"][o.batch[-1]], "a call" if store == "postgres" else "a batch"
    hot = " Empty: less than a hundredth of such a batch." if store == "postgres" else ""
    return (f"Microseconds a batch, medians of the rounds (least … most):\n\n{sizes_table(o, got)}\n"
            f"How many times as long as among {o.small:,}, by events a batch.{hot}\n\n{ratios_table(o, got, store)}\n"
            f"Batches of {o.batch[-1]}, in microseconds {unit}:\n\n{(postgres_table if store == 'postgres' else sqlite_table)(o, rows)}")


def put_into_docs(mark, text):
    """Between <!-- mark --> and <!-- end --> of docs/benchmarks.md."""
    path = ROOT / "docs/benchmarks.md"
    page = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {mark} -->\n", "<!-- end -->"
    if begin not in page:
        return False
    before, rest = page.split(begin, 1)
    path.write_text(before + begin + text + end + rest.split(end, 1)[1], encoding="utf-8")
    return True


def run(o, store):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-grown-", dir=o.folder))
    scratch.chmod(0o755)  # the server's user looks into it
    print(f"{store}: {o.small:,} and {o.contacts:,} citizens, {o.rounds} rounds of {round_text(o)}", flush=True)
    begun = time.monotonic()
    try:
        got = (measure_postgres if store == "postgres" else measure_sqlite)(o, scratch)
    finally:
        if not o.keep:
            shutil.rmtree(scratch, ignore_errors=True)
    got.update(machine=f"{os.cpu_count()} cores, {memory_gb():.0f} GB of memory", when=time.strftime("%Y-%m-%d"), small=o.small, big=o.contacts,
               batches={batch: batches_of(o, batch) for batch in o.batch}, buffers=o.buffers)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / f"build/bench-grown-{store}.json").write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n")
    text = report(o, got, store)
    print(text)
    say(store, begun)
    if o.docs:
        put_into_docs(f"grown {store}", how(o, got, store) + text + "\n")
    return got


def round_text(o):
    return ", ".join(f"{batches_of(o, batch):,} batches of {batch}" for batch in o.batch)


def how(o, got, store):
    server = f"PostgreSQL with shared_buffers {o.buffers} and {got['pages']}, no checkpoint meanwhile.\n" if store == "postgres" else ""
    return (f"\n{got['machine']}, {got['when']}; {o.rounds} rounds of {round_text(o)}; {got['bytes'] / 1e9:.0f} GB on disk.\n"
            f"{server}\n")


def sizes(text):
    found = sorted({int(x) for x in text.split(",")})
    if not 1 <= found[0] <= found[-1] <= 256:
        raise ValueError(text)
    return found


def memory_gb():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def options():
    ap = argparse.ArgumentParser()
    ap.add_argument("--store", choices=("postgres", "sqlite", "both"), default="both")
    ap.add_argument("--contacts", type=int, default=10_000_000)
    ap.add_argument("--small", type=int, default=10_000)
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--batches", type=int, default=300)
    ap.add_argument("--batch", type=sizes, default=[1, 8, 64])
    ap.add_argument("--buffers", default=f"{max(128, int(memory_gb() / 4 * 1024))}MB")  # a quarter of memory, as the manual says
    ap.add_argument("--folder", default=None)
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--no-docs", dest="docs", action="store_false")
    ap.add_argument("--short", action="store_true")
    o = ap.parse_args()
    if o.short:
        o.contacts, o.small, o.rounds, o.batches, o.batch, o.buffers, o.docs = 2000, 1000, 1, 10, [1, 64], "128MB", False
    return o


if __name__ == "__main__":
    o = options()
    for store in ("postgres", "sqlite") if o.store == "both" else (o.store,):
        run(o, store)
