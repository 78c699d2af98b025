/* faults.h -- what is done to the world, and when: a plan that the seed
 * decides, carried out while the load goes on.  After each fault that ends with
 * all well it is measured how long until every daemon is ready again. */
#ifndef RB_TESTS_TORTURE_FAULTS_H
#define RB_TESTS_TORTURE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct world;
struct faults;

#define BACK_LIMIT_MS 5000 /* the contract: service is back within this */

struct faults *faults_new(struct world *, uint64_t seed, int seconds);
void faults_free(struct faults *);
void faults_print(const struct faults *, FILE *); /* the plan */
void faults_turn(struct faults *);
/* faults_over: the plan is done, all is healed and every daemon is ready. */
bool faults_over(const struct faults *);
/* faults_table: how often each was done and how soon all were back; how many
 * were not in time. */
int faults_table(const struct faults *, FILE *);

#endif
