#include "daemon/sources/tracker.h"

#include "daemon/base/clock.h"
#include "daemon/sources/feed.h"
#include "daemon/store/store.h"

struct tracker_now
tracker_clocks(const struct feed *feed, const struct store *store)
{
	struct tracker_now now = { .mono_ms = clock_mono_ms(),
				   .wall_ms = store_now_ms(store) };
	struct feed_state state;

	feed_look(feed, &state);
	if (state.clock_known)
		now.ahead_ms = state.clock_ms + clock_wall_ms() - now.wall_ms;
	return now;
}
