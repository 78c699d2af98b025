#include "daemon/api/rates.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct rate rate = { .per_second = 10, .burst = 50 };

Test(rates, a_burst_passes_and_one_more_waits)
{
	struct rates *r = rates_new();

	for (int i = 0; i < 50; i++)
		cr_assert_eq(rates_take(r, "a", 1, &rate, 1000), 0);
	cr_assert_eq(rates_take(r, "a", 1, &rate, 1000), 100);
	cr_assert_eq(rates_take(r, "a", 1, &rate, 1099), 1);
	cr_assert_eq(rates_take(r, "a", 1, &rate, 1100), 0);
	cr_assert_eq(rates_take(r, "a", 1, &rate, 1100), 100);
	cr_assert_eq(rates_take(r, "b", 50, &rate, 1100), 0, "others may");
	rates_free(r);
}

Test(rates, many_together_are_taken_whole_or_not_at_all)
{
	struct rates *r = rates_new();

	cr_assert_eq(rates_take(r, "a", 30, &rate, 0), 0);
	cr_assert_eq(rates_take(r, "a", 21, &rate, 0), 100);
	cr_assert_eq(rates_take(r, "a", 20, &rate, 0), 0);
	/* More than a burst, once all is paid; and then it is paid for. */
	cr_assert_eq(rates_take(r, "a", 100, &rate, 0), 5000);
	cr_assert_eq(rates_take(r, "a", 100, &rate, 5000), 0);
	cr_assert_eq(rates_take(r, "a", 1, &rate, 5000), 5100);
	rates_free(r);
}

Test(rates, without_a_limit_nobody_waits)
{
	const struct rate none = { .per_second = 0, .burst = 1 };
	struct rates *r = rates_new();

	for (int i = 0; i < 1000; i++)
		cr_assert_eq(rates_take(r, "a", 1000, &none, 0), 0);
	rates_free(r);
}

Test(rates, keeps_a_bounded_number_of_callers)
{
	struct rates *r = rates_new();
	char who[20];

	for (int i = 0; i < 10000; i++) {
		(void)snprintf(who, sizeof who, "%d", i);
		cr_assert_eq(rates_take(r, who, 50, &rate, 0), 0);
	}
	cr_assert_gt(rates_take(r, "9999", 1, &rate, 0), 0);
	rates_free(r);
}
