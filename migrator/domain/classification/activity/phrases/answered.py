"""A maintainer answers: fixes, ways out, explanations, and the end of the matter."""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.phrases.pattern import Phrases

_DO: Final = (
    "try|use|set|install|upgrade|downgrade|pass|call|remove|replace|change|wrap|convert|define|"
    "increase|reduce|lower|disable|enable|switch"
)
"""What the author is told to do."""

FIXED: Final = Phrases(
    "^(?:i |we )?(?:have |just )?added (?:better |more |some |an? |the )?(?:\\w+ )?"
    "(?:documentation|docs?|docstrings?|examples?|clarification|note|section)",
    "(?:is|was|has been|have been|been) (?:now |already |just |since )?(?:fixed|merged|resolved|"
    "addressed|corrected)",
    "should (?:now|already|also) be (?:fixed|resolved)",
    "should be (?:fixed|resolved) (?:now|by|in|with|as of)",
    r"^fixed(?! (?:\w+ )?(?:shape|size|length|point|batch|dimension|input|number)s?)",
    "^fix (?:at|in|on|merged|landed|pushed)",
    r"(?:^|i|we|i've|we've|i have|we have|just|now) (?:just )?(?:pushed|merged|committed|landed|"
    r"released|published|fixed|updated) (?:a|an|the|some|this|that|it) ?(?:\w+ ){0,2}?(?:fix|"
    "fixes|update|updates|change|changes|commit|patch|version|release|$)",
    r"(?:just|i|we) (?:pushed|merged|committed|landed) (?:\w+ )?(?:fix|fixes|updates|changes)",
    "^(?:just )?(?:pushed|merged|landed|released)",
    r"(?:i|we|i've|we've|i have|we have) (?:just |now |also )?(?:updated|corrected|removed|fixed) "
    r"(?:the|this|that|these|those) (?:\w+ ){0,2}?(?:code|docs?|documentation|examples?|"
    r"tutorials?|links?|pages?|notebooks?|descriptions?|text|typos?|guides?)",
    "(?:link|page|example|section|file|text|line) (?:has been|was) (?:now )?(?:removed|updated)",
    r"(?:documentation|docs?|links?|(?:web)?pages?|tutorials?|guides?|examples?)(?: \S+){0,5} "
    "(?:is now|are now|is already|are already|was|were|has been|have been) (?:updated|corrected)",
    r"(?:documentation|docs?|links?|pages?|tutorials?|guides?|examples?) (?:is|are) "
    "(?:updated|corrected) (?:in|with|at|to)",
    "fix (?:went in|is in(?! (?:progress|review|the works))|is merged|was merged|has landed|landed|"
    "is live)",
    "^(?:all|everything|it) (?:is )?work(?:s|ing)(?: fine)? now",
    "(?:links?|examples?|tutorials?|notebooks?) (?:is |are )?work(?:s|ing)?(?: fine| again)? now",
    r"(?:has|have) (?:now )?been (?:added|implemented|included) (?:in|with) (?:the )?(?:latest|"
    r"nightly|master|(?:\w+ )?v?\d)",
    "(?:is|are) now (?:available|supported|included|possible) (?:in|with|from|as of)",
    "^thanks? (?:\\w+ )?for (?:the|your) fix(?:es)?$",
    "^(?:updated|published|released) (?:on|to|in) (?:pypi|npm|conda|version|master|main)",
    "(?:can|could|would) you (?:please )?close (?:the|this) (?:issue|ticket|thread)$",
)
"""A fix is done. It ends even a promise. #25973, #29273, #30639, #33163, #36363, #38874, #39505,
dmzou/RSRAE#2, jwfromm/Riptide#4, kartoza/maps.kartoza.com#10, keras-team/keras#589,
keras-team/keras#6169, keras-team/keras#15483, jax-ml/jax#1130,
tensorflow/similarity#282, tensorflow/tfx#819."""

NOT_DONE: Final = Phrases(
    *("once", "when", "until", "after", "before", "if", "unless", "will", "to", "can", "could"),
    *("would", "must", "not", "never", r"\w+n't", "yet", "being"),
)
"""Words before a fix that is not done."""

UNDONE: Final = Phrases(
    *("but", "however", "again", r"regress\w*", r"broke\w*", "except", "partially", "partly"),
    *("work-?arounds?", "whoever", "in my branch", "will be merged"),
    *("(?:first |second |one |a |other )?part of", "half", "some of", "the rest"),
)
"""Words beside a fix that does not settle the matter. #378, #36363, #65436,
keras-team/keras#15135, eclipse/deeplearning4j#5386."""

CLOSED: Final = Phrases(
    r"(?:i'll|i will|we'll|we will|i'm|i am|we are|we're|am|will|going to|gonna|let me|and) (?:\w+ "
    "){0,2}?clos(?:e|ing)(?:$| (?:this|it|the issue|the ticket|the thread|the bug|now|for now|as|"
    "since|because))",
    "^close (?:this|it|the issue|the ticket|here|now|for now|as|since|because)",
    "^(?:(?:thanks|ok|okay|great|so|thus|hence|done) ){0,2}closing$",
    "closing (?:this|it|issue|ticket|here|out|now|for now|as|since|because|assuming|per|"
    "in favou?r|until (?:some|any)(?:one|body)|"
    "for the same reason|the (?:issue|ticket|thread|bug))",
    "(?:^|is |as |like |be )(?:a |an )?(?:dup|dupe|duplicate) of",
    "(?:this|it) is (?:a )?duplicate$",
    "^(?:so |thus |hence )?i (?:will |now )?close (?:this|the issue|it)",
    "(?:merged|fixed|resolved|done|answered) closing$",
    "(?:glad|happy|great|good|nice)(?: to (?:hear|know|see))?(?: that)? you (?:were able to |"
    "managed to |could )?(?:figured? (?:it|this|that) out|(?:solved?|fix|fixed|resolved?|sorted) "
    "(?:it|this|that|the problem|the issue)|(?:got|get) (?:it|this|that) (?:to work|to run|working|"
    "running|solved|fixed|sorted)|(?:found|find) (?:a|the|your) (?:solution|answer))",
    "moving (?:the |this )?(?:discussion|conversation|thread) to",
)
"""A maintainer ends the matter. #33163, #35045, #39671, jwfromm/Riptide#4,
jwyang/faster-rcnn.pytorch#181, bitcoin-core/gui#315, bitcoin-core/gui#326,
koalaman/shellcheck#800, tensorflow/models#5291, quarnster/SublimeClang#177,
rust-lang/rust#22105, #27190, keras-team/keras#11899, numpy/numpy#16898,
scikit-learn/scikit-learn#18824, #14284, #16584, #45598."""

NOT_CLOSED: Final = Phrases(
    *(r"inactiv\w*", "activity", "stale", "lack of", "no (?:response|reply|feedback)"),
    *(r"(?:not|\w+n't) heard", "weeks?", "months?", "if", "whether", "unless", "once", "when"),
    *("can", "could", "may", "should", "reproducible example"),
    *("before closing", r"consider\w* closing", "instead of closing", "closing due"),
)
"""A close for want of a reply, under a condition, or in a question settles nothing. #36332,
piskvorky/gensim#2487, scikit-learn/scikit-learn#10454."""

NOT_YET: Final = Phrases("until", "till", "once", "unless")
"""Words before a fix that is still to come. quarnster/SublimeClang#53."""

SOLUTION: Final = Phrases(
    "(?:has been|was|is|are|be|been|already|get|got) (?:now |already "
    ")?(?:fixed|resolved|addressed) (?:in|by|"
    "with|on|as of|from|now)",
    "fixed (?:in|by|with)(?: |$)",
    "(?:seems?|appears?) to (?:be|have been) (?:fixed|resolved|solved|repaired)",
    "should (?:(?:now|already|also) be|be now) (?:fixed|resolved)",
    "clos(?:e|ing) (?:this|the issue|this issue|it)? ?(?:as|since|because) (?:it|this|the issue) "
    "(?:is|was|has been) (?:now |already )?(?:fixed|resolved)",
    r"(?:it )?works? (?:\w+ )?(?:in|with|on) (?:the "
    r")?(?:latest|nightly|master|newer|tf|version|v?\d)",
    "(?:this|that|it|issue|bug|problem) (?:should be|is|was|has been) (?:now |already "
    ")?(?:fixed|resolved)$",
    r"(?:not|\w+n't|no longer) (?:see|seeing|facing|getting|observe) (?:any|the|this) (?:\w+ "
    r")?(?:issue|error|problem)",
    "(?:please )?close (?:the|this) (?:issue|thread|ticket)?(?: ?if| once| as| when)",
    "(?:check|see|verify) (?:and let|if (?:it|that|this) "
    "(?:helps?|works?|resolves?|solves?|fixes))",
    r"let (?:us|me) know (?:if|whether) (?:it|that|this|the \w+) (?:\w+ "
    r")?(?:helps?|works?|solves?|resolves?|"
    r"fixes|answers?|is resolved)",
    "if (?:it|that|this) (?:helps?|works?|resolves?|solves?|fixes)",
    "perform the (?:below|above|following)",
)
"""A way out that the author is asked to try, or a fix. #30639, #34901, #35678, #36363, #36424,
#58711, keras-team/keras#15483, keras-team/keras#18564, keras-team/keras#21942."""

TELLS_TO: Final = Phrases(
    f"^(?:please |just |instead |then |so |simply |maybe |perhaps )?(?:{_DO}|add|make sure|see|"
    "refer|check|run|look|take a look|have a look|follow)",
    "you (?:can|could|should|need to|have to|must|may|might|don't need|will have to|want to)",
    "you'll (?:need|have|want) to",
    "please (?:refer|see|use|follow|have a look|go through|take a look|look|read|note|check|try)",
    "instead of",
    "instead$",
    "try (?:with|using|to|the|adding|setting|installing|it|again)",
    "if you (?:call|use|set|change|remove|replace|add|run|need|want|install|upgrade)",
    "work-?around is (?:to|just)",
    "(?:to|then|just|simply|rather|concisely) use",
    "(?:update|upgrade|switch) to",
    r"(?:explained|described|documented|documentation|info|examples?|results?|link)(?: \w+){0,6} "
    "(?:here|in the wiki)",
    r"(?:not|unable to|cannot|can't|couldn't|could not|\w+n't|failed to) (?:able to )?(?:reproduce|"
    "replicate)",
    "make sure",
    "refer to",
)
"""Tells the author what to do. An explanation that does not is no ground for a close: of 35 in the
issues of a backlog 12 left the author with the turn, of 25 that do 14 (record 0044). #24660,
#27789, #29130, flairNLP/flair#1039, tensorflow/tfjs#1093."""

ADVISED: Final = Phrases("please", "try", "use", "instead", "recommend(?:ed)?", "suggest")
"""Words of advice, whoever it is for."""

EXPLAINED: Final = Phrases(
    r"the cause is",
    rf"^(?:please |just |instead |then )?(?:{_DO}|import) [\w.`'-]+",
    r"^(?:just|simply) (?:add|use|call|set|pass|remove|change|put|do|make|run|replace)",
    "you'll (?:need|have|want) to",
    "you (?:can|could|should|need to|have to|must|may|might|might want to|may want to|will have to|"
    "will need to|don't need to|do not need to)",
    r"please (?:refer|see|use|follow|have a look|go through|take a look at|look "
    r"at|read|note|check (?:the|this|"
    r"out|these)|try (?:to|with|using|this|the|it|adding|install\w+|upgrad\w+))",
    r"take a look at (?:this|the|these|our) (?:\w+ "
    r")?(?:link|page|doc\w*|tutorial|guide|example|gist|code|"
    r"thread|issue|answer|source)",
    "try "
    "(?:with|using|to|the|adding|setting|installing|upgrading|downgrading|removing|changing|it)",
    "instead of",
    r"use [\w.]+ instead",
    "work-?arounds?",
    "refer to",
    "because",
    "(?:is|'s|it's) (?:due to|caused by)",
    "the (?:reason|root cause|cause|error|problem|issue) (?:here )?is (?:that|because|due|in "
    "your|with your|the)",
    "(?:is|are|usually) the (?:root )?cause",
    "works? (?:fine|as expected|for me|well)",
    "working (?:fine|as expected|without|well|for me)",
    "(?:runs?|ran|works?|executes?) without",
    r"(?:not|unable to|cannot|can't|couldn't|could not|\w+n't) (?:able to "
    ")?(?:reproduce|replicate|see the (?:issue|error))",
    "(?:is|are) (?:already )?(?:supported|available|possible) (?:in|with|via|by|using|on|from)",
    "(?:is|are) (?:only|not) supported (?:on|in|with|by|for)",
    "expects? the",
    "see (?:https?|#|also|the|this)",
    "^(?:please |also )?see$",
    "(?:can|could|may|might|should|will) help(?: you)?(?: (?:to|with|achieve))?",
    "stack ?overflow",
    r"(?:here is|here's) (?:a|an|the) (?:\w+ )?(?:code|snippet|example|sample|solution|gist|link)",
    "should not cause",
    "make sure (?:that )?(?:you|your|the|to)",
    "(?:value|it|this|that|input|argument) should be",
    "safe to",
    "that's why",
    "not related to",
    r"you(?: are|'re) (?:\w+ "
    r")?(?:using|passing|calling|trying|missing|looking|running|importing|mixing)",
    r"your (?:\w+ "
    r")?(?:code|model|script|input|inputs|data|dataset|environment|installation|setup|version|"
    r"function|layer|example|loss|machine) (?:is|are|has|have|uses|needs|seems|looks|does|should)",
    "this (?:function|op|layer|method|api|feature|argument|option|parameter|class|behaviou?r) "
    "(?:is|does|"
    "returns|requires|takes|expects|only|can|will|should)",
    "by default",
    "that(?:'s| is) (?:how|what|why)",
    "(?:hence|therefore|thus)",
    "(?:this|that|which) means",
    r"i (?:guess|suspect|believe|assume|suppose) (?:that )?(?:you|your|the|it|this)",
    "(?:explained|documented|described) (?:in|at|here|there|by)",
    r"as (?:mentioned|described|explained|documented|stated|noted) (?:in|by|at|above|here)",
    r"(?:not|\w+n't) (?:\w+ )?(?:found|find|run into|running into|facing|seeing|getting|having|"
    r"confront\w*|encounter\w*|see|get|observe) (?:any|the|this|that|an?)",
    r"(?:executed|ran|runs|working|works|trained|compiled|execute|run|running) (?:\w+ ){0,3}?"
    r"without (?:any |an |the )?(?:issues?|errors?|problems?|fail\w*|warnings?)",
    "(?:will|should) (?:then )?(?:work|converge|be ok|be okay|be fine)",
    "(?:is|are) to be expected",
    "(?:is|are) (?:meant|intended|designed|supposed) to",
    r"(?:upgrade|downgrade|update|switch) to",
    "refer the",
    "the difference (?:is|between|comes)",
    "there (?:is|are) (?:\\w+ )?(?:info|information|documentation|docs|details|sections?|"
    "examples?)",
    "^(?:that's|that is|it is|it's) (?:correct|right|normal|the default)",
    "^(?:yes|no|nope|yep|yeah|correct|exactly)(?! (?:news|updates?|progress|eta|plans?|worries|"
    "problem|one|idea|change|not yet|please))",
    "there is (?:a|an) (?:similar|related|existing) (?:issue|thread|pr)",
)
"""A solution or an explanation. #23436, #33681, #33924, #35336, #36332, #36424, #36646, #37926,
#38796, #61287, #72953, #86310, keras-team/tf-keras#41, scikit-learn/scikit-learn#18824,
scipy/scipy#4983, w4k2/problexity#2, zijundeng/pytorch-semantic-segmentation#2,
venomous0x/WhatsAPI#1034, numpy/numpy#13614."""
