/* Digests and HMAC by the vectors of their RFCs, encodings at their edges, boxes and names. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/secret.h"

static const char *hex(struct arena *a, const uint8_t *bytes, size_t n)
{
	return hex_encode(a, slice_make((const char *)bytes, n)).data;
}

static void digests(void **state)
{
	static const struct {
		enum digest d;
		const char *text, *hex;
	} table[] = {
		{MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
		{MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		{SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{SHA512, "abc",
		 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	};
	struct arena *a = arena_open(0);
	uint8_t out[DIGEST_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct slice whole = slice_of(table[i].text);
		struct slice parts[] = {slice_make(whole.data, whole.len / 2), S(""), slice_from(whole, whole.len / 2)};

		digest_of(table[i].d, &whole, 1, out);
		assert_string_equal(hex(a, out, digest_size(table[i].d)), table[i].hex);
		digest_of(table[i].d, parts, 3, out);
		assert_string_equal(hex(a, out, digest_size(table[i].d)), table[i].hex);
	}
	digest_of(MD5, NULL, 0, out);
	assert_string_equal(hex(a, out, 16), table[0].hex);
	arena_close(&a);
}

#define TIMES20(x) x x x x x x x x x x x x x x x x x x x x
#define AA80       TIMES20("\xaa\xaa\xaa\xaa")
#define AA131      AA80 TIMES20("\xaa\xaa") "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"

/* RFC 2202 and RFC 4231. */
static const struct {
	enum digest d;
	struct slice key, text;
	const char *hex;
} hmacs[] = {
	{MD5, {TIMES20("\x0b"), 16}, {"Hi There", 8}, "9294727a3638bb1c13f48ef8158bfc9d"},
	{MD5, {"Jefe", 4}, {"what do ya want for nothing?", 28}, "750c783e6ab0b503eaa86e310a5db738"},
	{MD5,
	 {AA80, 80},
	 {"Test Using Larger Than Block-Size Key - Hash Key First", 54},
	 "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
	{SHA1, {TIMES20("\x0b"), 20}, {"Hi There", 8}, "b617318655057264e28bc0b6fb378c8ef146be00"},
	{SHA1, {"Jefe", 4}, {"what do ya want for nothing?", 28}, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{SHA1,
	 {AA80, 80},
	 {"Test Using Larger Than Block-Size Key - Hash Key First", 54},
	 "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	{SHA1, {"", 0}, {"", 0}, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"},
	{SHA256,
	 {TIMES20("\x0b"), 20},
	 {"Hi There", 8},
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{SHA256,
	 {"Jefe", 4},
	 {"what do ya want for nothing?", 28},
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{SHA256,
	 {AA131, 131},
	 {"Test Using Larger Than Block-Size Key - Hash Key First", 54},
	 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	{SHA512,
	 {"Jefe", 4},
	 {"what do ya want for nothing?", 28},
	 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6"
	 "b4b"
	 "636e070a38bce737"},
	{SHA512,
	 {AA131, 131},
	 {"Test Using Larger Than Block-Size Key - Hash Key First", 54},
	 "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0"
	 "aec"
	 "8b915a985d786598"},
};

static void check_hmacs(struct arena *a)
{
	uint8_t out[DIGEST_MAX_BYTES];

	for (size_t i = 0; i < sizeof(hmacs) / sizeof(hmacs[0]); i++) {
		hmac_of(hmacs[i].d, hmacs[i].key, &hmacs[i].text, 1, out);
		assert_string_equal(hex(a, out, digest_size(hmacs[i].d)), hmacs[i].hex);
	}
}

static void hmac_vectors(void **state)
{
	struct arena *a = arena_open(0);
	struct slice parts[] = {S("what do ya "), S("want for nothing?")};
	uint8_t out[DIGEST_MAX_BYTES];

	(void)state;
	check_hmacs(a);
	hmac_of(SHA1, S("Jefe"), parts, 2, out);
	assert_string_equal(hex(a, out, 20), hmacs[4].hex);
	arena_close(&a);
}

/* Threads share nothing; what each used is freed with it (the leak check of the test build looks). */
static void *in_thread(void *wrong)
{
	uint8_t first[DIGEST_MAX_BYTES], out[DIGEST_MAX_BYTES];

	hmac_of(hmacs[4].d, hmacs[4].key, &hmacs[4].text, 1, first);
	for (int i = 0; i < 2000; i++) {
		hmac_of(hmacs[4].d, hmacs[4].key, &hmacs[4].text, 1, out);
		if (memcmp(first, out, 20) != 0 || first[0] != 0xef)
			*(int *)wrong += 1;
	}
	return NULL;
}

static void hmac_in_threads(void **state)
{
	pthread_t thread[4];
	int wrong[4] = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, in_thread, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

static void base64(void **state)
{
	static const struct {
		struct slice raw;
		const char *text, *url;
	} good[] = {
		{{"", 0}, "", ""},
		{{"f", 1}, "Zg==", "Zg"},
		{{"fo", 2}, "Zm8=", "Zm8"},
		{{"foo", 3}, "Zm9v", "Zm9v"},
		{{"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy"},
		{{"\xfb\xff\xfe\0", 4}, "+//+AA==", "-__-AA"},
	};
	static const char *const bad[] = {
		"Zg",    "Zg=",  "Zg===", "Zg==\n",   " Zg==", "Z",        "=",        "====",
		"Zm9v=", "Zh==", "Zm9=",  "-__-AA==", "Zm 9v", "Zm9v====", "Zg==Zg==", "Z\xC3\xA9g=",
	};
	struct arena *a = arena_open(0);
	struct slice raw;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_string_equal(base64_encode(a, good[i].raw).data, good[i].text);
		assert_string_equal(base64_encode_url(a, good[i].raw).data, good[i].url);
		assert_true(base64_decode(a, slice_of(good[i].text), &raw));
		assert_true(slice_equal(raw, good[i].raw));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (base64_decode(a, slice_of(bad[i]), &raw))
			fail_msg("taken: %s", bad[i]);
	}
	assert_false(base64_decode(a, slice_make("Zg=\0", 4), &raw));
	arena_close(&a);
}

static void hex_form(void **state)
{
	static const char *const bad[] = {"0", "0g", "0x00", "00 ", " 00", "0:0:", "000"};
	struct arena *a = arena_open(0);
	struct slice raw;

	(void)state;
	assert_string_equal(hex_encode(a, slice_make("\0\x7f\xAB\xff", 4)).data, "007fabff");
	assert_true(hex_decode(a, S("007FabFF"), &raw));
	assert_true(slice_equal(raw, slice_make("\0\x7f\xAB\xff", 4)));
	assert_true(hex_decode(a, S(""), &raw));
	assert_int_equal(raw.len, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (hex_decode(a, slice_of(bad[i]), &raw))
			fail_msg("taken: %s", bad[i]);
	}
	arena_close(&a);
}

static void all_lengths_make_the_round(void **state)
{
	struct arena *a = arena_open(0);
	char bytes[200];
	struct slice back;

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		secret_random(bytes, n);
		assert_true(base64_decode(a, base64_encode(a, slice_make(bytes, n)), &back));
		assert_true(slice_equal(back, slice_make(bytes, n)));
		assert_true(hex_decode(a, hex_encode(a, slice_make(bytes, n)), &back));
		assert_true(slice_equal(back, slice_make(bytes, n)));
	}
	arena_close(&a);
}

static void compares(void **state)
{
	char wiped[] = "secret";

	(void)state;
	assert_true(secret_equal(S("abc"), S("abc")));
	assert_false(secret_equal(S("abc"), S("abd")));
	assert_false(secret_equal(S("abc"), S("abcd")));
	assert_true(secret_equal(S(""), slice_of(NULL)));
	secret_wipe(wiped, sizeof(wiped));
	assert_memory_equal(wiped, "\0\0\0\0\0\0", sizeof(wiped));
	secret_wipe(NULL, 0);
}

static void random_is_spread(void **state)
{
	unsigned count[5] = {0};
	uint8_t a[16] = {0}, b[16] = {0};

	(void)state;
	secret_random(a, sizeof(a));
	secret_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (int i = 0; i < 10000; i++) {
		uint32_t n = secret_random_below(5);

		assert_true(n < 5);
		count[n]++;
	}
	for (int i = 0; i < 5; i++) /* 2000 each; the bounds are ten standard deviations away */
		assert_in_range(count[i], 1600, 2400);
	assert_int_equal(secret_random_below(1), 0);
}

static void names_tell_parts_apart(void **state)
{
	struct key k = {{1}}, other = {{2}};
	struct slice ab_c[] = {S("ab"), S("c")}, a_bc[] = {S("a"), S("bc")}, abc[] = {S("abc")},
		     more[] = {S("ab"), S("c"), S("")};
	struct hash16 x = secret_hash16(&k, ab_c, 2), again = secret_hash16(&k, ab_c, 2);

	(void)state;
	assert_memory_equal(&x, &again, sizeof(x));
	again = secret_hash16(&k, a_bc, 2);
	assert_memory_not_equal(&x, &again, sizeof(x));
	again = secret_hash16(&k, abc, 1);
	assert_memory_not_equal(&x, &again, sizeof(x));
	again = secret_hash16(&k, more, 3);
	assert_memory_not_equal(&x, &again, sizeof(x));
	again = secret_hash16(&other, ab_c, 2);
	assert_memory_not_equal(&x, &again, sizeof(x));
}

/* Names stand in databases: they may never change between versions. Checked against Python's hashlib.blake2b. */
static void names_stay(void **state)
{
	struct arena *a = arena_open(0);
	struct key k;
	struct slice parts[] = {S("sms"), S("+8613800138000")};

	(void)state;
	for (size_t i = 0; i < sizeof(k.bytes); i++)
		k.bytes[i] = (uint8_t)i;
	assert_string_equal(hex(a, secret_hash16(&k, parts, 2).bytes, 16), "ae97013c9a7ae8563f5da052f3bf392e");
	arena_close(&a);
}

static void boxes_open_only_whole(void **state)
{
	struct arena *a = arena_open(0);
	struct key k = {{1}}, other = {{2}};
	struct slice sealed = secret_seal(a, &k, S("王小明")), twin = secret_seal(a, &k, S("王小明")), plain;

	(void)state;
	assert_false(slice_equal(sealed, twin));
	assert_true(secret_open(a, &k, sealed, &plain));
	assert_true(slice_is(plain, "王小明"));
	assert_false(secret_open(a, &other, sealed, &plain));
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		char *copy = arena_cstr(a, sealed);

		copy[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(secret_open(a, &k, slice_make(copy, sealed.len), &plain));
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_false(secret_open(a, &k, slice_make(sealed.data, len), &plain));
	assert_true(secret_open(a, &k, secret_seal(a, &k, S("")), &plain));
	assert_int_equal(plain.len, 0);
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(hmac_vectors),
		cmocka_unit_test(hmac_in_threads),
		cmocka_unit_test(base64),
		cmocka_unit_test(hex_form),
		cmocka_unit_test(all_lengths_make_the_round),
		cmocka_unit_test(compares),
		cmocka_unit_test(random_is_spread),
		cmocka_unit_test(names_tell_parts_apart),
		cmocka_unit_test(names_stay),
		cmocka_unit_test(boxes_open_only_whole),
	};

	return secret_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
