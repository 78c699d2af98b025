/* phone.cc -- the only user of libphonenumber, and the only C++.  Nothing that
 * is thrown below leaves this file. */
#include "daemon/policy/phone.h"

#include <cstdio>
#include <cstring>
#include <string>

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <phonenumbers/shortnumberinfo.h>

extern "C" {
#include "daemon/base/text.h"
}

using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using i18n::phonenumbers::ShortNumberInfo;
using std::string;

namespace {

/* Longer than any number with its decoration; more is junk. */
constexpr size_t raw_most = 200;

const char nowhere[] = "ZZ"; /* libphonenumber's "no region" */

PhoneNumberUtil &
numbers()
{
	static PhoneNumberUtil *const util = [] {
		PhoneNumberUtil *u = PhoneNumberUtil::GetInstance();

		u->SetLogger(new NullLogger); /* u owns it */
		return u;
	}();

	return *util;
}

const ShortNumberInfo &
short_numbers()
{
	static const ShortNumberInfo *const info = [] {
		(void)numbers(); /* silences the library first */
		return new ShortNumberInfo;
	}();

	return *info;
}

string
region_of(const char *region)
{
	return region != nullptr && *region != '\0' ? region : nowhere;
}

bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

string
lower(string s)
{
	for (char &c : s) {
		if (c >= 'A' && c <= 'Z')
			c = static_cast<char>(c - 'A' + 'a');
	}
	return s;
}

bool
starts_with(const string &s, const char *with)
{
	return s.compare(0, strlen(with), with) == 0;
}

void
replace_all(string &s, const char *what, const char *with)
{
	const size_t n = strlen(what);

	for (size_t at = s.find(what); at != string::npos;
	     at = s.find(what, at))
		s.replace(at, n, with);
}

/* Marks that nobody sees go, odd blanks become blanks, the wide forms that an
 * East Asian keyboard makes become ASCII.  All UTF-8. */
string
plain(string s)
{
	static const char *const unseen[] = {
		"\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a",
		"\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2066",
		"\u2067", "\u2068", "\u2069", "\u00ad", "\ufeff", "\u061c"
	};
	static const char *const blanks[] = { "\u00a0", "\u2007", "\u2009",
					      "\u202f", "\u3000", "\t",
					      "\r",     "\n" };
	char wide[] = "\uff10";

	for (const char *mark : unseen)
		replace_all(s, mark, "");
	for (const char *blank : blanks)
		replace_all(s, blank, " ");
	for (char digit = '0'; digit <= '9'; digit++, wide[2]++) {
		const char ascii[] = { digit, '\0' };

		replace_all(s, wide, ascii);
	}
	replace_all(s, "\uff0b", "+");
	return s;
}

string
trimmed(const string &s)
{
	const size_t first = s.find_first_not_of(" \"'");
	const size_t last = s.find_last_not_of(" \"'");

	return first == string::npos ? "" : s.substr(first, last - first + 1);
}

/* "sip:+4930901820@pbx;user=phone", without its scheme: the part that names
 * the caller. */
string
sip_user(const string &uri)
{
	if (lower(uri).find("anonymous.invalid") != string::npos)
		return "anonymous";

	string user = uri.substr(0, uri.find('@'));

	user = user.substr(0, user.find(';'));
	/* RFC 3261 allows to write '+' like this, and only in a URI. */
	if (starts_with(lower(user), "%2b"))
		user.replace(0, 3, "+");
	return user;
}

/* "tel:901820;phone-context=+4930" */
string
tel_number(const string &uri)
{
	static const char name[] = ";phone-context=+";
	string number = uri.substr(0, uri.find(';'));
	const size_t at = lower(uri).find(name);

	if (at == string::npos || starts_with(number, "+"))
		return number;

	const size_t from = at + strlen(name) - 1;

	return uri.substr(from, uri.find(';', from) - from) + number;
}

/* Out of '"Anna" <sip:+4930901820@pbx>' what may be a number.  A single blank
 * in front of it stays: it may have been a '+'. */
string
unwrapped(const string &raw)
{
	string s = raw;
	const size_t open = s.find('<'), close = s.rfind('>');

	if (open != string::npos && close != string::npos && open < close)
		s = s.substr(open + 1, close - open - 1);

	const string bare = lower(trimmed(s));

	if (starts_with(bare, "sip:"))
		return sip_user(trimmed(s).substr(4));
	if (starts_with(bare, "sips:"))
		return sip_user(trimmed(s).substr(5));
	if (starts_with(bare, "tel:"))
		return tel_number(trimmed(s).substr(4));
	if (s.find('@') != string::npos)
		return sip_user(trimmed(s));
	return s;
}

/* What exchanges send for a caller who does not want to be known, or whom they
 * do not know; compared without blanks and punctuation. */
bool
is_withheld(const string &s)
{
	static const char *const words[] = { "",
					     "unknown",
					     "unknownnumber",
					     "unknowncaller",
					     "anonymous",
					     "anonymouscaller",
					     "anonym",
					     "restricted",
					     "private",
					     "privatenumber",
					     "privatecaller",
					     "privat",
					     "unavailable",
					     "notavailable",
					     "withheld",
					     "numberwithheld",
					     "withheldnumber",
					     "blocked",
					     "hidden",
					     "suppressed",
					     "nonumber",
					     "nocallerid",
					     "outofarea",
					     "na",
					     "none",
					     "null",
					     "nil",
					     "undefined",
					     "asterisk",
					     "unbekannt",
					     "o",
					     "p" };
	/* The same words on a keypad, with a '+' in front. */
	static const char *const keyed[] = { "+266696687",  "266696687",
					     "+7378742833", "+2562533",
					     "+8566696",    "+86282452253" };
	string letters, digits;

	for (const char c : lower(s)) {
		if (is_letter(c) || static_cast<unsigned char>(c) >= 0x80)
			letters += c;
		if (is_digit(c) || c == '+')
			digits += c;
	}
	if (digits.find_first_of("0123456789") == string::npos) {
		for (const char *word : words) {
			if (letters == word)
				return true;
		}
		return false;
	}
	for (const char *number : keyed) {
		if (digits == number)
			return true;
	}
	return letters.empty() &&
	       digits.find_first_not_of("+0") == string::npos;
}

/* Letters name nobody's number here, only an extension at the end, which is
 * cut: "030 901820 ext. 12".  False where others are left. */
bool
cut_extension(string &s)
{
	size_t end = s.find_last_not_of("0123456789 ");
	size_t first;

	if (end == string::npos || s[end] == ')')
		return true;
	if (s[end] == '.' && end > 0)
		end--;
	for (first = end + 1; first > 0 && is_letter(s[first - 1]);)
		first--;
	if (first <= end) {
		const string word = lower(s.substr(first, end + 1 - first));

		if (word != "x" && word != "ext" && word != "extension")
			return false;
		s.erase(first);
	}
	for (const char c : s) {
		if (!is_digit(c) && strchr(" +-./()", c) == nullptr &&
		    static_cast<unsigned char>(c) < 0x80)
			return false;
	}
	return true;
}

string
digits_of(const string &s)
{
	string digits;

	for (const char c : s) {
		if (is_digit(c))
			digits += c;
	}
	return digits;
}

/* 112 and 911 reach help from every mobile, whatever the country. */
bool
is_emergency(const string &digits, const string &region)
{
	return digits == "112" || digits == "911" ||
	       short_numbers().IsEmergencyNumber(digits, region);
}

/*
 * The library of the distribution is years old, and new blocks of numbers are
 * "invalid" to it: a number of the right length counts as well, unless it can
 * be none.  Better one try in vain than a customer forgotten.
 */
bool
is_plausible(const PhoneNumber &number)
{
	string nsn;

	if (numbers().IsPossibleNumberWithReason(number) !=
	    PhoneNumberUtil::IS_POSSIBLE)
		return false;
	numbers().GetNationalSignificantNumber(number, &nsn);
	if (nsn.size() < 7 || nsn[0] == '0')
		return false;
	/* North America: neither area nor exchange begins with 0 or 1. */
	return number.country_code() != 1 || (nsn[0] > '1' && nsn[3] > '1');
}

bool
is_premium(const PhoneNumber &number)
{
	return numbers().GetNumberType(number) == PhoneNumberUtil::PREMIUM_RATE;
}

enum phone_kind
judge(const PhoneNumber &number)
{
	string nsn, region;

	if (numbers().IsValidNumber(number))
		return is_premium(number) ? PHONE_PREMIUM : PHONE_OK;
	numbers().GetNationalSignificantNumber(number, &nsn);
	numbers().GetRegionCodeForCountryCode(number.country_code(), &region);
	if (is_emergency(nsn, region))
		return PHONE_EMERGENCY;
	switch (numbers().IsPossibleNumberWithReason(number)) {
	case PhoneNumberUtil::TOO_SHORT:
	case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: return PHONE_SHORT;
	case PhoneNumberUtil::IS_POSSIBLE:
	case PhoneNumberUtil::INVALID_COUNTRY_CODE:
	case PhoneNumberUtil::INVALID_LENGTH:
	case PhoneNumberUtil::TOO_LONG: break;
	}
	return is_plausible(number) ? PHONE_OK
	       : nsn.size() < 7     ? PHONE_SHORT
				    : PHONE_INVALID;
}

string
e164_of(const PhoneNumber &number)
{
	string e164;

	numbers().Format(number, PhoneNumberUtil::E164, &e164);
	return e164;
}

void
fill(struct phone *ret, const PhoneNumber &number)
{
	string region;

	numbers().GetRegionCodeForNumber(number, &region);
	/* "001" is the library's word for no country, as "ZZ" is. */
	if (region.size() != 2 || region == nowhere)
		region.clear();
	*ret = phone();
	(void)snprintf(ret->e164, sizeof ret->e164, "%s",
		       e164_of(number).c_str());
	(void)snprintf(ret->region, sizeof ret->region, "%s", region.c_str());
}

/* " 4930901820" was "+4930901820" before a form was decoded. */
bool
had_plus(PhoneNumber *number, const string &s)
{
	return s.size() > 7 && s[0] == ' ' && is_digit(s[1]) && s[1] != '0' &&
	       numbers().Parse("+" + s.substr(1), nowhere, number) ==
		   PhoneNumberUtil::NO_PARSING_ERROR &&
	       numbers().IsValidNumber(*number);
}

enum phone_kind
parse(struct phone *ret, const char *raw, const string &region)
{
	PhoneNumber number;
	enum phone_kind kind;

	if (strnlen(raw, raw_most + 1) > raw_most ||
	    !text_utf8(raw, strlen(raw)))
		return PHONE_INVALID;

	const string s = unwrapped(plain(raw));
	string rest = trimmed(s);

	if (is_emergency(digits_of(rest), region) && cut_extension(rest))
		return PHONE_EMERGENCY;
	if (is_withheld(rest))
		return PHONE_WITHHELD;
	if (!cut_extension(rest))
		return PHONE_INVALID;
	if (!had_plus(&number, s)) {
		const auto error = numbers().Parse(rest, region, &number);

		const size_t n = digits_of(rest).size();

		if (error == PhoneNumberUtil::TOO_SHORT_NSN ||
		    (error != PhoneNumberUtil::NO_PARSING_ERROR &&
		     rest[0] != '+' && n > 0 && n < 7))
			return PHONE_SHORT;
		if (error != PhoneNumberUtil::NO_PARSING_ERROR)
			return PHONE_INVALID;
	}
	kind = judge(number);
	/* However it was written: "0086282452253" is a withheld one too. */
	if (kind == PHONE_OK && is_withheld(e164_of(number)))
		return PHONE_WITHHELD;
	if (kind == PHONE_OK)
		fill(ret, number);
	return kind;
}

string
shown(const char *e164, const string &region)
{
	PhoneNumber number;
	string out, home;

	if (numbers().Parse(e164, nowhere, &number) !=
	    PhoneNumberUtil::NO_PARSING_ERROR)
		return e164;
	numbers().GetRegionCodeForNumber(number, &home);
	numbers().Format(number,
			 home == region ? PhoneNumberUtil::NATIONAL
					: PhoneNumberUtil::INTERNATIONAL,
			 &out);
	return out.empty() ? e164 : out;
}

} // namespace

enum phone_kind
phone_parse(struct phone *ret, const char *raw, const char *region)
{
	try {
		return parse(ret, raw, region_of(region));
	} catch (...) {
		return PHONE_INVALID;
	}
}

void
phone_national(char *buf, size_t size, const char *e164, const char *region)
{
	try {
		(void)snprintf(buf, size, "%s",
			       shown(e164, region_of(region)).c_str());
	} catch (...) {
		(void)snprintf(buf, size, "%s", e164);
	}
}

const char *
phone_kind_words(enum phone_kind kind)
{
	switch (kind) {
	case PHONE_OK: return "ok";
	case PHONE_WITHHELD: return "withheld";
	case PHONE_EMERGENCY: return "emergency";
	case PHONE_SHORT: return "short";
	case PHONE_PREMIUM: return "premium";
	case PHONE_INVALID: return "invalid";
	}
	return "invalid";
}

bool
phone_region_ok(const char *region)
{
	try {
		return region != nullptr && strlen(region) == 2 &&
		       numbers().GetCountryCodeForRegion(region) != 0;
	} catch (...) {
		return false;
	}
}
