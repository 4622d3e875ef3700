/*
 * Which addresses a URL from a stranger may lead to: the addresses that IANA lists as globally reachable
 * (special-purpose registries, RFC 6890), and no others. The address is judged, never the name: a name may mean one
 * thing when it is looked at and another when it is used. Pure; nothing is fatal.
 */
#include "delivery/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

static const struct {
	uint32_t net;
	int bits;
} closed4[] = {
	{0x00000000, 8},  /* this network */
	{0x0A000000, 8},  /* private */
	{0x64400000, 10}, /* carrier-grade NAT */
	{0x7F000000, 8},  /* loopback */
	{0xA9FE0000, 16}, /* link-local: cloud metadata lives here */
	{0xAC100000, 12}, /* private */
	{0xC0000000, 24}, /* protocol assignments */
	{0xC0000200, 24}, /* documentation */
	{0xC0586300, 24}, /* 6to4 relays, gone */
	{0xC0A80000, 16}, /* private */
	{0xC6120000, 15}, /* benchmarks */
	{0xC6336400, 24}, /* documentation */
	{0xCB007100, 24}, /* documentation */
	{0xE0000000, 4},  /* multicast */
	{0xF0000000, 4},  /* reserved, broadcast */
};

static bool public4(uint32_t host_order)
{
	for (size_t i = 0; i < sizeof closed4 / sizeof closed4[0]; i++)
		if ((host_order ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return false;
	return true;
}

static uint32_t inner4(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool public6(const uint8_t b[16])
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xFF, 0x9B}; /* RFC 6052 */

	if (memcmp(b, mapped, 12) == 0 || memcmp(b, nat64, 12) == 0)
		return public4(inner4(b + 12));
	if ((b[0] & 0xE0) != 0x20) /* 2000::/3 is all the unicast there is */
		return false;
	if (b[0] == 0x20 && b[1] == 0x02) /* 6to4 */
		return public4(inner4(b + 2));
	if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) /* 2001::/23: Teredo, ORCHID, benchmarks */
		return false;
	if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) /* documentation */
		return false;
	return !(b[0] == 0x3F && b[1] == 0xFF); /* 3fff::/20 documentation, the rest of it unassigned */
}

bool address_public(const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		return public4(ntohl(v4.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		return public6(v6.sin6_addr.s6_addr);
	}
	return false;
}
