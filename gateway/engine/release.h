/* What the engine lets go of after the sync: answers for those who wait, pushes for web chats. */
#ifndef HUIYIN_RELEASE_H
#define HUIYIN_RELEASE_H

#include "huiyin/channel.h"
#include "huiyin/flow.h"

struct push { /* a line for a web chat that may be connected */
	struct hash16 contact;
	int64_t id, at;
	struct slice text;
	struct button buttons[MESSAGE_MAX_BUTTONS];
	size_t n_buttons;
};
/* Lives in the event's arena; whoever takes the release frees the event. */
struct release {
	struct event *event;      /* never null */
	int64_t first_event;      /* a duplicate's: the event that was taken; 0 otherwise */
	enum ack ack;             /* webhooks: DONE, AGAIN (503 or the provider's own), BAD */
	struct slice texts[STEP_MAX_REPLIES]; /* inline replies */
	size_t n_texts;
	int status;               /* staff: HTTP status; 0 otherwise */
	struct slice body;        /* staff: JSON answer */
	struct push *pushes; size_t n_pushes;
	size_t n_queued;          /* rows it left for the courier */
	struct release *next;     /* for mailboxes */
};

#endif
