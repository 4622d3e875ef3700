/* Linked into the test program of the same name: the provider it talks to. */
#include "fake_provider.c"
