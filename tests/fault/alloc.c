/*
 * Makes the Nth allocation of a program fail. LD_PRELOAD=alloc.so HUIYIN_ALLOC=FILE; the file is shared with the test,
 * which arms it, says which allocation is to fail and whether all later ones fail too, and reads how many there were.
 * Every malloc, calloc and realloc of the process from main on counts, also those inside libraries and libc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "shared.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

struct wish {
	_Atomic uint32_t armed, lasting;
	_Atomic uint64_t nth, count, failed;
	char who[96]; /* asked for the first one that failed: file+offset */
};
static struct wish *wish;
static int in_main; /* what the loader and the libraries' constructors do before main is not the program's */
static int (*real_main)(int, char **, char **);

__attribute__((constructor)) static void begin(void)
{
	wish = shared("HUIYIN_ALLOC", sizeof *wish);
}

static int our_main(int argc, char **argv, char **env)
{
	in_main = 1;
	return real_main(argc, argv, env);
}

typedef int start(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end)
{
	start *real;

	*(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = main;
	return real(our_main, argc, argv, init, fini, rtld_fini, stack_end);
}

/* Does the stack look as if this library were on it? For what libc allocates in another's name. */
static int on_stack(const char *library)
{
	void *const *frame = __builtin_frame_address(0);
	Dl_info info;

	for (int i = 0; i < 256; i++)
		if (dladdr(frame[i], &info) && info.dli_fname && strstr(info.dli_fname, library))
			return 1;
	return 0;
}

/* By hand, for printf might allocate. */
static void note(const void *caller)
{
	static const char hex[] = "0123456789abcdef";
	Dl_info info;
	uint64_t offset;
	size_t at = 0;

	if (!dladdr(caller, &info))
		return;
	offset = (uint64_t)((const char *)caller - (const char *)info.dli_fbase);
	for (const char *p = info.dli_fname; *p && at < 64; p++)
		wish->who[at++] = *p;
	wish->who[at++] = '+';
	for (int shift = 28; shift >= 0; shift -= 4)
		wish->who[at++] = hex[offset >> shift & 15];
	for (const char *p = on_stack("libfyaml") ? " in libfyaml" : ""; *p; p++)
		wish->who[at++] = *p;
	wish->who[at] = 0;
}

static int refuse(const void *caller)
{
	uint64_t n;

	if (!in_main || !wish || !atomic_load(&wish->armed))
		return 0;
	n = atomic_fetch_add(&wish->count, 1) + 1;
	if (n < atomic_load(&wish->nth) || (n > atomic_load(&wish->nth) && !atomic_load(&wish->lasting)))
		return 0;
	if (atomic_fetch_add(&wish->failed, 1) == 0)
		note(caller);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	void *p = refuse(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}
