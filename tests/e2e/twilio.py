"""The spine over Twilio: intake with inline replies, status changes, rating, opt-out, receipts, duplicates, reload."""
import json, time, urllib.parse
from harness import (CASE, FakeTwilio, Gateway, Phone, TWILIO_ENV, file_a_report, run, twilio_channel, wait_for)


class World:
    def __init__(self, extra=""):
        self.extra = extra

    def __enter__(self):
        self.twilio = FakeTwilio()
        self.gateway = Gateway(twilio_channel(self.twilio.port), env=TWILIO_ENV, extra=self.extra).start()
        return self

    def __exit__(self, *_):
        self.gateway.close()
        self.twilio.close()

    def heard(self, phone, n, seconds=10):
        wait_for(lambda: len(self.twilio.to(phone.number)) >= n, seconds, why=f"{n} texts to the citizen")
        return self.twilio.to(phone.number)


def test_from_complaint_to_rating():
    with World() as w:
        p = Phone(w.gateway)
        number, seen = file_a_report(p)
        assert len(seen) >= 5, seen
        w.gateway.cli("case", "transfer", number, "unit=住建局")
        w.gateway.cli("case", "accept", number, "route=房管科")
        w.gateway.cli("case", "answer", number, "result=水管已修好")
        w.gateway.cli("case", "close", number)
        heard = w.heard(p, 5)
        assert "住建局" in heard[0] and number in heard[0], heard
        assert any("满意" in t for t in heard[4:]), heard
        thanks = p.say("2")
        assert thanks, "thanks"
        status, row = w.gateway.api("GET", f"/cases/{number}")
        assert status == 200 and ("basically" in json.dumps(row) or row.get("rating") == 2), row
        assert p.number not in json.dumps(row) and p.number[1:] not in json.dumps(row), "the petitioner is masked"
        assert p.say("2") != thanks, "one vote: the second rating is not taken as one"


def test_english_citizen():
    with World() as w:
        p = Phone(w.gateway)
        seen = p.say("I want to complain about my landlord")
        assert seen and not any("\u4e00" <= ch <= "\u9fff" for t in seen for ch in t), seen


def test_duplicate_gets_the_same_answer():
    with World() as w:
        p = Phone(w.gateway)
        form = p.form("投诉")
        first, again = p.post(form), p.post(form)
        assert first[0] == again[0] == 200 and first[1] == again[1] and "<Message>" in first[1], (first, again)
        counts = w.gateway.api("GET", "/counts")[1]
        assert "duplicate" in json.dumps(counts), counts


def test_stop_and_start():
    with World() as w:
        p = Phone(w.gateway)
        number, _ = file_a_report(p)
        assert len(p.say("STOP")) == 1, "confirmed"
        assert p.say("STOP") == [], "confirmed once"
        w.gateway.cli("case", "accept", number)
        assert number in w.heard(p, 1)[0], "the notice that the law owes comes all the same"
        w.gateway.cli("case", "close", number)
        time.sleep(1)
        assert len(w.twilio.to(p.number)) == 2, ("no survey after STOP", w.twilio.to(p.number))
        assert p.say("START"), "welcome back"


def test_carrier_opt_out_goes_to_a_person():
    with World() as w:
        p = Phone(w.gateway)
        number, _ = file_a_report(p)
        w.twilio.script = lambda form, n: (400, {"code": 21610, "message": "unsubscribed", "status": 400})
        w.gateway.cli("case", "accept", number)
        wait_for(lambda: "undelivered" in json.dumps(w.gateway.api("GET", "/queue")[1]), 10, why="a queue entry")
        w.twilio.script = None
        w.gateway.cli("case", "ask", number, "message=请补充照片")
        time.sleep(0.5)
        assert "unreachable" in json.dumps(w.gateway.api("GET", "/queue")[1])
        assert p.say("状态"), "writes again: can be reached again"
        w.gateway.cli("case", "ask", number, "message=请补充照片")
        assert "照片" in w.heard(p, 1)[-1]


def test_provider_down_then_back():
    with World() as w:
        p = Phone(w.gateway)
        number, _ = file_a_report(p)
        w.twilio.script = lambda form, n: (500, {"code": 20500}) if n <= 1 else None
        w.gateway.cli("case", "accept", number)
        heard = w.heard(p, 1, 20)
        assert number in heard[0], heard
        row = w.gateway.api("GET", f"/cases/{number}")[1]
        assert row


def test_receipts_move_forward_only():
    with World() as w:
        p = Phone(w.gateway)
        number, _ = file_a_report(p)
        w.gateway.cli("case", "accept", number)
        w.heard(p, 1)
        sid = w.twilio.sent[-1]["_sid"]
        callback = w.twilio.sent[-1]["StatusCallback"]
        path = callback.split(str(w.gateway.port), 1)[1]
        for state in ("delivered", "sent"):
            got = p.post({"MessageSid": sid, "MessageStatus": state, "SmsStatus": state, "To": p.number,
                          "From": "+15005550006", "AccountSid": "AC00000000000000000000000000000000"}, path=path)
            assert got[0] in (200, 204), got
        wait_for(lambda: "delivered" in json.dumps(w.gateway.api("GET", f"/cases/{number}")[1]), 5, why="delivered")


def test_several_cases_are_never_guessed():
    with World() as w:
        p = Phone(w.gateway)
        first, _ = file_a_report(p)
        second, _ = file_a_report(p)
        assert first != second
        both = "\n".join(p.say("进度"))
        assert first in both and second in both, both
        told = "\n".join(p.say(f"{first} 昨天又漏了,请快一点"))
        assert first in told and second not in told, told
        assert "昨天又漏了" in json.dumps(w.gateway.api("GET", f"/cases/{first}")[1], ensure_ascii=False)


def test_reload_is_all_or_nothing_and_sessions_stay():
    import signal
    with World() as w:
        p = Phone(w.gateway)
        p.say("投诉")
        config = w.gateway.folder / "huiyin.yaml"
        good = config.read_text()
        config.write_text(good + "nonsense: [")
        w.gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "reload refused" in w.gateway.log.read_text(), 5, why="refusal in the log")
        assert p.say("1"), "the old configuration goes on"
        config.write_text(good)
        w.gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "prompts reloaded" in w.gateway.log.read_text(), 5, why="reload in the log")
        assert p.say("解放路12号"), "the conversation goes on"


def test_restart_keeps_the_conversation():
    with World() as w:
        p = Phone(w.gateway)
        p.say("投诉")
        p.say("1")
        w.gateway.stop()
        w.gateway.start()
        number, _ = file_a_report(p, ["解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管"])
        assert number


def test_accounting_identity():
    with World() as w:
        for i in range(5):
            p = Phone(w.gateway)
            form = p.form("投诉")
            p.post(form)
            p.post(form)
            p.say("asdf???")
        counts = {}
        got = w.gateway.api("GET", "/counts")[1]
        for c in got["counts"] if isinstance(got, dict) else got:
            counts[c["fate"]] = counts.get(c["fate"], 0) + c["n"]
        parts = sum(counts.get(k, 0) for k in ("answered", "queued", "duplicate", "refused"))
        assert counts["received"] == parts == 15, counts


def test_no_personal_data_in_the_log():
    with World() as w:
        p = Phone(w.gateway, "+14155557777")
        file_a_report(p, ["投诉", "1", "秘密路99号", "昨天", "楼上漏水，没人管。", "0", "修好水管", "李隐私", "1"])
        log = w.gateway.log.read_text(errors="replace")
        for secret in ("4155557777", "秘密路", "漏水", "李隐私", "fake-twilio"):
            assert secret not in log, f"{secret} is in the log"


CITY = """  city:
    channel: generic
    number: '10690000'
    proof_secret: fake-hook-secret
    api_url: http://127.0.0.1:%d
    send: {url: '{api_url}/send', body: 'To={to|url}&Body={text|url}'}
    success: {codes: [201], id: 'json:/sid'}
    inbound: {from: 'form:from', text: 'form:text', id: 'form:id'}
    receipts: {id: 'form:id', state: 'form:state', states: {delivered: [ok], failed: [no]}}
    proof: {kind: header, header: X-Secret}
"""


def lines(gateway, **want):
    """The log's lines that have these values."""
    return [l for l in gateway.log.read_text(errors="replace").splitlines()
            if all(f" {k}={v}" in l + " " for k, v in want.items())]


def rid_in(line, key="rid"):
    return line.split(f" {key}=", 1)[1].split(" ", 1)[0]


def test_one_request_id_from_webhook_to_delivery():
    twilio = FakeTwilio()
    try:
        with Gateway(CITY % twilio.port) as g:
            def hook(path, **form):
                status, body, _ = g.request("POST", path, urllib.parse.urlencode(form), {
                    "Content-Type": "application/x-www-form-urlencoded", "X-Secret": "fake-hook-secret"})
                assert status == 200, (status, body)
            hook("/hooks/city", **{"from": "+8613800138000", "text": "投诉", "id": "m1"})
            webhook = wait_for(lambda: lines(g, what="request", kind="message", channel="city"), why="the webhook's line")
            assert len(webhook) == 1, webhook
            rid = rid_in(webhook[0])
            queued = int(rid_in(webhook[0], "queued"))
            wait_for(lambda: len(lines(g, room="delivery", what="send", outcome="sent")) >= queued > 0,
                     why="the lines of the attempts")
            assert len(lines(g, what="send", rid=rid + " ")) == queued == len(lines(g, what="send")), lines(g, what="send")
            hook("/hooks/city/status", id=twilio.sent[0]["_sid"], state="ok")
            receipt = wait_for(lambda: lines(g, what="receipt", state="delivered"), why="the line of the receipt")
            assert rid_in(receipt[0]) == rid, (rid, receipt)
            own = lines(g, what="request", kind="receipt")
            assert rid_in(receipt[0], "request") == rid_in(own[0]) != rid, (receipt, own)
            assert "13800138000" not in g.log.read_text(), "a number is in the log"
    finally:
        twilio.close()


def test_a_failed_attempt_and_a_notice_carry_their_ids():
    with World() as w:
        p = Phone(w.gateway)
        number, _ = file_a_report(p)
        w.twilio.script = lambda form, n: (500, {"code": 20500}) if n <= 1 else None
        w.gateway.cli("case", "accept", number)
        w.heard(p, 1, 20)
        staff = lines(w.gateway, what="request", kind="staff")
        rid = rid_in(staff[-1])
        wait_for(lambda: lines(w.gateway, what="send", outcome="sent", rid=rid + " "), why="the second attempt's line")
        assert lines(w.gateway, what="send", outcome="later", rid=rid + " ", attempt="1 ")
        assert lines(w.gateway, what="result", state="queued", rid=rid + " ")
        assert lines(w.gateway, what="send", outcome="sent", rid=rid + " ", attempt="2 ")


def test_urgent_bypasses_the_form():
    with World() as w:
        p = Phone(w.gateway)
        p.say("投诉")
        said = "\n".join(p.say("着火了快来人啊"))
        assert "119" in said, said
        assert "urgent" in json.dumps(w.gateway.api("GET", "/queue")[1])


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
