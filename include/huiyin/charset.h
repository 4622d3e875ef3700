/* The character sets of the SMS world: 3GPP TS 23.038 (GSM 7 bit), UTF-16BE, and the two Western single-byte sets.
 * Pure. */
#ifndef HUIYIN_CHARSET_H
#define HUIYIN_CHARSET_H

#include "huiyin/text.h"

/* Septets that a code point costs in GSM 7 bit: 1, 2 (extension table), or 0 when it is not in it. */
int gsm_cost(int32_t point);
bool gsm_fits(struct slice utf8); /* every character is in the table */
/* One byte a septet (0..127, 0x1B before an extension). False when a character does not fit. */
bool gsm_encode(struct arena *a, struct slice utf8, struct slice *septets);
struct slice gsm_decode(struct arena *a, struct slice septets); /* bytes above 127 become U+FFFD */

enum charset { CHARSET_UTF8, CHARSET_UTF16BE, CHARSET_UTF16LE, CHARSET_LATIN1, CHARSET_CP1252, CHARSET_GSM };
/* By the names in use ("utf-8", "UTF-16BE", "UCS-2", "ISO-8859-1", "WINDOWS-1252", "GSM"), case ignored. */
bool charset_find(struct slice name, enum charset *out);
/* Anything → valid UTF-8 without NUL; what cannot be read becomes U+FFFD. */
struct slice charset_decode(struct arena *a, enum charset c, struct slice raw);
struct slice utf16be_encode(struct arena *a, struct slice utf8);

#endif
