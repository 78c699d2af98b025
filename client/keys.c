#include "client/keys.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_open;

void
keys_close(void)
{
	if (is_open)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	is_open = false;
}

int
keys_open(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -1;
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= (tcflag_t) ~(IXON | ICRNL);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0)
		return -1;
	is_open = true;
	return atexit(keys_close) == 0 ? 0 : -1;
}

/* ESC [ ... final, ESC O x, or ESC with a letter (Alt). */
static size_t
sequence_length(const unsigned char *buf, size_t len)
{
	size_t i;

	if (buf[1] == 'O')
		return len > 2 ? 3 : 2;
	if (buf[1] != '[')
		return 2;
	for (i = 2; i < len; i++)
		if (buf[i] >= 0x40 && buf[i] <= 0x7e)
			return i + 1;
	return len;
}

static size_t
decode_text(struct key *k, const unsigned char *buf, size_t len)
{
	size_t n = 1, i;

	if (buf[0] >= 0xf0 && buf[0] < 0xf5)
		n = 4;
	else if (buf[0] >= 0xe0 && buf[0] < 0xf0)
		n = 3;
	else if (buf[0] >= 0xc2 && buf[0] < 0xe0)
		n = 2;
	else if (buf[0] >= 0x80)
		return 1; /* KEY_NONE */
	if (n > len)
		return len;
	for (i = 1; i < n; i++)
		if ((buf[i] & 0xc0) != 0x80)
			return 1;
	memcpy(k->text, buf, n);
	k->code = KEY_TEXT;
	return n;
}

size_t
keys_decode(struct key *k, const unsigned char *buf, size_t len)
{
	memset(k, 0, sizeof *k);
	if (len == 0)
		return 0;
	switch (buf[0]) {
	case '\r':
	case '\n': k->code = KEY_ENTER; return 1;
	case 0x7f:
	case 0x08: k->code = KEY_BACK; return 1;
	case 0x15: k->code = KEY_CLEAR; return 1;
	case 0x03:
	case 0x04: k->code = KEY_STOP; return 1;
	case 0x0c: k->code = KEY_REDRAW; return 1;
	case 0x1b:
		if (len > 1)
			return sequence_length(buf, len);
		k->code = KEY_ESC;
		return 1;
	default: break;
	}
	if (buf[0] < 0x20)
		return 1;
	return decode_text(k, buf, len);
}

bool
typed_key(struct typed *t, const struct key *k)
{
	size_t len = strlen(t->text);

	switch (k->code) {
	case KEY_TEXT:
		if (len + strlen(k->text) >= sizeof t->text)
			return false;
		memcpy(t->text + len, k->text, strlen(k->text) + 1);
		return true;
	case KEY_BACK:
		while (len > 0 &&
		       ((unsigned char)t->text[len - 1] & 0xc0) == 0x80)
			len--;
		t->text[len > 0 ? len - 1 : 0] = '\0';
		return true;
	case KEY_CLEAR: t->text[0] = '\0'; return true;
	case KEY_NONE:
	case KEY_ENTER:
	case KEY_ESC:
	case KEY_STOP:
	case KEY_REDRAW: break;
	}
	return false;
}
