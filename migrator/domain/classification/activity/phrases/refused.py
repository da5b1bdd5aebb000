"""A maintainer refuses: works as intended, not planned, not for this project."""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.phrases.pattern import Phrases

_REPORT: Final = "(?:report|open|file|post|raise|submit|move|ask|opened|reported|filed|posted)"
_ANYTHING: Final = r"(?:(?!prs? |pull |code |logs? )[\w./-]+ )"
_ELSEWHERE: Final = (
    "(?:repo|repos|repository|forums?|mailing list|maintainers?|authors?|issue tracker|upstream|"
    "discord|slack|gitter|stack ?overflow|stackexchange)"
)

REFUSED: Final = Phrases(
    r"not an? (?:defect|issue|error|problem|bug) (?:of|in|with|on)",
    "(?:works?|working|behaves?) as (?:intended|designed)",
    "(?:this|that|it)(?: is|'s) (?:the |an |actually |indeed )?(?:intended|expected)(?: "
    "behaviou?r)?(?! to)",
    "intended behaviou?r",
    "by design",
    "(?:is|are|was|works?) (?:as designed|as intended|by design)",
    "working as (?:designed|intended)",
    "not a bug",
    "isn't a bug",
    "is no bug",
    "(?:won't|will not|wont) (?:fix|be fixed|support|add|implement)",
    "wontfix",
    "(?:no|any|current) plans? (?:to|for|on)",
    r"(?:not|\w+n't) (?:currently )?(?:plan|planning|planned)(?: to)?",
    "not going to (?:support|fix|add|implement)",
    "out of scope",
    "beyond the scope",
    "not the right place",
    "better place (?:to ask|for)",
    "(?:belongs|better (?:asked|suited|placed)|should be asked) (?:on|in|at|for)",
    "unlikely (?:that we|to be)",
    "in general not supported",
    "unrelated to",
    "(?:don't|do not) have (?:the |any |enough )?(?:bandwidth|resources)",
    "(?:can't|cannot|can not|unable to|not able to|not allowed to) (?:be )?(?:shared?|released?|"
    "published?|disclosed?)",
    "nothing (?:to do here|to fix|(?:we|i) can do|for us to)",
    "user-?land",
    r"use (?:the|our) (?:\w+ )?(?:forums?|mailing list|discord|slack|gitter)",
    "issues only for",
    rf"{_REPORT} {_ANYTHING}{{0,6}}?(?:in|on|at|to|with|under|against) "
    rf"(?:[\w./-]+ ){{0,4}}?{_ELSEWHERE}",
    "(?:repo|repository|project|package|component) is (?:now )?(?:inactive|dead|archived|"
    "abandoned|deprecated|discontinued|unmaintained|not maintained|no longer maintained)",
    r"(?:don't|do not|no longer) have an? (?:active )?(?:maintainer|owner)",
    r"(?:not|\w+n't) (?:much|something|anything) (?:that )?(?:we|i|\w+ itself) can",
    "(?:not|isn't) feasible to (?:support|add|implement|fix|do)",
    "no need (?:to (?:create|open|file|have)|for) (?:an?|another|this) (?:separate )?issue",
    "(?:usage|support|how-?to) question",
    r"(?:ask|post|asking|posting) (?:\w+ )?questions? (?:like this |of this kind )?(?:at|on|in)",
    r"(?:no longer|not|\w+n't) (?:actively )?(?:maintain(?:ed)?|develop(?:ed)?)(?: this| it| that| "
    "by us|$)",
)
"""Works as intended, not planned, or not for this project. keras-team/keras#6050,
keras-team/keras#22878, mmcloughlin/keepaneyeon#1, numpy/numpy#16898, pytorch/pytorch#10455,
leonardoaraujosantos/ChangeNet#7, yangxue0827/R-DFPN_FPN_Tensorflow#4, microsoft/vscode#51250,
home-assistant/core#108958, bitcoin-core/gui#326, venomous0x/WhatsAPI#1094, #24375, #23297, #16146,
#24976, NVIDIA/VideoProcessingFramework#211, pytorch/pytorch#154002."""

UNDER_CONDITION: Final = Phrases("if", "whether", "unless")
"""Words before a refusal that is none. apache/incubator-mxnet#11817."""
