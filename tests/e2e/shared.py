"""
Three gateways on one PostgreSQL towards one provider, as one: together they keep its rate, wait when it says so to one of
them, and find it down and up again as one; also while the gateway that found it dies.

    shared.py [PART…]     only tests whose names contain one of these
"""
import sys, threading, time

import postgres
from harness import CASE, run, wait_for
from several import SCRIPT, Citizen, Member, Provider, Several

PER_SECOND = 5


class Slow(Member):
    def write(self, extra=None):
        super().write(extra)
        f = self.folder / "huiyin.yaml"
        f.write_text(f.read_text(encoding="utf-8").replace("per_second: 500", f"per_second: {PER_SECOND}"), encoding="utf-8")


class SlowOnes(Several):
    def member(self, number, **more):
        return Slow(number, **{**dict(store=self.store, api=f"http://127.0.0.1:{self.provider.port}", keys=self.keys,
                                      prompts=self.prompts, extra=self.extra, **self.more), **more})


class Watched(Provider):
    """Keeps the moment of each call, whatever it answers."""

    def __init__(self):
        self.calls, self.answer = [], None
        super().__init__()
        self.script = self.note

    def note(self, form, n):
        self.calls.append(time.monotonic())
        return self.answer(len(self.calls)) if self.answer else None


class World:
    def __init__(self):
        self.pg = postgres.Postgres().start()
        self.provider = Watched()
        self.all = SlowOnes(self.pg.url, self.provider).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.all.close()
        self.pg.close()
        self.provider.close()

    def cases(self, n):
        numbers = []
        for _ in range(n):
            c = Citizen(self.all.doors, threading.Event(), repeats=(0,))
            numbers.append(next(m.group(1) for step, line in enumerate(SCRIPT) for m in [CASE.search(c.say(line, step))] if m))
        return numbers

    def accept(self, numbers, members):
        for i, n in enumerate(numbers):
            status, body = members[i % len(members)].api("POST", f"/cases/{n}/accept", {})
            assert status == 200, body

    def sent(self, numbers):
        with self.provider.lock:
            return [m for m in self.provider.sent if m["_status"] == 201 and any(n in m["Body"] for n in numbers)]


def most_in_a_second(moments):
    moments = sorted(moments)
    return max((sum(t <= u < t + 1 for u in moments) for t in moments), default=0)


def test_the_rate_is_the_provider_s_and_not_each_gateway_s():
    with World() as w:
        numbers = w.cases(24)
        w.provider.calls.clear()
        w.accept(numbers, w.all.members)
        wait_for(lambda: len(w.sent(numbers)) >= len(numbers), 20, why="a notice for each")
        calls = list(w.provider.calls)
        most, took = most_in_a_second(calls), max(calls) - min(calls)
        print(f"    {len(calls)} sends in {took:.1f} s, at most {most} in one second", flush=True)
        assert most <= PER_SECOND + 1, most
        assert took <= 2.5 * len(numbers) / PER_SECOND, took

        # "too many" to one of them: none of them calls for as long as it says
        w.provider.calls.clear()
        w.provider.answer = lambda n: (429, {"code": 20429}) if n == 1 else None
        more = w.cases(6)
        w.accept(more, w.all.members)
        wait_for(lambda: w.provider.calls, 5, why="a call")
        refused = w.provider.calls[0]
        time.sleep(0.9)
        soon = [t - refused for t in w.provider.calls if 0.3 < t - refused < 0.9]
        assert not soon, soon
        wait_for(lambda: len(w.sent(more)) >= len(more), 20, why="a notice for each")


def test_down_for_one_is_down_for_all_and_who_found_it_may_die():
    with World() as w:
        numbers = w.cases(9)
        w.provider.calls.clear()
        w.provider.answer = lambda n: (503, {"code": 20503})
        w.accept(numbers[:6], w.all.members[:1])
        state = "SELECT substr(encode(value, 'escape'), 1, 1) FROM shared WHERE name = 'channel/breaker/sms'"
        wait_for(lambda: w.pg.ask(state) == [["o"]], 15, why="it to be found down")
        w.accept(numbers[6:], w.all.members[1:])
        calls = len(w.provider.calls)
        time.sleep(2)
        assert len(w.provider.calls) <= calls + 1, "one found it down and the others did not believe it"
        w.all[0].kill9()  # what it had in hand may have been called for: told to a person, not sent again
        w.provider.answer = None
        open_ = "SELECT count(*) FROM outbox WHERE case_number IS NOT NULL AND inline_reply = 0 AND state IN (0, 1)"
        wait_for(lambda: w.pg.ask(open_) == [["0"]], 60, 0.2, why="an end to each")
        assert len(w.sent(numbers[6:])) == 3, "what the others had in hand is sent"
        wait_for(lambda: w.pg.ask(state) == [["c"]], 5, why="it to be found up")
        seen = w.provider.by_id()
        assert not [i for i, n in seen.items() if n > 1], seen


if __name__ == "__main__":
    parts = sys.argv[1:]
    run([v for k, v in list(globals().items()) if k.startswith("test_") and (not parts or any(p in k for p in parts))])
