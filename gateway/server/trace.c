/*
 * One line for each request the engine is done with: the first of the lines that carry its id, from the webhook to the
 * delivery. Under load the log stays bounded: beyond TRACE_LINES a second only requests that left something for the
 * courier (who keeps to the provider's rate) have their line; the others are counted, and all of them show at `debug`.
 */
#include <stdio.h>
#include <string.h>

#include "server/inside.h"

#define TRACE_LINES 100

static const char *kind_name(enum event_kind k)
{
	static const char *const names[] = {"message", "receipt", "sent", "staff", "timer", "seen", "media"};

	return (size_t)k < sizeof names / sizeof *names ? names[k] : "?";
}

static const char *ack_name(enum ack a)
{
	return a == ACK_DONE ? "done" : a == ACK_AGAIN ? "again" : "bad";
}

static void copy(char *out, size_t room, struct slice s)
{
	size_t n = s.len < room ? s.len : room - 1;

	memcpy(out, s.data ? s.data : "", n);
	out[n] = '\0';
}

/* Is there room for one more line in this second? */
static bool room_left(struct server *s)
{
	int64_t second = clock_wall().ms / 1000;
	char left_out[24];

	if (second != s->trace.second) {
		snprintf(left_out, sizeof left_out, "%llu", (unsigned long long)s->trace.left_out);
		if (s->trace.left_out)
			log_line(LOG_INFO_, "server", "requests without a line", "n", left_out, "mend",
				 "set log.level to debug to see them all", NULL);
		s->trace.second = second;
		s->trace.lines = 0;
		s->trace.left_out = 0;
	}
	return s->trace.lines < TRACE_LINES;
}

void trace_released(struct server *s, const struct release *r)
{
	const struct event *e = r->event;
	const struct config *c = s->view.config;
	bool shown = e->rid.len && (room_left(s) || r->n_queued);
	char rid[40], channel[64], event[24], replies[24], queued[24];

	if (shown)
		s->trace.lines++;
	else if (e->rid.len) /* a timer that came to nothing has no id */
		s->trace.left_out++;
	if (!shown && !log_shows(LOG_DEBUG_))
		return;
	if (!shown && c->log_level > LOG_DEBUG_) /* under load nothing more is done for it */
		return;
	copy(rid, sizeof rid, e->rid);
	copy(channel, sizeof channel,
	     e->channel >= 0 && (size_t)e->channel < c->n_accounts ? c->accounts[e->channel].name : S("-"));
	snprintf(event, sizeof event, "%lld", (long long)e->id);
	snprintf(replies, sizeof replies, "%zu", r->n_texts + r->n_pushes);
	snprintf(queued, sizeof queued, "%zu", r->n_queued);
	log_line(shown ? LOG_INFO_ : LOG_DEBUG_, "server", "request", "rid", rid, "kind", kind_name(e->kind), "channel",
		 channel, "event", event, "answer", ack_name(r->ack), "replies", replies, "queued", queued, NULL);
}
