/* phone_parse.c -- what callers' numbers look like when they arrive. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/policy/phone.h"

struct sample {
	const char *raw;
	const char *expected; /* a number, or the word of the kind */
};

static void
check(const struct sample *samples, size_t n, const char *region)
{
	for (size_t i = 0; i < n; i++) {
		struct phone p = { .e164 = "untouched" };
		enum phone_kind kind = phone_parse(&p, samples[i].raw, region);
		const char *got =
		    kind == PHONE_OK ? p.e164 : phone_kind_words(kind);

		cr_expect(strcmp(got, samples[i].expected) == 0,
		    "\"%s\" in %s: %s, expected %s", samples[i].raw,
		    region != NULL ? region : "no region", got,
		    samples[i].expected);
		if (kind != PHONE_OK)
			cr_expect_str_eq(p.e164, "untouched");
	}
}
#define CHECK(samples, region)                                                 \
	check(samples, sizeof(samples) / sizeof *(samples), region)

Test(phone, reads_every_way_to_write_a_number)
{
	static const struct sample samples[] = {
		{ "+49 30 901820", "+4930901820" },
		{ "+4930901820", "+4930901820" },
		{ "004930901820", "+4930901820" },
		{ "030 901820", "+4930901820" },
		{ "(030) 90 18-20", "+4930901820" },
		{ "030/901820", "+4930901820" },
		{ "+49 (0)30 901820", "+4930901820" },
		{ "4930901820", "+4930901820" },
		{ "  +49 30 901820\r\n", "+4930901820" },
		{ "\"+4930901820\"", "+4930901820" },
		{ "+1 212-555-2368", "+12125552368" },
		{ "0041 44 668 18 00", "+41446681800" },
		{ "030 901820 ext. 12", "+4930901820" },
		{ "030 901820x12", "+4930901820" },
		{ "+800 1234 5678", "+80012345678" },
	};

	CHECK(samples, "DE");
}

Test(phone, unwraps_sip_and_tel_uris)
{
	static const struct sample samples[] = {
		{ "sip:+4930901820@pbx.example;user=phone", "+4930901820" },
		{ "<sip:+4930901820@pbx.example>", "+4930901820" },
		{ "\"Anna\" <sip:030901820@10.0.0.1:5060>;tag=x",
		    "+4930901820" },
		{ "SIPS:+4930901820@pbx.example", "+4930901820" },
		{ "sip:%2B4930901820@pbx.example", "+4930901820" },
		{ "sip:+4930901820;npdi@pbx.example", "+4930901820" },
		{ "tel:+49-30-901820", "+4930901820" },
		{ "tel:901820;phone-context=+4930", "+4930901820" },
		{ "+4930901820@pbx.example", "+4930901820" },
		{ "sip:anna@pbx.example", "invalid" },
		{ "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
		    "withheld" },
		{ "sip:+4930901820@anonymous.invalid", "withheld" },
	};

	CHECK(samples, "DE");
}

Test(phone, takes_a_leading_blank_for_a_plus)
{
	static const struct sample samples[] = {
		{ " 4930901820", "+4930901820" },
		{ " 12125552368", "+12125552368" },
		{ " 372 5551 2345", "+37255512345" },
		{ " 030901820", "+4930901820" },
	};

	CHECK(samples, "DE");
}

Test(phone, does_not_decode_percent_escapes)
{
	static const struct sample samples[] = {
		{ "%2B4930901820", "invalid" },
	};

	CHECK(samples, "DE");
}

Test(phone, knows_who_does_not_want_to_be_known)
{
	static const struct sample samples[] = {
		{ "", "withheld" },
		{ "   ", "withheld" },
		{ "-", "withheld" },
		{ "<>", "withheld" },
		{ "<unknown>", "withheld" },
		{ "Anonymous", "withheld" },
		{ "'Anonymous'", "withheld" },
		{ "RESTRICTED", "withheld" },
		{ "private", "withheld" },
		{ "Private Number", "withheld" },
		{ "unavailable", "withheld" },
		{ "Unbekannt", "withheld" },
		{ "+266696687", "withheld" },
		{ "266696687", "withheld" },
		{ " 266696687", "withheld" },
		{ "+86282452253", "withheld" },
		{ "0086282452253", "withheld" },
		{ "0", "withheld" },
		{ "0000000000", "withheld" },
	};

	CHECK(samples, "DE");
}

Test(phone, never_rings_emergency_numbers)
{
	static const struct sample german[] = {
		{ "110", "emergency" },
		{ "112", "emergency" },
		{ "911", "emergency" },
		{ "+49112", "emergency" },
		{ "+49 110", "emergency" },
		{ "sip:110@pbx.example", "emergency" },
		{ "1-1-2", "emergency" },
	};
	static const struct sample american[] = {
		{ "911", "emergency" },
		{ "+1911", "emergency" },
	};
	static const struct sample australian[] = {
		{ "000", "emergency" },
	};
	static const struct sample none[] = {
		{ "112", "emergency" },
	};

	CHECK(german, "DE");
	CHECK(american, "US");
	CHECK(australian, "AU");
	CHECK(none, NULL);
}

Test(phone, tells_short_numbers)
{
	static const struct sample german[] = {
		{ "7", "short" },
		{ "214", "short" },
		{ "22833", "short" },
		{ "115", "short" },
		{ "+49 30", "short" },
	};
	static const struct sample american[] = {
		{ "555-0123", "short" },
		{ "411", "short" },
	};

	CHECK(german, "DE");
	CHECK(american, "US");
}

Test(phone, never_rings_premium_numbers)
{
	static const struct sample german[] = {
		{ "0900 1234567", "premium" },
		{ "+1 900 555 2368", "premium" },
	};

	CHECK(german, "DE");
}

Test(phone, keeps_numbers_of_blocks_younger_than_its_metadata)
{
	static const struct sample samples[] = {
		{ "+1 983 555 2368", "+19835552368" },
	};

	CHECK(samples, "DE");
}

Test(phone, refuses_what_is_no_number)
{
	static const struct sample samples[] = {
		{ "Maria", "invalid" },
		{ "030 Mueller", "invalid" },
		{ "030 9018AB", "invalid" },
		{ "null0", "invalid" },
		{ "=cmd|'/c calc'!A1", "invalid" },
		{ "*21*030901820#", "invalid" },
		{ "030901820,,12", "invalid" },
		{ "+999123456789", "invalid" },
		{ "+10000000000", "invalid" },
		{ "+1 012 555 2368", "invalid" },
		{ "+1 983 155 2368", "invalid" },
		{ "++++++++", "withheld" },
		{ "{{7*7}}4930901820", "invalid" },
		{ "1e10", "invalid" },
		{ "+49 30 901820 or 901821", "invalid" },
		{ "<<<>>>", "withheld" },
		{ "sip:", "withheld" },
		{ "tel:;phone-context=+", "withheld" },
		{ "\xff\xfe\xc3", "invalid" },
		{ "\xed\xa0\x80" "030901820", "invalid" },
	};

	CHECK(samples, "DE");
}

Test(phone, refuses_endless_numbers)
{
	static const size_t lengths[] = { 20, 199, 200, 201, 300, 100000 };
	static char raw[100001];
	struct phone p;

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		memset(raw, '4', lengths[i]);
		raw[lengths[i]] = '\0';
		cr_expect_eq(phone_parse(&p, raw, "DE"), PHONE_INVALID);
		raw[0] = '+';
		cr_expect_eq(phone_parse(&p, raw, "DE"), PHONE_INVALID);
	}
}

Test(phone, reads_wide_and_foreign_digits_and_drops_unseen_marks)
{
	static const struct sample samples[] = {
		{ "\uff10\uff13\uff10\uff19\uff10\uff11\uff18\uff12\uff10",
		    "+4930901820" },
		{ "\uff0b\uff14\uff19\uff13\uff10901820", "+4930901820" },
		{ "\u202d+49 30 901820\u202c", "+4930901820" },
		{ "\u200e030\u00a0901820\u200f", "+4930901820" },
		{ "\ufeff+4930901820", "+4930901820" },
		{ "\u0660\u0663\u0660\u0669\u0660\u0661\u0668\u0662\u0660",
		    "+4930901820" },
		{ "\uff11\uff11\uff12", "emergency" },
		{ "030 \u2013 901820", "+4930901820" },
	};

	CHECK(samples, "DE");
}

Test(phone, needs_a_region_for_national_numbers_only)
{
	static const struct sample samples[] = {
		{ "sip:%2b4930901820@pbx.example", "+4930901820" },
		{ "030 901820", "invalid" },
		{ "+49 30 901820", "+4930901820" },
		{ " 4930901820", "+4930901820" },
	};

	CHECK(samples, NULL);
	CHECK(samples, "");
	CHECK(samples, "XX");
}

Test(phone, names_the_country_of_a_number)
{
	struct phone p;

	cr_assert_eq(phone_parse(&p, "+4930901820", "US"), PHONE_OK);
	cr_expect_str_eq(p.region, "DE");
	cr_assert_eq(phone_parse(&p, "+1 416 555 2368", "US"), PHONE_OK);
	cr_expect_str_eq(p.region, "CA");
	cr_assert_eq(phone_parse(&p, "+80012345678", "US"), PHONE_OK);
	cr_expect_str_eq(p.region, "");
}

static void
expect_national(const char *e164, const char *region, const char *expected)
{
	char buf[64];

	phone_national(buf, sizeof buf, e164, region);
	cr_expect_str_eq(buf, expected);
}

Test(phone, shows_numbers_as_people_of_the_region_write_them)
{
	expect_national("+4930901820", "DE", "030 901820");
	expect_national("+12125552368", "DE", "+1 212-555-2368");
	expect_national("+12125552368", "US", "(212) 555-2368");
	expect_national("+4930901820", NULL, "+49 30 901820");
	expect_national("<unknown>", "DE", "<unknown>");
	expect_national("", "DE", "");
}

Test(phone, cuts_what_does_not_fit)
{
	char buf[6];

	phone_national(buf, sizeof buf, "+4930901820", "DE");
	cr_expect_str_eq(buf, "030 9");
}

Test(phone, knows_the_countries)
{
	cr_expect(phone_region_ok("DE"));
	cr_expect(phone_region_ok("US"));
	cr_expect_not(phone_region_ok("de"));
	cr_expect_not(phone_region_ok("XX"));
	cr_expect_not(phone_region_ok("DEU"));
	cr_expect_not(phone_region_ok(""));
	cr_expect_not(phone_region_ok(NULL));
}
