/* What a file is, by its first bytes. Pure. */
#ifndef HUIYIN_MEDIA_H
#define HUIYIN_MEDIA_H

#include "huiyin/text.h"

struct media_type {
	const char *mime, *extension;
};
#define MEDIA_SNIFF_BYTES 64
/* jpeg png gif webp heic, mp4 3gp, amr ogg mp3, pdf; null: none of those, and it is not kept. */
const struct media_type *media_sniff(struct slice head);
/* May a file of this kind go under the type it was announced with? An empty or general announcement fits all; otherwise
   picture, sound, film and document must agree (sound and film share containers). */
bool media_fits(const struct media_type *found, struct slice announced);

#endif
