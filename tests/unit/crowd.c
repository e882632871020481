/* crowd - labels from votes: worked values, symmetry, derivatives by finite differences, planted annotators */
#include "crowd.h"
#include "crowd_tell.h"
#include "logistic.h"
#include "random.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define WITHIN(a, b, e) assert_true(fabs((a) - (b)) < (e))
#define NEAR(a, b) WITHIN(a, b, 1e-6)

static void test_majority(void **state)
{
	struct crowd c = { 0 };

	(void)state;
	crowd_add(&c, 0, 0, CROWD_A, CROWD_UNKNOWN);
	crowd_add(&c, 0, 1, CROWD_A, CROWD_UNKNOWN);
	crowd_add(&c, 0, 2, CROWD_TIE, CROWD_UNKNOWN);
	crowd_add(&c, 1, 0, CROWD_B, CROWD_UNKNOWN);
	crowd_add(&c, 1, 1, CROWD_A, CROWD_UNKNOWN);
	crowd_majority(&c);
	NEAR(crowd_preference(&c, 0), 5. / 6);
	assert_int_equal(crowd_verdict(&c, 0), CROWD_A);
	/* One for each: neither, however the votes are ordered. */
	NEAR(crowd_preference(&c, 1), 0.5);
	assert_int_equal(crowd_verdict(&c, 1), CROWD_TIE);
	crowd_free(&c);
}

/* Three annotators on four pairs, rows pairs: 1 is A. Everybody saw A first, so T is as Dawid and Skene have it. */
static void example(struct crowd *c)
{
	static const int votes[4][3] = { { 1, 1, 0 }, { 0, 0, 0 }, { 1, 0, 1 }, { 0, 0, 1 } };

	for (uint32_t i = 0; i < 4; i++)
		for (uint32_t w = 0; w < 3; w++)
			crowd_add(c, i, w, votes[i][w] ? CROWD_A : CROWD_B, CROWD_A_FIRST);
}

static void test_first_step(void **state)
{
	static const double right_a[] = { .8, .4, .6 }, right_b[] = { .714286, .857143, .571429 };
	/* With a prior of 0.416667 for A, which ours is not: A and B are equally probable before the first vote. */
	static const double q[] = { .796748, .089253, .662162, .163880 };
	const struct crowd_rules rules = { .max_iterations = 1, .independent = true };
	struct crowd c = { 0 };

	(void)state;
	example(&c);
	crowd_dawid_skene(&c, &rules);
	for (int w = 0; w < 3; w++) {
		NEAR(c.tables[w].t[1][CROWD_A][CROWD_A], right_a[w]);
		NEAR(c.tables[w].t[1][CROWD_B][CROWD_B], right_b[w]);
		NEAR(c.tables[w].t[1][CROWD_A][CROWD_B], 1 - right_a[w]);
	}
	for (int i = 0; i < 4; i++)
		WITHIN(log(c.q[i][CROWD_A] / c.q[i][CROWD_B]), log(q[i] / (1 - q[i])) - log(.416667 / .583333), 1e-4);
	assert_int_equal(c.iterations, 1);
	assert_false(c.converged);
	crowd_free(&c);
}

/* One-coin on the same: a = (mean q right); the majority's shares give a third of each table. */
static void test_one_coin(void **state)
{
	const struct crowd_rules rules = { .max_iterations = 1, .independent = true, .one_coin = true };
	struct crowd c = { 0 };

	(void)state;
	example(&c);
	crowd_dawid_skene(&c, &rules);
	/* q of A: 2/3, 0, 2/3, 1/3. Annotator 0 says A, B, A, B: (2/3 + 1 + 2/3 + 2/3) / 4. */
	NEAR(c.tables[0].t[1][CROWD_A][CROWD_A], 0.75);
	NEAR(c.tables[0].t[1][CROWD_B][CROWD_B], 0.75);
	NEAR(c.tables[1].t[1][CROWD_A][CROWD_B], 1 - (2. / 3 + 1 + 1. / 3 + 2. / 3) / 4);
	crowd_free(&c);
}

/* A crowd with a planted truth: annotator w is right with probability skill[w], says tie with 0.1, and takes the first
 * place with probability habit[w] instead. */
struct planted {
	enum crowd_side truth[400];
	uint32_t n;
};

static void plant_votes(struct crowd *c, struct planted *p, const double *skill, const double *habit, uint32_t n_by,
	bool ties)
{
	struct rng g = rng_for(7, "crowd", n_by);

	p->n = COUNT(p->truth);
	for (uint32_t i = 0; i < p->n; i++) {
		p->truth[i] = rng_real(&g) < 0.5 ? CROWD_A : CROWD_B;
		for (uint32_t w = 0; w < n_by; w++) {
			enum crowd_shown shown = rng_real(&g) < 0.5 ? CROWD_A_FIRST : CROWD_B_FIRST;
			enum crowd_side side = rng_real(&g) < skill[w] ? p->truth[i] : (enum crowd_side)(1 - p->truth[i]);

			if (rng_real(&g) < habit[w])
				side = shown == CROWD_A_FIRST ? CROWD_A : CROWD_B;
			if (ties && rng_real(&g) < 0.1)
				side = CROWD_TIE;
			crowd_add(c, i, w, side, w % 2 ? shown : habit[w] > 0 ? shown : CROWD_UNKNOWN);
		}
	}
}

static double accuracy(const struct crowd *c, const struct planted *p)
{
	double right = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		double x = crowd_preference(c, i);

		right += fabs(x - 0.5) < 1e-9 ? 0.5 : (x > 0.5) == (p->truth[i] == CROWD_A);
	}
	return right / p->n;
}

static void test_learns_who_is_right(void **state)
{
	static const double skill[] = { .95, .9, .55, .5, .2, .5, .5 }, habit[] = { 0, 0, 0, 0, 0, .9, 0 };
	const struct crowd_rules rules = { .pseudo = 2 }, coin = { .pseudo = 2, .one_coin = true };
	struct crowd c = { 0 };
	struct planted p;
	struct crowd_annotator *by;
	double majority;

	(void)state;
	plant_votes(&c, &p, skill, habit, COUNT(skill), true);
	crowd_majority(&c);
	majority = accuracy(&c, &p);
	crowd_dawid_skene(&c, &coin);
	assert_true(accuracy(&c, &p) > majority + 0.1);
	crowd_dawid_skene(&c, &rules);
	assert_true(accuracy(&c, &p) > majority + 0.1);
	by = crowd_annotators(&c);
	assert_true(by[4].contrary);
	for (int w = 0; w < 4; w++)
		assert_false(by[w].contrary);
	assert_true(by[5].bias > 0.35 && fabs(by[1].bias) < 0.1 && isnan(by[0].bias));
	assert_true(by[0].accuracy > by[2].accuracy && by[0].low < by[0].accuracy && by[0].accuracy < by[0].high);
	free(by);
	crowd_free(&c);
}

/* EM never makes the objective less: so the priors are in it as they are in the M step. */
static void test_never_less(void **state)
{
	static const double skill[] = { .8, .7, .6, .4 }, habit[] = { 0, 0, .3, 0 };

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct crowd_rules rules = { .pseudo = kind % 2 ? 3 : 0, .one_coin = kind / 2, .independent = true };
		struct crowd c = { 0 };
		struct planted p;
		double before = -INFINITY;

		plant_votes(&c, &p, skill, habit, COUNT(skill), true);
		for (rules.max_iterations = 1; rules.max_iterations < 30; rules.max_iterations++) {
			crowd_dawid_skene(&c, &rules);
			assert_true(c.loglik >= before - 1e-9);
			before = c.loglik;
		}
		crowd_free(&c);
	}
}

/* Exchange A and B of every third pair: its q are exchanged, nothing else changes. */
static void test_symmetric(void **state)
{
	static const double skill[] = { .9, .7, .6, .4, .8 }, habit[] = { 0, 0, .4, 0, 0 };
	uint32_t ends[400][2], turned_ends[400][2];
	struct crowd c = { 0 }, turned = { 0 };
	struct planted p;

	(void)state;
	plant_votes(&c, &p, skill, habit, COUNT(skill), true);
	for (size_t i = 0; i < c.n; i++) {
		struct crowd_vote v = c.v[i];

		if (v.pair % 3 == 0) {
			v.side = v.side == CROWD_TIE ? CROWD_TIE : 1 - v.side;
			v.shown = v.shown == CROWD_UNKNOWN ? CROWD_UNKNOWN : 3 - v.shown;
		}
		crowd_add(&turned, v.pair, v.by, (enum crowd_side)v.side, (enum crowd_shown)v.shown);
	}
	for (uint32_t i = 0; i < p.n; i++) {
		ends[i][0] = i % 20;
		ends[i][1] = 20 + i % 17;
		turned_ends[i][0] = ends[i][i % 3 == 0];
		turned_ends[i][1] = ends[i][i % 3 != 0];
	}
	for (int kind = 0; kind < 4; kind++) {
		struct crowd_rules rules = { .one_coin = kind == 1, .trust = kind == 2, .pseudo = 1, .dummy = 0.1, .n_items = 37,
			.ends = (const uint32_t (*)[2])ends };
		struct crowd_rules other = rules;

		other.ends = (const uint32_t (*)[2])turned_ends;
		if (kind < 2) {
			crowd_dawid_skene(&c, &rules);
			crowd_dawid_skene(&turned, &other);
			WITHIN(c.dispersion, turned.dispersion, 1e-9);
		} else {
			crowd_bradley_terry(&c, &rules);
			crowd_bradley_terry(&turned, &other);
		}
		for (uint32_t i = 0; i < p.n; i++)
			for (int k = CROWD_A; k <= CROWD_B; k++)
				NEAR(c.q[i][k], turned.q[i][i % 3 ? k : 1 - k]);
	}
	crowd_free(&c);
	crowd_free(&turned);
}

/* Judges that copy each other are over-dispersed, independent ones are not. */
static void test_dispersion(void **state)
{
	const struct crowd_rules rules = { .pseudo = 2 };
	struct rng g = rng_for(3, "copies", 0);
	struct crowd c = { 0 }, free_ones = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		enum crowd_side truth = rng_real(&g) < 0.5 ? CROWD_A : CROWD_B, said[5];

		for (uint32_t w = 0; w < 5; w++) {
			said[w] = rng_real(&g) < 0.7 ? truth : (enum crowd_side)(1 - truth);
			crowd_add(&free_ones, i, w, said[w], CROWD_UNKNOWN);
			for (uint32_t copy = 0; copy < 6; copy++)
				crowd_add(&c, i, 6 * w + copy, said[w], CROWD_UNKNOWN);
		}
	}
	crowd_dawid_skene(&free_ones, &rules);
	assert_true(free_ones.dispersion < 1.15);
	crowd_dawid_skene(&c, &rules);
	/* Not all of 6: the labels are those that copies helped to make. */
	assert_true(c.dispersion > 3 && c.dispersion < 6);
	crowd_free(&c);
	crowd_free(&free_ones);
}

/* ---- Bradley and Terry ---- */

static void test_objective(void **state)
{
	static const uint32_t ends[1][2] = { { 0, 1 } };
	const struct crowd_rules rules = { .ends = ends, .n_items = 2, .dummy = 0 };
	struct crowd c = { 0 };

	(void)state;
	crowd_add(&c, 0, 0, CROWD_A, CROWD_UNKNOWN);
	NEAR(exp(crowd_bt_objective(&c, &rules, (const double[]){ 1, 0 }, (const double[]){ 0.9 }, NULL, NULL)), 0.684847);
	NEAR(exp(crowd_bt_objective(&c, &rules, (const double[]){ 3, -2 }, (const double[]){ 0.5 }, NULL, NULL)), 0.5);
	crowd_free(&c);
}

/* What is known to be wrong elsewhere: derivatives of annotators that are overwritten instead of added up, and a sign of
 * the regulariser that differs between value and derivative. */
static void test_derivatives(void **state)
{
	static const double skill[] = { .9, .7, .3 }, habit[] = { 0, 0, 0 };
	double theta[37], eta[3] = { 0.8, 0.6, 0.3 }, by_theta[37], by_eta[3];
	uint32_t ends[400][2];
	struct crowd_rules rules = { .ends = (const uint32_t (*)[2])ends, .n_items = 37, .dummy = 0.7, .pseudo = 2 };
	struct rng g = rng_for(5, "derivatives", 0);
	struct crowd c = { 0 };
	struct planted p;
	const double h = 1e-5;

	(void)state;
	plant_votes(&c, &p, skill, habit, COUNT(skill), true);
	for (uint32_t i = 0; i < p.n; i++) {
		ends[i][0] = i % 20;
		ends[i][1] = 20 + i % 17;
	}
	for (int j = 0; j < 37; j++)
		theta[j] = rng_normal(&g);
	crowd_bt_objective(&c, &rules, theta, eta, by_theta, by_eta);
	for (int j = 0; j < 40; j++) {
		double *x = j < 37 ? &theta[j] : &eta[j - 37], was = *x, up, down;

		*x = was + h;
		up = crowd_bt_objective(&c, &rules, theta, eta, NULL, NULL);
		*x = was - h;
		down = crowd_bt_objective(&c, &rules, theta, eta, NULL, NULL);
		*x = was;
		WITHIN((up - down) / (2 * h), j < 37 ? by_theta[j] : by_eta[j - 37], 1e-5);
	}
	/* And where the fit ends there is nowhere to go. */
	crowd_bradley_terry(&c, &rules);
	assert_true(c.converged);
	crowd_bt_objective(&c, &rules, c.theta, c.eta, by_theta, by_eta);
	for (int j = 0; j < 37; j++)
		WITHIN(by_theta[j], 0, 1e-4);
	for (int w = 0; w < 3; w++)
		WITHIN(by_eta[w], 0, 1e-4);
	crowd_free(&c);
}

static void test_strengths(void **state)
{
	static const uint32_t ends[4][2] = { { 0, 1 }, { 0, 1 }, { 1, 0 }, { 0, 1 } };
	const struct crowd_rules rules = { .ends = ends, .n_items = 2, .dummy = 1e-5, .trust = true };
	struct crowd c = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		crowd_add(&c, i, 0, CROWD_A, CROWD_UNKNOWN);
	crowd_bradley_terry(&c, &rules);
	assert_true(c.converged);
	/* Three wins to one: g ratio 3 (but for the dummy). */
	WITHIN(c.theta[0] - c.theta[1], 1.098612, 1e-3);
	WITHIN(crowd_preference(&c, 0), 0.75, 1e-4);
	WITHIN(crowd_preference(&c, 2), 0.25, 1e-4);
	crowd_free(&c);
}

static void test_crowd_bt_finds_the_contrary(void **state)
{
	struct rng g = rng_for(11, "contrary", 0);
	uint32_t ends[600][2];
	struct crowd c = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		ends[i][0] = (uint32_t)rng_below(&g, 10);
		ends[i][1] = (ends[i][0] + 1 + (uint32_t)rng_below(&g, 9)) % 10;
		for (uint32_t w = 0; w < 5; w++) {
			/* The better of two is the one of the smaller number; annotator 4 is contrary. */
			bool right = rng_real(&g) < (w == 4 ? 0.1 : 0.85), a = ends[i][0] < ends[i][1];

			crowd_add(&c, i, w, a == right ? CROWD_A : CROWD_B, CROWD_UNKNOWN);
		}
	}
	crowd_bradley_terry(&c, &(struct crowd_rules){ .ends = (const uint32_t (*)[2])ends, .n_items = 10, .dummy = 0.1,
		.pseudo = 2 });
	assert_true(c.eta[4] < 0.25);
	for (int w = 0; w < 4; w++)
		assert_true(c.eta[w] > 0.75);
	for (int j = 0; j < 9; j++)
		assert_true(c.theta[j] > c.theta[j + 1]);
	crowd_free(&c);
}

/* Nothing at all, and a pair of one item with itself. */
static void test_empty(void **state)
{
	static const uint32_t ends[1][2] = { { 0, 0 } };
	const struct crowd_rules rules = { .ends = ends, .n_items = 1, .dummy = 0.1 };
	struct crowd c = { 0 };

	(void)state;
	crowd_majority(&c);
	crowd_dawid_skene(&c, &rules);
	crowd_bradley_terry(&c, &rules);
	assert_true(c.converged && isnan(crowd_agreement(&c).alpha));
	crowd_add(&c, 0, 0, CROWD_B, CROWD_UNKNOWN);
	crowd_bradley_terry(&c, &rules);
	NEAR(crowd_preference(&c, 0), 0.5);
	assert_int_equal(crowd_verdict(&c, 0), CROWD_TIE);
	crowd_dawid_skene(&c, &rules);
	assert_true(crowd_preference(&c, 0) < 0.5);
	crowd_free(&c);
}

/* Light: the mean over pairs of annotators; every vote of a pair with every other for alpha. */
static void test_agreement(void **state)
{
	static const int votes[3][3] = { { 0, 0, 1 }, { 0, 1, 1 }, { 2, 2, 2 } };
	struct crowd c = { 0 };
	struct alpha alpha = { 0 };
	struct crowd_agreement found;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		double count[3] = { 0 };

		for (uint32_t w = 0; w < 3; w++) {
			crowd_add(&c, i, w, (enum crowd_side)votes[i][w], CROWD_UNKNOWN);
			count[votes[i][w]]++;
		}
		alpha_add(&alpha, count);
	}
	found = crowd_agreement(&c);
	NEAR(found.alpha, alpha_value(&alpha));
	/* 0 and 1 agree on two of three, 1 and 2 too, 0 and 2 on one; chance is (1 + 2 * 2 / 2) / 9 each. */
	NEAR(found.kappa, (2 * (2. / 3 - 1. / 3) / (2. / 3) + (1. / 3 - 1. / 3)) / 3);
	crowd_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_majority),
		cmocka_unit_test(test_first_step),
		cmocka_unit_test(test_one_coin),
		cmocka_unit_test(test_learns_who_is_right),
		cmocka_unit_test(test_never_less),
		cmocka_unit_test(test_symmetric),
		cmocka_unit_test(test_dispersion),
		cmocka_unit_test(test_objective),
		cmocka_unit_test(test_derivatives),
		cmocka_unit_test(test_strengths),
		cmocka_unit_test(test_crowd_bt_finds_the_contrary),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_agreement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
