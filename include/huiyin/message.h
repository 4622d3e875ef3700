/* The noun: what one person sent, and what goes back. Wire formats never pass this header. */
#ifndef HUIYIN_MESSAGE_H
#define HUIYIN_MESSAGE_H

#include "huiyin/text.h"

#define MESSAGE_MAX_MEDIA 10          /* kept; what is more is counted and told to the sender */
#define MESSAGE_MAX_TEXT_BYTES 4096   /* per message after decoding; longer text is cut at a code point and marked */
#define MESSAGE_MAX_BUTTONS 12

struct media {
	struct slice url;  /* where the provider keeps it, or "upload:<sha256>" once it is here */
	struct slice type; /* MIME */
	struct slice name;
	int64_t size;      /* bytes, 0 unknown */
};

/* A letter from a citizen. */
struct message {
	struct slice from, to; /* address as the provider writes it, normalised by the handler (SMS: digits with +) */
	struct slice id;       /* the provider's; empty: the core derives one from sender, text, media and minute */
	struct slice text;     /* UTF-8 */
	struct slice button;   /* payload of a button pressed, or empty */
	struct slice scan;     /* scene key of a QR code scanned, or empty */
	struct slice reply_to; /* provider id (or extension digits) of the message this answers, or empty */
	struct slice opt_out;  /* the provider already took it as "stop", "start" or "help"; or empty */
	struct slice name;     /* display name, or empty */
	struct slice lang;     /* the channel's hint ("zh", "en"), or empty */
	struct media media[MESSAGE_MAX_MEDIA];
	size_t n_media, media_dropped;
	bool cut;              /* the text was longer than the bound */
	bool has_location;
	double latitude, longitude;
	int64_t sent_at;       /* the provider's time, ms; 0 unknown */
};

struct button { struct slice value, label; }; /* value: what comes back; label: what is shown */

/* Replies go first, campaigns last. A notice is owed by law: opt-out never stops it. */
enum lane { LANE_REPLY, LANE_NOTICE, LANE_SURVEY, LANE_CAMPAIGN };
#define LANES 4

/* A letter to a citizen: one row of the outbox, one send. */
struct outgoing {
	int64_t id;        /* outbox id; also the idempotency key and what receipts are matched by */
	int64_t contact;
	struct slice to;   /* address */
	struct slice from; /* our number or account as the citizen knows it; empty: the channel's default */
	struct slice text;
	struct button buttons[MESSAGE_MAX_BUTTONS];
	size_t n_buttons;
	enum lane lane;
	int part, parts;   /* 1-based; 1 of 1 for an uncut text */
	int attempts;      /* made so far */
	struct slice case_number;
	int64_t created_at;
};

#endif
