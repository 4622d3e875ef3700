"""The chat page in a real browser: file a case by typing and by buttons, in a narrow window; a screenshot is kept."""
import os, pathlib, tempfile, time
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from harness import CASE, ROOT, Gateway, run, wait_for

SHOTS = ROOT / "build" / "screenshots"


def browser(profile, width=390, height=844, javascript=True):
    o = Options()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
                 f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        o.add_argument(flag)
    o.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not javascript:
        o.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    o.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=o)


class Page:
    def __init__(self, gateway, **how):
        self.temp = tempfile.TemporaryDirectory(prefix="huiyin-chromium-", ignore_cleanup_errors=True)
        self.b = browser(self.temp.name, **how)
        self.g = gateway

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.b.quit()
        self.temp.cleanup()

    def text(self):
        """What stands on the page; nothing while the next one is being loaded."""
        try:
            return self.b.find_element(By.TAG_NAME, "body").text
        except (NoSuchElementException, StaleElementReferenceException):
            return ""

    def box(self):
        return wait_for(lambda: next(iter(self.b.find_elements(By.CSS_SELECTOR, "textarea, input[type=text]")), None), 5,
                        why="the text box")

    def say(self, words, until=None):
        before = self.text()
        box = self.box()
        box.send_keys(words)
        box.send_keys(Keys.ENTER)
        wait_for(lambda: self.text() != before and words in self.text(), 5, why=f"'{words}' on the page")
        time.sleep(0.5)
        return self.text()

    def shot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.b.save_screenshot(str(SHOTS / f"{name}.png"))

    def errors(self):
        return [e for e in self.b.get_log("browser") if e["level"] == "SEVERE"]


def file_by_typing(page, lines):
    for line in list(lines) + ["跳过", "跳过", "1", "1"]:
        text = page.say(line)
        if CASE.search(text):
            return CASE.search(text).group(1)
    raise AssertionError("no case number on the page:\n" + page.text())


def test_file_a_case_in_the_browser():
    with Gateway("  chat: {channel: webchat}\n") as g, Page(g) as page:
        page.b.get(f"http://127.0.0.1:{g.port}/?lang=zh")
        page.box()
        page.shot("chat-empty")
        page.say("投诉")
        page.shot("chat-question")
        number = file_by_typing(page, ["1", "解放路12号", "昨天", "楼上漏水,没人管", "0", "修好水管"])
        page.shot("chat-filed")
        g.cli("case", "accept", number, "route=房管科")
        wait_for(lambda: page.text().count(number) >= 2, 5, why="the change on the page")
        page.b.refresh()
        wait_for(lambda: number in page.text(), 5, why="the conversation after a reload")
        assert not page.errors(), page.errors()


def test_buttons_answer():
    with Gateway("  chat: {channel: webchat}\n") as g, Page(g) as page:
        page.b.get(f"http://127.0.0.1:{g.port}/?lang=en")
        before = page.say("complain")
        buttons = [b for b in page.b.find_elements(By.CSS_SELECTOR, "[role=log] button, .buttons button, .choices button") if b.is_displayed()]
        assert buttons, before
        buttons[0].click()
        wait_for(lambda: page.text() != before, 5, why="an answer to the button")
        assert not page.errors(), page.errors()


def test_narrow_and_accessible():
    with Gateway("  chat: {channel: webchat}\n") as g, Page(g, width=320, height=568) as page:
        page.b.get(f"http://127.0.0.1:{g.port}/?lang=zh")
        page.box()
        assert page.b.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
        assert page.b.execute_script("return !!document.querySelector('[aria-live]')"), "new bubbles are announced"
        assert page.b.execute_script("return document.documentElement.lang"), "the page has a language"
        small = page.b.execute_script("""return [...document.querySelectorAll('button, a, input, textarea')].filter(e => {
            const r = e.getBoundingClientRect(); return r.width && r.height && (r.height < 43.5 || r.width < 43.5) &&
            getComputedStyle(e).display !== 'inline' && e.type !== 'file' && e.type !== 'hidden'; }).map(e => e.outerHTML.slice(0, 80))""")
        assert not small, f"targets smaller than 44 px: {small}"
        page.shot("chat-narrow")


def test_markup_is_shown_not_run():
    with Gateway("  chat: {channel: webchat}\n") as g, Page(g) as page:
        page.b.get(f"http://127.0.0.1:{g.port}/?lang=en")
        for payload in ("<img src=x onerror=document.title='run'>", "<script>document.title='run'</script>", "\"><svg onload=document.title='run'>"):
            page.say(payload)
        time.sleep(0.5)
        assert page.b.title != "run"
        assert page.b.execute_script("return document.querySelectorAll('[role=log] img, [role=log] script, [role=log] svg').length") == 0


def test_plain_page_without_scripts():
    with Gateway("  chat: {channel: webchat}\n") as g, Page(g, javascript=False) as page:
        page.b.get(f"http://127.0.0.1:{g.port}/chat/plain?lang=zh")
        box = page.box()
        box.send_keys("投诉")
        page.b.find_element(By.CSS_SELECTOR, "button, input[type=submit]").click()
        wait_for(lambda: "住房" in page.text() and "投诉" in page.text(), 5, why="the question on the plain page")
        page.shot("chat-plain")


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
