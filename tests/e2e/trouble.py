"""
What the tests of bad databases are made of: one server for all, a database for each case, a line to it that can be made
bad, a small disk, and an office (a gateway with its provider, citizens and a clerk, whose ledger must balance).
"""
import contextlib, pathlib, queue, signal, socket, subprocess, threading, time

import postgres
from harness import wait_for
from several import Load, Provider, Several

REFUSE_S, RETURN_S, STOP_S, ALIVE_S = 2.0, 10.0, 6.0, 1.0
SLACK_S = 0.3  # the machine is busy with other cases
_server = None


class Skip(Exception):
    pass


def server():
    """Made when first asked for. Who looks after it needs no password."""
    global _server
    if not _server:
        _server = postgres.Postgres(settings=["max_connections = 120"])
        (_server.data / "pg_hba.conf").write_text("local all all trust\nhost all huiyin 127.0.0.1/32 trust\n"
                                                  "host all all 127.0.0.1/32 scram-sha-256\n")
        _server.start()
    return _server


def close():
    if _server:
        _server.close()


class View:
    """One database of a server; what the ledger is compared with."""

    def __init__(self, server, name):
        self.server, self.name = server, name

    def __repr__(self):
        return self.name

    def ask(self, sql):
        return self.server.ask(sql, self.name)

    @property
    def url(self):
        return f"postgresql://huiyin@127.0.0.1:{self.server.port}/{self.name}"


def database(name, more=""):
    server().ask(f"CREATE DATABASE {name} {more}", database="postgres")
    return View(server(), name)


class Line:
    """A line to the database that can be made bad. `wait`: seconds before each piece of an answer; `trickle`: bytes of an
    answer in a tenth of a second; `left`: bytes of answers that still pass on a connection, then silence; `deaf`: nothing
    passes, either way, nor does anyone hang up."""

    def __init__(self, port):
        self.to, self.wait, self.trickle, self.left, self.deaf, self.open = port, 0.0, 0, None, False, True
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def well(self):
        self.wait, self.trickle, self.left, self.deaf = 0.0, 0, None, False

    def accept(self):
        while self.open:
            try:
                client = self.listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                continue
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, True), daemon=True).start()

    def hold(self):
        while self.deaf and self.open:
            time.sleep(0.02)

    def give(self, to, pieces):
        """Answers, each a while after it came."""
        told = 0
        try:
            for due, data in iter(pieces.get, None):
                time.sleep(max(0, due - time.monotonic()))
                told = 0 if self.left is None else told
                while data:
                    self.hold()
                    piece = data[:self.trickle] if self.trickle else data
                    if self.left is not None:
                        piece = piece[:max(0, self.left - told)]
                        if not piece:
                            break  # and the rest never comes
                    to.sendall(piece)
                    told, data = told + len(piece), data[len(piece):]
                    if self.trickle:
                        time.sleep(0.1)
        except OSError:
            pass

    def carry(self, come, go, answer):
        pieces = queue.SimpleQueue()
        if answer:
            threading.Thread(target=self.give, args=(go, pieces), daemon=True).start()
        try:
            while self.open and (data := come.recv(65536)):
                self.hold()
                if answer:
                    pieces.put((time.monotonic() + self.wait, data))
                else:
                    go.sendall(data)
        except OSError:
            pass
        pieces.put(None)
        for s in (come, go):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.open = False
        self.listener.close()


class Pulse(threading.Thread):
    """Asks /healthz all the time: a thread that hangs would not answer."""

    def __init__(self, member):
        super().__init__(daemon=True)
        self.member, self.slowest, self.beats, self.missed, self.over = member, 0.0, 0, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            begun = time.monotonic()
            good = self.member.status("/healthz", timeout=5) == 200
            if self.over.is_set():
                return
            self.beats += 1
            self.missed += not good
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def end(self):
        self.over.set()
        self.join(6)
        assert self.beats > 3 and not self.missed and self.slowest < ALIVE_S, (self.beats, self.missed, self.slowest)


class Office:
    """One gateway and its provider, at work for a few citizens and a clerk."""

    def __init__(self, url, view, citizens=3, **more):
        self.provider = Provider()
        self.all = Several(url, self.provider, n=1, **more)
        self.view, self.g = view, self.all[0]
        self.citizens = citizens
        self.provider.script = lambda form, n: time.sleep(0.4)  # some call is always under way when something happens

    def __enter__(self):
        self.all.start()
        self.pulse = Pulse(self.g)
        self.load = Load(self.all.doors, self.all.key, citizens=self.citizens)
        self.load.__enter__()
        self.load.goes_on(20, 20)
        return self

    def __exit__(self, kind, *_):
        if kind:
            said = [x for x in self.g.said().splitlines() if "what=request" not in x and "what=send " not in x]
            print(f"the gateway of {self.view!r} said at last:", *said[-30:], sep="\n", flush=True)
        self.pulse.over.set()
        self.load.__exit__()
        self.all.close()
        self.provider.close()

    def why(self):
        status, text, _ = self.g.get("/readyz")
        return text if status == 503 else ""

    def stops(self, seconds=STOP_S):
        """SIGTERM: it ends by itself, with 0, soon."""
        self.pulse.end()
        begun = time.monotonic()
        self.g.process.send_signal(signal.SIGTERM)
        try:
            code = self.g.process.wait(20)
        except subprocess.TimeoutExpired:
            raise AssertionError("SIGTERM does not end it: " + self.g.said()[-1500:])
        took = time.monotonic() - begun
        assert code == 0 and took <= seconds, (code, took, self.g.said()[-1500:])
        return took

    def starts_again(self):
        self.g.start(20)
        self.pulse = Pulse(self.g)

    def balances(self, least=30):
        self.load.goes_on(20, 20)
        result = self.load.end(self.view, self.provider)
        self.pulse.end()
        assert not result["bad"], result["bad"]
        assert result["acknowledged"] >= least and not self.load.count(-1), result
        return result

    def slowest(self, since, until=1e18):
        """Of those that began in this time and were not served."""
        return max([t for m, s, t in self.load.tries(since, until) if s != 200 and m - t >= since], default=0.0)

    def trouble(self, begin, end, seconds=2.5, refused=4, word=None, check=None, limit=20):
        """Until some were refused, and at least so long. How long a refusal took at most, and until all were served again."""
        at, lines = time.monotonic(), self.g.said().count("\n")
        begin()
        wait_for(lambda: sum(s == 503 for _, s, _ in self.load.tries(at)) >= refused, limit, 0.05, why="refusals")
        if word:
            wait_for(lambda: word in self.why(), 5, 0.02, why=f"'{word}' in /readyz: {self.g.get('/readyz')[:2]} "
                     + self.g.said()[-600:])
        time.sleep(max(0, seconds - (time.monotonic() - at)))
        if check:
            check()
        end()
        mended = time.monotonic()
        took = self.load.all_served_after(mended, 20)
        slow = self.slowest(at, mended + 1)
        wait_for(lambda: self.g.status() == 200, 5, 0.05, why="readiness")
        lines = self.g.said().count("\n") - lines
        asked = len(self.load.tries(at))
        assert slow <= REFUSE_S + SLACK_S, f"a refusal took {slow:.2f} s"
        assert lines < 100 + 6 * asked + 60 * (mended - at), f"{lines} lines in the log for {asked} messages"
        assert took <= RETURN_S, f"work was taken up after {took:.1f} s"
        return f"slowest refusal {slow:.2f} s, work again after {took:.1f} s"


def waits(member, *words, seconds=12.0):
    """A start that does not give up, says once what it waits for and how to mend that, and ends when told to."""
    member.launch()
    begun = time.monotonic()
    wait_for(lambda: "waiting for the database" in member.said() or member.process.poll() is not None, seconds, 0.02,
             why="a word on what it waits for")
    line = next(x for x in member.said().splitlines() if "waiting for the database" in x)
    assert all(w in line for w in words), (words, line)
    took = time.monotonic() - begun
    time.sleep(1.2)
    assert member.process.poll() is None, member.said()[-800:]
    member.process.send_signal(signal.SIGTERM)
    assert member.process.wait(STOP_S) == 0, member.said()[-800:]
    return took


def refuses(member, *words, seconds=12.0, without=()):
    """A start that ends by itself, soon, with a word on what is wrong and how to mend it."""
    member.launch()
    begun = time.monotonic()
    code = member.process.wait(seconds)
    said = member.said()
    assert code == 1, (code, said[-1500:])
    last = said.strip().splitlines()[-1]
    assert all(w in last for w in words), (words, last)
    assert not any(w in said for w in without), "a secret is in the log"
    return time.monotonic() - begun


@contextlib.contextmanager
def lone(url, number=1, **more):
    """A gateway that is not begun."""
    provider = Provider()
    s = Several(url, provider, n=0)
    m = s.member(number, **more)
    try:
        yield m
    finally:
        if m.process and m.process.poll() is None:
            m.kill9()
        m.temp.cleanup()
        s.close()
        provider.close()


class Tmpfs:
    def __init__(self, folder, size):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        owner = postgres._owner()
        if not owner:
            raise Skip("a small file system can be mounted by root only")
        r = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},uid={owner.pw_uid},gid={owner.pw_gid},mode=700", "tmpfs",
                            str(self.folder)], capture_output=True, text=True)
        if r.returncode:
            raise Skip("a small file system cannot be mounted here: " + r.stderr.strip())
        self.ballast = self.folder / "ballast"

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as f:
            for piece in (1 << 20, 4096):
                try:
                    while f.write(b"x" * piece):
                        pass
                except OSError:
                    pass

    def empty(self):
        self.ballast.unlink()

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)
