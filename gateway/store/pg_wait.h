/* Waiting for a database's socket, never without a deadline. Inside the store room only. */
#ifndef HUIYIN_STORE_PG_WAIT_H
#define HUIYIN_STORE_PG_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* `events` as for poll(2); `deadline` in monotonic ms. False: the time is over, or there is no socket. */
bool pg_wait(int fd, short events, int64_t deadline);
bool pg_has_input(int fd); /* at this moment; the end of a connection is input, too */
/* `ms` from `now` on, but nothing lasts beyond `until`; 0 or past: no such bound. */
int64_t pg_deadline(int64_t now, int64_t ms, int64_t until);

#endif
