/* Which addresses a URL from a stranger may lead to. Pure. */
#ifndef HUIYIN_ADDRESS_H
#define HUIYIN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

/* Public unicast only: no loopback, private, link-local, shared, documentation, multicast or reserved range, also not
   inside a mapped, compatible, translated or 6to4 IPv6 address. Other families are never public. */
bool address_public(const struct sockaddr *sa);

#endif
