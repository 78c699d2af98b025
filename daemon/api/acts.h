/* acts.h -- what an agent does with an item, besides its outcome: take it by
 * hand, keep it longer, give it back, move it, write a note, undo. */
#ifndef RB_API_ACTS_H
#define RB_API_ACTS_H

struct req;

void hold_post(struct req *);
void extend_post(struct req *);
void release_post(struct req *);
void move_post(struct req *);
void note_post(struct req *);
void undo_post(struct req *);

#endif
