/* Cryptography, all of it behind this header (OpenSSL libcrypto and libsodium appear in secret.c only). */
#ifndef HUIYIN_SECRET_H
#define HUIYIN_SECRET_H

#include "huiyin/text.h"

enum digest { SHA1, SHA256, SHA512, MD5 };
#define DIGEST_MAX_BYTES 64

bool secret_start(void); /* once, before any sandbox and any other call; false: the libraries do not work */
size_t digest_size(enum digest d);
/* `out` takes digest_size(d) bytes. Parts are hashed one after the other. */
void digest_of(enum digest d, const struct slice *parts, size_t n, uint8_t *out);
void hmac_of(enum digest d, struct slice key, const struct slice *parts, size_t n, uint8_t *out);

/* Constant time in the content (not in the length, which is no secret). */
bool secret_equal(struct slice a, struct slice b);
void secret_wipe(void *p, size_t n);
void secret_random(void *p, size_t n); /* ends the process if the system gives none */
uint32_t secret_random_below(uint32_t bound); /* uniform, bound > 0 */

struct slice base64_encode(struct arena *a, struct slice raw);
struct slice base64_encode_url(struct arena *a, struct slice raw); /* URL alphabet, no padding */
bool base64_decode(struct arena *a, struct slice text, struct slice *raw); /* strict: padding, alphabet */
struct slice hex_encode(struct arena *a, struct slice raw);                /* lower case */
bool hex_decode(struct arena *a, struct slice text, struct slice *raw);

/* A keyed 128-bit name for an address or a provider id: equal input, equal name; says nothing without the key. */
struct key { uint8_t bytes[32]; };
struct hash16 { uint8_t bytes[16]; };
struct hash16 secret_hash16(const struct key *k, const struct slice *parts, size_t n); /* length-prefixed parts */

/* secretbox: nonce ‖ cipher text. open is false when the key is wrong or a bit was changed. */
struct slice secret_seal(struct arena *a, const struct key *k, struct slice plain);
bool secret_open(struct arena *a, const struct key *k, struct slice sealed, struct slice *plain);

#endif
