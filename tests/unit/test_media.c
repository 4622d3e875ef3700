/* Media from strangers: what is kept and how, and that no URL in a message makes us call where we should not. */
#include "delivery_house.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char jpeg[] = "\xFF\xD8\xFF\xE0\0\x10JFIF and a picture of a leaking roof";
#define JPEG_BYTES (sizeof jpeg - 1)
#define JPEG_REPLY                                                                                                     \
	{                                                                                                              \
		.body = jpeg, .body_len = JPEG_BYTES, .headers = "Content-Type: image/jpeg\r\n"                        \
	}

static char folder[40];

static struct house *media_house(void)
{
	struct house *h = house_new();

	snprintf(folder, sizeof folder, "/tmp/huiyin-media-XXXXXX");
	assert_non_null(mkdtemp(folder));
	h->config.state = slice_of(folder);
	h->config.limits.media = 100000;
	h->config.delivery.fetch_ms = 3000;
	h->config.delivery.connect_ms = 2000;
	return h;
}

/* Files in state/media; removes them. */
static int files_left(bool temporary)
{
	char path[400];
	struct dirent *e;
	DIR *d;
	int n = 0;

	snprintf(path, sizeof path, "%s/media", folder);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' || strncmp(e->d_name, ".fetch-", 7) == 0)
			n += (e->d_name[0] == '.') == temporary;
	if (d)
		closedir(d);
	return n;
}

static void media_close(struct house *h)
{
	char path[400];
	struct dirent *e;
	DIR *d;

	house_close(h);
	assert_int_equal(files_left(true), 0);
	snprintf(path, sizeof path, "%s/media", folder);
	d = opendir(path);
	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(path);
	rmdir(folder);
}

static const struct fetched *fetch(struct house *h, const char *url, const char *type, int attempts)
{
	struct media_row row = {.id = (int64_t)h->n + 1,
				.channel = S("a"),
				.url = slice_of(url),
				.type = slice_of(type),
				.attempts = attempts};

	delivery_give_media(h->delivery, &row, 1);
	assert_true(house_wait(h, h->n + 1, 10000));
	assert_int_equal(h->events[h->n - 1]->kind, EVENT_MEDIA);
	assert_int_equal(h->events[h->n - 1]->fetched.media, row.id);
	return &h->events[h->n - 1]->fetched;
}

static char *at_home(struct house *h, const char *path)
{
	return arena_cstr(h->arena, arena_printf(h->arena, "http://127.0.0.1:%d%s", fake_port(h->fake), path));
}

/* ---- what is kept --------------------------------------------------------------------------------------------------
 */

static void a_picture_is_kept_under_its_hash(void **state)
{
	struct house *h = media_house();
	struct slice part = slice_make(jpeg, JPEG_BYTES), name;
	char path[400], back[200];
	const struct fetched *f;
	struct stat st;
	uint8_t sum[32];
	int fd;

	(void)state;
	fake_always(h->fake, (struct fake_reply)JPEG_REPLY);
	house_open(h);
	f = fetch(h, at_home(h, "/media/1"), "image/jpeg", 0);
	assert_int_equal(f->result, OK);
	digest_of(SHA256, &part, 1, sum);
	name = hex_encode(h->arena, slice_make((char *)sum, 32));
	assert_true(slice_equal(f->sha256, name));
	assert_true(slice_equal(f->path, arena_printf(h->arena, "media/" SLICE_FMT ".jpg", SLICE_ARG(name))));
	assert_true(slice_is(f->type, "image/jpeg"));
	assert_int_equal(f->size, JPEG_BYTES);
	assert_true(slice_is(h->events[0]->rid, "m1") && h->events[0]->channel == 0);
	snprintf(path, sizeof path, "%s/" SLICE_FMT, folder, SLICE_ARG(f->path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, back, sizeof back), JPEG_BYTES);
	assert_memory_equal(back, jpeg, JPEG_BYTES);
	close(fd);
	assert_non_null(strstr(fake_head(h->fake, 0), "Authorization: Basic "));
	assert_int_equal(fetch(h, at_home(h, "/media/2"), "", 0)->result, OK); /* the same content: the same file */
	assert_int_equal(files_left(false), 1);
	media_close(h);
}

static void what_it_is_decides_not_what_it_says(void **state)
{
	static const struct {
		const char *body;
		size_t len;
		const char *type;
		enum result is;
		const char *mime;
	} table[] = {
		{jpeg, JPEG_BYTES, "application/pdf", NEVER, NULL},
		{"%PDF-1.7 x", 10, "application/pdf", OK, "application/pdf"},
		{"%PDF-1.7 x", 10, "image/jpeg", NEVER, NULL},
		{"<html><script>", 14, "image/jpeg", NEVER, NULL},
		{"<svg onload=x>", 14, "image/svg+xml", NEVER, NULL},
		{"MZ\x90\0abcdefgh", 12, "image/png", NEVER, NULL},
		{"GIF89a......", 12, "image/png", OK, "image/gif"},
		{"OggS\0\2......", 12, "video/ogg", OK, "audio/ogg"},
		{"text", 4, "", NEVER, NULL},
	};
	struct house *h = media_house();

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		fake_then(h->fake, (struct fake_reply){.body = table[i].body, .body_len = table[i].len});
	house_open(h);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const struct fetched *f = fetch(h, at_home(h, "/m"), table[i].type, 0);

		if (f->result != table[i].is)
			fail_msg("row %zu: %s", i, result_name(f->result));
		if (table[i].mime)
			assert_true(slice_is(f->type, table[i].mime));
		else
			assert_true(f->why.len > 0);
	}
	assert_int_equal(files_left(false), 3);
	media_close(h);
}

static void size_has_a_limit(void **state)
{
	struct house *h = media_house();

	(void)state;
	h->config.limits.media = (int64_t)JPEG_BYTES;
	fake_then(h->fake, (struct fake_reply)JPEG_REPLY);
	fake_then(h->fake,
		  (struct fake_reply){.body = jpeg, .body_len = JPEG_BYTES + 1}); /* one more: the closing NUL */
	fake_then(h->fake, (struct fake_reply){.big = (size_t)10 << 20});
	fake_then(h->fake, (struct fake_reply){.body = ""});
	house_open(h);
	assert_int_equal(fetch(h, at_home(h, "/m"), "", 0)->result, OK);
	assert_int_equal(fetch(h, at_home(h, "/m"), "", 0)->result, NEVER);
	assert_true(slice_is(fetch(h, at_home(h, "/m"), "", 0)->why, "larger than limits.media"));
	assert_true(slice_is(fetch(h, at_home(h, "/m"), "", 0)->why, "empty"));
	assert_int_equal(files_left(false), 1);
	media_close(h);
}

static void failures_know_whether_to_come_back(void **state)
{
	static const struct {
		struct fake_reply r;
		int attempts;
		enum result is;
	} table[] = {
		{{.status = 500}, 0, LATER},
		{{.status = 503}, 0, LATER},
		{{.status = 429}, 0, LATER},
		{{.status = 401}, 0, LATER},
		{{.status = 403}, 0, LATER},
		{{.status = 404}, 0, LATER},
		{{.status = 404}, 4, NEVER},
		{{.status = 410}, 0, NEVER},
		{{.status = 400}, 0, NEVER},
		{{.status = 206}, 0, NEVER},
		{{.act = FAKE_RESET_AFTER}, 0, LATER},
		{{.act = FAKE_CUT_BODY, .body = jpeg, .body_len = JPEG_BYTES}, 0, LATER},
		{{.act = FAKE_GARBAGE}, 0, LATER},
		{{.act = FAKE_HANG}, 0, LATER},
	};
	struct house *h = media_house();

	(void)state;
	h->config.delivery.fetch_ms = 700;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		fake_then(h->fake, table[i].r);
	house_open(h);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (fetch(h, at_home(h, "/m"), "", table[i].attempts)->result != table[i].is)
			fail_msg("row %zu: %s", i, result_name(h->events[i]->fetched.result));
	assert_int_equal(files_left(false), 0);
	media_close(h);
}

static void a_folder_that_cannot_be_written_is_for_later(void **state)
{
	struct house *h = media_house();

	(void)state;
	h->config.state = S("/proc/no/such/place");
	house_open(h);
	assert_int_equal(fetch(h, at_home(h, "/m"), "", 0)->result, LATER);
	assert_int_equal(fake_requests(h->fake), 0);
	media_close(h);
}

/* ---- redirects ------------------------------------------------------------------------------------------------------
 */

static void two_redirects_without_credentials(void **state)
{
	struct house *h = media_house();

	(void)state;
	fake_then(h->fake,
		  (struct fake_reply){.status = 302, .headers = "Location: /second\r\n", .body = "GIF89a not this"});
	fake_then(h->fake,
		  (struct fake_reply){.status = 307, .headers = "Location: http://127.0.0.1:{port}/third\r\n"});
	fake_then(h->fake, (struct fake_reply)JPEG_REPLY);
	house_open(h);
	assert_int_equal(fetch(h, at_home(h, "/first"), "", 0)->result, OK);
	assert_int_equal(h->events[0]->fetched.size, JPEG_BYTES);
	assert_non_null(strstr(fake_head(h->fake, 0), "Authorization:"));
	assert_null(strstr(fake_head(h->fake, 1), "Authorization:"));
	assert_null(strstr(fake_head(h->fake, 2), "Authorization:"));
	assert_non_null(strstr(fake_head(h->fake, 2), "GET /third "));
	fake_always(h->fake, (struct fake_reply){.status = 302, .headers = "Location: /again\r\n"});
	assert_int_equal(fetch(h, at_home(h, "/loop"), "", 0)->result, NEVER);
	assert_int_equal(fake_requests(h->fake), 6);
	media_close(h);
}

static void a_redirect_leads_nowhere_private(void **state)
{
	static const char *const targets[] = {
		"http://127.0.0.1:%d/x",   "https://127.0.0.1:%d/x", "https://localhost:%d/x",
		"https://0x7f000001:%d/x", "https://[::1]:%d/x",     "//127.0.0.1:%d/x",
		"https://a@127.0.0.1:%d/", "ftp://127.0.0.1:%d/x",   "file:///etc/passwd?%d",
		"gopher://127.0.0.1:%d/x", "https://2130706433:%d/",
	};
	struct house *h = media_house();
	struct fake *trap = fake_start();

	(void)state;
	house_open(h);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		char target[100];

		char headers[160];

		if (strstr(targets[i], "%d"))
			snprintf(target, sizeof target, "%.*s%d%s", (int)(strstr(targets[i], "%d") - targets[i]),
				 targets[i], fake_port(trap), strstr(targets[i], "%d") + 2);
		snprintf(headers, sizeof headers, "Location: %s\r\n", target);
		fake_always(h->fake, (struct fake_reply){.status = 302, .headers = headers});
		if (fetch(h, at_home(h, "/first"), "", 0)->result != NEVER)
			fail_msg("redirect to %s: %s", target, result_name(h->events[i]->fetched.result));
	}
	assert_int_equal(fake_connections(trap), 0);
	fake_stop(&trap);
	media_close(h);
}

/* ---- where a stranger's URL may lead --------------------------------------------------------------------------------
 */

static void no_url_reaches_inside(void **state)
{
	/* %d: the port of a listener that must never hear anything */
	static const char *const urls[] = {
		"http://127.0.0.1:%d/",
		"https://127.0.0.1:%d/",
		"https://localhost:%d/",
		"https://LOCALHOST:%d/",
		"https://localhost.:%d/",
		"https://127.1:%d/",
		"https://127.0.1:%d/",
		"https://127.255.255.254:%d/",
		"https://2130706433:%d/",
		"https://0x7f000001:%d/",
		"https://0x7f.0x0.0x0.0x1:%d/",
		"https://0177.0.0.1:%d/",
		"https://017700000001:%d/",
		"https://0x7f.1:%d/",
		"https://127.0.0.1.:%d/",
		"https://0:%d/",
		"https://0.0.0.0:%d/",
		"https://[::1]:%d/",
		"https://[::]:%d/",
		"https://[0:0:0:0:0:0:0:1]:%d/",
		"https://[::ffff:127.0.0.1]:%d/",
		"https://[::ffff:7f00:1]:%d/",
		"https://[::127.0.0.1]:%d/",
		"https://[64:ff9b::127.0.0.1]:%d/",
		"https://[2002:7f00:1::]:%d/",
		"https://[fe80::1]:%d/",
		"https://[fe80::1%25lo]:%d/",
		"https://[fc00::1]:%d/",
		"https://[fd12:3456::1]:%d/",
		"https://[ff02::1]:%d/",
		"https://10.0.0.1:%d/",
		"https://172.16.0.1:%d/",
		"https://172.31.255.255:%d/",
		"https://192.168.1.1:%d/",
		"https://169.254.169.254:%d/latest/meta-data/",
		"https://100.64.0.1:%d/",
		"https://198.18.0.1:%d/",
		"https://192.0.2.1:%d/",
		"https://224.0.0.1:%d/",
		"https://255.255.255.255:%d/",
		"https://user@127.0.0.1:%d/",
		"https://user:pass@127.0.0.1:%d/",
		"https://api.example.com@127.0.0.1:%d/",
		"https://api.example.com%%40127.0.0.1:%d/",
		"https://127.0.0.1%%2f:%d/",
		"https://%%31%%32%%37.0.0.1:%d/",
		"https://①②⑦.⓪.⓪.①:%d/",
		"http://api.example.com:%d/",
		"ftp://127.0.0.1:%d/",
		"file:///etc/passwd#%d",
		"gopher://127.0.0.1:%d/_x",
		"dict://127.0.0.1:%d/x",
		"ldap://127.0.0.1:%d/",
		"smb://127.0.0.1:%d/x",
		"tftp://127.0.0.1:%d/x",
		"telnet://127.0.0.1:%d",
		"javascript:%d",
		"upload:%d",
		"data:text/html,%d",
		"//127.0.0.1:%d/",
		"127.0.0.1:%d",
		"https:127.0.0.1:%d",
		"https:/127.0.0.1:%d/",
		"https:///127.0.0.1:%d/",
		"https://127.0.0.1\\@api.example.com:%d/",
		"https://127.0.0.1:%d\r\nHost: x",
		" %d",
		"https://127.0.0.1#@api.example.com:%d/",
		"https://127.0.0.1:%d?@api.example.com/",
	};
	struct house *h = media_house();
	struct fake *trap = fake_start();

	(void)state;
	h->values[0][OPTION_API_URL] = S("https://api.example.com");
	h->config.delivery.connect_ms = 500;
	house_open(h);
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		char url[200];
		enum result r;

		house_forget(h);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof url, urls[i], fake_port(trap));
#pragma GCC diagnostic pop
		r = fetch(h, url, "", 0)->result;
		/* a name that no server knows may be looked up again later; everything else is final */
		if (r == OK || (r == LATER && !slice_is(h->events[0]->fetched.why, "Couldn't resolve host name") &&
				!slice_is(h->events[0]->fetched.why, "Could not resolve hostname")))
			fail_msg("%s: %s: " SLICE_FMT, url, result_name(r), SLICE_ARG(h->events[0]->fetched.why));
	}
	assert_true(sizeof urls / sizeof urls[0] >= 40);
	assert_int_equal(fake_connections(trap), 0);
	fake_stop(&trap);
	media_close(h);
}

/* Only scheme, host and port together are the operator's own. */
static void the_own_origin_is_one_origin(void **state)
{
	struct house *h = media_house();
	struct fake *other = fake_start();

	(void)state;
	fake_always(h->fake, (struct fake_reply)JPEG_REPLY);
	house_open(h);
	assert_int_equal(fetch(h, at_home(h, "/m"), "", 0)->result, OK);
	assert_int_equal(
		fetch(h, arena_cstr(h->arena, arena_printf(h->arena, "http://127.0.0.1:%d/", fake_port(other))), "", 0)
			->result,
		NEVER);
	assert_int_equal(fetch(h,
			       arena_cstr(h->arena, arena_printf(h->arena, "http://localhost:%d/", fake_port(h->fake))),
			       "", 0)
				 ->result,
			 NEVER);
	assert_int_equal(
		fetch(h, arena_cstr(h->arena, arena_printf(h->arena, "https://127.0.0.1:%d/", fake_port(h->fake))), "",
		      0)
			->result,
		NEVER);
	assert_int_equal(fake_connections(other), 0);
	assert_int_equal(fake_connections(h->fake), 1);
	fake_stop(&other);
	media_close(h);
}

/* ---- bounds and stopping --------------------------------------------------------------------------------------------
 */

static void fetches_are_bounded(void **state)
{
	struct house *h = media_house();
	struct media_row rows[8] = {{0}};

	(void)state;
	h->config.delivery.fetches = 8;
	h->config.delivery.fetches_out = 2;
	fake_always(h->fake, (struct fake_reply){.body = jpeg, .body_len = JPEG_BYTES, .delay_ms = 60});
	house_open(h);
	assert_int_equal(delivery_media_room(h->delivery), 8);
	for (int i = 0; i < 8; i++)
		rows[i] = (struct media_row){.id = i + 1, .channel = S("a"), .url = slice_of(at_home(h, "/m"))};
	delivery_give_media(h->delivery, rows, 8);
	assert_int_equal(delivery_media_room(h->delivery), 0);
	assert_true(house_wait(h, 8, 5000));
	assert_int_equal(delivery_media_room(h->delivery), 8);
	assert_int_equal(fake_most_at_once(h->fake), 2);
	for (int i = 0; i < 8; i++)
		assert_int_equal(h->events[i]->fetched.result, OK);
	media_close(h);
}

static void stopping_gives_back(void **state)
{
	struct house *h = media_house();
	struct media_row rows[3] = {{0}};

	(void)state;
	h->config.delivery.fetches_out = 1;
	fake_always(h->fake, (struct fake_reply){.act = FAKE_HANG});
	house_open(h);
	for (int i = 0; i < 3; i++)
		rows[i] = (struct media_row){.id = i + 1, .channel = S("a"), .url = slice_of(at_home(h, "/m"))};
	delivery_give_media(h->delivery, rows, 3);
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	delivery_stop(&h->delivery, 200);
	assert_true(house_wait(h, 3, 500));
	for (int i = 0; i < 3; i++)
		assert_int_equal(h->events[i]->fetched.result, LATER);
	media_close(h);
}

static void leftovers_of_a_crash_are_cleared(void **state)
{
	struct house *h = media_house();
	char path[400];
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	int fd;

	(void)state;
	snprintf(path, sizeof path, "%s/media", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/media/.fetch-0123", folder);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, old), 0);
	close(fd);
	assert_int_equal(files_left(true), 1);
	house_open(h);
	assert_int_equal(files_left(true), 0);
	media_close(h);
}

static void an_unknown_channel_is_never(void **state)
{
	struct house *h = media_house();
	struct media_row row = {.id = 9, .channel = S("gone"), .url = S("https://example.com/x")};

	(void)state;
	house_open(h);
	delivery_give_media(h->delivery, &row, 1);
	assert_true(house_wait(h, 1, 2000));
	assert_int_equal(h->events[0]->fetched.result, NEVER);
	media_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_is_kept_under_its_hash),
		cmocka_unit_test(what_it_is_decides_not_what_it_says),
		cmocka_unit_test(size_has_a_limit),
		cmocka_unit_test(failures_know_whether_to_come_back),
		cmocka_unit_test(a_folder_that_cannot_be_written_is_for_later),
		cmocka_unit_test(two_redirects_without_credentials),
		cmocka_unit_test(a_redirect_leads_nowhere_private),
		cmocka_unit_test(no_url_reaches_inside),
		cmocka_unit_test(the_own_origin_is_one_origin),
		cmocka_unit_test(fetches_are_bounded),
		cmocka_unit_test(stopping_gives_back),
		cmocka_unit_test(leftovers_of_a_crash_are_cleared),
		cmocka_unit_test(an_unknown_channel_is_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
