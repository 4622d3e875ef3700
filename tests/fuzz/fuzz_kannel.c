/* Kannel: no request, text or answer breaks the handler; every event that comes out is sound. */
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const options[][2] = {
		{"username", "u"}, {"password", "p"}, {"number", "10690000"}, {"allow_ip", "127.0.0.1"}, {NULL, NULL}};
	struct arena *a = arena_open(0);
	struct account acc = fuzz_account(channel_find(S("kannel")), options, a);

	fuzz_channel(&acc, data, size, a);
	arena_close(&a);
	return 0;
}
