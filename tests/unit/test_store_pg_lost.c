/*
 * What was stored when nobody could tell: the answer to a COMMIT that was lost is looked up, never guessed; and a message that was
 * taken for new is found out by its key.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "pg_gateways.h"
#include "huiyin/log.h"

/* ---- a lost answer -------------------------------------------------------------------------------------------------
 */

/* A wire between a store and its database that is cut once: before a COMMIT arrives, or when its answer is on the way.
 */
enum cut { NOT, BEFORE_COMMIT, AFTER_COMMIT };
static struct {
	int listening, port, to;
	pthread_t thread;
	_Atomic int cut, cuts;
	_Atomic bool stop;
} proxy;

static int connect_to(int port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(s, (struct sockaddr *)&at, sizeof at) == 0)
		return s;
	close(s);
	return -1;
}

/* What is read at one end goes out at the other. False: over. */
static bool pass(int from, int to, bool upwards)
{
	static char bytes[1 << 20];
	ssize_t n = read(from, bytes, sizeof bytes), done = 0, w = 0;

	if (n <= 0)
		return false;
	if (proxy.cut != NOT && upwards && memmem(bytes, (size_t)n, "COMMIT", 6)) {
		proxy.cuts++;
		if (proxy.cut == BEFORE_COMMIT) {
			proxy.cut = NOT;
			return false;
		}
	}
	while (done < n && (w = write(to, bytes + done, (size_t)(n - done))) > 0)
		done += w;
	return w >= 0;
}

static void carry(int here)
{
	int there = connect_to(proxy.to), before = proxy.cuts;

	while (there >= 0 && !proxy.stop) {
		struct pollfd f[2] = {{.fd = here, .events = POLLIN}, {.fd = there, .events = POLLIN}};

		poll(f, 2, 50);
		if (f[1].revents && proxy.cut == AFTER_COMMIT && proxy.cuts > before) {
			proxy.cut = NOT; /* the answer stays here */
			break;
		}
		if ((f[0].revents && !pass(here, there, true)) || (f[1].revents && !pass(there, here, false)))
			break;
	}
	close(there);
	close(here);
}

static void *carry_all(void *arg)
{
	(void)arg;
	while (!proxy.stop) {
		struct pollfd f = {.fd = proxy.listening, .events = POLLIN};
		int here = poll(&f, 1, 50) > 0 ? accept4(proxy.listening, NULL, NULL, SOCK_CLOEXEC) : -1;

		if (here >= 0)
			carry(here);
	}
	return NULL;
}

/* The address of the database, through the proxy. */
static const char *through_proxy(const char *where)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	proxy.to = (int)strtol(strchr(strchr(where, '@'), ':') + 1, NULL, 10);
	proxy.cut = NOT;
	proxy.stop = false;
	proxy.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(proxy.listening, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(proxy.listening, 8), 0);
	assert_int_equal(getsockname(proxy.listening, (struct sockaddr *)&at, &len), 0);
	proxy.port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&proxy.thread, NULL, carry_all, NULL), 0);
	return arena_cstr(house.arena, arena_printf(house.arena, "postgresql://huiyin@127.0.0.1:%d/%s", proxy.port,
						    strrchr(where, '/') + 1));
}

static void proxy_close(void)
{
	proxy.stop = true;
	pthread_join(proxy.thread, NULL);
	close(proxy.listening);
}

static struct lab lab_behind_proxy(void)
{
	struct lab l = {.a = arena_open(0)};

	url = house_database("");
	l.s = house_store(through_proxy(url), &contract_key);
	lab_begin(&l, T0);
	return l;
}

static void a_lost_answer_is_looked_up(void **state)
{
	struct lab l = lab_behind_proxy();
	bool acked[TURN_MESSAGES] = {0};
	struct store *direct;

	(void)state;
	for (int m = 0; m < TURN_MESSAGES; m++) {
		int cuts = proxy.cuts;
		enum result r;

		proxy.cut = m % 3;
		r = turn(l.s, m);
		assert_int_equal(proxy.cuts - cuts, m % 3 != NOT);
		if (m % 3 == BEFORE_COMMIT) {
			assert_int_equal(r, LATER);
			r = turn(l.s, m); /* the provider sends again */
		}
		assert_int_equal(r, OK);
		acked[m] = true;
	}
	lab_close(&l);
	proxy_close();
	direct = house_store(url, &contract_key);
	assert_int_equal(turns_check(direct, acked, TURN_MESSAGES), TURN_MESSAGES);
	direct->kind->close(direct);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM inbox"), TURN_MESSAGES);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM outbox"), TURN_MESSAGES * 2);
}

/* What was claimed with the answer that was lost is free again; what is in the courier's hands stays there. */
static void a_lost_claim_is_free_again(void **state)
{
	struct lab l = lab_behind_proxy();

	(void)state;
	for (int i = 1; i <= 3; i++)
		new_contact(&l, i);
	new_row(&l, 11, 1, LANE_REPLY, T0);
	lab_apply(&l);
	assert_int_equal(claim(&l, T0, 5), 1);
	proxy.cut = AFTER_COMMIT;
	lab_begin(&l, T0);
	new_row(&l, 12, 2, LANE_REPLY, T0);
	lab_apply(&l); /* claims nothing */
	assert_int_equal(proxy.cut, NOT);
	proxy.cut = AFTER_COMMIT;
	lab_begin(&l, T0);
	new_row(&l, 13, 3, LANE_REPLY, T0);
	l.c.claim_room = 5;
	lab_apply(&l);
	assert_int_equal(proxy.cut, NOT);
	assert_int_equal(l.c.n_claimed, 0);
	assert_int_equal(claim(&l, T0 + 1, 5), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(row_number(&l.c.claimed[i]), 12 + i);
		assert_int_equal(l.c.claimed[i].state, DELIVERY_SENDING);
		assert_int_equal(l.c.claimed[i].m.attempts, 0);
	}
	proxy.cut = AFTER_COMMIT;
	lab_begin(&l, T0);
	l.c.claim_room = 5;
	assert_int_equal(lab_try(&l), LATER); /* a claim alone leaves nothing to find it by: made again */
	lab_close(&l);
	proxy_close();
}

/* Kept, though nobody could find out: its number is not given to the next case, which would be refused for ever. */
static void a_number_in_doubt_is_left_out(void **state)
{
	struct lab l = lab_behind_proxy();
	struct want w = {0};
	struct snapshot snap = {.arena = l.a, .wants = &w, .n = 1, .day = S("261121")};

	(void)state;
	new_contact(&l, 1);
	lab_apply(&l);
	assert_int_equal(l.s->kind->load(l.s, &snap), OK);
	assert_int_equal(snap.next_sequence, 1);
	proxy.cut = AFTER_COMMIT;
	lab_begin(&l, T0);
	new_case(&l, "261121-0001-0", 1, T0); /* and nothing that it could be found by */
	l.c.next_sequence = 2;
	l.c.sequence_day = S("261121");
	assert_int_equal(lab_try(&l), LATER);
	assert_int_equal(proxy.cut, NOT);
	assert_int_equal(l.s->kind->load(l.s, &snap), OK);
	assert_int_equal(snap.next_sequence, 2);
	lab_begin(&l, T0);
	new_case(&l, "261121-0002-0", 1, T0);
	lab_apply(&l);
	lab_close(&l);
	proxy_close();
}

/* The result of a call has no key of its own: it is found by the attempt. */
static void a_result_is_kept_once(void **state)
{
	struct lab l = lab_behind_proxy();
	struct outbox_row *r;

	(void)state;
	new_contact(&l, 1);
	new_row(&l, 11, 1, LANE_REPLY, T0);
	l.c.claim_room = 1;
	lab_apply(&l);
	for (int cut = BEFORE_COMMIT; cut <= AFTER_COMMIT; cut++) {
		lab_begin(&l, T0);
		r = load_outbox(&l, 11, 1);
		assert_int_equal(r->state, DELIVERY_SENDING);
		r->state = DELIVERY_SENT;
		LIST_ADD(&l.c, outbox, r);
		LIST_ADD(&l.c, attempts, ((struct attempt){row_id(11, 1), T0 + 5, {.what = OUTCOME_SENT}, 12}));
		LIST_ADD(&l.c, counts, ((struct count){S("sms"), S("sent"), 1}));
		proxy.cut = cut;
		assert_int_equal(lab_try(&l), cut == AFTER_COMMIT ? OK : LATER);
	}
	lab_close(&l);
	proxy_close();
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM attempt"), 1);
	assert_int_equal(ask_sql(url, "SELECT sum(n)::bigint FROM counts WHERE fate = 'sent'"), 1);
}

/* ---- taken for new --------------------------------------------------------------------------------------------- */

/* So many messages of nobody's that none of them came twice: the store takes the next for new. */
static void put_keys(struct lab *l, int64_t from, int n)
{
	for (int64_t m = from; m < from + n; m++) {
		lab_begin(l, T0);
		load_one(l, message(m, 1));
		LIST_ADD(&l->c, dedupe, ((struct dedupe_put){message_key(m, 1), 1000 + m, T0}));
		lab_apply(l);
	}
	lab_begin(l, T0);
}

static void a_key_tells_when_it_is_put_in(void **state)
{
	struct lab l;

	(void)state;
	url = house_database("");
	l = gateway("");
	new_contact(&l, 1);
	lab_apply(&l);
	put_keys(&l, 1, 120);
	assert_false(load_one(&l, message(3, 1))->duplicate);
	LIST_ADD(&l.c, dedupe, ((struct dedupe_put){message_key(200, 1), 1200, T0}));
	LIST_ADD(&l.c, dedupe, ((struct dedupe_put){message_key(3, 1), 1201, T0}));
	assert_int_equal(lab_try(&l), RETRY);
	lab_begin(&l, T0);
	assert_int_equal(load_one(&l, message(3, 1))->first_event, 1003);
	assert_false(load_one(&l, message(200, 1))->duplicate);
	put_keys(&l, 201, 120);
	/* one that leaves no key behind is asked for as well */
	assert_false(load_one(&l, message(4, 1))->duplicate);
	assert_int_equal(lab_try(&l), RETRY);
	lab_begin(&l, T0);
	assert_true(load_one(&l, message(4, 1))->duplicate);
	lab_close(&l);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM dedupe"), 240);
}

/* The key is there, but it is not of the batch whose answer was lost: what else was in that batch is nowhere. */
static void anothers_key_is_no_answer(void **state)
{
	struct lab l = lab_behind_proxy(), west = gateway("?huiyin_gateway=2&huiyin_name=west");

	(void)state;
	new_contact(&l, 1);
	lab_apply(&l);
	put_keys(&l, 1, 120);
	put_keys(&west, 200, 1);
	assert_false(load_one(&l, message(200, 1))->duplicate);
	LIST_ADD(&l.c, dedupe, ((struct dedupe_put){message_key(200, 1), 9000, T0}));
	LIST_ADD(&l.c, dedupe, ((struct dedupe_put){message_key(201, 1), 9001, T0}));
	proxy.cut = AFTER_COMMIT;
	assert_int_equal(lab_try(&l), LATER);
	assert_int_equal(proxy.cut, NOT);
	close_both(&l, &west);
	proxy_close();
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM dedupe"), 121);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_answer_is_looked_up),
		cmocka_unit_test(a_lost_claim_is_free_again),
		cmocka_unit_test(a_number_in_doubt_is_left_out),
		cmocka_unit_test(a_result_is_kept_once),
		cmocka_unit_test(a_key_tells_when_it_is_put_in),
		cmocka_unit_test(anothers_key_is_no_answer),
	};

	log_setup(getenv("LOUD") ? LOG_DEBUG_ : LOG_ERROR_, LOG_LOGFMT);
	return secret_start() ? cmocka_run_group_tests(tests, house_open, house_close) : 1;
}
