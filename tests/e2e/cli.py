"""The commands as a new user meets them: help, init, check, try, match, graph, qr, doctor, backup, wrong words."""
import json, os, pathlib, sqlite3, subprocess, tempfile
from harness import HUIYIN, ROOT, Gateway, FakeTwilio, Phone, TWILIO_ENV, file_a_report, run, twilio_channel

NOW = "2026-11-18T10:00:00+08:00"


def huiyin(*args, stdin="", cwd=ROOT, ok=True):
    r = subprocess.run([HUIYIN, *args], input=stdin, capture_output=True, text=True, cwd=cwd, timeout=120)
    assert not ok or r.returncode == 0, f"huiyin {' '.join(args)}: {r.returncode}\n{r.stdout}\n{r.stderr}"
    return r


def test_help_teaches():
    top = huiyin("--help").stdout
    for word in ("serve", "check", "try", "match", "graph", "replay", "qr", "case", "send", "doctor"):
        assert word in top
        assert "usage: huiyin " + word in huiyin(word, "--help").stdout


def test_wrong_words_are_mended():
    r = huiyin("serv", ok=False)
    assert r.returncode == 2 and "serve" in r.stderr
    r = huiyin("match", "nonsense", stdin="x\n", ok=False)
    assert r.returncode == 2 and "nonsense" in r.stderr
    r = huiyin("match", "date", "--tz", "Mars/Base", stdin="x\n", ok=False)
    assert "Mars/Base" in r.stderr


def match(what, *texts, lang="zh"):
    out = huiyin("match", what, "--lang", lang, "--now", NOW, "--tz", "Asia/Shanghai", stdin="\n".join(texts) + "\n").stdout
    return [json.loads(line) for line in out.splitlines()]


def test_match():
    assert match("date", "上周五", "十一月三号", "hello") == ["2026-11-13", "2026-11-03", None]
    assert match("number", "①", "１", "the second one", "那里") == [1, 1, 2, None]
    assert match("phone", "138 0013 8000", "12345") == ["13800138000", None]
    assert match("yes_no", "嗯", "不要", "我不知道") == ["yes", "no", None]
    assert match("rating", "凑合", "气死我了") == ["basically_satisfied", "dissatisfied"]
    assert match("report.kind", "2", "老板拖欠工资三个月了", "你好") == ["wages", "wages", None]
    assert match("words", "stop the noise", "STOP", "气死我了", lang="en") == [None, "opt_out", None]
    assert match("start", "投诉", "村干部贪污扶贫款", "你好")[:2] == ["report", "accuse"]
    assert len(match("date", "", "上周五")) == 2, "a line for each line"


def test_check_is_clean():
    r = huiyin("check")
    assert "0 errors" in r.stdout, r.stdout[-2000:] + r.stderr[-2000:]


def test_damaged_prompt_is_explained():
    with tempfile.TemporaryDirectory() as d:
        subprocess.run(["cp", "-r", str(ROOT / "prompts"), d], check=True)
        file = pathlib.Path(d) / "prompts" / "report.yaml"
        file.write_text(file.read_text().replace("ask:", "aks:", 1))
        r = huiyin("check", "--prompts", d + "/prompts", ok=False)
        assert r.returncode != 0 and "report.yaml:" in r.stderr and "ask" in r.stderr, r.stderr


def test_try_from_a_pipe():
    out = huiyin("try", "report", "--lang", "zh", stdin="1\n解放路12号\n昨天\n漏水\n0\n修好\n跳过\n1\n跳过\n1\n1\n").stdout
    assert "! file" in out and "housing" in out, out


def test_try_speaks_one_language():
    en = huiyin("try", "report", "--lang", "en", stdin="1\n").stdout
    assert en.startswith("< County Petition Office:"), en
    assert not any("\u3400" <= c <= "\u9fff" for c in en), en
    assert huiyin("try", "report", "--lang", "zh").stdout.startswith("< 县信访局")
    both = huiyin("try", "--lang", "zh", stdin="你好\nEnglish\nhello\n").stdout  # the office's name goes with the language
    assert "这里是县信访局" in both and "this is County Petition Office" in both, both
    assert "All right, in English" in both and "用中文" not in both, both


def test_graph():
    assert "flowchart" in huiyin("graph", "report").stdout or "graph " in huiyin("graph", "report").stdout
    assert "digraph" in huiyin("graph", "report", "--format", "dot").stdout


def test_init_and_qr():
    with tempfile.TemporaryDirectory() as d:
        huiyin("init", cwd=d)
        assert huiyin("init", cwd=d, ok=False).returncode != 0, "never overwrites"
        config = pathlib.Path(d, "huiyin.yaml")
        config.write_text(config.read_text().replace("prompts: prompts", f"prompts: {ROOT}/prompts") +
                          "  sms: {channel: twilio, account_sid: AC0, auth_token: x, number: '+15005550006'}\n")
        for name, expect, more in (("w.png", "/w/W1", ()), ("s.png", "sms:", ("--channel", "sms"))):
            huiyin("qr", "W1", "--out", name, *more, cwd=d)
            got = subprocess.run(["zbarimg", "-q", "--raw", str(pathlib.Path(d) / name)], capture_output=True, text=True).stdout
            assert expect in got, (name, got)
        svg = huiyin("qr", "W1", "--format", "svg", cwd=d).stdout
        assert svg.startswith("<svg") and "</svg>" in svg
        assert "█" in huiyin("qr", "W1", cwd=d).stdout
        assert huiyin("qr", "W9", cwd=d, ok=False).returncode != 0


def test_doctor():
    twilio = FakeTwilio()
    with Gateway(twilio_channel(twilio.port), env=TWILIO_ENV) as g:
        out = g.cli("doctor", check=False).stdout
        assert "the gateway runs and is ready" in out, out
        assert "to mend" in out
        twilio.close()
        out = g.cli("doctor", check=False).stdout
        assert "does not answer" in out, out


def test_backup_can_be_opened():
    twilio = FakeTwilio()
    with Gateway(twilio_channel(twilio.port), env=TWILIO_ENV) as g:
        number, _ = file_a_report(Phone(g))
        g.cli("backup", "copy.db")
        db = sqlite3.connect(g.folder / "copy.db")
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert number in "\n".join(str(r) for t in ("case", "cases") if db.execute("SELECT count(*) FROM sqlite_master WHERE name=?", (t,)).fetchone()[0]
                                   for r in db.execute(f'SELECT * FROM "{t}"'))
    twilio.close()


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
