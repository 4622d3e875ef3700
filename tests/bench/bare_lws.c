/* The yardstick: a libwebsockets server that reads the body and answers 200. Nothing else. bare_lws PORT */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int answer(struct lws *wsi)
{
	unsigned char buf[LWS_PRE + 512], *start = buf + LWS_PRE, *p = start, *end = buf + sizeof buf - 1;
	static const char body[] = "<Response/>";

	if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "text/xml", sizeof body - 1, &p, end) ||
	    lws_finalize_http_header(wsi, &p, end))
		return 1;
	memcpy(p, body, sizeof body - 1);
	p += sizeof body - 1;
	if (lws_write(wsi, start, (size_t)(p - start), LWS_WRITE_HTTP_FINAL | LWS_WRITE_HTTP_HEADERS) < 0)
		return 1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_HTTP)
		return lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) ? 0 : answer(wsi);
	if (reason == LWS_CALLBACK_HTTP_BODY_COMPLETION)
		return answer(wsi);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {{"http", callback, 0, 0, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
	struct lws_context_creation_info info;
	struct lws_context *context;

	memset(&info, 0, sizeof info);
	info.port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 7999;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.keepalive_timeout = 60;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	lws_set_log_level(LLL_ERR, NULL);
	context = lws_create_context(&info);
	if (!context)
		return 1;
	while (!stop && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return 0;
}
