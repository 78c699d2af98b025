/* library.h -- the Redis function library, made by the Makefile from
 * policy/states.def and store/lua/. */
#ifndef RB_STORE_LIBRARY_H
#define RB_STORE_LIBRARY_H

extern const char library_text[]; /* for FUNCTION LOAD REPLACE */
extern const char library_hash[]; /* 16 hex digits: which text this is */

#endif
