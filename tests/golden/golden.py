"""golden - what the scripts here share that ask packages of PyPI: import them quietly, count what holds"""
import importlib
import os
import sys
import warnings

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error", TRL_EXPERIMENTAL_SILENCE="1")
warnings.simplefilter("ignore")
passed = failed = 0


def need(*names):
    """The modules of these names; where one is missing, say so and end: nothing was checked."""
    try:
        found = [importlib.import_module(name) for name in names]
    except ImportError as missing:
        print("skipped:", missing)
        sys.exit(0)
    for m in found:
        if m.__name__ == "transformers":
            m.utils.logging.disable_progress_bar()
    return found if len(found) > 1 else found[0]


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED", what, detail)


def end(note=""):
    """The last lines, and the exit code."""
    if note:
        print(note)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)
