"""English phrases by which people in issue threads ask, answer, promise, refuse and thank: regular
expressions.

None is a name, so they hold for any project. Beside each group stand threads in which it was said;
a bare number is an issue of tensorflow/tensorflow (2018 to 2021). A group has at least three. Texts
are compared in lower case, without mentions, one sentence at a time. Nothing here repeats without a
bound, so that a search takes time in proportion to the sentence.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final


class Phrases:
    """Any of some phrases, as whole words. Compiled when first searched for: all groups together
    take 0.15 s, and most commands judge no item."""

    def __init__(self, *phrases: str) -> None:
        self._phrases = phrases

    def search(self, sentence: str) -> re.Match[str] | None:
        """The first of the phrases in a sentence, ``None`` if it holds none."""
        return self._pattern.search(sentence)

    def removed_from(self, sentence: str) -> str:
        """The sentence without any of the phrases."""
        return self._pattern.sub("", sentence)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w'])(?:{'|'.join(self._phrases)})(?!\w)")


_WE: Final = r"(?:i|we|i am|we are|i'm|we're)"
_WILL: Final = (
    r"(?:i'll|we'll|i will|we will|i'm going to|we're going to|i am going to|we are going to|let "
    r"me|^will)"
)
_BE: Final = r"(?:is|was|are|be|been|got|get)"
_DETAILS: Final = (
    r"(?:provide|share|give|post|attach|upload|paste|specify|fill|create|add|include|supply|send|elaborate|clarify|describe|explain"
    r"|confirm|do so|do that)"
)

NEGATED: Final = Phrases(
    "not",
    "no longer",
    "never",
    "cannot",
    "unable",
    r"\w+n't",
    "without",
    "hard to",
    "if you",
    "can you",
    "could you",
    "if",
)
"""Words that turn the phrase behind them into its opposite, or into a request."""

REFUSED: Final = Phrases(
    r"not an? (?:defect|issue|error|problem|bug) (?:of|in|with|on)",
    "(?:works?|working|behaves?) as (?:intended|designed)",
    "(?:this|that|it)(?: is|'s) (?:the |an |actually |indeed )?(?:intended|expected)(?: "
    "behaviou?r)?(?! to)",
    "intended behaviou?r",
    "by design",
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
    "(?:belongs|better (?:asked|suited|placed)|should be asked) (?:on|in|at|for)",
    "unlikely (?:that we|to be)",
    "in general not supported",
    "unrelated to",
    "(?:don't|do not) have (?:the |any |enough )?(?:bandwidth|resources)",
    "(?:can't|cannot|can not|unable to|not able to|not allowed to) (?:be )?(?:shared?|released?|"
    "published?|disclosed?)",
    "nothing (?:to do here|to fix|(?:we|i) can do|for us to)",
    "user-?land",
    "(?:usage|support|how-?to) question",
    r"(?:ask|post|asking|posting) (?:\w+ )?questions? (?:like this |of this kind )?(?:at|on|in)",
    r"(?:no longer|not|\w+n't) (?:actively )?(?:maintain(?:ed)?|develop(?:ed)?)(?: this| it| that| "
    "by us|$)",
)
"""Works as intended, not planned, or not for this project. keras-team/keras#6050,
keras-team/keras#22878, mmcloughlin/keepaneyeon#1, numpy/numpy#16898, pytorch/pytorch#10455,
leonardoaraujosantos/ChangeNet#7, yangxue0827/R-DFPN_FPN_Tensorflow#4."""

PROMISED: Final = Phrases(
    r"(?:we|i) (?:should|need to|want to|plan to|could|might|may) (?:\w+ "
    r")?(?:fix|add|update|support|"
    r"improve|change|make|address|document|clarify|raise|handle|implement)",
    r"(?:needs? to|should) be (?:updated|changed|documented|improved|handled|clarified|supported)",
    r"(?:is|as) a (?:\w+ )?feature request",
    r"(?:filed|opened|created) (?:a|an) (?:internal )?(?:bug|ticket|tracking issue)",
    r"(?:created|sent|sent out|submitted|opened|have|made) (?:a|an|the) (?:\w+ )?(?:cl|pr|pull "
    r"request|fix|patch|change)",
    r"^(?:yes )?(?:this|that|it) is (?:indeed )?wrong",
    r"(?:pull requests?|prs?) (?:is |are )?(?:very )?welcome",
    r"(?:glad|happy) (?:about|to accept|to see) (?:a|your|any) (?:pull request|pr|contribution)",
    "fix (?:is submitted|was submitted|is under|is out for)",
    "^(?:no )?(?:not yet|not so far)",
    "(?:will|should|to) (?:show up|go out|ship|land|be part of|be included|be released)",
    "in favou?r of",
    r"(?:seems?|sounds?|looks?)(?: to me)? like (?:a|an) (?:\w+ )?(?:useful|good|great|nice|"
    "reasonable|valid|sensible|fair)",
    "(?:would be|is) (?:a |an )?(?:really |very )?(?:nice|useful|good|great|reasonable) (?:idea|"
    "addition|feature|improvement)",
    "makes? sense to (?:add|have|fix|support|change|allow|raise|expose|document)",
    "(?:still has|has still|with|there is|there's|has) (?:a |an |some |other |another )?(?:known "
    "|open )?bugs?",
    r"feel free to (?:send|open|create|submit|make|raise|push) (?:us |me )?(?:a|an|the|your) "
    r"(?:\w+ )?(?:pr|pull request|cl|patch|fix)",
    "track(?:ed|ing)(?: this| it)? (?:internally|in our)",
    r"under (?:internal )?review",
    rf"{_WILL} (?:\w+ "
    rf"){{0,2}}?(?:take|have|get|look|investigate|fix|check|update|work|send|address|debug|dig|"
    r"prioriti[sz]e|follow|submit|push|make|add|try to (?:fix|reproduce|find)|be "
    r"(?:fixed|addressed|updated|"
    rf"resolved|supported|available))",
    r"taking (?:a|another) (?:\w+ )?look",
    "looking into",
    "look(?:ing)? (?:deeper|closer)",
    r"working on (?:it|this|that|these|both|a fix|the fix|fixing|supporting|adding|the "
    r"implementation|an? \w+)",
    "work(?:ing)? in progress",
    "actively working",
    "(?:have|has|with) a fix",
    "fix (?:is|will be|should be) (?:coming|pending|underway)",
    "on (?:my|our) (?:todo|to-do|list|radar|roadmap)",
    "should land",
    "(?:have|'ve) proposed",
    "to address this",
    "in the works",
    r"i think (?:this|it|that) (?:is|may be|might be|could be) (?:\w+ )?(?:bug|regression)",
    r"(?:this|it|that)(?: is|'s)? (?:indeed |definitely |clearly |probably |likely |certainly "
    r")*(?:a |"
    r"an )?(?:\w+ )?(?:bug|regression)",
    r"(?:looks?|seems?|appears?) (?:like|to be) (?:it is |this is |there is |there's )?(?:a|an|"
    r"some) (?:\w+ )?(?:bug|issue|regression)",
    "(?:known|valid|real) (?:bug|issue|limitation|problem)",
    "good catch",
    "nice catch",
    "thanks? (?:you )?for (?:finding|catching|spotting)",
    "(?:message|warning|documentation|docs?|example|tutorial) (?:is|are) "
    "(?:incorrect|wrong|misleading|outdated|confusing)",
    "(?:you are|you're) (?:right|correct)",
    "agree with you",
    "i agree",
    "can confirm",
    "confirmed",
    "we are aware",
    "we're aware",
    r"(?:not|\w+n't) (?:yet |currently )?(?:supported|implemented|available) (?:yet|at the "
    "moment|currently|right now|for now)",
    "contributions? (?:is |are )?(?:very |always |more than )?welcome",
    "good feature",
    "(?:would|will) consider",
)
"""Confirmed, or somebody works on it. #18642, #27416, #28146, #28363, #33824, #33892, #37926,
#38620, #39671, bayesflow-org/bayesflow#541, SciSharp/SciSharp-Stack-Examples#23,
tflearn/tflearn#108."""

FIXED: Final = Phrases(
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
    "fix (?:went in|is in|is merged|was merged|has landed|landed|is live)",
    "^(?:all|everything|it) (?:is )?work(?:s|ing)(?: fine)? now",
)
"""A fix is done. It ends even a promise. #30639, #33163, #36363, dmzou/RSRAE#2,
jwfromm/Riptide#4, kartoza/maps.kartoza.com#10, keras-team/keras#589, keras-team/keras#6169,
keras-team/keras#15483, tensorflow/similarity#282."""

NOT_DONE: Final = Phrases(
    *("once", "when", "until", "after", "before", "if", "unless", "will", "to", "can", "could"),
    *("would", "must", "not", "never", r"\w+n't", "yet", "being"),
)
"""Words before a fix that is not done."""

UNDONE: Final = Phrases(
    *("but", "however", "again", r"regress\w*", r"broke\w*", "except", "partially", "partly"),
)
"""Words beside a fix that does not settle the matter. #36363, #65436, keras-team/keras#15135."""

CLOSED: Final = Phrases(
    r"(?:i'll|i will|we'll|we will|i'm|i am|we are|we're|am|will|going to|gonna|let me|and) (?:\w+ "
    "){0,2}?clos(?:e|ing)(?:$| (?:this|it|the issue|the ticket|the thread|the bug|now|for now|as|"
    "since|because))",
    "^clos(?:e|ing) (?:this|it|the issue|the ticket|now|for now|as|since|because)",
    "^closing$",
)
"""A maintainer ends the matter. #33163, #35045, #39671, jwfromm/Riptide#4,
jwyang/faster-rcnn.pytorch#181, keras-team/keras#11899, numpy/numpy#16898,
scikit-learn/scikit-learn#18824."""

NOT_CLOSED: Final = Phrases(
    *(r"inactiv\w*", "activity", "stale", "lack of", "no (?:response|reply|feedback)"),
    *(r"(?:not|\w+n't) heard", "weeks?", "months?", "if", "whether", "unless", "once", "when"),
    *("can", "could", "may", "should", "reproducible example"),
)
"""A close for want of a reply, under a condition, or in a question settles nothing. #36332,
piskvorky/gensim#2487, scikit-learn/scikit-learn#10454."""

REPRODUCED: Final = Phrases(
    r"(?:can|could) (?:also )?see (?:it|this|the (?:issue|problem|error|bug))",
    r"^reproduced (?:with|in|on|it|this)",
    "able to (?:reproduce|replicate|repro|see|observe)",
    "(?:can|could) (?:also |now )?(?:reproduce|replicate|repro)",
    rf"{_WE} (?:have |also |just |now )*(?:reproduced|replicated)",
    r"(?:reproduced|replicated) the (?:\w+ )?(?:issue|error|problem|behaviou?r)",
    rf"{_BE} (?:reproducible|replicating|reproduced|replicated)",
    "see(?:ing)? the same (?:issue|error|problem|behaviou?r|result)",
    "(?:get|got|getting|facing) the same (?:issue|error|problem)",
)
"""It happened to the maintainer, too. #28115, #36646, #37633, #38620, #38745, #38796, #37196,
#39714, #41973, #61270."""

HANDED_ON: Final = Phrases(
    r"(?:adding|looping in|including|pinging|cc'?ing) (?:@?[\w-]+ "
    r")?(?:who|as|here|since|for|to|from|in)",
    "(?:re)?assign(?:ing|ed)(?: this)?(?: to)?",
    r"adding @?[\w-]+(?: @?[\w-]+)?$",
    "(?:the|our) (?:team|owner|developers?|engineers?) (?:will|has|have|is|are|to)",
    "escalat(?:e|ed|ing)",
    r"(?:can|could) you(?: please)? take (?:a|another) look(?: at (?:this|it)(?: issue)?)?\??$",
    "any (?:inputs?|thoughts|ideas?) (?:on|about) (?:this|it|that)",
    "ptal",
    "^cc",
    "who is the owner",
    "who has more (?:insight|context)",
    "is assigned",
    "triaged?",
)
"""Given to a colleague. #26639, #27941, #31092, keras-team/keras#8809."""

SOLUTION: Final = Phrases(
    "(?:has been|was|is|are|be|been|already|get|got) (?:now |already "
    ")?(?:fixed|resolved|addressed) (?:in|by|"
    "with|on|as of|from|now)",
    "fixed (?:in|by|with)(?: |$)",
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

EXPLAINED: Final = Phrases(
    r"the cause is",
    r"^(?:please |just |instead |then "
    r")?(?:try|use|set|install|upgrade|downgrade|pass|call|remove|replace|change|wrap|convert|"
    r"import|define|increase|reduce|lower|disable|enable|switch) [\w.`'-]+",
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
    "working (?:fine|as expected|without|well)",
    "(?:runs?|ran|works?|executes?) without",
    r"(?:not|unable to|cannot|can't|couldn't|could not|\w+n't) (?:able to "
    ")?(?:reproduce|replicate|see the (?:issue|error))",
    "(?:is|are) (?:already )?(?:supported|available|possible) (?:in|with|via|by|using|on|from)",
    "(?:is|are) (?:only|not) supported (?:on|in|with|by|for)",
    "expects? the",
    "duplicate of",
    "see (?:https?|#|also|the|this)",
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
    "^(?:yes|no|nope|yep|yeah|correct|exactly)(?! (?:news|updates?|progress|eta|plans?|worries|"
    "problem|one|idea|change|not yet|please))",
    "there is (?:a|an) (?:similar|related|existing) (?:issue|thread|pr)",
)
"""A solution or an explanation. #23436, #33681, #33924, #35336, #36332, #36424, #36646, #37926,
#38796, #61287, #72953, #86310, keras-team/tf-keras#41, scikit-learn/scikit-learn#18824,
scipy/scipy#4983, w4k2/problexity#2, zijundeng/pytorch-semantic-segmentation#2."""

ASKED: Final = Phrases(
    r"(?:could|can|would|will) you (?:\w+ "
    rf"){{0,2}}?(?:{_DETAILS}|try|check|test|tell|let|update|verify|run|"
    rf"upgrade|file|open|submit|help|take|use|be)",
    rf"(?:please|kindly|pls) (?:\w+ ){{0,2}}?(?:{_DETAILS}|confirm|tell|let us know|let me "
    r"know|verify|file|"
    rf"open a new|submit|update)",
    rf"(?:able|possible)(?: for you)? to (?:\w+ )?(?:{_DETAILS})",
    "want to (?:send|submit|open|make|contribute)",
    "happy to review",
    r"(?:have|did) you (?:\w+ )?(?:try|tried|get|got|check|checked|manage|test|tested|run)",
    r"are you (?:\w+ )?(?:able|using|still|running|getting|facing|sure|trying)",
    "do you (?:still |have |see|get|mean|want|use|know)",
    "(?:what|which) (?:version|is your|are you|is the|happens|issue|exactly|do you|tf|os)",
    r"is there (?:a|any) (?:\w+ )?(?:use ?case|reason|chance)",
    "why (?:not|do you|are you|did you|would you)",
    r"need (?:more|some more|additional|further) (?:info\w*|details?|context)",
    "(?:it )?would be (?:great|helpful|nice|good) if you",
    "in order to expedite",
    "not (?:been )?filled",
    "requests? you to",
    r"need (?:a|the|your) (?:\w+ )?(?:code|example|repro\w*|snippet)",
    "waiting for your",
    r"(?:share|provide|send|attach) (?:a|an|the|your|us|me) (?:\w+ ){0,3}?(?:gist|code|colab|"
    r"notebook|snippet|logs?|traceback|example|script|details?|repro\w*|error)",
    "if possible please",
    "(?:do not|don't) have (?:the )?(?:access|permissions?)",
    "(?:request|need|grant) (?:me |us )?(?:the )?access",
    r"(?:would )?(?:you )?mind (?:to )?(?:shar|provid|test|try|check|send|open|creat|push|post)\w*",
    r"how (?:are|do|did|is|have) (?:you|your)",
    "what (?:environment|happens|kind|would|do you|did you|are you|is your)",
)
"""Something that only the author can tell or do. #25579, #26639, #28363, #31092, #31355, #33824,
#34664, #37926, #38796, #50123, keras-team/keras#7851, keras-team/keras#17383,
pytorch/pytorch#167909, tflearn/tflearn#108."""

CANNED: Final = Phrases(
    r"are you still (?:looking|interested|experiencing|facing|having|seeing|getting)",
    r"^(?:please |kindly )?(?:confirm|let us know|let me know|reply|respond)$",
    "still (?:an issue|a problem|relevant|facing|experiencing|having)",
    "any updates? (?:on|regarding)",
    "^is (?:this|the|your) issue (?:still )?(?:resolved|open|valid)",
    "(?:lack|no|without) (?:of )?(?:any )?(?:recent |further )?activit(?:y|ies)",
    "marked as stale",
    "feel free to (?:reopen|re-open|come back|open)",
    "clos(?:e|ing) (?:this|the) (?:issue|thread)? ?(?:due|because|as it has|for now|since)",
    "(?:been|is) open for a long time",
    "move this issue to closed",
)
"""Said to anybody. #28851, #39421, #48943."""

NEWER_VERSION: Final = Phrases(
    r"(?:try|test|check|upgrade|update|run|running|checked|tried|tested)(?: [\w.-]+){0,8} "
    r"(?:latest|newer|"
    r"recent|stable|nightly|master|later)",
    "issue (?:still )?persists?",
    "older versions?",
)
"""Try a newer version. #38855, #48861, #48943."""

POLITE: Final = Phrases(
    "thank(?:s| you) for (?:opening|reporting|your (?:post|patience)|the "
    "report|filing|raising|this issue)",
    "sorry for the (?:late|delay|long)",
    "apologies for the",
)
"""Courtesy that opens a comment. #33824, #37926, #48943."""

_SOLVED: Final = "(?:solved|sloved|solvd|resolved|resloved|fixed|sorted)"
_TROUBLE: Final = "(?:problem|issue|error|bug|warning|leak|trouble|matter)"

OVER: Final = Phrases(
    "^(?:it |this |that )?works (?:now|great|perfectly|for me now|with the "
    "(?:new|newest|latest|nightly))",
    "^closing$",
    "^(?:that|this) was it$",
    "^my own (?:mistake|fault|error)",
    "no longer (?:an issue|a problem|relevant|needed|need)",
    "(?:i'll|i will|i'm|i am|will|am) clos(?:e|ing)",
    "closing (?:this|the issue|it|now|as)",
    "my (?:mistake|bad|fault)",
    r"figured (?:\w+ )?out",
    "found my (?:mistake|error|bug)",
    "never ?mind",
    "^(?:that |it |this )?makes (?:perfect |total )?sense",
    rf"(?<!be ){_SOLVED} (?:it|my|this|that|by|after|now|thanks|the {_TROUBLE})",
    f"^{_SOLVED}$",
    rf"(?:^|i|we|i've|we've|have) (?:\w+ ){{0,2}}?{_SOLVED} ?(?:it|this|that|the {_TROUBLE}|my "
    rf"{_TROUBLE}|$)",
    "(?:able|managed) to (?:solve|fix|resolve|sort|get (?:it|this|that) (?:to work|working|done))",
    "(?:got|get) (?:it|that|this|everything) (?:now |all )?(?:done|working|to work|solved|fixed|"
    "sorted|running)",
    rf"(?:has|have) (?:now )?(?:helped|{_SOLVED})(?:$| (?:it|this|that|(?:my|the) {_TROUBLE}))",
    f"{_TROUBLE} (?:went away|is gone|has gone|disappeared|vanished)",
    "^(?:yes |yeah |yep |great |ok |okay |thanks |that |it |this |all |now ){0,4}(?:looks|sounds|"
    "is) (?:good|great|fine|perfect|ok|okay)(?: to me| now)?$",
    "(?:then|now) (?:it is |it's |it |all |is )?(?:ok|okay|works|fine|runs)$",
    "is (?:now )?working (?:for|to) (?:me|us)$",
    "(?:user|my own|silly|stupid) (?:error|mistake|fault)",
    "did the (?:trick|job)",
)
"""The author closes the matter. #26714, #33947, #38648, #39671, #51096,
keras-team/keras#2230, keras-team/keras#2520, keras-team/keras#5265, keras-team/keras#6206,
keras-team/keras#9616, meijieru/crnn.pytorch#60, nikhilbarhate99/PPO-PyTorch#32,
tensorfreitas/DCGAN-for-Bird-Generation#1."""

CLOSE_IT: Final = Phrases(
    "(?:can|may|could|please|feel free to|you|should) (?:now |just )?close(?:$| (?:this|it|the "
    "issue|the ticket|the thread))",
    "(?:issue|ticket|thread|this) (?:can|could|may|should) (?:now )?be closed",
)
"""The author agrees to a close, whatever else is said. #51096, pydata/xarray#1338,
keras-team/keras#364."""

THANKS_FOR: Final = Phrases(
    r"^(?:thanks|thank you|great|perfect|awesome|ok|okay|yes|yep|yeah|wow|nice|cool)(?: \w+){0,4}? "
    "(?:that|this|it|which) (?:now |really |actually )?(?:works|worked|solves|solved|helped|helps|"
    "fixed|fixes|did it)",
)
"""Thanks with the news that it works. #51096, samoturk/mol2vec#3,
devmount/GermanWordEmbeddings#5."""

PING: Final = Phrases(
    r"any (?:\w+ )?(?:updates?|news|progress|eta|timeline|plans?|fix|ideas?|thoughts?|one|help)",
    "when (?:will|is|can)",
    "has there been",
    "(?:anyone|someone|somebody|anybody)",
    "is (?:this|it) (?:still|going|being)",
    "status",
    "(?:can|could|would|will) (?:you|we|this|it)(?! (?:please )?(?:explain|elaborate|clarify|tell|"
    "show|describe))",
)
"""A question that asks for work or for news, not for an explanation. #27416, #36363, #25073,
pytorch/pytorch#15808."""

GONE: Final = Phrases(
    rf"(?:don't|doesn't|didn't|do not|does not|did not|no longer|not|never) (?:\w+ ){{0,3}}?(?:see|"
    rf"get|face|observe|encounter|have|facing|seeing|getting|having)(?: \w+){{0,3}}? {_TROUBLE}"
    r"(?: \w+){0,3}? (?:anymore|any more|any longer|now)",
    r"(?:don't|doesn't|didn't|do not|does not|did not|no longer|not) (?:\w+ ){0,4}?(?:happen\w*|"
    r"occur\w*|reproduc\w*|exists?|appears?)(?: \w+){0,3}? (?:anymore|any more|any longer|now)",
    rf"no (?:more|longer) (?:\w+ )?(?:{_TROUBLE}s?|happen\w*|occurs?)",
)
"""The trouble is gone. #26714, #27829, keras-team/keras#4239."""

TO_OTHERS: Final = re.compile(
    r"^(?:for|to) (?:any(?:one|body)|others|everyone|those|people|future)(?: \w+){0,9}?"
    r"(?= i | you |$)"
)
"""How an author turns to readers with the same trouble. #42311."""

WORKS: Final = Phrases(
    r"(?:that|this|it|which|everything|your \w+|(?:the|your) "
    r"(?:solution|suggestion|answer|fix|workaround|hint|"
    r"code|gist)) (?:\w+ "
    r")?(?:works|worked|solved|solves|fixed|fixes|helped|helps|resolved|resolves|"
    r"did the trick)",
    rf"(?:{_BE}|has been|problem|issue) (?:now |already )?(?:solved|resolved|fixed|working)",
    "works (?:now|fine|for me|like a charm|great|well|perfectly)",
    "working now",
)
"""It works now, unless the sentence says under which condition. #58711, #37505,
ROCm/tensorflow-upstream#1428."""

UNLESS: Final = Phrases(
    "if",
    "when",
    "until",
    "without",
    "instead",
    r"v?\d[\w.]*",
)
"""Words that make "it works" hold under a condition only."""

CONDITION: Final = Phrases(
    "if",
    "when",
    "in",
    "on",
    "with",
    "using",
    "without",
    "instead",
    "until",
    "before",
    "while",
    r"v?\d[\w.]*",
)
"""The same, and words that name a place or a means."""

TROUBLED: Final = Phrases(
    "still",
    "but",
    "however",
    "although",
    "glad",
    "happy",
    r"\w+n't",
    "not",
    "fails?",
    "failed",
    "cannot",
    "same (?:issue|error|problem)",
    "unfortunately",
    "except",
    "only",
    r"downgrad\w*",
    "work-?arounds?",
    r"temporar\w*",
    "for now",
    r"revert\w*",
)
"""Words of an author who is not helped yet."""

COMMITTED: Final = Phrases(
    r"(?:i'll|i will|i'm going to|i am going to|let me|^will) (?:\w+ "
    r")?(?:try|test|check|send|submit|open|make|work|give|look|"
    r"let you know|get back|report|create|prepare|do|have a look|take)",
    r"(?:i'm|i am) (?:\w+ )?working on",
    "(?:pr|pull request) (?:is )?(?:coming|on the way|soon)",
    "^(?:ok |okay |sure |yes |thanks |alright ){0,3}i(?:'ll| will| am going to) (?:go|going)",
    "^(?:ok |okay |sure |alright ){1,3}i (?:have a |do |give it a )?try",
)
"""The author will see to it. #33824, #37926, #48861, #51096, keras-team/keras#11763."""

COMES_BACK: Final = Phrases(
    r"(?:i'll|i will|i'm going to|i am going to|let me|we'll|we will|^will) (?:\w+ ){0,6}?(?:"
    "update you|let you know|get back|keep you (?:posted|updated)|report back|upload|post (?:an?|"
    "the|my)|share (?:an?|the|my))",
)
"""The author says that more will follow. keras-team/keras#11763, scikit-learn/scikit-learn#10454,
zijundeng/pytorch-semantic-segmentation#2."""

SUPPLIED: Final = Phrases(
    *("here (?:is|are|you)", "here's", "attached", "below", "gist", "colab", "see (?:the|this)"),
    "(?:have|i've) (?:updated|added|uploaded|shared|attached)",
)
"""The author gave something, so the rest is the project's turn. #28363, #31355, #37926."""

INSISTS: Final = Phrases(
    r"(?:see|seeing|have|get) exactly the same",
    r"the same (?:here|happens|thing)",
    "same (?:issue|error|problem|here|question|thing|situation|boat)",
    r"still (?:\w+ )?(?:happen\w*|occur\w*|exist\w*|present|persist\w*|see\w*|get\w*|fac\w*|an "
    r"issue|a problem|"
    r"broken|have|having|not|in|fails?)",
    "(?:does not|doesn't|didn't|did not|not) (?:work|help|solve|fix|working)",
    "(?:any|is there any) (?:updates?|news|progress|plan|eta|workaround|solution)",
    "also (?:have|having|get|getting|see|seeing|face|facing|run|ran|want|need|would)",
    "ran into",
    "can confirm",
    "(?:facing|experiencing|having|getting|encountered|encountering) (?:this|the same|a "
    "similar|similar)",
    "similar issue",
    "me too",
    r"\+1",
    "waiting for",
    "has there been",
    "would (?:also )?(?:like|love|be great)",
    "please fix",
    r"(?:breaks?|fails?|crashes|happens|failing|happening|broken|occurs) (?:\w+ )?(?:for|to|with) "
    "(?:me|us)",
    "looking for (?:a|the) (?:solution|fix)",
)
"""Somebody else with the same trouble. #25073, #26639, #27416, #28115, #38620, #34539."""

WAY_OUT: Final = Phrases(
    r"(?:solved|fixed|resolved) (?:it|this|the (?:issue|problem|error))",
    r"works for me",
    r"(?:i|we) (?:\w+ )?(?:solved|fixed|resolved|found|managed)",
    r"(?:this|that|it|which|following) (?:\w+ )?(?:solved|fixed|works|worked|resolved|helped)",
    "work-?arounds?",
    "you (?:can|could|should|need to|have to|must)",
    "try (?:with|using|to|the|adding|setting|changing|removing)",
    "instead of",
    "the (?:reason|problem|issue|bug) is",
    "(?:is|'s|it's) because",
    "caused by",
    r"pull request|pr #?\d*",
    "fixed in",
    "solution",
)
"""Somebody else shows a way out. #27416, #32954, #33892, #35336, #37196."""
