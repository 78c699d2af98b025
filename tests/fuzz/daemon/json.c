/* A JSON body and every kind of field: what is read is text that can be kept,
 * within its limits; what is not is refused by a list of sentences. */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/shape.h"
#include "tests/fuzz/fuzz.h"

/* clang-format off */
static const struct wire_field fields[] = {
	{ .name = "type", .kind = WIRE_TEXT, .required = true, .max = 40 },
	{ .name = "id", .kind = WIRE_ID, .max = 100 },
	{ .name = "name", .kind = WIRE_TEXT, .max = 20, .cut = true },
	{ .name = "queue", .kind = WIRE_NAME },
	{ .name = "severity", .kind = WIRE_INT, .min = 1, .max = 3 },
	{ .name = "value", .kind = WIRE_INT, .min = 0, .max = 1000000000000 },
	{ .name = "waited_s", .kind = WIRE_REAL, .min = 0, .max = 604800 },
	{ .name = "time", .kind = WIRE_TIME },
	{ .name = "shared", .kind = WIRE_FLAG },
	{ .name = "phones", .kind = WIRE_TEXTS },
};
/* clang-format on */
#define COUNT (sizeof fields / sizeof *fields)

static void
look(const struct record *r)
{
	int64_t n;

	for (size_t i = 0; i < record_count(r); i++) {
		const char *s = record_value_at(r, i);

		fuzz_must(text_utf8(s, strlen(s)));
	}
	fuzz_must(!record_has(r, "queue") ||
		  text_is_name(record_get(r, "queue")));
	fuzz_must(!record_has(r, "name") ||
		  strlen(record_get(r, "name")) <= 20);
	fuzz_must(!record_has(r, "value") ||
		  text_int64(&n, record_get(r, "value"), 0, 1000000000000) ==
		      0);
	json_decref(shape_object(r));
}

FUZZ(json)
{
	char *body = fuzz_text(data, len), *why = NULL;
	json_t *object = wire_parse(body, len, &why), *errors;
	struct record *r = record_new();

	if (object == NULL) {
		fuzz_must(why != NULL && fuzz_clean(why, strlen(why)));
	} else {
		errors = wire_read(r, object, fields, COUNT, NULL);
		if (errors != NULL)
			fuzz_must(*wire_first_error(errors) != '\0');
		else
			look(r);
		json_decref(errors);
	}
	json_decref(object);
	record_free(r);
	free(why);
	free(body);
}
