import numpy as np
import pytest

from perfstudy.analysis.hitratio import hit_ratio, mixture_quantile, overall_hit_ratio, zipf_rates


def simulated(rates, lifetime, duration, seed):
    """Hits over requests of a real stream: Poisson arrivals per key, an entry that lives from its insertion."""
    random, hits, total = np.random.default_rng(seed), 0, 0
    for rate in rates:
        expires = -1.0
        for at in np.sort(random.random(random.poisson(rate * duration)) * duration):
            total += 1
            if at < expires:
                hits += 1
            else:
                expires = at + lifetime
    return hits / total


def test_it_predicts_a_simulated_cache(figure):
    rates = zipf_rates(total=20, keys=200)
    predicted, found = overall_hit_ratio(rates, 60), simulated(rates, 60, 3_000, 1)
    figure(f"hit ratio of 200 keys under Zipf, lifetime 60 s: {predicted:.4f} predicted, {found:.4f} simulated")
    assert predicted == pytest.approx(found, abs=0.01)


def test_one_key():
    assert hit_ratio([0, 1 / 60, 1], 60) == pytest.approx([0, 0.5, 60 / 61])
    assert overall_hit_ratio([1.0], 60) == pytest.approx(60 / 61)


def test_requests_weigh_in_and_not_keys():
    assert overall_hit_ratio([100.0, 0.001], 60) > 0.99
    assert hit_ratio([100.0, 0.001], 60).mean() < 0.6


def test_zipf():
    assert zipf_rates(6, 3) == pytest.approx([36 / 11, 18 / 11, 12 / 11])
    assert zipf_rates(6, 3, 0) == pytest.approx([2, 2, 2])


def test_a_tail_belongs_to_the_misses_until_they_are_rarer_than_it():
    hits, misses = np.linspace(1e-3, 2e-3, 100), np.linspace(0.1, 0.2, 100)
    p50, p95 = mixture_quantile(hits, misses, 0.9, [0.5, 0.95])
    assert p50 < 2e-3
    assert p95 == pytest.approx(0.15, abs=2e-3)
    assert mixture_quantile(hits, misses, 0.96, 0.95) < 2e-3


def test_a_mixture_is_what_drawing_from_both_gives():
    random = np.random.default_rng(3)
    hits, misses = random.lognormal(-6, 0.3, 500), random.lognormal(-2, 0.5, 300)
    drawn = np.where(random.random(200_000) < 0.8, random.choice(hits, 200_000), random.choice(misses, 200_000))
    q = [0.1, 0.5, 0.9, 0.99]
    assert mixture_quantile(hits, misses, 0.8, q) == pytest.approx(np.quantile(drawn, q), rel=0.03)


def test_the_edges_of_a_mixture():
    assert mixture_quantile([1.0, 2.0], [9.0], 1.0, [0, 0.5, 1]) == pytest.approx([1, 1, 2])
    assert mixture_quantile([], [9.0], 0.0, 0.5) == 9
    assert mixture_quantile([1.0], [9.0], 0.5, [0.5, 0.51]) == pytest.approx([1, 9])


def test_bad_input_is_refused():
    for rate, lifetime in ((-1.0, 60), (1.0, -60), (-1.0, -60)):
        with pytest.raises(ValueError, match="not negative"):
            hit_ratio(rate, lifetime)
    with pytest.raises(ValueError, match="sum to none"):
        overall_hit_ratio([0.0], 60)
    with pytest.raises(ValueError, match="needs samples"):
        mixture_quantile([], [1.0], 0.5, 0.5)
    with pytest.raises(ValueError, match=r"hit ratio 1\.5"):
        mixture_quantile([1.0], [1.0], 1.5, 0.5)
