/*
 * Cryptography: digests and HMAC by libcrypto, the rest by libsodium.
 *
 * Algorithms are fetched once and each thread keeps its digest context, because a fetch costs ten times the hashing of
 * a webhook. Fatal (panic): libraries that do not work, a system without randomness, a digest that fails half way.
 */
#include "huiyin/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX_BYTES 128
#define DIGESTS         4

struct algorithm {
	const char *name;
	size_t size, block; /* bytes */
	EVP_MD *md;
};

static struct algorithm algorithms[DIGESTS] = {
	[SHA1] = {"SHA1", 20, 64, NULL},
	[SHA256] = {"SHA256", 32, 64, NULL},
	[SHA512] = {"SHA512", 64, 128, NULL},
	[MD5] = {"MD5", 16, 64, NULL},
};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts; /* of each thread: EVP_MD_CTX *[DIGESTS] */
static OSSL_LIB_CTX *library;
static bool works;

static void contexts_free(void *of_thread)
{
	EVP_MD_CTX **list = of_thread;

	for (size_t i = 0; i < DIGESTS; i++)
		EVP_MD_CTX_free(list[i]);
	free(list);
}

static void start(void)
{
	/* libcrypto 3.0's default context, made by and by, is a null lock when memory ran out on the way; this one is
	   whole or not there. */
	library = OSSL_LIB_CTX_new();
	if (!library)
		return;
	if (sodium_init() < 0 || pthread_key_create(&contexts, contexts_free) != 0)
		return;
	for (size_t i = 0; i < DIGESTS; i++) {
		algorithms[i].md = EVP_MD_fetch(library, algorithms[i].name, NULL);
		if (!algorithms[i].md || (size_t)EVP_MD_get_size(algorithms[i].md) != algorithms[i].size)
			return;
	}
	works = true;
}

bool secret_start(void)
{
	pthread_once(&once, start);
	return works;
}

static void must_work(void)
{
	if (!secret_start())
		panic("libcrypto or libsodium does not work");
}

size_t digest_size(enum digest d)
{
	return algorithms[d].size;
}

static EVP_MD_CTX *context(enum digest d)
{
	EVP_MD_CTX **list = pthread_getspecific(contexts);

	if (!list) {
		list = calloc(DIGESTS, sizeof(*list));
		if (!list || pthread_setspecific(contexts, list) != 0)
			exhausted("digests");
	}
	if (!list[d])
		list[d] = EVP_MD_CTX_new();
	if (!list[d])
		exhausted("digests");
	return list[d];
}

/* `head` (the padded key of an HMAC; may be empty), then the parts. */
static void hash(enum digest d, struct slice head, const struct slice *parts, size_t n, uint8_t *out)
{
	EVP_MD_CTX *c = context(d);
	bool ok = EVP_DigestInit_ex2(c, algorithms[d].md, NULL) == 1;

	if (head.len)
		ok = ok && EVP_DigestUpdate(c, head.data, head.len) == 1;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].len)
			ok = ok && EVP_DigestUpdate(c, parts[i].data, parts[i].len) == 1;
	}
	if (!ok || EVP_DigestFinal_ex(c, out, NULL) != 1) /* an algorithm that was found fails of nothing else */
		exhausted("%s", algorithms[d].name);
}

void digest_of(enum digest d, const struct slice *parts, size_t n, uint8_t *out)
{
	must_work();
	hash(d, S(""), parts, n, out);
}

/* RFC 2104. */
void hmac_of(enum digest d, struct slice key, const struct slice *parts, size_t n, uint8_t *out)
{
	size_t block = algorithms[d].block, size = algorithms[d].size;
	uint8_t pad[BLOCK_MAX_BYTES] = {0}, inner[DIGEST_MAX_BYTES];
	struct slice head = slice_make((const char *)pad, block), body = slice_make((const char *)inner, size);

	must_work();
	if (key.len > block)
		hash(d, S(""), &key, 1, pad);
	else if (key.len)
		memcpy(pad, key.data, key.len);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36;
	hash(d, head, parts, n, inner);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5C;
	hash(d, head, &body, 1, out);
	OPENSSL_cleanse(pad, sizeof(pad));
}

bool secret_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0);
}

void secret_wipe(void *p, size_t n)
{
	if (n)
		OPENSSL_cleanse(p, n);
}

void secret_random(void *p, size_t n)
{
	must_work();
	randombytes_buf(p, n); /* ends the process by itself when there is none */
}

uint32_t secret_random_below(uint32_t bound)
{
	must_work();
	return randombytes_uniform(bound);
}

/* ---- text forms ---- */

static struct slice encode64(struct arena *a, struct slice raw, int variant)
{
	size_t room = sodium_base64_encoded_len(raw.len, variant); /* counts a null */
	char *text = arena_alloc(a, room);

	sodium_bin2base64(text, room, (const unsigned char *)raw.data, raw.len, variant);
	return slice_of(text);
}

struct slice base64_encode(struct arena *a, struct slice raw)
{
	return encode64(a, raw, sodium_base64_VARIANT_ORIGINAL);
}

struct slice base64_encode_url(struct arena *a, struct slice raw)
{
	return encode64(a, raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* libsodium refuses foreign characters, missing or surplus padding, and spare bits that are not zero. */
bool base64_decode(struct arena *a, struct slice text, struct slice *raw)
{
	size_t room = text.len / 4 * 3 + 3, len;
	unsigned char *bytes = arena_alloc(a, room);

	if (sodium_base642bin(bytes, room, text.data, text.len, NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	*raw = slice_make((const char *)bytes, len);
	return true;
}

struct slice hex_encode(struct arena *a, struct slice raw)
{
	char *text = arena_alloc(a, raw.len * 2 + 1);

	sodium_bin2hex(text, raw.len * 2 + 1, (const unsigned char *)raw.data, raw.len);
	return slice_make(text, raw.len * 2);
}

bool hex_decode(struct arena *a, struct slice text, struct slice *raw)
{
	unsigned char *bytes = arena_alloc(a, text.len / 2);
	size_t len;

	if (text.len % 2 || sodium_hex2bin(bytes, text.len / 2, text.data, text.len, NULL, &len, NULL) != 0)
		return false;
	*raw = slice_make((const char *)bytes, len);
	return true;
}

/* ---- names and boxes ---- */

/* BLAKE2b. Each part goes in behind its length, so that ("ab","c") and ("a","bc") have different names. */
struct hash16 secret_hash16(const struct key *k, const struct slice *parts, size_t n)
{
	crypto_generichash_state state;
	struct hash16 name;

	must_work();
	crypto_generichash_init(&state, k->bytes, sizeof(k->bytes), sizeof(name.bytes));
	for (size_t i = 0; i < n; i++) {
		uint64_t len = parts[i].len;
		unsigned char prefix[8];

		for (size_t j = 0; j < sizeof(prefix); j++)
			prefix[j] = (unsigned char)(len >> (8 * j));
		crypto_generichash_update(&state, prefix, sizeof(prefix));
		crypto_generichash_update(&state, (const unsigned char *)parts[i].data, len);
	}
	crypto_generichash_final(&state, name.bytes, sizeof(name.bytes));
	return name;
}

struct slice secret_seal(struct arena *a, const struct key *k, struct slice plain)
{
	size_t len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
	unsigned char *box = arena_alloc(a, len);

	secret_random(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.data, plain.len, box,
			      k->bytes);
	return slice_make((const char *)box, len);
}

bool secret_open(struct arena *a, const struct key *k, struct slice sealed, struct slice *plain)
{
	const unsigned char *box = (const unsigned char *)sealed.data;
	struct slice cipher = slice_from(sealed, crypto_secretbox_NONCEBYTES);
	unsigned char *bytes;

	if (cipher.len < crypto_secretbox_MACBYTES)
		return false;
	must_work();
	bytes = arena_alloc(a, cipher.len - crypto_secretbox_MACBYTES);
	if (crypto_secretbox_open_easy(bytes, (const unsigned char *)cipher.data, cipher.len, box, k->bytes) != 0)
		return false;
	*plain = slice_make((const char *)bytes, cipher.len - crypto_secretbox_MACBYTES);
	return true;
}
