#include "tests/harness/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SCENES 32

struct scene {
	char *title; /* owned, as the next */
	char *bytes;
	size_t len;
};

struct recording {
	struct scene scenes[MOST_SCENES];
	size_t count;
	const char *blank, *event; /* what stands before one, and its begin */
};

static _Noreturn void
give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "harness: recording %s: %s\n", what, why);
	abort();
}

static char *
read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) < 0)
		give_up(path, "is not there: tests run in the root");
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	if (text == NULL || fread(text, 1, (size_t)size, f) != (size_t)size)
		give_up(path, "cannot be read");
	(void)fclose(f);
	return text;
}

static void
add(struct scene *s, const char *bytes, size_t len)
{
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
	s->bytes[s->len] = '\0';
}

/* One line of the text without what ends it; to the next one. */
static const char *
take_line(const char **rest, size_t *ret_len)
{
	const char *line = *rest;

	*ret_len = strcspn(line, "\n");
	*rest = line + *ret_len + (line[*ret_len] == '\n' ? 1 : 0);
	return line;
}

/* AMI: lines, whose CR the file does not show. */
static void
read_lines(struct scene *s, const char *text)
{
	const char *line;
	size_t len;

	while (*text != '\0') {
		line = take_line(&text, &len);
		if (strncmp(line, "C> ", 3) == 0)
			continue;
		add(s, line, len);
		add(s, "\r\n", 2);
	}
}

/* The event socket: headers, a blank line, and as many bytes as they say: a
 * body of JSON has no line end, and what comes next follows at once. */
static void
read_blocks(struct scene *s, const char *text)
{
	const char *line, *from;
	size_t len, body;

	while (*text != '\0') {
		from = text;
		body = 0;
		line = take_line(&text, &len);
		if (strncmp(line, "C> ", 3) == 0)
			continue;
		for (; len > 0; line = take_line(&text, &len)) {
			if (strncmp(line, "Content-Length: ", 16) == 0)
				body = strtoul(line + 16, NULL, 10);
		}
		if (strlen(text) < body)
			give_up(s->title, "a body is cut off");
		text += body;
		add(s, from, (size_t)(text - from));
	}
}

static void
read_scene(struct recording *r, const char *text,
	   void (*read)(struct scene *, const char *))
{
	struct scene *s = &r->scenes[r->count++];
	const char *line;
	size_t len;

	line = take_line(&text, &len);
	s->title = strndup(line, len);
	s->bytes = calloc(2, strlen(text) + 1); /* each LF may become two */
	if (s->title == NULL || s->bytes == NULL)
		abort();
	read(s, text);
}

static struct recording *
open_file(const char *path, const char *blank, const char *event,
	  void (*read)(struct scene *, const char *))
{
	struct recording *r = calloc(1, sizeof *r);
	char *text = read_whole(path), *at = strstr(text, "\n=== ");
	char *next, *end;

	if (r == NULL)
		abort();
	r->blank = blank;
	r->event = event;
	for (; at != NULL && r->count < MOST_SCENES; at = next) {
		at += 5;
		next = strstr(at, "\n=== ");
		end = next != NULL ? next : at + strlen(at) - 1;
		*end = '\0'; /* one blank line is the file's */
		read_scene(r, at, read);
	}
	free(text);
	return r;
}

struct recording *
recording_asterisk(void)
{
	return open_file("tests/recordings/asterisk.txt", "\r\n\r\n",
			 "Event: ", read_lines);
}

struct recording *
recording_freeswitch(void)
{
	return open_file("tests/recordings/freeswitch.txt", "\n\n",
			 "Content-Length: ", read_blocks);
}

void
recording_free(struct recording *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++) {
		free(r->scenes[i].title);
		free(r->scenes[i].bytes);
	}
	free(r);
}

size_t
recording_count(const struct recording *r)
{
	return r->count;
}

const char *
recording_title(const struct recording *r, size_t scene)
{
	if (scene == 0 || scene > r->count)
		give_up("scene", "there is none of that number");
	return r->scenes[scene - 1].title;
}

const char *
recording_bytes(const struct recording *r, size_t scene, size_t *ret_len)
{
	(void)recording_title(r, scene);
	*ret_len = r->scenes[scene - 1].len;
	return r->scenes[scene - 1].bytes;
}

const char *
recording_events(const struct recording *r, size_t scene, size_t *ret_len)
{
	const char *bytes = recording_bytes(r, scene, ret_len), *at;
	char first[40];

	(void)snprintf(first, sizeof first, "%s%s", r->blank, r->event);
	at = strstr(bytes, first);
	if (at == NULL)
		give_up(recording_title(r, scene), "it has no event");
	at += strlen(r->blank);
	*ret_len -= (size_t)(at - bytes);
	return at;
}
