/* Advice on YAML that cannot be read, and the line a complaint is about. */
#ifndef BASE_YAML_MEND_H
#define BASE_YAML_MEND_H

#include "huiyin/text.h"

/* Line `line` (from 1) of source without its end; empty when there is none. */
struct slice yaml_line(struct slice source, int line);
/* How to mend what the parser calls `what` in that line. Never empty; static text. */
struct slice yaml_mend(struct slice source, int line, struct slice what);

#endif
