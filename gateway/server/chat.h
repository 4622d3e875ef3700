/* The parts of the web chat among each other: chat.c hears, chat_lines.c speaks. */
#ifndef HUIYIN_SERVER_CHAT_H
#define HUIYIN_SERVER_CHAT_H

#include "server/inside.h"

#define CHAT_BUCKETS 4096
#define SENT_KEPT 32       /* ids of lines sent, by which one that comes by two ways is sent once */

struct frame { struct frame *next; size_t len; char data[]; };
struct frames { struct frame *first, **end; };

struct chat {
	struct conn *conn;
	struct chat *next, **at; /* same bucket */
	struct hash16 contact;
	char address[64];        /* hex */
	char lang[8];
	bool known;              /* said hello */
	struct frames out;
	size_t out_bytes;        /* of `out` and `held` */
	struct buf in;           /* a message in several pieces; empty otherwise */
	int64_t seen;
	double tokens;
	int64_t filled_ms, heard_ms;

	/* chat_lines.c: one read is out at a time; until it is back no line is pushed */
	bool reading, resumed, missed, ready; /* missed: there may be lines in the store that were not sent */
	struct chat *wait_next, **wait_at;    /* among those who wait for a read */
	int64_t wait_until;      /* monotonic ms: not before */
	struct frames held;      /* acknowledgements, until the page is up to date */
	int64_t after;           /* hello: what the page has */
	int64_t shown;           /* the last of our lines that was sent here */
	int64_t floor;           /* all up to here is on the page */
	int64_t sent[SENT_KEPT]; /* the last ones sent: news of them may come by two ways */
	unsigned n_sent;
	int failed;              /* reads in a row */
	struct event *scan;      /* hello: the window where the person stands; told to the engine when the page is ready */
};

struct chats {
	struct chat *buckets[CHAT_BUCKETS];
	size_t n;
	struct arena *scratch;
	struct chat *waiting, **waiting_end;
};

/* ---- chat.c ------------------------------------------------------------------------------------------------------- */
void chat_scan(struct chat *ch); /* the page is ready */

/* ---- chat_lines.c ------------------------------------------------------------------------------------------------- */
struct chat **chat_bucket(struct chats *t, const struct hash16 *contact);
void chat_send(struct chat *ch, struct slice text);
void chat_send_word(struct chat *ch, const char *word, struct slice id);
void chat_resume(struct chat *ch, int64_t after); /* after hello */
void chat_forget_lines(struct chat *ch);          /* it closes */

#endif
