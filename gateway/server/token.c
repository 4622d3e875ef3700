/*
 * The web chat's token: 256 random bits that stand for a person. The browser keeps it; here only its hash is an address,
 * so that neither the store nor a log ever holds what would let someone read along.
 */
#include <string.h>

#include "server/inside.h"

struct slice token_make(struct arena *a)
{
	uint8_t raw[32];
	struct slice made;

	secret_random(raw, sizeof raw);
	made = base64_encode_url(a, slice_make((const char *)raw, sizeof raw));
	secret_wipe(raw, sizeof raw);
	return made;
}

bool token_valid(struct slice token)
{
	if (token.len != TOKEN_TEXT_BYTES)
		return false;
	for (size_t i = 0; i < token.len; i++) {
		char c = token.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

struct slice token_address(struct arena *a, struct slice token)
{
	uint8_t sum[DIGEST_MAX_BYTES];

	digest_of(SHA256, &token, 1, sum);
	return hex_encode(a, slice_make((const char *)sum, digest_size(SHA256)));
}
