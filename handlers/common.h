/* What more than one handler needs: taking a stranger's words in, and reading a provider's answer. */
#ifndef HUIYIN_HANDLERS_COMMON_H
#define HUIYIN_HANDLERS_COMMON_H

#include "huiyin/channel.h"

#define ADDRESS_MAX_BYTES   128 /* longer than any phone number, open id or e-mail address in use */
#define ID_MAX_BYTES        256 /* a provider's message id; a longer one counts as none (cut ids would collide) */
#define MEDIA_URL_MAX_BYTES 2048
#define WAIT_MAX_MS         (24 * 3600 * INT64_C(1000)) /* no provider may put us off for longer at once */

/* An error about this account's section of huiyin.yaml, for `prepare`. */
void account_fault(const struct account *acc, struct diags *d, struct slice what, struct slice mend);
/* An event of this account, or null when the list is full. */
struct event *take_event(struct parsed *p, const struct account *acc, struct arena *a, enum event_kind kind,
			 int64_t now);
/* A phone number without blanks, dots, dashes and brackets, 00 and a lost "+" (decoded to a blank) as "+". Anything
   that is no phone number stays as it came, trimmed. Bare digits stay bare: a national and a foreign number may share
   them. */
struct slice take_phone(struct arena *a, struct slice raw);
/* From and To into `m`. False when there is no sender, or one is too long or holds control characters. */
bool take_addresses(struct message *m, struct arena *a, struct slice from, struct slice to);
/* A short field (name, id): repaired UTF-8, trimmed; empty when beyond `max` bytes. */
struct slice take_short(struct arena *a, struct slice raw, size_t max);
/* The text: repaired, cut at MESSAGE_MAX_TEXT_BYTES on a code point and marked. */
void take_text(struct message *m, struct arena *a, struct slice raw);
/* One media item; what is no http(s) URL or too many is counted in media_dropped. */
void take_media(struct message *m, struct arena *a, struct slice url, struct slice type);
bool take_location(struct message *m, struct slice latitude, struct slice longitude);
bool is_web_url(struct slice url);         /* http or https, a host, no user part, no blanks or controls */
struct slice url_host(struct slice url);   /* of an is_web_url: host without port */
struct slice url_origin(struct slice url); /* scheme://host[:port] */

/* <public_url>/hooks/<name>/<leaf>?o=<outbox id> */
struct slice callback_url(const struct account *acc, const struct outgoing *m, const char *leaf, struct arena *a);
int64_t callback_outbox(const struct form *query);         /* the o= of it; 0 when absent or no id */
bool path_ends(const struct request *r, const char *leaf); /* /hooks/<name>/<leaf> */

/* "10.0.0.0/8, 192.0.2.7, 2001:db8::/32": is `peer` in it; is every item well formed (at least one). */
bool address_listed(struct slice list, struct slice peer);
bool address_list_valid(struct slice list);

/* Fills the outcome from what the transport alone says; true when the provider's body must still be read (a status
   came back). Not sent → LATER, sent but no answer → UNSURE. `what` is then the class of the HTTP status. */
bool outcome_of_transport(const struct answer *ans, struct arena *a, struct outcome *out);
enum outcome_class class_of_status(int status);
int64_t retry_after_ms(struct slice header);
void reply_with(struct response *out, int status, struct slice type, struct slice body);
/* The `acknowledge` of a provider that looks at the status alone: 200, 503 with a time to wait, 400; no body. */
void acknowledge_by_status(const struct account *acc, enum ack ack, const struct slice *texts, size_t n,
			   struct arena *a, struct response *out);

#endif
