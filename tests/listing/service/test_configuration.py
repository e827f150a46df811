"""Settings: a deep merge of the base and what a variant declares, and nothing of it left without the variant."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.errors import UsageError
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.service import configuration
from perfstudy.listing.service.configuration import merge
from perfstudy.listing.variant import BASELINE, Variant, smallest_variant

trees = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3),
    lambda below: st.dictionaries(st.sampled_from("abc"), below | st.integers(0, 3), max_size=3),
    max_leaves=8,
)


def leaves(tree, path=()):
    """Every value of *tree* that is no mapping, by its path."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


@given(trees, trees)
def test_a_change_wins_and_the_rest_stays(base, change):
    result = dict(leaves(merge(base, change)))
    declared = dict(leaves(change))
    assert declared.items() <= result.items()
    for path, value in result.items():
        assert value == declared.get(path, dict(leaves(base)).get(path))


@given(trees, trees, trees)
def test_changes_are_laid_on_in_turn(base, one, other):
    assert merge(base, one, other) == merge(merge(base, one), other)
    assert merge(base) == merge(base, {}) == base


@given(trees, trees)
def test_nothing_is_altered_or_shared(base, change):
    before = (str(base), str(change))
    result = merge(base, change)
    for branch in [v for v in result.values() if isinstance(v, dict)]:
        branch["new"] = True
    assert (str(base), str(change)) == before


def test_siblings_survive_a_nested_change():
    base = {"DATABASES": {"default": {"HOST": "h", "OPTIONS": {"a": 1}}}}
    change = {"DATABASES": {"default": {"CONN_MAX_AGE": 600, "OPTIONS": {"connect_timeout": 10}}}}
    assert merge(base, change) == {
        "DATABASES": {"default": {"HOST": "h", "CONN_MAX_AGE": 600, "OPTIONS": {"a": 1, "connect_timeout": 10}}}
    }


SECRET = {"PERFSTUDY_SERVICE_SECRET": "s"}


@pytest.mark.parametrize("optimization", ALL, ids=lambda o: o.name)
def test_what_an_optimization_declares_is_there_with_it_and_gone_without_it(optimization):
    smallest = smallest_variant(optimization)
    rest = Variant(tuple(o for o in smallest if o is not optimization))
    without = configuration.settings(rest, SECRET)
    settings = configuration.settings(smallest, SECRET)
    declared = dict(leaves(optimization.settings))
    assert declared.items() <= dict(leaves(settings)).items()
    changed = {path for path, value in leaves(settings) if dict(leaves(without)).get(path) != value}
    expected = {("PERFSTUDY_VARIANT",)} | ({("PERFSTUDY_FRONTEND",)} if optimization.frontend else set())
    assert changed <= {*expected, *declared}
    assert bool(declared) == (changed > expected)
    assert configuration.settings(rest, SECRET) == without


def test_a_database_url_becomes_djangos_entry():
    url = "postgresql://us%40er:p%3Aw@db.example:6432/na%20me?sslmode=disable&application_name=x"
    assert configuration.database(url) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "na me",
        "USER": "us@er",
        "PASSWORD": "p:w",
        "HOST": "db.example",
        "PORT": "6432",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"sslmode": "disable", "application_name": "x"},
    }


@pytest.mark.parametrize(
    "url", ["mysql://u:sesame@h/n", "postgresql://u:sesame@h:5432", "postgresql://u:sesame@h/n?x=1"]
)
def test_a_bad_database_url_is_named_without_its_password(url):
    with pytest.raises(UsageError, match="PERFSTUDY_SERVICE_DATABASE") as raised:
        configuration.database(url)
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(("lab", "key"), [("", "yelp_ads"), ("perfstudy:1", "perfstudy:1:yelp_ads")])
def test_the_labs_prefix_comes_before_the_declared_one(lab, key):
    settings = configuration.settings(BASELINE + "cache", {"PERFSTUDY_KEY_PREFIX": lab})
    assert settings["CACHES"]["default"]["KEY_PREFIX"] == key


def python(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PERFSTUDY_", "DJANGO_"))}
    return subprocess.run([sys.executable, *arguments], env=clean | environment, capture_output=True, text=True)


def test_the_settings_import_without_any_variable():
    said = python(
        "-c", "from perfstudy.listing.service import settings as s; print(s.PERFSTUDY_VARIANT, s.DEBUG, s.USE_TZ)"
    )
    assert said.stdout.split() == ["baseline", "False", "True"], said.stderr


def test_a_process_without_a_secret_draws_its_own():
    assert configuration.base({})["SECRET_KEY"] != configuration.base({})["SECRET_KEY"]


@pytest.mark.parametrize(
    "command", [["-m", "perfstudy.listing.service", "check"], ["-c", "import perfstudy.listing.service.wsgi"]]
)
def test_a_bad_variant_ends_with_one_line(command):
    said = python(*command, PERFSTUDY_VARIANT="index+cahce")
    assert said.returncode == 2
    assert (
        said.stderr
        == "perfstudy.listing.service: unknown optimization 'cahce': did you mean cache or uncached or page?\n"
    )


def test_the_service_never_allows_unsafe_async():
    said = python("-c", "import os, perfstudy.listing.service.wsgi; print('DJANGO_ALLOW_ASYNC_UNSAFE' in os.environ)")
    assert said.stdout.strip() == "False", said.stderr


@pytest.mark.parametrize(
    ("command", "says"), [(["check"], "no issues"), (["makemigrations", "--check", "--dry-run"], "No changes detected")]
)
def test_django_finds_nothing_amiss(databases, command, says):
    said = python("-m", "perfstudy.listing.service", *command, PERFSTUDY_SERVICE_DATABASE=databases[True].url)
    assert says in said.stdout, said.stderr
