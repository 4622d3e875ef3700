"""The web chat with a real WebSocket client: file a case, be told of changes, resume by the token, lose nothing."""
import asyncio, json
import websockets
from harness import CASE, Gateway, run, wait_for

CHANNEL = "  chat: {channel: webchat}\n"


class Chat:
    def __init__(self, gateway):
        self.url = f"ws://127.0.0.1:{gateway.port}/chat/ws"
        self.token, self.last, self.n, self.lines = None, None, 0, []

    async def open(self, lang="zh"):
        self.ws = await websockets.connect(self.url, subprotocols=["huiyin-chat"], compression=None, close_timeout=0.2)
        await self.ws.send(json.dumps({"hello": {"token": self.token, "after": self.last, "lang": lang}}))
        while True:
            m = json.loads(await asyncio.wait_for(self.ws.recv(), 5))
            self.take(m)
            if "token" in m:
                self.token = m["token"]
                return self

    def take(self, m):
        if "text" in m and m.get("ours", True):
            self.lines.append(m["text"])
            self.last = m["id"]

    async def say(self, text, wait=1.0):
        """Sends and returns what was said until it is quiet; insists on the durable acknowledgement."""
        self.n += 1
        before, acked = len(self.lines), False
        await self.ws.send(json.dumps({"text": text, "id": f"c{self.n}"}))
        while True:
            try:
                m = json.loads(await asyncio.wait_for(self.ws.recv(), wait if not acked else 0.25))
            except asyncio.TimeoutError:
                assert acked, "no acknowledgement"
                return self.lines[before:]
            acked = acked or m.get("ok") == f"c{self.n}"
            self.take(m)

    async def hear(self, seconds=5.0):
        m = {}
        while "text" not in m:
            m = json.loads(await asyncio.wait_for(self.ws.recv(), seconds))
            self.take(m)
        return m

    async def file(self, lines):
        for line in list(lines) + ["跳过", "跳过", "1", "1"]:
            for t in await self.say(line):
                if CASE.search(t):
                    return CASE.search(t).group(1)
        raise AssertionError("no case number: " + " | ".join(self.lines[-5:]))


def with_chat(test):
    def go():
        with Gateway(CHANNEL) as g:
            asyncio.run(test(g))
    go.__name__ = test.__name__
    return go


@with_chat
async def test_case_by_chat_and_told_of_changes(g):
    chat = await Chat(g).open()
    number = await chat.file(["投诉", "2", "人民路8号", "昨天", "某某公司", "三个月没发工资", "0", "发工资"])
    g.cli("case", "accept", number)
    told = await chat.hear()
    assert number in told["text"], told
    await chat.ws.close()


@with_chat
async def test_resume_by_token(g):
    chat = await Chat(g).open()
    number = await chat.file(["投诉", "1", "人民路8号", "昨天", "漏水没人管", "0", "修好"])
    await chat.ws.close()
    g.cli("case", "accept", number)
    before = len(chat.lines)
    await chat.open()
    if len(chat.lines) == before:
        await chat.hear()
    assert any(number in t for t in chat.lines[before:]), chat.lines[before:]
    again = Chat(g)
    await again.open()
    assert again.token != chat.token and not again.lines, "a stranger sees nothing"
    await chat.ws.close()


@with_chat
async def test_resend_is_one_message(g):
    chat = await Chat(g).open()
    for _ in range(3):
        await chat.ws.send(json.dumps({"text": "投诉", "id": "same"}))
    oks = 0
    texts = []
    try:
        while True:
            m = json.loads(await asyncio.wait_for(chat.ws.recv(), 1))
            oks += m.get("ok") == "same"
            if "text" in m and m.get("ours", True):
                texts.append(m["id"])
    except asyncio.TimeoutError:
        pass
    assert oks >= 1 and len(set(texts)) == len(texts), (oks, texts)
    counts = json.dumps(g.api("GET", "/counts")[1])
    assert "duplicate" in counts, counts


@with_chat
async def test_bad_frames_are_survived(g):
    for bad in ("{", "[]", "\x00", '{"hello": 5}', '{"text": 1}', '{"text": "' + "a" * 100000 + '", "id": "x"}', '{"seen": "-1"}'):
        try:
            ws = await websockets.connect(f"ws://127.0.0.1:{g.port}/chat/ws", subprotocols=["huiyin-chat"], compression=None, close_timeout=0.2)
            await ws.send(bad)
            await asyncio.wait_for(ws.recv(), 0.5)
            await ws.close()
        except (asyncio.TimeoutError, websockets.exceptions.WebSocketException, OSError):
            pass
    chat = await Chat(g).open()
    assert await chat.say("你好"), "still answers"


@with_chat
async def test_photo(g):
    chat = await Chat(g).open()
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
                        "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082")
    status, body, _ = g.request("POST", f"/chat/upload?token={chat.token}", png, {"Content-Type": "image/png"})
    assert status == 200, (status, body)
    media = json.loads(body)["media"]
    for line in ("投诉", "1", "人民路8号", "昨天"):
        await chat.say(line)
    await chat.ws.send(json.dumps({"media": [media], "id": "photo"}))
    m = {}
    while m.get("ok") != "photo":
        m = json.loads(await asyncio.wait_for(chat.ws.recv(), 5))
    assert list((g.folder / "state" / "media").rglob("*.png")), "kept"
    status, body, _ = g.request("POST", f"/chat/upload?token={chat.token}", b"<script>", {"Content-Type": "image/png"})
    assert status in (400, 415), "not a picture"
    await chat.ws.close()


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
