#include "tests/store/property_snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site_call.h"
#include "tests/store/property_model.h"

#define MOST_ASKED 1200

const char *const state_names[STATES] = { "new", "waiting", "held", "scheduled",
					  "closed" };

/* The keys are found by their names, not by what the library remembers of
 * them: what it has forgotten is what is looked for. */
static const char script[] =
    "local root, from = KEYS[1] .. ':', ARGV[1]\n"
    "local out, numbers = {}, {}\n"
    "for i = 2, #ARGV do numbers[ARGV[i]] = true end\n"
    "local function put(...) out[#out + 1] = table.concat({ ... }, '\\t') end\n"
    "local function see(n) numbers[string.format('%.0f', tonumber(n))] = true "
    "end\n"
    "local function zset(tag, key, first, plain)\n"
    "  local all = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')\n"
    "  for i = 1, #all, 2 do\n"
    "    if not plain then see(all[i]) end\n"
    "    if first then put(tag, first, all[i], all[i + 1])\n"
    "    else put(tag, all[i], all[i + 1]) end\n"
    "  end\n"
    "end\n"
    "local function set(tag, key, first, plain)\n"
    "  for _, m in ipairs(redis.call('SMEMBERS', key)) do\n"
    "    if not plain then see(m) end\n"
    "    put(tag, first, m)\n"
    "  end\n"
    "end\n"
    "local function hash(tag, key)\n"
    "  local all = redis.call('HGETALL', key)\n"
    "  for i = 1, #all, 2 do put(tag, all[i], all[i + 1]) end\n"
    "end\n"
    "local kinds = {}\n"
    "function kinds.class(k, n) zset('C', k, n) end\n"
    "function kinds.ladder(k, n) zset('L', k, n) end\n"
    "function kinds.hold_items(k, n) set('T', k, n) end\n"
    "function kinds.person(k, n) set('P', k, n) end\n"
    "function kinds.pools(k, n) set('Q', k, n, true) end\n"
    "function kinds.pool(k, n) set('K', k, n, true) end\n"
    "kinds['not'] = function(k, n) zset('R', k, n, true) end\n"
    "function kinds.past(k, n)\n"
    "  for _, m in ipairs(redis.call('ZRANGE', k, 0, -1)) do put('Y', n, m) "
    "end\n"
    "end\n"
    "function kinds.hold(k, n)\n"
    "  put('H', n, unpack(redis.call('HMGET', k, 'person', 'primary', 'fence', "
    "'since', 'until', 'most')))\n"
    "end\n"
    "for _, key in ipairs(redis.call('KEYS', root .. '*:*')) do\n"
    "  local kind, name = string.match(key, '^([%a_]+):(.*)$', #root + 1)\n"
    "  if kinds[kind] then kinds[kind](key, name) end\n"
    "end\n"
    "zset('S', root .. 'scheduled')\n"
    "zset('W', root .. 'windows')\n"
    "zset('Z', root .. 'holds', nil, true)\n"
    "zset('A', root .. 'parked', nil, true)\n"
    "zset('M', root .. 'named', nil, true)\n"
    "for _, m in ipairs(redis.call('ZRANGE', root .. 'closed', 0, -1)) do "
    "put('X', m) end\n"
    "hash('O', root .. 'holders')\n"
    "hash('N', root .. 'open')\n"
    "local fields = { 'state', 'kind', 'queue', 'tier', 'severity', 'person', "
    "'customer',\n"
    "  'phone', 'agent', 'last_agent', 'class', 'base', 'target', 'share', "
    "'told', 'promise',\n"
    "  'promise_at', 'due', 'why', 'ends_at', 'window', 'fence', 'given', "
    "'given_until', 'up',\n"
    "  'appointment', 'calls', 'tries', 'indexed', 'rev', 'reason', "
    "'closed_at', 'zone' }\n"
    "for n in pairs(numbers) do\n"
    "  local v = redis.call('HMGET', root .. 'item:' .. n, unpack(fields))\n"
    "  if v[1] then\n"
    "    for i = 1, #fields do v[i] = v[i] or '' end\n"
    "    put('I', n, unpack(v))\n"
    "  end\n"
    "end\n"
    "local wanted = { type = 1, number = 2, state = 3, from = 4, alert = 5, "
    "used = 6, promise = 7 }\n"
    "local entries = redis.call('XRANGE', root .. 'log', from == '-' and '-' "
    "or '(' .. from, '+')\n"
    "for _, e in ipairs(entries) do\n"
    "  local v = { '', '', '', '', '', '', '' }\n"
    "  for i = 1, #e[2], 2 do\n"
    "    local at = wanted[e[2][i]]\n"
    "    if at then v[at] = e[2][i + 1] end\n"
    "  end\n"
    "  v[8] = e[1]\n"
    "  put('G', unpack(v))\n"
    "end\n"
    "return table.concat(out, '\\n')\n";

static void
give_up(const char *why)
{
	(void)fprintf(stderr, "property: snapshot: %s\n", why);
	abort();
}

struct snapshot *
snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof *s);

	if (s == NULL)
		abort();
	return s;
}

void
snapshot_free(struct snapshot *s)
{
	if (s != NULL)
		free(s->text);
	free(s);
}

bool
has(const char *word)
{
	return *word != '\0';
}

/* Cuts the next word off, up to the tab or the end. */
static char *
cut(char **line)
{
	char *word = *line, *end = word;

	while (*end != '\t' && *end != '\0')
		end++;
	*line = *end == '\t' ? end + 1 : end;
	*end = '\0';
	return word;
}

static double
number_of(const char *text)
{
	return *text == '\0' ? 0 : strtod(text, NULL);
}

static int64_t
whole_of(const char *text)
{
	return *text == '\0' ? 0 : strtoll(text, NULL, 10);
}

static enum state
state_of(const char *name)
{
	for (int i = 0; i < STATES; i++) {
		if (strcmp(state_names[i], name) == 0)
			return (enum state)i;
	}
	return ST_NEW;
}

static void
read_thing(struct snapshot *s, char *line)
{
	struct thing *t = &s->things[s->count];

	if (s->count == MOST_THINGS)
		give_up("too many items");
	(void)memset(t, 0, sizeof *t);
	t->number = whole_of(cut(&line));
	for (int i = 0; i < FIELDS; i++)
		t->f[i] = cut(&line);
	t->state = state_of(t->f[F_STATE]);
	t->queue = model_queue(t->f[F_QUEUE]);
	t->tier = model_tier(t->f[F_TIER]);
	t->kind = model_kind(t->f[F_KIND]);
	t->severity = (int)whole_of(t->f[F_SEVERITY]);
	t->share = number_of(t->f[F_SHARE]);
	t->told = number_of(t->f[F_TOLD]);
	t->given_until = number_of(t->f[F_GIVEN_UNTIL]);
	t->base = whole_of(t->f[F_BASE]);
	t->target = whole_of(t->f[F_TARGET]);
	t->due = whole_of(t->f[F_DUE]);
	t->fence = whole_of(t->f[F_FENCE]);
	t->rev = whole_of(t->f[F_REV]);
	t->calls = whole_of(t->f[F_CALLS]);
	if (t->number < 1000 || t->number - 1000 >= MOST_NUMBERS)
		give_up("an item's number is out of all bounds");
	s->place[t->number - 1000] = (short)++s->count;
}

static void
read_line(struct snapshot *s, char *line)
{
	struct entry *e = &s->entries[s->entry_count];
	char *end = line + strlen(line);

	if (*line == 'I') {
		read_thing(s, line + 2);
		return;
	}
	if (s->entry_count == MOST_ENTRIES)
		give_up("too many entries");
	s->entry_count++;
	e->tag = *line;
	line += 2;
	for (int i = 0; i < 8; i++)
		e->word[i] = line < end ? cut(&line) : "";
}

static void
forget(struct snapshot *s)
{
	for (int i = 0; i < s->count; i++)
		s->place[s->things[i].number - 1000] = 0;
	s->count = s->entry_count = 0;
	free(s->text);
	s->text = NULL;
}

static redisReply *
ask(struct site *site, const int64_t *numbers, int count, const char *log_from)
{
	static char text[MOST_ASKED][24];
	static const char *argv[MOST_ASKED + 8];
	int n = 0;

	argv[n++] = "EVAL";
	argv[n++] = script;
	argv[n++] = "1";
	argv[n++] = SITE_ROOT;
	argv[n++] = log_from;
	for (int i = 0; i < count && i < MOST_ASKED; i++) {
		(void)snprintf(text[i], sizeof text[i], "%lld",
			       (long long)numbers[i]);
		argv[n++] = text[i];
	}
	return redis_call(site->redis, n, argv);
}

void
snapshot_take(struct snapshot *s, struct site *site, const int64_t *numbers,
	      int count, char log_from[64])
{
	redisReply *reply = ask(site, numbers, count, log_from);
	char *line, *next;

	forget(s);
	if (reply->type != REDIS_REPLY_STRING)
		give_up(reply->str == NULL ? "no text" : reply->str);
	s->text = strdup(reply->str);
	freeReplyObject(reply);
	if (s->text == NULL)
		abort();
	s->now = site->now_ms;
	for (line = s->text; *line != '\0'; line = next) {
		next = strchrnul(line, '\n');
		if (*next == '\n')
			*next++ = '\0';
		read_line(s, line);
	}
	for (int i = s->entry_count - 1; i >= 0; i--) {
		if (s->entries[i].tag != 'G')
			continue;
		(void)snprintf(log_from, 64, "%s", s->entries[i].word[7]);
		break;
	}
}

struct thing *
snapshot_find(struct snapshot *s, int64_t number)
{
	if (number < 1000 || number - 1000 >= MOST_NUMBERS ||
	    s->place[number - 1000] == 0)
		return NULL;
	return &s->things[s->place[number - 1000] - 1];
}

const struct entry *
snapshot_entry(const struct snapshot *s, char tag, const char *word)
{
	for (int i = 0; i < s->entry_count; i++) {
		if (s->entries[i].tag == tag &&
		    strcmp(s->entries[i].word[0], word) == 0)
			return &s->entries[i];
	}
	return NULL;
}

bool
thing_ages(const struct thing *t)
{
	return t->state == ST_WAITING || t->state == ST_HELD;
}

bool
thing_open(const struct thing *t)
{
	return thing_ages(t) || t->state == ST_SCHEDULED;
}
