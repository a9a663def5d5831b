/* Puts the page together; see page.h. */
#include "page/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "page/assets.h"
#include "page/pack.h"
#include "page/story_pack.h"
#include "render/json.h"

/* What a browser may run and show: what has these digests, and nothing from elsewhere. */
static void write_policy(FILE *out)
{
	const char *const texts[] = {asset_script, asset_style};
	gchar *digests[2];

	for (int i = 0; i < 2; i++) {
		GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
		guint8 bytes[32];
		gsize size = sizeof(bytes);

		g_checksum_update(sum, (const guchar *)texts[i], (gssize)strlen(texts[i]));
		g_checksum_get_digest(sum, bytes, &size);
		digests[i] = g_base64_encode(bytes, size);
		g_checksum_free(sum);
	}
	fprintf(out,
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"script-src 'sha256-%s'; style-src 'sha256-%s'; base-uri 'none'; "
		"form-action 'none'\">\n",
		digests[0], digests[1]);
	g_free(digests[0]);
	g_free(digests[1]);
}

/*
 * JSON as the text of a script element, which only `<` can end; in JSON that occurs
 * within strings alone, as do the line ends that JSON knows and JavaScript did not.
 */
static void write_json(const char *id, const char *text, FILE *out)
{
	fprintf(out, "<script type=\"application/json\" id=\"%s\">", id);
	while (*text) {
		size_t length = strcspn(text, "<\xe2");

		fwrite(text, 1, length, out);
		text += length;
		if (*text == '<') {
			fputs("\\u003c", out);
			text++;
		} else if (strncmp(text, "\xe2\x80\xa8", 3) == 0 ||
			   strncmp(text, "\xe2\x80\xa9", 3) == 0) {
			fprintf(out, "\\u202%c", text[2] == '\xa8' ? '8' : '9');
			text += 3;
		} else if (*text) {
			fputc(*text++, out);
		}
	}
	fputs("</script>\n", out);
}

/* The figures are the JSON report itself. */
static int write_report(const struct report *report, FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	int code;

	if (!memory)
		return -errno;
	code = render_json(report, memory);
	if (fclose(memory) != 0 && code == 0)
		code = -errno;
	if (code == 0)
		write_json("report", text, out);
	free(text);
	return code;
}

static int write_story(const struct report *report, const struct story *story, FILE *out)
{
	struct pack *pack = pack_new();
	json_t *told = story_pack(story, report, pack);
	char *text = told ? json_dumps(told, JSON_COMPACT) : NULL;
	int code = text ? 0 : -ENOMEM;

	if (code == 0) {
		write_json("story", text, out);
		fputs("<script type=\"application/octet-stream\" id=\"numbers\">", out);
		code = pack_write(pack, out);
		fputs("</script>\n", out);
	}
	free(text);
	json_decref(told);
	pack_free(pack);
	return code;
}

int render_page(const struct report *report, const struct story *story, FILE *out)
{
	int code;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
	write_policy(out);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<title>giltrace</title>\n<style>",
		out);
	fputs(asset_style, out);
	fputs("</style>\n</head>\n<body>\n", out);
	fputs(asset_body, out);
	code = write_report(report, out);
	if (code == 0)
		code = write_story(report, story, out);
	if (code < 0)
		return code;
	fputs("<script>", out);
	fputs(asset_script, out);
	fputs("</script>\n</body>\n</html>\n", out);
	errno = 0;
	if (fflush(out) != 0 || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
