from collections import Counter
from tests.model.test_case_orders import STORIES, Site, all_afterwards, with_one_that_lags, in_time

for mode in ("in time", "lag", "after"):
    bad = Counter()
    tot = 0
    for name in STORIES:
        for k in (False, True):
            for seed in range(300):
                site = Site(k, seed)
                silent = site.dice.choice(sorted(site.switch.queues))
                for _ in STORIES[name](site.switch):
                    if mode == "lag":
                        site.tell(silent)
                    if mode == "in time":
                        site.tell()
                if mode == "lag":
                    site.tell(silent)
                site.tell()
                tot += 1
                if site.owner.table() != site.switch.table():
                    bad[name, "wrong, asks" if site.owner.asks else "wrong, asks nothing"] += 1
                elif site.owner.model.counts.get("mismatch", 0):
                    bad[name, "mismatch"] += 1
                elif site.owner.asks:
                    bad[name, "asks"] += 1
                for f in (all_afterwards, with_one_that_lags, in_time)[("after", "lag", "in time").index(mode) :][:1]:
                    try:
                        f(name, k, seed)
                    except AssertionError as e:
                        bad[name, k, "does not settle"] += 1
    print(mode, tot, dict(bad))
