/* health.h -- for probes: does the daemon live, can it do its work. */
#ifndef RB_API_HEALTH_H
#define RB_API_HEALTH_H

struct req;

void healthz_get(struct req *);
void readyz_get(struct req *);

#endif
