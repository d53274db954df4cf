"""Freeze what this engine makes of many answers: `make frozen`, once for each version of it."""

import json
import sys

from intake import packs
from intake.core.screening import ENGINE_VERSION
from intake.resources import folder
from tests.frozen import HERE, ON, PACK, SCREENINGS, flat, pack_texts, patients, said_of, screened


def main() -> None:
    """Write the pack and the screenings, unless this version has them."""
    if SCREENINGS.exists():
        sys.exit(f"What engine {ENGINE_VERSION} finds is frozen; another result is another engine.")
    shipped = packs.load_texts(packs.texts_of(folder("rules") / "microneedling"), ON)
    healthy = flat(next(one for one in shipped.vignettes if one.id == "healthy-woman"))
    texts = pack_texts()
    pack = packs.load_texts(texts, ON)
    for old in HERE.glob("engine-*.jsonl"):
        old.unlink()
    PACK.write_text(json.dumps(texts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with SCREENINGS.open("w", encoding="utf-8") as file:
        file.write(json.dumps(healthy, ensure_ascii=False) + "\n")
        for patient in patients(pack, healthy, shipped.vignettes):
            line = patient | {"found": said_of(screened(pack, patient, healthy))}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
