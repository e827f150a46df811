"""What requests there are: sane ones over everything that can be asked, and others."""

from urllib.parse import urlencode

from hypothesis import strategies as st

from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES, Query
from perfstudy.listing.requests import LISTING

from . import programs

businesses = st.sampled_from(programs.BUSINESSES) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64
)

parameters = st.fixed_dictionaries(
    {},
    optional={
        "offset": st.integers(0, 60) | st.sampled_from([179, 180, 181, 2**31 - 1]),
        "limit": st.integers(1, 60) | st.just(1000),
        "all": st.sampled_from(["true", "false", "1", "0", "TRUE", "False"]),
        "program_status": st.sampled_from([*STATUSES, ANY_STATUS, ANY_STATUS]),
        "business_id": businesses,
        "search": st.sampled_from(["b", "B1", "É", "fé ☕", "%", "_", "\\", "'", "XX", "用户", " "]),
        "program_type": st.sampled_from([*PROGRAM_TYPES, ANY_STATUS]),
    },
)

targets = parameters.map(lambda chosen: f"{LISTING}?{urlencode(chosen)}")

tricky = st.sampled_from(["", "all", "None", "a:b", "a", "b", ":", "a:b:c", "0", "True", "ALL", '"', "\\", ","])

queries = st.builds(
    Query,
    tenant=tricky | st.text(max_size=5),
    status=st.sampled_from([*STATUSES, ANY_STATUS]),
    business_id=st.none() | tricky | st.text(max_size=5),
    program_type=st.none() | st.sampled_from(PROGRAM_TYPES),
    search=st.none() | tricky,
    offset=st.integers(0, 12),
    limit=st.integers(1, 12),
    everything=st.booleans(),
)
