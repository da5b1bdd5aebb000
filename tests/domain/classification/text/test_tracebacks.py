"""Tracebacks as people paste them."""

from __future__ import annotations

import pytest

from migrator.domain.classification.text.tracebacks import last_traceback

PLAIN = """Traceback (most recent call last):
  File "run.py", line 3, in <module>
    main()
  File "/usr/lib/python3.9/site-packages/garden/tap.py", line 70, in turn
    raise e
garden.errors.TapError: stuck"""

NEW_IPYTHON = """TapError                                  Traceback (most recent call last)
Cell In[1], line 1
File ~/env/lib/python3.10/site-packages/garden/tap.py:70, in turn(self)
     69 x
---> 70 raise e
TapError: stuck"""

OLD_IPYTHON = """TapError                                  Traceback (most recent call last)
<ipython-input-1> in <module>
/usr/lib/python3.9/site-packages/garden/tap.py in turn(self)
     69 x
TapError: stuck"""


@pytest.mark.parametrize("text", [PLAIN, NEW_IPYTHON, OLD_IPYTHON])
def test_the_last_frame_and_the_error_are_read(text: str) -> None:
    """From a terminal, and from old and new notebooks."""
    found = last_traceback(text.splitlines())
    assert found is not None
    assert found.files[-1].endswith("site-packages/garden/tap.py")
    assert (found.error, found.message) == ("TapError", "stuck")


def test_the_later_of_two_tracebacks_counts() -> None:
    """The one that the author saw at the end."""
    found = last_traceback(
        [
            *PLAIN.splitlines(),
            "During handling of the above",
            *PLAIN.replace("tap", "hose").splitlines(),
        ]
    )
    assert found is not None
    assert [path.rpartition("/")[2] for path in found.files] == ["run.py", "hose.py"]


def test_windows_paths_read_like_others() -> None:
    """With slashes the right way round."""
    found = last_traceback(['  File "C:\\py\\site-packages\\garden\\tap.py", line 1, in turn'])
    assert found is not None
    assert found.files == ("C:/py/site-packages/garden/tap.py",)


def test_an_error_line_alone_is_enough() -> None:
    """Many authors paste no more."""
    found = last_traceback(["ValueError: wrong hose"])
    assert found is not None
    assert (found.files, found.error) == ((), "ValueError")


def test_prose_is_no_traceback() -> None:
    """Even when it speaks of errors."""
    assert last_traceback(["I get an Error: it leaks", "this File is good"]) is None
