/*
 * What a file is, by its first bytes: the announced type is the sender's word. Only kinds that staff's browsers show
 * without running anything are known here (no SVG, no HTML, no office files). Pure; nothing is fatal.
 */
#include "delivery/media.h"

static const struct media_type jpeg = {"image/jpeg", "jpg"}, png = {"image/png", "png"}, gif = {"image/gif", "gif"},
			       webp = {"image/webp", "webp"}, heic = {"image/heic", "heic"}, mp4 = {"video/mp4", "mp4"},
			       m4a = {"audio/mp4", "m4a"}, threegp = {"video/3gpp", "3gp"}, amr = {"audio/amr", "amr"},
			       ogg = {"audio/ogg", "ogg"}, mp3 = {"audio/mpeg", "mp3"},
			       pdf = {"application/pdf", "pdf"};

static const struct {
	struct slice magic;
	const struct media_type *type;
} beginnings[] = {
	{{"\xFF\xD8\xFF", 3}, &jpeg}, {{"\x89PNG\r\n\x1A\n", 8}, &png}, {{"GIF87a", 6}, &gif}, {{"GIF89a", 6}, &gif},
	{{"#!AMR\n", 6}, &amr},       {{"#!AMR-WB\n", 9}, &amr},        {{"OggS\0", 5}, &ogg}, {{"ID3", 3}, &mp3},
	{{"%PDF-1.", 7}, &pdf},       {{"%PDF-2.", 7}, &pdf},
};

/* ISO base media (ISO/IEC 14496-12): size, "ftyp", brand. */
static const struct media_type *sniff_brand(struct slice head)
{
	static const struct {
		struct slice brand;
		const struct media_type *type;
	} brands[] = {
		{{"hei", 3}, &heic},   {{"hev", 3}, &heic}, {{"mif1", 4}, &heic}, {{"msf1", 4}, &heic},
		{{"3g", 2}, &threegp}, {{"M4A", 3}, &m4a},  {{"M4V", 3}, &mp4},   {{"mp4", 3}, &mp4},
		{{"iso", 3}, &mp4},    {{"avc1", 4}, &mp4}, {{"dash", 4}, &mp4},  {{"MSNV", 4}, &mp4},
		{{"qt  ", 4}, &mp4},
	};

	if (head.len < 12 || !slice_equal(slice_make(head.data + 4, 4), S("ftyp")))
		return NULL;
	for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++)
		if (slice_begins(slice_from(head, 8), brands[i].brand))
			return brands[i].type;
	return NULL;
}

/* A bare MPEG frame: eleven bits set, layer III, a rate and a frequency that exist. */
static bool is_mpeg_frame(struct slice head)
{
	unsigned b1, b2;

	if (head.len < 4 || (unsigned char)head.data[0] != 0xFF)
		return false;
	b1 = (unsigned char)head.data[1];
	b2 = (unsigned char)head.data[2];
	return (b1 & 0xE6) == 0xE2 && (b1 & 0x18) != 0x08 && (b2 & 0xF0) != 0xF0 && (b2 & 0xF0) != 0 &&
	       (b2 & 0x0C) != 0x0C;
}

const struct media_type *media_sniff(struct slice head)
{
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (slice_begins(head, beginnings[i].magic))
			return beginnings[i].type;
	if (head.len >= 12 && slice_begins(head, S("RIFF")) && slice_begins(slice_from(head, 8), S("WEBP")))
		return &webp;
	if (is_mpeg_frame(head))
		return &mp3;
	return sniff_brand(head);
}

static bool moving(struct slice class)
{
	return slice_equal_ignoring_case(class, S("audio")) || slice_equal_ignoring_case(class, S("video"));
}

bool media_fits(const struct media_type *found, struct slice announced)
{
	struct slice rest = slice_of(found->mime), have = {0}, said = {0}, type = announced;

	if (!slice_next(&type, ';', &said))
		return true;
	said = slice_trim(said);
	if (!said.len || slice_equal_ignoring_case(said, S("application/octet-stream")) ||
	    slice_equal_ignoring_case(said, S("binary/octet-stream")))
		return true;
	type = said;
	slice_next(&rest, '/', &have);
	slice_next(&type, '/', &said);
	if (slice_equal_ignoring_case(said, S("application")) && slice_equal_ignoring_case(type, S("ogg")))
		return found == &ogg;
	return slice_equal_ignoring_case(have, said) || (moving(have) && moving(said));
}
