/*
 * The web chat. Its wire is our own server's WebSocket (gateway/server/webchat.c), so there is nothing to translate:
 * this file only declares what the channel can do, and refuses webhooks. Nothing here is fatal.
 */
#include "common.h"

static const struct option options[] = {{0}};

static enum verdict verify(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			   struct response *handshake)
{
	(void)acc;
	(void)r;
	(void)now;
	(void)a;
	handshake->status = 404;
	return VERDICT_REJECT;
}

static enum result parse(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			 struct parsed *out, const char **why)
{
	(void)acc;
	(void)r;
	(void)now;
	(void)a;
	(void)out;
	*why = "the web chat has no webhook";
	return INVALID;
}

const struct channel webchat_channel = {
	.name = "webchat",
	.about = "web chat on the office's own pages",
	.options = options,
	.able = {.push = true, .buttons = true, .media_in = true, .locations = true, .max_text = 4000},
	.verify = verify,
	.parse = parse,
	.acknowledge = acknowledge_by_status,
};
