"""
Slow clients, 2,000 at once: silent ones, heads and bodies that trickle in, answers that nobody reads. Each must be closed
within its limit (10 s for a head, 15 s for a whole request), what it held must be given back, and honest citizens must
not notice: their 99th percentile is measured all the while.

    slow.py [CONNECTIONS]      default 2000
"""
import json, multiprocessing, os, resource, select, socket, sys, threading, time

N = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
sys.argv = sys.argv[:1]
from harness import FakeTwilio, Gateway, Phone, TWILIO_ENV, run, twilio_channel, wait_for  # noqa: E402

HEAD_S, REQUEST_S, LATE_S = 10, 15, 1.5
SILENT, HEAD, BODY, UNREAD = range(4)
NAMES = ("silent", "head trickle", "body trickle", "unread answer")
LIMIT = {SILENT: HEAD_S, HEAD: HEAD_S, BODY: REQUEST_S}
BODY_HEAD = (b"POST /hooks/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
             b"Content-Length: 5000\r\n\r\n")


def open_one(port, kind):
    s = socket.socket()
    if kind == UNREAD:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.settimeout(10)
    s.connect(("127.0.0.1", port))
    if kind == HEAD:
        s.sendall(b"POST /hooks/sms HTTP/1.1\r\nX-Slow: ")
    elif kind == BODY:
        s.sendall(BODY_HEAD)
    elif kind == UNREAD:
        s.sendall(b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n")
    s.setblocking(False)
    return s


def attack(port, n, pipe):
    """In a process of its own: opens, trickles a byte a second, notes when each is closed; says the longest of each kind."""
    socks, begun, closed = {}, {}, {k: [] for k in range(4)}
    poll = select.poll()
    for i in range(n):
        s = open_one(port, i % 4)
        socks[s.fileno()] = (s, i % 4)
        begun[s.fileno()] = time.monotonic()
        if i % 4 != UNREAD:
            poll.register(s, select.POLLIN)
    pipe.send("open")
    last = time.monotonic()
    while any(k != UNREAD for _, k in socks.values()) and time.monotonic() - last < 40:
        for fd, _ in poll.poll(50):
            s, kind = socks[fd]
            try:
                if s.recv(65536):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            closed[kind].append(time.monotonic() - begun[fd])
            poll.unregister(fd)
            del socks[fd]
            s.close()
        if int(time.monotonic()) != int(last):
            last_tick = [(s, k) for s, k in socks.values() if k in (HEAD, BODY)]
            for s, kind in last_tick:
                try:
                    s.send(b"a")
                except OSError:
                    pass
        if time.monotonic() - last > 1:
            last += 1
        if time.monotonic() - min(begun.values()) > REQUEST_S + 15:
            break
    pipe.send({k: (len(v), max(v, default=0), min(v, default=0)) for k, v in closed.items()})
    pipe.recv()  # the unread ones stay open till the other side has counted
    os._exit(0)


def descriptors(g):
    return len(os.listdir(f"/proc/{g.process.pid}/fd"))


def resident_kb(g):
    return int([x for x in open(f"/proc/{g.process.pid}/status") if x.startswith("VmRSS")][0].split()[1])


def honest(gateway, stop, times, wrong):
    p = Phone(gateway)
    while not stop.is_set():
        begun = time.monotonic()
        try:
            p.say("你好")
        except Exception as e:  # noqa: BLE001
            wrong.append(str(e))
            return
        times.append(time.monotonic() - begun)
        stop.wait(max(0.0, 0.02 - (time.monotonic() - begun)))


def test_slow_clients_are_closed_and_nobody_notices():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, N + 500)), hard))
    twilio = FakeTwilio()
    with Gateway(twilio_channel(twilio.port), env=TWILIO_ENV) as g:
        Phone(g).say("你好")
        time.sleep(0.3)
        before, memory = descriptors(g), resident_kb(g)
        stop, times, wrong = threading.Event(), [], []
        citizens = [threading.Thread(target=honest, args=(g, stop, times, wrong), daemon=True) for _ in range(2)]
        for c in citizens:
            c.start()
        here, there = multiprocessing.Pipe()
        begun = time.monotonic()
        attacker = multiprocessing.Process(target=attack, args=(g.port, N, there), daemon=True)
        attacker.start()
        assert here.recv() == "open"
        opened = time.monotonic() - begun
        held = 0
        while time.monotonic() - begun < 4:
            held = max(held, descriptors(g) - before)
            time.sleep(0.05)
        most = resident_kb(g)
        result = here.recv()
        # Also those whose client never reads: what is left for them is the kernel's.
        wait_for(lambda: descriptors(g) <= before + 3, 10, 0.1, f"{before} descriptors again, not {descriptors(g)}")
        since = time.monotonic() - begun
        stop.set()
        for c in citizens:
            c.join(10)
        here.send("done")
        attacker.join(10)
        wait_for(lambda: descriptors(g) <= before, 5, 0.05, f"{before} descriptors again, not {descriptors(g)}")
        assert not wrong, wrong[:3]
        times.sort()
        p99 = times[int(len(times) * 0.99)] * 1000
        print(f"     {N} opened in {opened:.1f} s, {held} held at once, +{most - memory} KiB; "
              + "; ".join(f"{NAMES[k]}: {result[k][0]} closed after {result[k][2]:.1f}-{result[k][1]:.1f} s" for k in LIMIT)
              + f"; all back after {since:.1f} s; {len(times)} honest messages: p50 {times[len(times) // 2] * 1000:.1f} ms,"
              f" p99 {p99:.1f} ms, most {times[-1] * 1000:.0f} ms", flush=True)
        for kind, limit in LIMIT.items():
            n, longest, _ = result[kind]
            assert n == len(range(kind, N, 4)), f"{NAMES[kind]}: only {n} were closed"
            assert longest <= limit + LATE_S, f"{NAMES[kind]}: {longest:.1f} s"
        assert held >= N * 0.7, f"only {held} were held at once: the test shows nothing"
        assert p99 <= 250, f"honest p99 {p99:.0f} ms"
        assert len(times) > 200 and most - memory < N * 32, (len(times), most - memory)
        assert Phone(g).say("投诉"), "as before"
    twilio.close()


def test_a_chat_that_does_not_read_is_let_go():
    """A page that asks for everything and reads nothing: bounded in memory, hung up, and the next one is served."""
    import base64
    with Gateway("  chat: {channel: webchat}\n") as g:
        before, memory = descriptors(g), resident_kb(g)
        socks = []
        key = base64.b64encode(os.urandom(16)).decode()
        for _ in range(20):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.connect(("127.0.0.1", g.port))
            s.sendall((f"GET /chat/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: huiyin-chat\r\n\r\n").encode())
            assert b" 101 " in s.recv(4096)
            s.setblocking(False)
            socks.append(s)

        def frame(text):
            raw = text.encode()
            assert len(raw) < 126
            return bytes([0x81, 0x80 | len(raw), 0, 0, 0, 0]) + raw
        for s in socks:
            s.send(frame('{"hello":{"token":null,"after":"0","lang":"zh"}}'))
        end = time.monotonic() + 6
        sent = 0
        while time.monotonic() < end:
            for i, s in enumerate(socks):
                try:
                    s.send(frame('{"ping":1}') * 50)
                    sent += 50
                except OSError:
                    pass
        grown = resident_kb(g) - memory
        for s in socks:
            s.close()
        wait_for(lambda: descriptors(g) <= before, 5, 0.05, "the descriptors to be given back")
        print(f"     {sent} pings unread, +{grown} KiB", flush=True)
        assert grown < 20 * 2048 * 1.5 + 8192, f"{grown} KiB for 20 chats that do not read"
        assert g.get("/healthz")[0] == 200


if __name__ == "__main__":
    run([test_slow_clients_are_closed_and_nobody_notices, test_a_chat_that_does_not_read_is_let_go])
