from itertools import product

import numpy as np
import pytest

from perfstudy.analysis import fit_two_level

from .simulate import expected

NAMES = ("index", "related", "values", "connections", "gunicorn", "cache")
FULL = np.array(list(product([False, True], repeat=6)))
MAIN = np.array([-0.7, -0.4, -0.2, 0.0, 0.1, -2.0])
PLANTED = {("index", "cache"): 0.6, ("connections", "gunicorn"): -0.3}


def truth(design, names=NAMES, main=MAIN, planted=PLANTED):
    """Log times of each variant: what each optimization does alone, and what pairs do beyond that."""
    x = design.astype(float)
    column = {name: x[:, i] for i, name in enumerate(names)}
    return x @ main + sum(size * column[a] * column[b] for (a, b), size in planted.items())


def study(random, blocks=12, design=FULL, noise=0.05, **more):
    level = random.normal(0, 0.5, (blocks, 1))
    return truth(design, **more) + level + random.normal(0, noise, (blocks, len(design)))


def main_effect(name):
    """A main effect averages over the other factors, so it holds half of each interaction."""
    return MAIN[NAMES.index(name)] + sum(size / 2 for pair, size in PLANTED.items() if name in pair)


def test_planted_effects_and_interactions_are_found_without_noise():
    found = fit_two_level(truth(FULL)[None] + np.array([[1.0], [2.0], [-3.0]]), FULL, NAMES)
    assert len(found.terms) == 6 + 15
    for name in NAMES:
        assert found.term(name).effect.interval.estimate == pytest.approx(main_effect(name))
    for term in found.terms[6:]:
        planted = PLANTED.get(term.factors, 0.0)
        assert term.effect.interval.estimate == pytest.approx(planted / 2, abs=1e-12)


def test_planted_interactions_are_recovered_from_noise(figure):
    random = np.random.default_rng(1)
    hits, covered, trials = dict.fromkeys(PLANTED, 0), 0, 50
    for seed in range(trials):
        found = fit_two_level(study(random), FULL, NAMES, resamples=500, seed=seed)
        for pair in PLANTED:
            hits[pair] += found.term(*pair).effect.interval.excludes(0)
        for term in found.terms:
            size = main_effect(term.factors[0]) if len(term.factors) == 1 else PLANTED.get(term.factors, 0.0) / 2
            covered += not term.effect.interval.excludes(size)
    low, high = expected(0.95, trials * 21)
    figure(f"planted interactions found: {hits} of {trials} studies each")
    figure(f"coverage of factorial terms: {covered} of {trials * 21} (expected {low} to {high})")
    assert set(hits.values()) == {trials}
    assert low <= covered <= high


def test_it_is_least_squares_with_a_dummy_for_each_block():
    random = np.random.default_rng(3)
    y = study(random, blocks=5)
    found = fit_two_level(y, FULL, NAMES)
    x = np.where(FULL, 1.0, -1.0)
    products = [x[:, i] * x[:, j] for i in range(6) for j in range(i + 1, 6)]
    model = np.hstack([np.kron(np.eye(5), np.ones((64, 1))), np.tile(np.column_stack([x, *products]), (5, 1))])
    fitted = np.linalg.lstsq(model, y.ravel())[0][5:]
    assert [t.effect.interval.estimate for t in found.terms] == pytest.approx(2 * fitted)


def test_higher_interactions_do_not_touch_a_full_factorial():
    triple = 0.8 * np.prod(np.where(FULL[:, :3], 1.0, -1.0), axis=1)
    plain, disturbed = (fit_two_level((truth(FULL) + extra)[None], FULL, NAMES) for extra in (0, triple))
    for one, other in zip(plain.terms, disturbed.terms, strict=True):
        assert one.effect.interval.estimate == pytest.approx(other.effect.interval.estimate)


def test_conflicting_sets_are_left_out():
    design = FULL[~(FULL[:, 3] & FULL[:, 4])]
    planted = {("index", "cache"): 0.6}
    found = fit_two_level(study(np.random.default_rng(2), design=design, noise=0.001, planted=planted), design, NAMES)
    assert found.omitted == (("connections", "gunicorn"),)
    assert found.term("cache", "index").effect.interval.estimate == pytest.approx(0.3, abs=0.002)
    assert found.term("gunicorn").effect.interval.estimate == pytest.approx(0.1, abs=0.003)
    with pytest.raises(KeyError, match="connections and gunicorn"):
        found.term("connections", "gunicorn")


def test_the_square_of_an_interaction_is_the_joint_gain_beyond_the_product():
    design = np.array(list(product([False, True], repeat=2)))
    gains = np.array([1.0, 2.0, 3.0, 2 * 3 * 1.5])
    found = fit_two_level(-np.log(gains)[None], design, ("a", "b"))
    assert found.term("a", "b").speedup.estimate ** 2 == pytest.approx(1.5)


def test_blocks_with_a_missing_cell_are_left_out():
    y = study(np.random.default_rng(4))
    y[3, 10] = np.nan
    found = fit_two_level(y, FULL, NAMES)
    assert found.blocks == 11
    whole = fit_two_level(np.delete(y, 3, axis=0), FULL, NAMES)
    assert found.terms == whole.terms


def test_main_effects_alone():
    ladder = np.tril(np.ones((7, 6), dtype=bool), -1)
    found = fit_two_level(truth(ladder, planted={})[None], ladder, NAMES, interactions=False)
    assert [t.effect.interval.estimate for t in found.terms] == pytest.approx(MAIN)
    assert found.omitted == ()


def test_terms_that_cannot_be_told_apart_are_named():
    with pytest.raises(ValueError, match="b cannot be distinguished from the terms before it"):
        fit_two_level([[0.0, 1.0]], [[False, False], [True, True]], ("a", "b"))


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match="do not fit 2 factors"):
        fit_two_level([[0.0, 1.0]], [[False], [True]], ("a", "b"))
    with pytest.raises(ValueError, match="none of the 1 blocks"):
        fit_two_level([[0.0, np.nan]], [[False], [True]], ("a",))
