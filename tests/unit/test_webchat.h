/* A small WebSocket client for tests of the web chat, on test_http.h. `out` is what was heard last. */
#ifndef HUIYIN_TEST_WEBCHAT_H
#define HUIYIN_TEST_WEBCHAT_H

#include "test_http.h"

extern const struct channel webchat_channel;

static struct house *h;
static char out[400000];

static inline int ws_open(void)
{
	int fd = dial(h, false);

	put_text(fd, "GET /chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		     "Sec-WebSocket-Protocol: huiyin-chat\r\n\r\n");
	/* byte by byte, so that no frame is swallowed with the head */
	for (size_t n = 0; n < 2000; n++) {
		assert_int_equal(recv(fd, out + n, 1, 0), 1);
		out[n + 1] = 0;
		if (strstr(out, "\r\n\r\n"))
			break;
	}
	assert_non_null(strstr(out, "HTTP/1.1 101 "));
	return fd;
}

static inline void ws_frame(int fd, int opcode, bool final, const char *data, size_t len)
{
	unsigned char head[14] = {0};
	size_t n = 2;
	char *frame = malloc(sizeof head + len), *masked;

	head[0] = (unsigned char)((final ? 0x80 : 0) | opcode);
	if (len < 126) {
		head[1] = (unsigned char)(0x80 | len);
	} else if (len < 65536) {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		n = 4;
	} else {
		head[1] = 0x80 | 127;
		for (int i = 0; i < 8; i++)
			head[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
		n = 10;
	}
	memcpy(head + n, "mask", 4);
	memcpy(frame, head, n + 4);
	masked = frame + n + 4;
	for (size_t i = 0; i < len; i++)
		masked[i] = (char)(data[i] ^ "mask"[i & 3]);
	put_bytes(fd, frame, n + 4 + len); /* at once: a second write would wait for the first one's receipt, 40 ms */
	free(frame);
}

static inline void ws_say(int fd, const char *text)
{
	ws_frame(fd, 1, true, text, strlen(text));
}

static inline bool read_exactly(int fd, void *to, size_t n, int ms)
{
	char *at = to;

	while (n) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t k;

		if (poll(&p, 1, ms) <= 0 || (k = recv(fd, at, n, 0)) <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* The next text frame in `out`; false on close or when nothing comes. */
static inline bool ws_hear(int fd, int ms)
{
	unsigned char head[8];
	size_t len;

	for (;;) {
		if (!read_exactly(fd, head, 2, ms))
			return false;
		len = head[1] & 127;
		if (len == 126) {
			if (!read_exactly(fd, head + 2, 2, ms))
				return false;
			len = (size_t)head[2] << 8 | head[3];
		}
		if (!read_exactly(fd, out, len, ms))
			return false;
		out[len] = 0;
		look();
		if ((head[0] & 15) == 1)
			return true;
		if ((head[0] & 15) == 8)
			return false;
	}
}

/* Hears until a frame holds `part`. */
static inline void ws_expect(int fd, const char *part)
{
	for (int i = 0; i < 300; i++) {
		if (!ws_hear(fd, 2000))
			break;
		if (strstr(out, part))
			return;
	}
	fail_msg("%s never came", part);
}

static inline void ws_hello(int fd, const char *hello, char token[64])
{
	ws_say(fd, hello);
	assert_true(ws_hear(fd, 2000));
	assert_non_null(strstr(out, "{\"token\":\""));
	if (token) {
		memcpy(token, out + strlen("{\"token\":\""), 43);
		token[43] = 0;
		assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	}
}

#endif
