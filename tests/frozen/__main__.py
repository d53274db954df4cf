"""Freeze what this engine makes of many answers: `make frozen`, once for each version of it.

Where some of it is frozen already, that has to come out as it was before anything is written; then
what is missing is frozen too. So a corpus is made anew under the same version only by somebody who
removed its file, which is seen in review.
"""

import json
import sys

import pytest

from intake.core.screening import ENGINE_VERSION
from tests.frozen import CORPORA, FORMS, HERE, LANGUAGE, PLAIN, Corpus, drawn, language, pack_texts
from tests.frozen.faults import FAULTS, NOTICED, fewest, noticed_by


def main() -> None:
    """Write the packs and the screenings, unless this version has them."""
    there = [corpus for corpus in CORPORA if corpus.file.exists()]
    for corpus in there:
        if next(corpus.otherwise(), None):
            sys.exit(
                f"What engine {ENGINE_VERSION} finds is frozen, and '{corpus.file.name}' comes out"
                " otherwise; another result is another engine. Nothing was written."
            )
    missing = [corpus for corpus in (PLAIN, FORMS, LANGUAGE) if corpus not in there]
    if not there:
        for old in HERE.glob("engine-*.jsonl"):
            old.unlink()
    kept = {corpus.pack for corpus in there}
    for pack, texts in ((PLAIN.pack, pack_texts()), (LANGUAGE.pack, language.texts())):
        if pack not in kept:
            text = json.dumps(texts, ensure_ascii=False, indent=1)
            pack.write_text(text + "\n", encoding="utf-8")
    for corpus in missing:
        _freeze(corpus)
    _look_who_notices()


def _freeze(corpus: Corpus) -> None:
    # Read back at once, since JSON knows fewer kinds of numbers and lists than are drawn.
    healthy, *patients = json.loads(json.dumps(drawn(corpus)))
    found = (one | {"found": corpus.found(one, healthy, corpus.packs)} for one in patients)
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in (healthy, *found)]
    corpus.file.write_text("".join(lines), encoding="utf-8")


def _look_who_notices() -> None:
    """Put a fault after the other into the engine, and keep who notices it; it takes a minute."""
    found = {}
    for name, fault in FAULTS.items():
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            place = noticed_by()
            if place is None:
                sys.exit(f"Nobody notices that {name}: freeze patients who do.")
            found[name] = fewest(place)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(place)}" for name, place in found.items())
    NOTICED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
