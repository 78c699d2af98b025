/* customers.h -- the directory: who is who, and worth what. */
#ifndef RB_API_CUSTOMERS_H
#define RB_API_CUSTOMERS_H

struct req;

void customers_get(struct req *);  /* ?phone=, ?id=, or a page */
void customers_post(struct req *); /* NDJSON, each line one customer */
void customer_get(struct req *);
void customer_put(struct req *);
void customer_delete(struct req *);

#endif
