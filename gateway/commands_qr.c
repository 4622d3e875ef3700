/* QR codes of service windows: for the web chat, or a channel's deep link (sms: with the text already typed). */
#include "commands.h"
#include "config.h"

#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET 4       /* modules of margin the standard asks for */
#define PNG_SCALE 12
#define SVG_SCALE 10

static bool dark(const QRcode *q, int x, int y)
{
	return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

/* Two rows a line of half blocks; printed light on dark so that scanners see it in either colour scheme. */
static void write_terminal(FILE *out, const QRcode *q)
{
	for (int y = -QUIET; y < q->width + QUIET; y += 2) {
		fputs("\033[40;37m", out);
		for (int x = -QUIET; x < q->width + QUIET; x++) {
			bool up = !dark(q, x, y), down = !dark(q, x, y + 1);
			fputs(up && down ? "\u2588" : up ? "\u2580" : down ? "\u2584" : " ", out);
		}
		fputs("\033[0m\n", out);
	}
}

static void write_svg(FILE *out, const QRcode *q)
{
	int side = (q->width + 2 * QUIET) * SVG_SCALE;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", side, side,
		q->width + 2 * QUIET, q->width + 2 * QUIET);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"", out);
	for (int y = 0; y < q->width; y++)
		for (int x = 0; x < q->width; x++)
			if (dark(q, x, y))
				fprintf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	fputs("\"/>\n</svg>\n", out);
}

static bool write_png(FILE *out, const QRcode *q)
{
	int side = (q->width + 2 * QUIET) * PNG_SCALE;
	png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side, .format = PNG_FORMAT_GRAY};
	unsigned char *pixels = malloc((size_t)side * (size_t)side);
	bool ok;

	if (!pixels)
		return false;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			pixels[y * side + x] = dark(q, x / PNG_SCALE - QUIET, y / PNG_SCALE - QUIET) ? 0 : 255;
	ok = png_image_write_to_stdio(&image, out, 0, pixels, 0, NULL) != 0;
	free(pixels);
	return ok;
}

static bool target(const struct options *o, const struct config *c, const struct window *w, struct arena *a, struct slice *uri)
{
	const struct account *acc;

	if (!o->channel) {
		*uri = arena_printf(a, SLICE_FMT "/w/" SLICE_FMT, SLICE_ARG(c->public_url), SLICE_ARG(w->key));
		return true;
	}
	acc = config_account(c, slice_of(o->channel));
	if (!acc) {
		fprintf(stderr, "huiyin: no channel '%s' is configured; see channels: in %s\n", o->channel, o->config);
		return false;
	}
	/* The prefilled text is what the rate flow's start understands. */
	if (!channel_deep_link(acc, arena_printf(a, "评价 " SLICE_FMT, SLICE_ARG(w->key)), a, uri)) {
		fprintf(stderr, "huiyin: the channel '%s' has no deep link; leave --channel out for the web chat\n", o->channel);
		return false;
	}
	return true;
}

static const struct window *find_window(const struct options *o, const struct config *c)
{
	const struct window *w = o->argc == 1 ? config_window(c, slice_of(o->argv[0])) : NULL;

	if (w)
		return w;
	fputs("huiyin: name one of the windows in the configuration:", stderr);
	for (size_t i = 0; i < c->n_windows; i++)
		fprintf(stderr, " " SLICE_FMT, SLICE_ARG(c->windows[i].key));
	fputs("\n  (windows: {W1: {unit: hall, zh: 一号窗口, en: Window 1}})\n", stderr);
	return NULL;
}

static bool write_as(const char *format, FILE *out, const QRcode *q)
{
	if (strcmp(format, "svg") == 0)
		write_svg(out, q);
	else if (strcmp(format, "png") == 0)
		return write_png(out, q);
	else if (strcmp(format, "terminal") == 0)
		write_terminal(out, q);
	else {
		fprintf(stderr, "huiyin: unknown format '%s': terminal, svg or png\n", format);
		return false;
	}
	return true;
}

/* The format asked for, else what the file's name says, else the terminal. */
static const char *format_of(const struct options *o)
{
	struct slice name = slice_of(o->out);

	if (o->format)
		return o->format;
	return slice_ends(name, S(".svg")) ? "svg" : slice_ends(name, S(".png")) ? "png" : "terminal";
}

int command_qr(struct options *o)
{
	struct arena *a = arena_open(0);
	struct config *c = load_or_explain(o->config);
	const struct window *w = c ? find_window(o, c) : NULL;
	struct slice uri;
	bool ok = false;

	if (w && target(o, c, w, a, &uri)) {
		QRcode *q = QRcode_encodeString8bit(arena_cstr(a, uri), 0, QR_ECLEVEL_M);
		FILE *out = !q ? NULL : o->out ? fopen(o->out, "wb") : stdout;

		if (!out)
			fprintf(stderr, "huiyin: cannot write %s\n", o->out ? o->out : "the code (text too long)");
		ok = out && write_as(format_of(o), out, q);
		if (out && out != stdout)
			ok = fclose(out) == 0 && ok;
		if (ok)
			fprintf(stderr, SLICE_FMT "\n", SLICE_ARG(uri));
		QRcode_free(q);
	}
	config_release(&c);
	arena_close(&a);
	return ok ? 0 : 1;
}
