"""
make bench: wrk against a bare libwebsockets server and against the gateway doing full durable turns through the Twilio
handler (signature checked, distinct senders, each in the middle of a flow), in one run on one machine. Then growth, idle
web chats, and a flow set with 1,000 start patterns. Writes build/bench.json and its tables in docs/benchmarks.md.

    bench.py [--seconds N] [--short]      --short: a few seconds, no growth, for `make test`
    bench.py --store postgres [--runs N]  SQLite beside PostgreSQL with one, two and three gateways; build/bench-postgres.json
"""
import argparse, asyncio, json, os, pathlib, platform, re, resource, shutil, statistics, subprocess, sys, tempfile, time, urllib.parse
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import grown
from harness import Gateway, Phone, ROOT, TOKEN, TWILIO_ENV, FakeTwilio, free_port, twilio_channel, twilio_signature, wait_for

LUA = pathlib.Path(__file__).with_name("replay.lua")
TURNS = ["1", "解放路12号", "返回", "返回"]   # answers and steps back: always in the middle of the same flow
CONNECTIONS = 64


def http_bytes(port, path, body, headers):
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def prepare(path, port, senders, rounds, tag):
    """`rounds` turns of each sender, far apart, so that no two of one sender are ever in flight together."""
    url = f"http://127.0.0.1:{port}/hooks/sms"
    with open(path, "wb") as f:
        for r in range(rounds):
            for s in range(senders):
                form = {"AccountSid": "AC00000000000000000000000000000000", "Body": TURNS[r % len(TURNS)],
                        "From": f"+1{tag}{s:07d}", "MessageSid": f"SM{tag}{r:08d}{s:020d}", "NumMedia": "0",
                        "To": "+15005550006"}
                body = urllib.parse.urlencode(form).encode()
                raw = http_bytes(port, "/hooks/sms", body, {
                    "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": twilio_signature(url, form)})
                f.write(b"%d\n" % len(raw) + raw)


def wrk(port, requests, seconds, connections=CONNECTIONS, pace_ms=0):
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(LUA),
                          f"http://127.0.0.1:{port}/"], env=dict(os.environ, REQUESTS=str(requests), PACE_MS=str(pace_ms)),
                         capture_output=True, text=True, check=True).stdout
    return json.loads([l for l in out.splitlines() if l.startswith("JSON ")][0][5:])


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, what="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1])
    return 0


def measure(pid, port, requests, seconds, available, connections=CONNECTIONS):
    before = cpu_seconds(pid)
    got = wrk(port, requests, seconds, connections)
    cpu = cpu_seconds(pid) - before
    assert got["requests"] <= available, f"wrk went round: {got['requests']} of {available}; prepare more"
    bad = {k: v for k, v in got["errors"].items() if v}
    return {"per_second": round(got["requests"] / (got["duration_us"] / 1e6)), "p50_ms": got["p50_us"] / 1000,
            "p99_ms": got["p99_us"] / 1000, "max_ms": got["max_us"] / 1000, "cpu_us": round(cpu / got["requests"] * 1e6, 1),
            "rss_kib": memory_kib(pid), "peak_kib": memory_kib(pid, "VmHWM"), "requests": got["requests"], "errors": bad}


def bench_bare(seconds, requests, available):
    port = free_port()
    p = subprocess.Popen([str(ROOT / "build/bare_lws"), str(port)])
    time.sleep(0.3)
    try:
        return measure(p.pid, port, requests, seconds, available)
    finally:
        p.terminate()
        p.wait()


def open_sessions(gateway, senders, tag):
    """Every sender says 投诉 once: the flow is open before anything is measured."""
    requests = gateway.folder / "open.bin"
    url = f"http://127.0.0.1:{gateway.port}/hooks/sms"
    with open(requests, "wb") as f:
        for s in range(senders):
            form = {"AccountSid": "AC00000000000000000000000000000000", "Body": "投诉", "From": f"+1{tag}{s:07d}",
                    "MessageSid": f"SMopen{tag}{s:020d}", "NumMedia": "0", "To": "+15005550006"}
            raw = http_bytes(gateway.port, "/hooks/sms", urllib.parse.urlencode(form).encode(), {
                "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": twilio_signature(url, form)})
            f.write(b"%d\n" % len(raw) + raw)
    total = 0
    while total < senders: # wrk stops by time, not by count: duplicates do no harm here
        total += wrk(gateway.port, requests, 2)["requests"]
        if total < senders and total and senders > 200000:
            break
    requests.unlink()


def bench_gateway(seconds, senders, rounds, tag, folder=None, prompts=None, connections=CONNECTIONS):
    twilio = FakeTwilio()
    g = Gateway(twilio_channel(twilio.port), env=TWILIO_ENV, folder=folder)
    if prompts:
        config = g.folder / "huiyin.yaml"
        config.write_text(config.read_text().replace(f"prompts: {ROOT}/prompts", f"prompts: {prompts}"))
    g.start(60)
    try:
        requests = g.folder / "turns.bin"
        prepare(requests, g.port, senders, rounds, tag)
        open_sessions(g, senders, tag)
        got = measure(g.process.pid, g.port, requests, seconds, senders * rounds, connections)
        status = g.get("/readyz")[0]
        assert status == 200, f"not ready after the load: {status}"
        requests.unlink()
        return got
    finally:
        g.close()
        twilio.close()


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------

def cpu_of_tree(pid):
    """CPU seconds of a process and all below it, those that ended included."""
    total = 0.0
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(entry.name) == pid or int(fields[1]) == pid:
            total += sum(int(fields[i]) for i in ((11, 12, 13, 14) if int(entry.name) == pid else (11, 12)))
    return total / os.sysconf("SC_CLK_TCK")


# A server that has run for a while writes its log into files that it had before.
LOG_FILES = "DO $$ BEGIN FOR i IN 1..60 LOOP INSERT INTO warm VALUES(i); PERFORM pg_switch_wal(); END LOOP; END $$"


class OnCores:
    """What is started meanwhile runs on so many cores; None: on all."""

    def __init__(self, cores):
        self.all, self.cores = os.sched_getaffinity(0), cores

    def __enter__(self):
        if self.cores:
            os.sched_setaffinity(0, sorted(self.all)[-self.cores:])
        return self

    def __exit__(self, *_):
        os.sched_setaffinity(0, self.all)


def bench_many(seconds, senders, rounds, gateways, connections, pace_ms=0, cores=None):
    """The same turns through several gateways on one private PostgreSQL, each with its own wrk and its own senders."""
    import concurrent.futures
    import postgres
    twilio = FakeTwilio()
    with OnCores(cores), postgres.Postgres(settings=("shared_buffers = 512MB", "max_wal_size = 4GB", "min_wal_size = 2GB",
                                                     "update_process_title = off")) as db:
        pid = int((db.data / "postmaster.pid").read_text().split()[0])
        url = f"postgresql://{db.user}@/{db.database}?host={db.folder}&port={db.port}"  # one machine: a socket, no TCP
        houses, key = [], None
        try:
            for n in range(gateways):
                g = Gateway(twilio_channel(twilio.port), env=TWILIO_ENV, store=url, extra=f"gateway: {n + 1}\n")
                (g.folder / "state").mkdir(mode=0o700, exist_ok=True)
                if key:
                    (g.folder / "state/store.key").write_bytes(key)
                    (g.folder / "state/store.key").chmod(0o600)
                g.start(60)
                key = (g.folder / "state/store.key").read_bytes()
                requests = g.folder / "turns.bin"
                prepare(requests, g.port, senders, rounds, f"5{n}5")
                open_sessions(g, senders, f"5{n}5")
                houses.append((g, requests))
            for sql in ("CREATE TABLE warm(i int)", LOG_FILES, "CHECKPOINT", "DROP TABLE warm", "ANALYZE"):
                db.ask(sql)
            before, db_before = [cpu_seconds(g.process.pid) for g, _ in houses], cpu_of_tree(pid)
            batches = sum(batches_of(g) for g, _ in houses)
            with concurrent.futures.ThreadPoolExecutor() as pool:
                got = list(pool.map(lambda h: wrk(h[0].port, h[1], seconds, connections, pace_ms), houses))
            cpu = sum(cpu_seconds(g.process.pid) - b for (g, _), b in zip(houses, before))
            db_cpu, done = cpu_of_tree(pid) - db_before, sum(x["requests"] for x in got)
            batches = sum(batches_of(g) for g, _ in houses) - batches
            assert max(x["requests"] for x in got) <= senders * rounds, "wrk went round: prepare more"
            bad = {k: v for x in got for k, v in x["errors"].items() if v}
            return {"per_second": round(sum(x["requests"] / (x["duration_us"] / 1e6) for x in got)),
                    "p50_ms": max(x["p50_us"] for x in got) / 1000, "p99_ms": max(x["p99_us"] for x in got) / 1000,
                    "cpu_us": round(cpu / done * 1e6, 1), "db_cpu_us": round(db_cpu / done * 1e6, 1),
                    "batch": round(done / max(1, batches), 1), "requests": done, "errors": bad}
        finally:
            for g, _ in houses:
                g.close()
            twilio.close()


def batches_of(gateway):
    return int(re.search(r"^huiyin_engine_batches_total (\d+)", gateway.get("/metrics")[1], re.M).group(1))


def middle(runs):
    """Of several runs of the same: each figure's median, and how far the turns lay apart."""
    r = {k: statistics.median(x[k] for x in runs) for k in ("per_second", "p50_ms", "p99_ms", "cpu_us", "db_cpu_us", "batch") if k in runs[0]}
    return dict(r, least=min(x["per_second"] for x in runs), most=max(x["per_second"] for x in runs),
                errors={k: v for x in runs for k, v in x["errors"].items()})


GATEWAYS = (1, 2, 3)
FEW, MANY = CONNECTIONS, 256  # connections a gateway
PACE = (256, 40)              # connections a gateway, and how long each rests: some 6,000 turns a second


def main_postgres(seconds, runs):
    """Everything by turns, so that what else the machine does falls on all of them."""
    senders, rounds = 6000, max(8, seconds * 8)
    taken = {}
    for n in range(runs):
        for c in (FEW, MANY):
            print(f"run {n + 1} of {runs}, {c} connections: SQLite …", flush=True)
            taken.setdefault(("sqlite", c), []).append(bench_gateway(seconds, 20000, max(8, seconds * 5), "415", connections=c))
            for g in GATEWAYS:
                print(f"  PostgreSQL, {g} …", flush=True)
                taken.setdefault((g, c), []).append(bench_many(seconds, senders, rounds, g, c))
            print("  1 on one core …", flush=True)
            taken.setdefault(("core", c), []).append(bench_many(seconds, senders, rounds, 1, c, cores=1))
        for g in (1, 3):
            print(f"  {g} at a pace …", flush=True)
            taken.setdefault((g, "pace"), []).append(bench_many(seconds, senders, rounds, g, *PACE))
    got = {k: middle(v) for k, v in taken.items()}
    r = {"machine": f"{os.cpu_count()} cores, {platform.platform()}", "when": time.strftime("%Y-%m-%d"), "seconds": seconds, "runs": runs,
         "rows": [dict(x, store="sqlite" if k[0] == "sqlite" else "postgres", gateways=k[0] if k[0] in GATEWAYS else 1, core=k[0] == "core",
                       connections=k[1])
                  for k, x in got.items()]}
    best = {c: max(got[g, c]["per_second"] for g in GATEWAYS) for c in (FEW, MANY)}
    lite = {c: got["sqlite", c]["per_second"] for c in (FEW, MANY)}
    r["ratio"] = {str(c): round(best[c] / lite[c], 3) for c in (FEW, MANY)} | {"best": round(max(best.values()) / max(lite.values()), 3)}
    r["gateway_cpu_growth"] = {"at a pace": growth(got, "pace")} | {str(c): growth(got, c) for c in (FEW, MANY)} | {
        f"{c}, core": growth(got, c, "core") for c in (FEW, MANY)}
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/bench-postgres.json").write_text(json.dumps(r, indent=1, ensure_ascii=False) + "\n")
    text = report_postgres(r)
    print(text)
    grown.put_into_docs("postgres", text)


def growth(got, c, one=1):
    return round(got[3, c]["cpu_us"] / got[one, c]["cpu_us"] - 1, 3)


def percent(grow, key):
    return " and ".join(f"{grow[key.format(c)] * 100:+.1f}" for c in (FEW, MANY)) + f" % ({FEW} and {MANY} connections a gateway)"


def report_postgres(r):
    lines = ["", f"- machine: {r['machine']}", f"- when: {r['when']}; medians of {r['runs']} runs of {r['seconds']} s each, taken by turns", "",
             "| store | gateways | connections each | turns/s (least … most) | p50 ms | p99 ms | turns a batch | gateway CPU µs a turn | "
             "database CPU µs a turn |", "| --- " * 9 + "|"]
    for x in sorted(r["rows"], key=lambda x: (x["connections"] == "pace", x["connections"] if x["connections"] != "pace" else 0)):
        lite, paced = x["store"] == "sqlite", x["connections"] == "pace"
        lines.append(f"| {'SQLite' if lite else 'PostgreSQL'} | {x['gateways']}{', all on one core' if x['core'] else ''} | {'at a pace' if paced else x['connections']} | {x['per_second']:,.0f} "
                     f"({x['least']:,} … {x['most']:,}) | {x['p50_ms']:.2f} | {x['p99_ms']:.1f} | {'' if lite else x['batch']} | {x['cpu_us']} | "
                     f"{'in the gateway' if lite else x['db_cpu_us']} |")
    by, grow = r["ratio"], r["gateway_cpu_growth"]
    def missed(*met):
        return "" if all(met) else " (missed)"
    lines += ["", "| target | wanted | seen |", "| --- | --- | --- |",
              f"| PostgreSQL's turns / SQLite's, {FEW} and {MANY} connections a gateway | ≥ 0.5 | {by[str(FEW)]} and {by[str(MANY)]}"
              f"{missed(by[str(FEW)] >= 0.5, by[str(MANY)] >= 0.5)}; each at its best {by['best']} |",
              f"| gateway CPU a turn, from one gateway to three, all cores full with three | < +10 % | {percent(grow, '{}')}"
              f"{missed(*(grow[str(c)] < 0.1 for c in (FEW, MANY)))} |",
              f"| the same, beside one gateway that fills one core with its database | | {percent(grow, '{}, core')} |",
              f"| the same, each gateway at the same pace | | {grow['at a pace'] * 100:+.1f} % |"]
    return "\n".join(lines) + "\n"


async def idle_chats(port, n):
    import websockets
    gate, open_ones = asyncio.Semaphore(100), []

    async def one():
        async with gate:
            ws = await websockets.connect(f"ws://127.0.0.1:{port}/chat/ws", subprotocols=["huiyin-chat"], max_queue=1,
                                          compression=None, ping_interval=None, open_timeout=60)
            await ws.send(json.dumps({"hello": {"token": None, "lang": "zh"}}))
            await ws.recv()
            open_ones.append(ws)
    await asyncio.gather(*(one() for _ in range(n)))
    return open_ones


def bench_chats(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, n * 2 + 1000)), hard))
    g = Gateway("  chat: {channel: webchat}\n")
    config = g.folder / "huiyin.yaml"
    config.write_text(config.read_text().replace("per_address: 5000", f"per_address: {n * 2}"))
    g.start()
    try:
        asyncio.run(_noop())
        before = memory_kib(g.process.pid)

        async def go():
            chats = await idle_chats(g.port, n)
            await asyncio.sleep(1)
            after = memory_kib(g.process.pid)
            for ws in chats:
                ws.transport.abort()
            return after
        after = asyncio.run(go())
        return {"chats": n, "kib_each": round((after - before) / n, 2), "rss_kib": after}
    finally:
        g.close()


async def _noop():
    return None


def many_starts(n=1000):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-starts-"))
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    for part in range(n // 50):
        starts = "".join(f"  - match: '^(keyword{part}x{i}|关键词{part}号{i})\\b.*(start|开始)'\n" for i in range(50))
        (folder / "prompts" / f"many{part}.yaml").write_text(
            f"flow: many{part}\nlanguages: [zh, en]\nstart:\n{starts}ask:\n  - note:\n      say: {{zh: 请说明。, en: Please explain.}}\n"
            f"      match: '^(?<note>.+)$'\nperson: {{reason: '{{note}}'}}\nsay: {{zh: 谢谢。, en: Thank you.}}\n", encoding="utf-8")
    return folder


def report(r):
    bare, turn = r["bare"], r["turns"]
    lines = [
        "", f"- machine: {r['machine']}", f"- when: {r['when']}, {r['seconds']} s each, wrk with 1 thread and {CONNECTIONS} connections", "",
        "| what | per second | p50 ms | p99 ms | CPU µs each | resident MiB |", "| --- | --- | --- | --- | --- | --- |"]
    names = [("bare", "bare libwebsockets, body read, 200"), ("turns", "durable turn (Twilio, signed, committed, answered)"),
             ("starts", "the same with 1,000 start patterns more"), ("grown", "the same with 1 M contacts, 1 M cases, 4 M messages")]
    for key, name in names:
        if key in r:
            x = r[key]
            lines.append(f"| {name} | {x['per_second']:,} | {x['p50_ms']:.2f} | {x['p99_ms']:.2f} | {x['cpu_us']} | {x['rss_kib'] / 1024:.1f} |")
    lines += ["", "| target | wanted | seen |", "| --- | --- | --- |"]
    for t in r["targets"]:
        lines.append(f"| {t['what']} | {t['wanted']} | {t['seen']}{'' if t['met'] else ' (missed)'} |")
    return "\n".join(lines) + "\n"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seconds", type=int, default=10)
    ap.add_argument("--short", action="store_true")
    ap.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    ap.add_argument("--runs", type=int, default=3)
    o = ap.parse_args()
    if o.store == "postgres":
        main_postgres(o.seconds, o.runs)
        return
    seconds = 2 if o.short else o.seconds
    senders, rounds = (4000, 40) if o.short else (20000, max(8, seconds * 5))
    r = {"machine": f"{os.cpu_count()} cores, {platform.platform()}", "when": time.strftime("%Y-%m-%d"), "seconds": seconds}
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-bench-"))
    try:
        print("yardstick …", flush=True)
        prepare(scratch / "bare.bin", 1, 2000, 100 if not o.short else 40, "000")
        r["bare"] = bench_bare(seconds, scratch / "bare.bin", 10 ** 9)
        print("turns …", flush=True)
        r["turns"] = bench_gateway(seconds, senders, rounds, "415")
        r["ratio"] = round(r["turns"]["per_second"] / r["bare"]["per_second"], 3)
        targets = [("turns / bare", "≥ 0.40", r["ratio"], r["ratio"] >= 0.40),
                   ("p99 at 64 connections", "< 25 ms", f"{r['turns']['p99_ms']:.1f} ms", r["turns"]["p99_ms"] < 25),
                   ("CPU of a turn, all threads", "< 45 µs", f"{r['turns']['cpu_us']} µs", r["turns"]["cpu_us"] < 45)]
        if not o.short:
            print("1,000 start patterns …", flush=True)
            folder = many_starts()
            r["starts"] = bench_gateway(seconds, senders, rounds, "416", prompts=folder / "prompts")
            shutil.rmtree(folder)
            print("idle web chats …", flush=True)
            r["chats"] = bench_chats(5000)
            targets.append(("memory of an idle web chat", "< 16 KiB", f"{r['chats']['kib_each']} KiB", r["chats"]["kib_each"] < 16))
            print("growth: filling the store …", flush=True)
            grown.fill_sqlite(grown.House(scratch / "grown", "sqlite:state/huiyin.db"), grown.Crowd(1_000_000))
            r["grown"] = bench_gateway(seconds, senders, rounds, "417", folder=scratch / "grown")
            slower = 1 - r["grown"]["per_second"] / r["turns"]["per_second"]
            targets += [("slower when grown", "≤ 15 %", f"{slower * 100:.1f} %", slower <= 0.15),
                        ("resident when grown", "< 64 MiB", f"{r['grown']['peak_kib'] / 1024:.1f} MiB", r["grown"]["peak_kib"] < 65536)]
        r["targets"] = [dict(what=w, wanted=x, seen=s, met=m) for w, x, s, m in targets]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/bench.json").write_text(json.dumps(r, indent=1, ensure_ascii=False) + "\n")
    text = report(r)
    if not o.short:
        grown.put_into_docs("turns", text)
    print(text)


if __name__ == "__main__":
    main()
