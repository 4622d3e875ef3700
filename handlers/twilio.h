/* Twilio's proof of origin, shared by everything of Twilio's that calls us. */
#ifndef HUIYIN_HANDLERS_TWILIO_H
#define HUIYIN_HANDLERS_TWILIO_H

#include "huiyin/channel.h"

/* True when X-Twilio-Signature is `token`'s over this request. */
bool twilio_signed(const struct request *r, struct slice token, struct arena *a);
/* The body is JSON (and then counts only with bodySHA256 in the signed URL). */
bool twilio_is_json(const struct request *r);

#endif
