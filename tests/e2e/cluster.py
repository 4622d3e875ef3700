"""
A small province in network namespaces: two PostgreSQL hosts in synchronous streaming, three gateways that know both, a
real HAProxy in front, citizens and a clerk behind it. At random moments gateways are killed, links cut and healed, the
primary stopped, crashed or cut off and the standby promoted, the standby's link cut. At the end the ledger of what was
acknowledged is compared with the database: nothing lost, nothing twice, nothing out of order, nothing from nowhere.

    cluster.py [SECONDS]     default 60; SEED=n for other moments. Needs root (ip netns); says so and skips otherwise.
"""
import datetime, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, threading, time

HOSTS = {"client": 1, "balancer": 5, "db1": 11, "db2": 12, "gw1": 21, "gw2": 22, "gw3": 23}
NET = "10.77.0."
PG_PORT, GW_PORT, LB_PORT = 5432, 8080, 8000
CITIZENS = 8


def sh(*command, check=True):
    return subprocess.run([str(c) for c in command], check=check, capture_output=True, text=True, timeout=60)


def address(host):
    return f"{NET}{HOSTS[host]}"


# ---- the network: one bridge, each host a namespace --------------------------------------------------------------------

class Network:
    def __init__(self, prefix):
        self.prefix = prefix

    def ns(self, host):
        return f"{self.prefix}-{host}"

    def make(self):
        sh("ip", "netns", "add", self.ns("hub"))
        sh("ip", "-n", self.ns("hub"), "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", self.ns("hub"), "link", "set", "br0", "up")
        mac = lambda h: f"02:00:00:00:00:{HOSTS[h]:02x}"  # noqa: E731
        for host in HOSTS:
            ns = self.ns(host)
            sh("ip", "netns", "add", ns)
            sh("ip", "-n", self.ns("hub"), "link", "add", "p-" + host, "type", "veth", "peer", "name", "eth0", "netns", ns)
            sh("ip", "-n", self.ns("hub"), "link", "set", "p-" + host, "master", "br0", "up")
            sh("ip", "-n", ns, "link", "set", "eth0", "address", mac(host), "up")
            sh("ip", "-n", ns, "link", "set", "lo", "up")
            sh("ip", "-n", ns, "address", "add", address(host) + "/24", "dev", "eth0")
            for other in HOSTS:  # known for ever: a cut link answers nothing at all, not even "no such host"
                if other != host:
                    sh("ip", "-n", ns, "neigh", "add", address(other), "lladdr", mac(other), "dev", "eth0", "nud", "permanent")

    def cut(self, host):
        sh("bridge", "-n", self.ns("hub"), "link", "set", "dev", "p-" + host, "state", "0")

    def heal(self, host):
        sh("bridge", "-n", self.ns("hub"), "link", "set", "dev", "p-" + host, "state", "3")

    def remove(self):
        """What still runs inside was started by this test and by nobody else."""
        for host in [*HOSTS, "hub"]:
            for pid in sh("ip", "netns", "pids", self.ns(host), check=False).stdout.split():
                if int(pid) != os.getpid():
                    try:
                        os.kill(int(pid), signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            sh("ip", "netns", "del", self.ns(host), check=False)


def allowed():
    """Null, or why this machine cannot do it."""
    if os.getuid() != 0:
        return "network namespaces need root"
    for program in ("ip", "bridge", "haproxy", "setpriv"):
        if not shutil.which(program):
            return f"the program {program} is missing (packages.txt: iproute2, haproxy, util-linux)"
    probe = f"hy{os.getpid()}-probe"
    try:
        sh("ip", "netns", "add", probe)
        sh("ip", "-n", probe, "link", "add", "br0", "type", "bridge")
    except subprocess.CalledProcessError as e:
        return "no network namespace with a bridge can be made here: " + e.stderr.strip()
    finally:
        sh("ip", "netns", "del", probe, check=False)
    return None


# ---- the two databases -----------------------------------------------------------------------------------------------------

class Database:
    """The server on one host. Its data is made by initdb (`found`) or copied from the other one (`follow`)."""

    def __init__(self, net, host, folder):
        import postgres
        self.pg, self.net, self.host, self.folder = postgres, net, host, folder
        self.data = folder / "data"
        folder.mkdir()
        os.chown(folder, postgres._owner().pw_uid, postgres._owner().pw_gid)

    def inside(self, *command):
        return subprocess.run(["ip", "netns", "exec", self.net.ns(self.host), "setpriv", "--reuid=postgres", "--regid=postgres",
                               "--clear-groups", *[str(c) for c in command]], check=True, capture_output=True, text=True, cwd="/",
                              env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/tmp"},
                              timeout=60)

    def configure(self):
        with open(self.data / "postgresql.conf", "a") as f:
            f.write(f"\nport = {PG_PORT}\nlisten_addresses = '{address(self.host)}'\nunix_socket_directories = '{self.folder}'\n"
                    "shared_buffers = 64MB\nmax_connections = 60\nwal_level = replica\nmax_wal_senders = 5\nhot_standby = on\n"
                    "wal_sender_timeout = 4s\nwal_receiver_timeout = 4s\nwal_retrieve_retry_interval = 200ms\n"
                    "log_min_messages = warning\nlogging_collector = off\n")
        (self.data / "pg_hba.conf").write_text(f"local all all trust\nhost all all {NET}0/24 trust\n"
                                               f"host replication all {NET}0/24 trust\n")

    def found(self):
        self.pg._run(self.pg.BIN / "initdb", "-D", self.data, "-U", "huiyin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                     "--no-sync")
        self.configure()
        self.start()
        self.ask("CREATE DATABASE huiyin", "postgres")

    def follow(self, other):
        shutil.rmtree(self.data, ignore_errors=True)
        self.inside(self.pg.BIN / "pg_basebackup", "-h", address(other.host), "-p", PG_PORT, "-U", "huiyin", "-D", self.data, "-R",
                    "-X", "stream", "-c", "fast", "--no-sync")
        self.configure()
        self.start()
        until = time.monotonic() + 20
        while not other.ask("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"):
            assert time.monotonic() < until, "the standby does not stream"
            time.sleep(0.05)
        other.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        other.ask("SELECT pg_reload_conf()")
        while not other.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
            assert time.monotonic() < until, "the standby is not synchronous"
            time.sleep(0.05)

    def start(self):
        self.inside(self.pg.BIN / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", 30, "start")

    def stop(self, mode):
        self.pg._run(self.pg.BIN / "pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", 30, "stop", check=False)

    def promote(self):
        with open(self.data / "postgresql.auto.conf", "a") as f:
            f.write("synchronous_standby_names = ''\n")  # alone until the other follows
        self.pg._run(self.pg.BIN / "pg_ctl", "-D", self.data, "-w", "-t", 30, "promote")
        self.ask("SELECT pg_reload_conf()")

    def ask(self, sql, database="huiyin"):
        out = self.pg._run(self.pg.BIN / "psql", "-h", self.folder, "-p", PG_PORT, "-U", "huiyin", "-d", database, "-X", "-q", "-A",
                           "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql).stdout
        return [line.split("\t") for line in out.splitlines() if line]


class Pair:
    def __init__(self, net, folder):
        self.primary, self.standby = Database(net, "db1", folder / "db1"), Database(net, "db2", folder / "db2")
        self.primary.found()
        self.standby.follow(self.primary)

    def ask(self, sql):
        return self.primary.ask(sql)

    @property
    def url(self):
        return f"postgresql://huiyin@{address('db1')}:{PG_PORT},{address('db2')}:{PG_PORT}/huiyin"


# ---- the balancer ---------------------------------------------------------------------------------------------------------

def haproxy(net, folder):
    conf = folder / "haproxy.cfg"
    servers = "".join(f"  server gw{i} {address(f'gw{i}')}:{GW_PORT} check\n" for i in (1, 2, 3))
    conf.write_text("global\n  maxconn 2000\ndefaults\n  mode http\n  timeout connect 500ms\n  timeout client 15s\n"
                    "  timeout server 8s\n  timeout http-request 5s\n  retries 2\n  option redispatch\n"
                    f"frontend all\n  bind {address('balancer')}:{LB_PORT}\n  default_backend gateways\n"
                    "backend gateways\n  balance roundrobin\n  option httpchk GET /readyz\n"
                    f"  default-server inter 500ms fall 2 rise 1\n{servers}")
    return subprocess.Popen(["ip", "netns", "exec", net.ns("balancer"), "haproxy", "-db", "-f", str(conf)],
                            stdout=open(folder / "haproxy.log", "wb"), stderr=subprocess.STDOUT)


# ---- what goes wrong ------------------------------------------------------------------------------------------------------

class Trouble:
    """One thing at a time to the databases; gateways and their links besides, from a thread of their own."""

    def __init__(self, net, pair, members, load):
        self.net, self.pair, self.members, self.load = net, pair, members, load
        self.dice = random.Random(int(os.environ.get("SEED", "1")))
        self.done, self.back, self.wrong = {}, [], []
        self.stop = threading.Event()

    def did(self, what, seconds=None):
        self.done.setdefault(what, []).append(seconds)

    def slowest_refusal(self):
        """From arrival to "again", as the gateways themselves noted it: an event's id tells when it came."""
        slowest, where = 0.0, ""
        for m in self.members:
            for event, ts in ((re.search(r" event=(\d+) answer=again", x), re.match(r"ts=(\S+)", x)) for x in m.said().splitlines()):
                if event and ts:
                    at = datetime.datetime.fromisoformat(ts.group(1).replace("Z", "+00:00")).timestamp()
                    took = at - 1704067200 - (int(event.group(1)) >> 22) / 1000
                    if took > slowest:
                        slowest, where = took, f"gateway {m.number} {ts.group(1)}"
        return slowest, where

    def served_again(self, moment):
        took = self.load.all_served_after(moment, 30)
        self.back.append(took)
        return took

    def supervise(self, m, seconds=40):
        """As a service manager does: a gateway that finds no database at its start says so and ends, and is started again."""
        until = time.monotonic() + seconds
        m.launch()
        while m.status(timeout=1) != 200:
            assert time.monotonic() < until, f"gateway {m.number} does not come up: " + m.said()[-600:]
            time.sleep(0.1)
            if m.process.poll() is not None:
                self.did("gateway found no database and was started again", 0.0)
                m.launch()

    def kill_gateway(self):
        m = self.dice.choice(self.members)
        m.kill9()
        self.stop.wait(self.dice.uniform(0.1, 2.0))
        begun = time.monotonic()
        self.supervise(m)
        self.did("gateway killed (-9) and started", time.monotonic() - begun)

    def cut_gateway(self):
        m = self.dice.choice(self.members)
        host = f"gw{m.number}"
        self.net.cut(host)
        self.stop.wait(self.dice.choice([0.5, 1.5, 4.0, 8.0]))
        self.net.heal(host)
        begun = time.monotonic()
        while m.status(timeout=1) != 200 and time.monotonic() - begun < 20:
            time.sleep(0.1)
        self.did("gateway's link cut and healed", time.monotonic() - begun)

    def fail_over(self, how):
        old, new = self.pair.primary, self.pair.standby
        if how == "cut off":
            self.net.cut(old.host)
            time.sleep(self.dice.uniform(0.5, 3.0))
        else:
            old.stop(how)
            time.sleep(self.dice.uniform(0.1, 2.0))
        new.promote()
        promoted = time.monotonic()
        self.pair.primary, self.pair.standby = new, old
        took = self.served_again(promoted)
        if how == "cut off":
            old.stop("immediate")  # a primary that comes back must not
            self.net.heal(old.host)
        self.did(f"primary {how}, standby promoted" if how == "cut off" else f"primary stopped ({how}), standby promoted", took)
        old.follow(new)

    def restart_primary(self):
        self.pair.primary.stop("immediate")
        time.sleep(self.dice.uniform(0.1, 2.0))
        self.pair.primary.start()
        self.did("primary crashed and started", self.served_again(time.monotonic()))

    def cut_standby(self):
        self.net.cut(self.pair.standby.host)
        time.sleep(self.dice.uniform(0.5, 2.5))
        self.net.heal(self.pair.standby.host)
        self.did("standby's link cut and healed", self.served_again(time.monotonic()))

    def guarded(self, actions, low, high):
        try:
            turn = 0
            while not self.stop.wait(self.dice.uniform(low, high)):
                actions[turn % len(actions)]()  # each in turn, so that a short run has seen all
                turn += 1
        except Exception as e:  # noqa: BLE001
            import traceback
            traceback.print_exc()
            self.wrong.append(repr(e) + (" " + str(getattr(e, "stderr", "") or ""))[-500:])

    def begin(self):
        dbs = [lambda: self.fail_over("immediate"), lambda: self.fail_over("cut off"), self.cut_standby, self.restart_primary,
               lambda: self.fail_over("fast"), lambda: self.fail_over("cut off")]
        gateways = [self.kill_gateway, self.cut_gateway, self.kill_gateway]
        self.threads = [threading.Thread(target=self.guarded, args=(dbs, 0.5, 3.0)),
                        threading.Thread(target=self.guarded, args=(gateways, 0.3, 2.0))]
        for t in self.threads:
            t.start()

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join(90)
            assert not t.is_alive(), "a trouble does not end"


# ---- all of it -------------------------------------------------------------------------------------------------------------

def inside(prefix, seconds):
    import several
    net = Network(prefix)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-cluster-"))
    folder.chmod(0o755)
    provider, members, balancer, bad, pair = several.Provider("0.0.0.0"), [], None, [], None
    try:
        pair = Pair(net, folder)
        balancer = haproxy(net, folder)
        town = several.Several(pair.url, provider, n=0)
        for i in (1, 2, 3):
            members.append(town.member(i, api=f"http://{address('client')}:{provider.port}", host=address(f"gw{i}"), port=GW_PORT,
                                       extra="log: {level: debug}\nkeep: {lease: 60s}\n",
                                       prefix=["ip", "netns", "exec", net.ns(f"gw{i}")]))
        for m in members:
            m.start(30)
        doors = [(address("balancer"), LB_PORT)]
        load = several.Load(doors, town.key, citizens=CITIZENS, repeats=(0, 0, 1, 1, 2, 4), pause=0.05)
        with load:
            load.goes_on(20, 15)
            trouble = Trouble(net, pair, members, load)
            trouble.begin()
            time.sleep(seconds)
            trouble.end()
            bad += trouble.wrong
            for m in members:
                if m.process.poll() is not None:
                    bad.append(f"gateway {m.number} ended by itself: {m.said()[-600:]}")
                    trouble.supervise(m)
            several.wait_for(lambda: all(m.status() == 200 for m in members), 20, 0.1, why="all gateways to be ready")
            result = load.end(pair, provider, 40)
        bad += [f"{k}: {v}" for k, v in result.pop("bad").items()]
        checked = result.pop("checked")
        print(f"{'what was done':46} {'times':>5}   served again after, at most")
        for what, times in sorted(trouble.done.items()):
            print(f"{what:46} {len(times):5}   {max(t for t in times):.1f} s")
            if max(times) > 10 and "gateway" not in what:
                bad.append(f"{what}: work was taken up only after {max(times):.1f} s")
        print("what was seen      ", json.dumps(result))
        slow, where = trouble.slowest_refusal()
        if slow > 2.2:
            bad.append(f"a gateway's refusal took {slow:.1f} s: {where}")
        print("slowest answer     ", f"a gateway's refusal: {slow:.1f} s, 200: {load.slowest((200,)):.1f} s, 503: {load.slowest((503,)):.1f} s, other: "
              f"{load.slowest((0, -1, 502, 504)):.1f} s")
        print("compared, each 0   ", ", ".join(checked) if not bad else bad)
        if len(trouble.done) < 3 or result["acknowledged"] < 100:
            bad.append("hardly anything happened: the test shows nothing")
    except Exception as e:  # noqa: BLE001
        import traceback
        traceback.print_exc()
        bad.append(repr(e) + str(getattr(e, "stderr", "") or ""))
    finally:
        if bad and os.environ.get("KEEP"):
            for m in members:
                shutil.copy(m.log, os.environ["KEEP"] + f".{m.number}")
        for m in members:
            if bad:
                print(f"--- gateway {m.number}\n" + "\n".join(x for x in m.said().splitlines() if not any(
                    y in x for y in ("what=request", "what=send ", "what=result", "without a line", "not stored")))[-2500:])
            if m.process and m.process.poll() is None:
                m.kill9()
            m.temp.cleanup()
        if balancer:
            balancer.kill()
            balancer.wait()
        for d in (pair.primary, pair.standby) if pair else ():
            d.stop("immediate")
        provider.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("cluster test:", "FAILED: " + "; ".join(bad) if bad else "held")
    print(f"{0 if bad else 1} passed, {1 if bad else 0} failed")
    return 1 if bad else 0


def main():
    if sys.argv[1:2] == ["--inside"]:
        sys.exit(inside(sys.argv[2], float(sys.argv[3])))
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    why = allowed()
    if why:
        print(f"the cluster test is skipped: {why}")
        print("0 passed, 0 failed, 1 skipped")
        return
    net = Network(f"hy{os.getpid()}")
    status = 1
    try:
        net.make()
        status = subprocess.run(["ip", "netns", "exec", net.ns("client"), sys.executable, __file__, "--inside", net.prefix,
                                 seconds]).returncode
    finally:
        net.remove()
    sys.exit(status)


if __name__ == "__main__":
    main()
