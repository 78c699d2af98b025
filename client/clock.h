/* clock.h -- instants and spans in the words of the screens, on this machine's
 * clock.  Instants are ms since 1970, UTC; spans are ms.  Nothing else in the
 * command asks the system for the time. */
#ifndef RB_CLIENT_CLOCK_H
#define RB_CLIENT_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_now_ms(void);
int64_t clock_mono_ms(void);

/* clock_read: strict RFC 3339 with Z or an offset.  0, or -1 with *ret_ms
 * untouched. */
int clock_read(int64_t *ret_ms, const char *);
/* clock_write: "2026-11-22T09:20:00.000Z". */
void clock_write(char *buf, size_t size, int64_t ms);
/* "10:24"; "Wed 10:24" within six days; "25 Nov 10:24"; "25 Nov 2024". */
void clock_at(char *buf, size_t size, int64_t ms, int64_t now_ms);
void clock_seconds(char *buf, size_t size, int64_t ms); /* "10:15:40" */
void clock_day(char *buf, size_t size, int64_t ms);     /* " 2 Nov" */
void clock_stamp(char *buf, size_t size, int64_t ms);   /* "20 Nov 16:40" */
void clock_weekday(char *buf, size_t size, int64_t ms); /* "Tue" */
int clock_year(int64_t ms);

/* clock_span: for columns: "41 s" "12 min" "1 h 5 min" "3 days". */
void clock_span(char *buf, size_t size, int64_t ms);
/* clock_words: for sentences: "41 seconds" "5 minutes" "1 h 9 min"; whole
 * minutes from 60 seconds on. */
void clock_words(char *buf, size_t size, int64_t ms);
/* clock_talk: how long somebody talked or waited, in seconds: "3:10",
 * "1:02:09". */
void clock_talk(char *buf, size_t size, int64_t s);
/* clock_due: for columns: "in 12 min" or "late 1 h 5 min". */
void clock_due(char *buf, size_t size, int64_t due_ms, int64_t now_ms);
/* clock_place: "Europe/Berlin" gives "Berlin". */
void clock_place(char *buf, size_t size, const char *zone);

#endif
