/*
 * GSM 7 bit (3GPP TS 23.038, 6.2.1 with the extension table 6.2.1.1), UTF-16 and the Western single-byte sets. Nothing
 * here is fatal: what a set cannot say becomes U+FFFD, or is refused where the caller must know.
 */
#include "huiyin/charset.h"

#include <string.h>

#define ESCAPE      0x1B
#define REPLACEMENT 0xFFFD

/* The default alphabet by code; 0x1B leads to the extension table. */
static const uint16_t basic[128] = {
	'@',   0xA3, '$',   0xA5,  0xE8,  0xE9,  0xF9,  0xEC,  0xF2,  0xC7,  '\n',  0xD8,   0xF8, '\r', 0xC5, 0xE5,
	0x394, '_',  0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, ESCAPE, 0xC6, 0xE6, 0xDF, 0xC9,
	' ',   '!',  '"',   '#',   0xA4,  '%',   '&',   '\'',  '(',   ')',   '*',   '+',    ',',  '-',  '.',  '/',
	'0',   '1',  '2',   '3',   '4',   '5',   '6',   '7',   '8',   '9',   ':',   ';',    '<',  '=',  '>',  '?',
	0xA1,  'A',  'B',   'C',   'D',   'E',   'F',   'G',   'H',   'I',   'J',   'K',    'L',  'M',  'N',  'O',
	'P',   'Q',  'R',   'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',   0xC4,   0xD6, 0xD1, 0xDC, 0xA7,
	0xBF,  'a',  'b',   'c',   'd',   'e',   'f',   'g',   'h',   'i',   'j',   'k',    'l',  'm',  'n',  'o',
	'p',   'q',  'r',   's',   't',   'u',   'v',   'w',   'x',   'y',   'z',   0xE4,   0xF6, 0xF1, 0xFC, 0xE0,
};
static const struct {
	uint8_t code;
	uint16_t point;
} extension[] = {
	{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
	{0x3C, '['},  {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC},
};
#define EXTENSIONS (sizeof(extension) / sizeof(extension[0]))

/* The code of a point: basic, ESCAPE << 8 | extension, or -1. */
static int gsm_code(int32_t point)
{
	if (point == ESCAPE)
		return -1;
	/* Letters and digits, most of every text, stand where ASCII has them. */
	if ((point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z'))
		return point;
	for (size_t i = 0; i < EXTENSIONS; i++) {
		if (extension[i].point == point)
			return ESCAPE << 8 | extension[i].code;
	}
	for (int i = 0; point < 0x400 && i < 128; i++) {
		if (basic[i] == point)
			return i;
	}
	return -1;
}

int gsm_cost(int32_t point)
{
	int code = gsm_code(point);

	return code < 0 ? 0 : code > 127 ? 2 : 1;
}

bool gsm_fits(struct slice utf8)
{
	int32_t point;

	for (size_t at = 0; (point = utf8_next(utf8, &at)) >= 0;) {
		if (!gsm_cost(point))
			return false;
	}
	return true;
}

bool gsm_encode(struct arena *a, struct slice utf8, struct slice *septets)
{
	struct buf b = buf_in(a, 2 * utf8.len + 1);
	int32_t point;

	for (size_t at = 0; (point = utf8_next(utf8, &at)) >= 0;) {
		int code = gsm_code(point);

		if (code < 0)
			return false;
		if (code > 127)
			buf_add_char(&b, ESCAPE);
		buf_add_char(&b, (char)(code & 0x7F));
	}
	*septets = buf_slice(&b);
	return true;
}

static void put_point(struct buf *b, uint32_t point)
{
	char bytes[4];

	buf_add(b, slice_make(bytes, utf8_encode(point ? point : REPLACEMENT, bytes)));
}

struct slice gsm_decode(struct arena *a, struct slice septets)
{
	struct buf b = buf_in(a, 3 * septets.len + 1);

	for (size_t i = 0; i < septets.len; i++) {
		unsigned char c = (unsigned char)septets.data[i];
		uint32_t point = c > 127 ? REPLACEMENT : basic[c];

		if (c == ESCAPE) {
			/* TS 23.038: an unknown extension is shown as the basic character; a lone escape as a space. */
			i++;
			c = i < septets.len ? (unsigned char)septets.data[i] : 0x20;
			point = c > 127 ? REPLACEMENT : basic[c] == ESCAPE ? ' ' : basic[c];
			for (size_t j = 0; j < EXTENSIONS; j++)
				point = extension[j].code == c ? extension[j].point : point;
		}
		put_point(&b, point);
	}
	return buf_slice(&b);
}

bool charset_find(struct slice name, enum charset *out)
{
	static const struct {
		const char *name;
		enum charset set;
	} names[] = {
		{"utf-8", CHARSET_UTF8},       {"utf8", CHARSET_UTF8},
		{"us-ascii", CHARSET_UTF8},    {"ascii", CHARSET_UTF8},
		{"utf-16be", CHARSET_UTF16BE}, {"utf-16", CHARSET_UTF16BE},
		{"ucs-2", CHARSET_UTF16BE},    {"ucs2", CHARSET_UTF16BE},
		{"ucs-2be", CHARSET_UTF16BE},  {"iso-10646-ucs-2", CHARSET_UTF16BE},
		{"utf-16le", CHARSET_UTF16LE}, {"iso-8859-1", CHARSET_LATIN1},
		{"latin1", CHARSET_LATIN1},    {"windows-1252", CHARSET_CP1252},
		{"cp1252", CHARSET_CP1252},    {"gsm", CHARSET_GSM},
		{"gsm7", CHARSET_GSM},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_equal_ignoring_case(name, slice_of(names[i].name))) {
			*out = names[i].set;
			return true;
		}
	}
	return false;
}

static uint32_t unit_at(struct slice raw, size_t i, bool little)
{
	unsigned char x = (unsigned char)raw.data[i], y = (unsigned char)raw.data[i + 1];

	return little ? (uint32_t)(y << 8 | x) : (uint32_t)(x << 8 | y);
}

static struct slice utf16_decode(struct arena *a, struct slice raw, bool little)
{
	struct buf b = buf_in(a, 2 * raw.len + 4);

	for (size_t i = 0; i + 1 < raw.len; i += 2) {
		uint32_t point = unit_at(raw, i, little);

		if (i == 0 && point == 0xFEFF)
			continue;
		if (point >= 0xD800 && point < 0xDC00 && i + 3 < raw.len) {
			uint32_t low = unit_at(raw, i + 2, little);

			if (low >= 0xDC00 && low < 0xE000) {
				point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		put_point(&b, point); /* a lone surrogate becomes U+FFFD there */
	}
	if (raw.len % 2)
		put_point(&b, REPLACEMENT);
	return buf_slice(&b);
}

static struct slice bytes_decode(struct arena *a, struct slice raw, bool cp1252)
{
	/* 0x80 to 0x9F of Windows-1252; 0: not assigned. */
	static const uint16_t high[32] = {
		0x20AC, 0,      0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
		0x2039, 0x152,  0,      0x17D,  0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
		0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0,      0x17E,  0x178,
	};
	struct buf b = buf_in(a, 3 * raw.len + 1);

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.data[i];

		put_point(&b, cp1252 && c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
	}
	return buf_slice(&b);
}

struct slice charset_decode(struct arena *a, enum charset c, struct slice raw)
{
	switch (c) {
	case CHARSET_UTF16BE:
	case CHARSET_UTF16LE:
		return utf16_decode(a, raw, c == CHARSET_UTF16LE);
	case CHARSET_LATIN1:
	case CHARSET_CP1252:
		return bytes_decode(a, raw, c == CHARSET_CP1252);
	case CHARSET_GSM:
		return gsm_decode(a, raw);
	case CHARSET_UTF8:
		break;
	}
	return utf8_repair(a, raw);
}

struct slice utf16be_encode(struct arena *a, struct slice utf8)
{
	struct buf b = buf_in(a, 4 * utf8.len + 4);
	int32_t point;

	for (size_t at = 0; (point = utf8_next(utf8, &at)) >= 0;) {
		uint32_t p = (uint32_t)point, high = 0xD800 + ((p - 0x10000) >> 10);

		if (p > 0xFFFF) {
			buf_add_char(&b, (char)(high >> 8));
			buf_add_char(&b, (char)(high & 0xFF));
			p = 0xDC00 + ((p - 0x10000) & 0x3FF);
		}
		buf_add_char(&b, (char)(p >> 8));
		buf_add_char(&b, (char)(p & 0xFF));
	}
	return buf_slice(&b);
}
