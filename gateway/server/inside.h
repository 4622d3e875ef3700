/*
 * What the rooms of the server share. http.c moves bytes (the only file that knows libwebsockets); conn.c knows who is
 * connected; each other file is a room that serves some paths. All of it runs on the server thread but what is marked.
 */
#ifndef HUIYIN_SERVER_INSIDE_H
#define HUIYIN_SERVER_INSIDE_H

#include <pthread.h>
#include "server/server.h"

#define REQUEST_ARENA_BYTES ((size_t)8 << 20)
#define LINGER_MS 2000            /* how long a refused body is read and thrown away, so that the refusal arrives */
#define HEADER_NAMES_MAX 48       /* headers looked up for one account */

struct conn;
struct chat;
struct upload;
struct read;

enum { METHOD_GET = 1, METHOD_POST = 2 };
enum body_kind { BODY_NONE, BODY_WHOLE, BODY_STREAM };

/* A room serves the paths that begin with `path` (or only that path). */
struct room {
	const char *path;
	bool below;               /* all paths that begin so, else exactly this one */
	unsigned methods;
	enum body_kind body;      /* of a POST */
	/* Before the body (BODY_STREAM): false when it has answered already. May be null. */
	bool (*begin)(struct conn *c);
	bool (*more)(struct conn *c, struct slice piece); /* BODY_STREAM; false: answered, throw the rest away */
	/* The whole request is here: calls conn_answer, or conn_wait and is called back. */
	void (*serve)(struct conn *c);
	void (*released)(struct conn *c, struct release *r); /* takes the release over */
	void (*late)(struct conn *c);  /* waited too long: answers "again"; null: 503 */
	void (*gone)(struct conn *c);  /* the connection closed before the answer was written; may be null */
};

enum conn_state {
	CONN_IDLE,     /* waits for a request head */
	CONN_BODY,     /* takes in a body */
	CONN_SERVING,  /* a room has it */
	CONN_WAITING,  /* the answer comes with a release, or with what is read */
	CONN_ANSWERING, /* the answer is ready, or partly written */
	CONN_DRAINING, /* answered before the body was read */
	CONN_CHAT,     /* a WebSocket */
};

struct conn {
	struct server *server;
	void *wire;               /* libwebsockets' handle */
	uint64_t id;              /* of the present request or chat: what a ticket carries. 0: none */
	uint32_t slot;
	enum conn_state state;
	uint8_t address[16];      /* of the peer, as IPv6 */
	char peer[48];            /* the same as text; empty until it is asked for */
	bool trusted;             /* a reverse proxy of ours */
	bool counted;
	bool direct;              /* GET or no body: answered at once and closed (http.c says why) */
	bool keep;                /* the connection may live on after this answer */
	bool pipelined;           /* more bytes came than the request has: close after the answer */
	bool head_only;
	bool owed;                /* counted in server->waiting */
	bool ending;              /* we hang up: nothing it says or waits for puts that off */
	unsigned method;
	int64_t deadline;         /* monotonic ms; 0 none */
	const struct room *room;
	struct config *config;    /* held while a request is served */
	const struct account *account;
	struct arena *arena;      /* the request's; null once an event has taken it over */
	struct request *request;  /* in arena */
	char *body;               /* of `length` bytes, in arena */
	size_t length, got;
	struct release *held;     /* whose arenas the answer lives in */
	const struct question *reading; /* it waits for this; null: for the engine */
	struct read *read;        /* what was found: the answer may live in its arena */
	struct response answer;
	int waits_for;            /* hooks: events not yet released */
	enum ack worst;
	struct chat *chat;
	struct upload *upload;
};

struct counters {
	uint64_t requests, answered_2xx, answered_3xx, answered_4xx, answered_5xx;
	uint64_t refused_connections, late, pipelined, upgrades_refused, gone_before_answer, inline_lost, busy;
	uint64_t chat_lines_pushed, chat_messages, uploads;
	uint64_t reads, reads_late, reads_refused;
};
struct account_counters { struct slice name; uint64_t accepted, signature, malformed, observed; };
struct header_names { const char *list[HEADER_NAMES_MAX]; size_t n; };

/* What follows from a configuration: made at start and reload, read on the server thread. */
struct view {
	struct config *config;
	struct arena *arena;
	struct header_names *names;   /* by account index */
	struct account_counters *counts;
	const struct account *chat;   /* the first account whose channel is "webchat"; or null */
};

struct peers;
struct conns;
struct chats;
struct limiter;
struct reads;
struct refusals;

#define NEWS_MAX 256

struct server {
	struct queue *queue;
	struct store *store;
	struct key key;
	void (*metrics)(void *with, struct buf *prometheus);
	bool (*ready)(void *with, struct buf *json);
	void *with;

	struct view view;
	void *wire;               /* libwebsockets' context */
	int port;
	uint32_t number;          /* of this server in tickets */
	char *scratch;            /* an answer is put together here and written in one go */
	struct conns *conns;
	struct peers *peers;
	struct chats *chats;
	struct limiter *attempts; /* of /status, by address and by number */
	struct limiter *files;    /* uploads, by address */
	struct counters counters;
	struct reads *reads;      /* null: there is no store */
	struct refusals *refusals;
	uint64_t rids;
	struct { int64_t second; int lines; uint64_t left_out; } trace;
	size_t waiting;           /* requests whose answer is still owed */
	bool stopping, over;      /* takes nothing new; leaves the loop */

	/* any thread, under lock */
	pthread_mutex_t lock;
	struct release *inbox, **inbox_end;
	struct upload *stored;
	struct read *found, **found_end;
	struct hash16 news[NEWS_MAX]; /* contacts whose web chat has lines from another gateway */
	size_t n_news;                /* beyond NEWS_MAX: any may have */
	struct config *next_config;
	bool stop_asked, end_asked, quieted, closed;
	struct server *next_stopped;
	pthread_cond_t quiet;     /* nothing is owed any more */
	pthread_t thread;
	struct upload_worker *worker;
};

/* ---- http.c ------------------------------------------------------------------------------------------------------ */
bool http_open(struct server *s, struct arena *a, struct slice *why); /* binds */
void http_run(struct server *s);   /* until s->over */
void http_close(struct server *s);
void http_wake(struct server *s);  /* any thread */
/* Once a request. The response's bytes must live until it is written: in c->arena, in a held release, or static. */
void conn_answer(struct conn *c, const struct response *r);
void conn_wait(struct conn *c);
void conn_want_write(struct conn *c); /* chats: calls chat_write when the socket takes more */
void conn_hang_up(struct conn *c);
void conn_deadline(struct conn *c, int64_t ms);
/* Bytes for one WebSocket message; `data` has FRAME_ROOM writable bytes before it. */
#define FRAME_ROOM 32
bool conn_send_frame(struct conn *c, char *data, size_t len);

/* ---- poll.c: the calling thread's poll(2) becomes one that bears thousands of sockets ------------------------------- */
void big_poll_open(void);
void big_poll_close(void);
void big_poll_fresh(int fd); /* a new socket of this number */

/* ---- conn.c ------------------------------------------------------------------------------------------------------- */
struct conns *conns_open(void);
void conns_close(struct conns **t);
struct conn *conn_open(struct server *s, const uint8_t address[16]);
void conn_close(struct conn *c);
/* Calls back for each connection whose deadline has come; the deadline is then none until it is set again. */
void conns_overdue(struct conns *t, int64_t now, void (*overdue)(struct conn *c));
void conn_new_id(struct conn *c);                               /* a ticket number for the next request */
struct conn *conn_find(const struct server *s, struct ticket t); /* null: it is gone, or serves another request */
void conn_forget_request(struct conn *c);                       /* frees what the request held */
struct peers *peers_open(void);
void peers_close(struct peers **p);
size_t peers_add(struct peers *p, const uint8_t address[16], int change); /* the count after the change */
size_t peers_total(const struct peers *p);
struct slice address_text(struct arena *a, const uint8_t address[16]);
bool address_read(struct slice text, uint8_t out[16]);
bool address_of_socket(int fd, uint8_t out[16]);
bool address_is_proxy(const struct config *c, const uint8_t address[16]);
/* At most `most` takes of a name in `window_ms`; a fixed number of names is remembered, the oldest makes room. */
struct limiter *limiter_open(size_t names, int most, int64_t window_ms);
void limiter_close(struct limiter **l);
bool limiter_take(struct limiter *l, struct slice name, int64_t mono_ms);

/* ---- server.c ----------------------------------------------------------------------------------------------------- */
void trace_released(struct server *s, const struct release *r); /* trace.c: the request's line in the log */
void server_turn(struct server *s);        /* on the server thread, when woken */
void server_sweep(struct server *s, int64_t now); /* likewise, every tenth of a second; now: monotonic ms */
void server_quiet(struct server *s);        /* nothing is owed any more: tells server_stop */
void view_make(struct view *v, struct config *c, const struct view *old);
void view_drop(struct view *v);
struct slice server_rid(struct server *s, struct arena *a);
const struct room *room_for(struct slice path);
/* Room and account for the request's path, or the status that refuses it. */
int conn_find_room(struct conn *c);
/* Gives what the store and other rooms call a contact. */
struct hash16 contact_hash(const struct server *s, const struct account *acc, struct slice address);

/* ---- answer.c ----------------------------------------------------------------------------------------------------- */
const char *status_words(int status);
/* Head and body in one piece; returns the length, or 0 if it does not fit. */
size_t answer_write(const struct response *r, bool keep, bool head_only, char *out, size_t room);
size_t answer_size(const struct response *r);
struct response response_json(int status, struct slice body);
struct response response_error(struct arena *a, int status, const char *code, const char *what, const char *mend);
void answer_plain(struct conn *c, int status, const char *text);
void answer_json(struct conn *c, int status, struct slice body);
void answer_error(struct conn *c, int status, const char *code, const char *what, const char *mend); /* JSON */
void answer_html(struct conn *c, int status, struct slice body, const char *extra_headers);
void answer_redirect(struct conn *c, int status, struct slice to, const char *extra_headers);
void answer_not_found(struct conn *c);
struct slice type_base(struct slice content_type); /* "text/html; charset=x" → "text/html" */
bool type_is(struct slice content_type, const char *base);
struct slice cookie_get(struct slice header, const char *name);

/* ---- rooms -------------------------------------------------------------------------------------------------------- */
extern const struct room hooks_room, chat_page_room, chat_assets_room, chat_upload_room, chat_post_room, chat_plain_room;
extern const struct room api_room, metrics_room, health_room, ready_room, landing_room, window_room,
	status_page_room, robots_room, favicon_room;

void hooks_orphan(struct server *s, const struct release *r); /* its connection is gone */

/* ---- reads.c: what is read from the store, away from the server thread -------------------------------------------- */
enum desk { DESK_CHATS, DESK_OFFICE, DESKS }; /* a thread each: a long list for the office holds up no citizen */
/* What a reading thread has of its own. */
struct readers {
	const struct store_kind *kind;
	struct reader *reader;
	struct shared *shared; /* null: nothing is shared, or it could not be opened */
};
/* A kind of read. */
struct question {
	enum desk desk;
	/* On the reading thread: may use the read and what its arena holds, nothing else of the server's. */
	void (*ask)(struct read *q, const struct readers *from);
	/* On the server thread, if who asked is still there. Of a request: calls conn_answer, last of all (the read ends with
	   the request); of a chat: `got` may be LATER; of nobody: c is null. */
	void (*found)(struct conn *c, struct read *q);
	/* A request's: answers 503, because too many wait or it took too long. The read may still be out. */
	void (*missed)(struct conn *c);
};
struct read {
	const struct question *question;
	struct server *server;
	struct ticket ticket;     /* who asked; connection 0: nobody waits */
	struct arena *arena;      /* the read itself, what is asked, what is found */
	struct config *config;    /* held; may be null */
	void *with;               /* the room's own part, in arena */
	int64_t until;            /* monotonic ms: nobody waits any more; 0: no end */
	enum result got;          /* LATER until it is asked */
	struct response answer;
	bool asked;
	struct read *next;
};
struct reads *reads_open(struct server *s, struct slice *why); /* null with *why */
void reads_close(struct reads **r);          /* waits for the threads; before http_close */
/* c: a request that is served now, a chat, or null. The part `with` has so many bytes, zeroed. */
struct read *read_open(struct server *s, struct conn *c, const struct question *kind, size_t bytes);
void read_request(struct conn *c, struct read *q); /* takes it over: the request waits, or has its 503 */
bool read_put(struct read *q);                     /* of a chat or of nobody; false: full, and it is freed */
bool reads_have_room(const struct server *s, enum desk desk);
size_t reads_waiting(const struct server *s);
void reads_found(struct server *s, struct read *list);
void read_late(struct conn *c);
void read_free(struct read **q);

/* ---- refusals.c: webhooks that were refused, for an administrator ------------------------------------------------- */
struct refusals *refusals_open(int64_t keep);
void refusals_close(struct refusals **r);
void refusals_keep(struct refusals *r, int64_t keep); /* after a reload: the newest stay */
uint64_t refusals_count(const struct refusals *r);    /* ever since the start */
void refuse_note(struct server *s, const struct conn *c, const char *reason);
void refusals_serve(struct conn *c, struct slice limit);
void refusals_tell(struct server *s, int64_t now);    /* the other gateways, if there is anything new */

/* chat.c, chat_lines.c: WebSocket sessions */
struct chats *chats_open(void);
void chats_close(struct chats **t);
size_t chats_count(const struct chats *t);
bool chat_allowed(const struct server *s);
bool chat_open(struct conn *c);
int64_t chat_idle_left(const struct conn *c); /* ms; 0 or less: hang up */
void chat_close(struct conn *c);
bool chat_receive(struct conn *c, struct slice piece, bool first, bool last); /* false: hang up */
bool chat_write(struct conn *c);
void chat_released(struct conn *c, struct release *r);
void chat_news(struct server *s, const struct hash16 *contact); /* null: of all */
void chat_push(struct server *s, const struct release *r);
void chats_go_on(struct server *s, int64_t now); /* who waits to be read for */
/* token.c: what stands for a person in the web chat */
#define TOKEN_TEXT_BYTES 43
struct slice token_make(struct arena *a);
bool token_valid(struct slice token);
struct slice token_address(struct arena *a, struct slice token);
/* The media row of an upload that is here: false when it is not. */
bool upload_find(const struct config *c, struct slice name, struct arena *a, struct media *out);

/* assets.c: the pages, scripts and pictures built into the program */
struct asset { const char *name, *type, *etag; struct slice data; };
const struct asset *web_asset(const char *name); /* a name that is there */
const struct asset *web_asset_find(struct slice name);
/* A page with its %MARKS% filled in: pairs of mark and text, escaped; null ends. */
struct slice page_fill(struct arena *a, struct slice page, ...) __attribute__((sentinel));
/* "zh" or "en": ?lang=, else what the browser asks for, else the office's. */
struct slice page_lang(const struct conn *c, const struct form *query);
/* A whole small page around `body` (HTML). */
struct slice page_around(struct conn *c, struct slice lang, struct slice title, struct slice body);
/* False for a form that another site's page sent. */
bool same_site(const struct conn *c);

/* upload.c */
struct upload_worker *upload_worker_open(struct server *s);
void upload_worker_close(struct upload_worker **w);
void upload_stored(struct server *s, struct upload *list); /* the worker's results, on the server thread */
void upload_free(struct upload *u);
void upload_conn_gone(struct conn *c);

#endif
