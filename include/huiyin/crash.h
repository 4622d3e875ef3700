/*
 * Named places where a test build can be killed, to show that no moment is a bad one to lose the process. In an ordinary
 * build a crash point is nothing at all. `make CRASH=1 B=build/crash` compiles them in; then HUIYIN_CRASH=name[:N] ends
 * the process with SIGKILL when it comes by for the Nth time (the first without N). tests/e2e/crash_points.py goes
 * through all of them; it finds their names in the sources, so a new one needs no second list.
 */
#ifndef HUIYIN_CRASH_H
#define HUIYIN_CRASH_H

#ifdef HUIYIN_CRASH_POINTS
void crash_point(const char *name);
#define CRASH_OR(soon, usual) (soon) /* a bound that a test of seconds must reach */
#else
#define crash_point(name)     ((void)0)
#define CRASH_OR(soon, usual) (usual)
#endif

#endif
