/*
 * The chat page. What a person writes is kept until the server says it is safe (on its disk), over broken lines, reloads
 * and dead batteries; what the server says comes with an id, and is shown once. Plain ES5 for old phones.
 */
interface Button { value: string; label: string; }
interface Line { id: string; at: number; text: string; ours: boolean; buttons?: Button[]; }
interface Unsent { id: string; text?: string; button?: string; media?: string[]; scan?: string; lang: string; at: number; }
interface Words { [key: string]: string; }

(function () {
	"use strict";

	var UPLOAD_MAX = 8 * 1024 * 1024;
	var TYPES: Words = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
		heic: "image/heic", heif: "image/heic", mp4: "video/mp4", pdf: "application/pdf" };
	var zh: Words = {
		hello: "您好,这里是{office}。请直接说明您要反映的事情,也可以点下面的选项。",
		box: "请输入内容", send: "发送", photo: "照片", big: "大字", other: "EN",
		offline: "连接中断,正在重新连接。您写的内容会保留并自动发出。", connecting: "正在连接…",
		pending: "等待发送", sent: "已送达", refused: "未能发送",
		privacy: "您的信息只用于办理您反映的事项。发送“隐私”可查看详情。",
		toobig: "文件太大,最多 8 MB。请选小一点的照片。", badtype: "不支持这种文件。请发照片、短视频(MP4)或 PDF。",
		uploadfail: "照片没有传上去,请再试一次。", uploading: "正在上传", cancel: "取消", image: "[照片]",
		report: "反映问题", suggest: "提建议", status: "查询进度", person: "转人工",
		log: "对话", phone: "电话"
	};
	var en: Words = {
		hello: "Hello, this is {office}. Tell us in your own words what it is about, or choose below.",
		box: "Your message", send: "Send", photo: "Photo", big: "Large", other: "中文",
		offline: "The line is down; connecting again. What you write is kept and sent by itself.", connecting: "Connecting…",
		pending: "Waiting to be sent", sent: "Delivered", refused: "Not sent",
		privacy: "What you tell us is used only to handle your matter. Send “privacy” for details.",
		toobig: "The file is too large: 8 MB at most. Please choose a smaller photo.",
		badtype: "This kind of file is not taken. Please send a photo, a short MP4 video or a PDF.",
		uploadfail: "The photo did not get through. Please try again.", uploading: "Uploading", cancel: "Cancel", image: "[photo]",
		report: "Report a problem", suggest: "Suggest something", status: "Status of my case", person: "Talk to a person",
		log: "Conversation", phone: "Phone"
	};

	function el(id: string): HTMLElement { return document.getElementById(id) as HTMLElement; }
	var body = document.body, log = el("log"), state = el("state"), box = el("text") as HTMLTextAreaElement,
		file = el("file") as HTMLInputElement, preview = el("preview");
	var query = location.search;
	var lang = body.getAttribute("data-lang") === "en" ? "en" : "zh";
	var words = zh;
	var socket: WebSocket | null = null;
	var ready = false, tries = 0, heard = 0, timer = 0, seenTimer = 0;
	var known: { [id: string]: boolean } = {};
	var last = "0";
	var unsent: Unsent[] = [];
	var bubbles: { [id: string]: HTMLElement } = {};
	var choices: HTMLElement | null = null;
	var memory: Words = {};

	/* ---- what the browser keeps: local storage, else a cookie, else only this page ------------------------------- */

	function keep(key: string, value: string): void {
		memory[key] = value;
		try { localStorage.setItem("huiyin." + key, value); return; } catch (e) { /* blocked or full */ }
		if (key === "token")
			document.cookie = "huiyin_page=" + value + "; path=/chat; max-age=31536000; SameSite=Strict";
	}
	function kept(key: string): string {
		var found: string | null = null;
		try { found = localStorage.getItem("huiyin." + key); } catch (e) { /* blocked */ }
		if (!found && key === "token") {
			var m = /(?:^|; )huiyin_page=([\w-]+)/.exec(document.cookie);
			found = m && m[1];
		}
		return found || memory[key] || "";
	}
	function keepUnsent(): void { keep("unsent", JSON.stringify(unsent)); }
	function random(): string {
		var out = "", i: number, bytes = new Uint8Array(16);
		if (window.crypto && crypto.getRandomValues)
			crypto.getRandomValues(bytes);
		else
			for (i = 0; i < 16; i++)
				bytes[i] = Math.random() * 256;
		for (i = 0; i < 16; i++)
			out += (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
		return out;
	}
	/* Ids are decimal and longer than a number is exact: compare as text. */
	function later(a: string, b: string): boolean { return a.length !== b.length ? a.length > b.length : a > b; }

	/* ---- the log --------------------------------------------------------------------------------------------------- */

	function clock(at: number): string {
		var d = new Date(at), now = new Date(), m = d.getMinutes();
		var t = d.getHours() + ":" + (m < 10 ? "0" : "") + m;
		return d.toDateString() === now.toDateString() ? t : (d.getMonth() + 1) + "-" + d.getDate() + " " + t;
	}
	function atEnd(): boolean { return log.scrollHeight - log.scrollTop - log.clientHeight < 120; }
	function toEnd(): void { log.scrollTop = log.scrollHeight; }
	function bubble(ours: boolean, text: string, note: string): HTMLElement {
		var div = document.createElement("div"), p = document.createElement("p"), small = document.createElement("small");
		div.className = "bubble arrive " + (ours ? "ours" : "mine");
		p.textContent = text;
		small.textContent = note;
		div.appendChild(p);
		div.appendChild(small);
		return div;
	}
	function add(node: HTMLElement, mine: boolean): void {
		var follow = mine || atEnd();
		log.appendChild(node);
		if (follow)
			toEnd();
	}
	function dropChoices(): void {
		if (choices && choices.parentNode)
			choices.parentNode.removeChild(choices);
		choices = null;
	}
	function offer(list: Button[], asText: boolean): void {
		dropChoices();
		if (!list.length)
			return;
		var div = document.createElement("div");
		div.className = "choices";
		list.forEach(function (b) {
			var button = document.createElement("button");
			button.type = "button";
			button.textContent = b.label;
			button.onclick = function () {
				say(asText ? { text: b.label } : { text: b.label, button: b.value });
				box.focus();
			};
			div.appendChild(button);
		});
		choices = div;
		add(div, false);
	}
	function show(line: Line): void {
		if (known[line.id])
			return;
		known[line.id] = true;
		if (later(line.id, last))
			last = line.id;
		if (!line.ours) {
			for (var i = 0; i < unsent.length; i++) { /* it arrived, only its receipt was lost */
				var b = bubbles[unsent[i].id];
				if (b && unsent[i].text === line.text) {
					log.removeChild(b);
					delete bubbles[unsent[i].id];
					break;
				}
			}
		}
		dropChoices();
		add(bubble(line.ours, line.text || words.image, clock(line.at)), false);
		if (line.ours && line.buttons)
			offer(line.buttons, false);
		if (line.ours)
			tellSeen();
	}
	function tellSeen(): void {
		clearTimeout(seenTimer);
		seenTimer = window.setTimeout(function () {
			if (!document.hidden)
				post({ seen: last });
		}, 1500);
	}
	function showUnsent(u: Unsent, picture?: string): void {
		if (u.scan)
			return;
		var b = bubble(false, u.text || words.image, words.pending);
		b.className += " pending";
		if (picture) {
			var img = document.createElement("img");
			img.alt = words.photo;
			img.onload = toEnd;
			img.src = picture;
			b.replaceChild(img, b.firstChild as Node);
		}
		bubbles[u.id] = b;
		add(b, true);
	}
	function greet(): void {
		var office = body.getAttribute("data-office-" + lang) || "回音";
		add(bubble(true, words.hello.replace("{office}", office), ""), false);
		offer([{ value: "", label: words.report }, { value: "", label: words.suggest }, { value: "", label: words.status },
			{ value: "", label: words.person }], true);
	}

	/* ---- the line -------------------------------------------------------------------------------------------------- */

	function post(what: object): boolean {
		if (!socket || socket.readyState !== 1)
			return false;
		socket.send(JSON.stringify(what));
		return true;
	}
	function notice(text: string): void {
		state.textContent = text;
		state.hidden = !text;
	}
	function say(what: { text?: string; button?: string; media?: string[]; scan?: string }, picture?: string): void {
		var u: Unsent = { id: random(), lang: lang, at: Date.now() };
		if (what.text) u.text = what.text;
		if (what.button) u.button = what.button;
		if (what.media) u.media = what.media;
		if (what.scan) u.scan = what.scan;
		unsent.push(u);
		keepUnsent();
		dropChoices();
		showUnsent(u, picture);
		if (ready)
			post(u);
	}
	function find(id: string): number {
		for (var i = 0; i < unsent.length; i++)
			if (unsent[i].id === id)
				return i;
		return -1;
	}
	function settled(id: string, event: string, fine: boolean): void {
		var i = find(id), b = bubbles[id];
		if (i >= 0) {
			unsent.splice(i, 1);
			keepUnsent();
		}
		if (event) {
			if (b && known[event])
				log.removeChild(b);
			known[event] = true;
			if (later(event, last))
				last = event;
		}
		if (!b)
			return;
		b.className = b.className.replace(" pending", "");
		(b.lastChild as HTMLElement).textContent = fine ? words.sent + " " + clock(Date.now()) : words.refused;
		delete bubbles[id];
	}
	function again(id: string): void {
		window.setTimeout(function () {
			var i = find(id);
			if (i >= 0 && ready)
				post(unsent[i]);
		}, 2000 + Math.random() * 2000);
	}
	function begin(): void {
		ready = true;
		tries = 0;
		notice("");
		log.setAttribute("aria-live", "polite");
		if (!log.firstChild)
			greet();
		unsent.forEach(function (u) {
			if (!bubbles[u.id])
				showUnsent(u);
			post(u);
		});
		toEnd();
	}
	function hear(text: string): void {
		var m: any;
		heard = Date.now();
		try { m = JSON.parse(text); } catch (e) { return; }
		if (m.token)
			keep("token", m.token);
		else if (m.ready)
			begin();
		else if (m.ok)
			settled(m.ok, m.event, true);
		else if (m.bad)
			settled(m.bad, "", false);
		else if (m.again)
			again(m.again);
		else if (m.id)
			show(m);
	}
	function connect(): void {
		clearTimeout(timer);
		if (socket && socket.readyState < 2)
			return;
		if (tries)
			notice(words.offline);
		var ws: WebSocket;
		try {
			ws = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/chat/ws", "huiyin-chat");
		} catch (e) {
			location.href = "/chat/plain?lang=" + lang;
			return;
		}
		socket = ws;
		heard = Date.now();
		log.setAttribute("aria-live", "off"); /* what is resent is not read out again */
		ws.onopen = function () { post({ hello: { token: kept("token") || null, after: last, lang: lang } }); };
		ws.onmessage = function (e) { hear(e.data); };
		ws.onclose = function () {
			if (ws !== socket)
				return;
			ready = false;
			socket = null;
			tries++;
			notice(words.offline);
			timer = window.setTimeout(connect, Math.min(30000, 500 * Math.pow(2, Math.min(tries, 6))) * (0.7 + Math.random() * 0.6));
		};
	}
	/* A line may be dead without a word: ask, and hang up when nothing comes. */
	window.setInterval(function () {
		if (!socket || socket.readyState !== 1)
			return;
		if (Date.now() - heard > 75000)
			socket.close();
		else if (Date.now() - heard > 25000)
			post({ ping: 1 });
	}, 30000);
	window.addEventListener("online", function () { tries = 1; connect(); });
	document.addEventListener("visibilitychange", function () {
		if (document.hidden)
			return;
		connect();
		tellSeen();
	});

	/* ---- photos ---------------------------------------------------------------------------------------------------- */

	function typeOf(f: File): string {
		var dot = f.name.lastIndexOf(".");
		return f.type || TYPES[f.name.slice(dot + 1).toLowerCase()] || "";
	}
	function clearPreview(): void {
		preview.hidden = true;
		preview.textContent = "";
		file.value = "";
	}
	function complain(text: string): void {
		clearPreview();
		preview.hidden = false;
		preview.textContent = text;
		preview.setAttribute("role", "alert");
	}
	function upload(f: File): void {
		var type = typeOf(f), known_type = false;
		for (var k in TYPES)
			if (TYPES[k] === type)
				known_type = true;
		if (!known_type)
			return complain(words.badtype);
		if (f.size > UPLOAD_MAX)
			return complain(words.toobig);
		if (!kept("token"))
			return complain(words.uploadfail);
		var bar = document.createElement("progress"), stop = document.createElement("button"), x = new XMLHttpRequest();
		clearPreview();
		preview.hidden = false;
		var picture = /^image/.test(type) && window.URL && URL.createObjectURL ? URL.createObjectURL(f) : "";
		if (picture) {
			var img = document.createElement("img");
			img.alt = "";
			img.src = picture;
			preview.appendChild(img);
		}
		preview.appendChild(document.createTextNode(words.uploading + " "));
		bar.max = 1;
		bar.value = 0;
		bar.setAttribute("aria-label", words.uploading);
		preview.appendChild(bar);
		stop.type = "button";
		stop.className = "send";
		stop.textContent = words.cancel;
		stop.onclick = function () { x.onerror = null; x.abort(); clearPreview(); };
		preview.appendChild(stop);
		x.open("POST", "/chat/upload?token=" + encodeURIComponent(kept("token")));
		x.setRequestHeader("Content-Type", type);
		if (x.upload)
			x.upload.onprogress = function (e) { if (e.lengthComputable) bar.value = e.loaded / e.total; };
		x.onerror = function () { complain(words.uploadfail); };
		x.onload = function () {
			var answer: any = null;
			try { answer = JSON.parse(x.responseText); } catch (e) { /* no JSON */ }
			if (x.status === 200 && answer && answer.media) {
				clearPreview();
				say({ media: [answer.media] }, picture);
			} else {
				complain(x.status === 413 ? words.toobig : x.status === 415 ? words.badtype : words.uploadfail);
			}
		};
		x.send(f);
	}
	file.onchange = function () {
		if (file.files && file.files[0])
			upload(file.files[0]);
	};

	/* ---- the page -------------------------------------------------------------------------------------------------- */

	function dress(): void {
		words = lang === "en" ? en : zh;
		document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
		var office = body.getAttribute("data-office-" + lang) || "回音";
		el("office").textContent = office;
		document.title = office + " · 回音";
		el("brand").textContent = lang === "en" ? "回音 Huiyin" : "回音";
		el("send").textContent = words.send;
		el("photo_word").textContent = words.photo;
		file.setAttribute("aria-label", words.photo);
		box.placeholder = words.box;
		box.setAttribute("aria-label", words.box);
		log.setAttribute("aria-label", words.log);
		el("bigger").textContent = words.big;
		el("language").textContent = words.other;
		el("language").lang = lang === "en" ? "zh-CN" : "en";
		var phone = body.getAttribute("data-phone");
		el("privacy").textContent = words.privacy + (phone ? " " + words.phone + " " + phone : "");
	}
	function big(on: boolean): void {
		body.className = on ? "big" : "";
		el("bigger").setAttribute("aria-pressed", on ? "true" : "false");
		keep("big", on ? "1" : "");
		toEnd();
	}
	function fit(): void {
		box.style.height = "auto";
		box.style.height = Math.min(box.scrollHeight + 2, 150) + "px";
	}
	function submit(): void {
		var text = box.value.replace(/\s+$/, "");
		if (!text)
			return;
		box.value = "";
		keep("draft", "");
		fit();
		say({ text: text });
		box.focus();
	}
	el("form").onsubmit = function (e) { e.preventDefault(); submit(); };
	box.onkeydown = function (e) {
		if (e.keyCode === 13 && !e.shiftKey && !(e as any).isComposing) {
			e.preventDefault();
			submit();
		}
	};
	box.oninput = function () { fit(); keep("draft", box.value); };
	el("bigger").onclick = function () { big(body.className !== "big"); };
	el("language").onclick = function () {
		lang = lang === "en" ? "zh" : "en";
		keep("lang", lang);
		dress();
	};
	function scan(): void {
		var m = /[?&]w=([^&]+)/.exec(query), seen = "";
		if (!m)
			return;
		try { seen = sessionStorage.getItem("huiyin.scan") || ""; } catch (e) { /* blocked */ }
		if (seen === m[1])
			return;
		try { sessionStorage.setItem("huiyin.scan", m[1]); } catch (e) { /* blocked */ }
		say({ scan: decodeURIComponent(m[1]) });
	}

	if (!/[?&]lang=/.test(query) && kept("lang"))
		lang = kept("lang") === "en" ? "en" : "zh";
	dress();
	big(kept("big") === "1");
	box.value = kept("draft");
	fit();
	try { unsent = JSON.parse(kept("unsent") || "[]"); } catch (e) { unsent = []; }
	scan();
	notice(words.connecting);
	connect();
})();
