"""The author closes the matter, takes it on, thanks, or is not helped yet."""

from __future__ import annotations

import re
from typing import Final

from migrator.domain.classification.activity.phrases.pattern import BE, Phrases

_I_SEE: Final = (
    "^(?:ah |oh |ok |okay |now ){0,2}i (?:now )?see(?:$| thanks| thank you| now| so| what you mean|"
    " why| your point)"
)
_SOLVED: Final = "(?:solved|sloved|solvd|resolved|resloved|fixed|sorted)"
_TROUBLE: Final = "(?:problem|issue|error|bug|warning|leak|trouble|matter)"

_NO_SUBJECT: Final = (
    "(?! (?:mistake|accident|error)|(?: issue| ticket)? (?:would|was|is|seems?|makes|does|doesn't))"
)

OVER: Final = Phrases(
    "^(?:it |this |that )?works (?:now|great|perfectly|for me now|with the "
    "(?:new|newest|latest|nightly))",
    "^closing$",
    f"^(?:yes |yeah ){{0,2}}(?:that|this) was (?:it|that|the {_TROUBLE}|the reason|the cause)"
    "(?:$|(?= very| thank))",
    "^my own (?:mistake|fault|error)",
    "no longer (?:an issue|a problem|relevant|needed|need)",
    "(?:i'll|i will|i'm|i am|will|am) clos(?:e|ing)",
    f"closing (?:this|the issue|it|now|as){_NO_SUBJECT}",
    "my (?:mistake|bad|fault)",
    r"figured (?:\w+ )?out",
    "found my (?:mistake|error|bug)",
    "never ?mind",
    "^(?:that |it |this )?makes (?:perfect |total )?sense",
    rf"(?<!be ){_SOLVED} (?:it|my|this|that|by|with|after|now|thanks|the {_TROUBLE})",
    f"^{_SOLVED}$",
    f"{_SOLVED} (?:the |my |this )?{_TROUBLE} for (?:me|us)",
    f"^{_SOLVED} (?:in|by|via|with)",
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
    "^(?:the |my |this |that )?(?:pr|pull request|change|fix) (?:is |was |has been |got )?"
    "(?:now |already )?merged",
    "did the (?:trick|job)",
    "all (?:is )?(?:good|fine|well|set)(?: now)?$",
    "i stand corrected",
    "already (?:has|contains|includes) (?:the|a|this) fix",
    rf"(?:is|be|been|was) (?:now )?{_SOLVED} in(?= ?:|$)",  # a version in backticks is left out
    rf"(?:is|be|been|was) (?:now )?{_SOLVED} (?:in|with|by|on) "
    r"(?:the |latest |newest |[a-z]{2,3} )*(?:nightly|master|latest|release|version|v?\d)",
)
"""The author closes the matter. home-assistant/core#108958, koalaman/shellcheck#1000,
koalaman/shellcheck#1250, #26714, #33947, #38648, #39671, #51096,
keras-team/keras#2230, keras-team/keras#2520, keras-team/keras#5265, keras-team/keras#6206,
keras-team/keras#9616, #14284, meijieru/crnn.pytorch#60, nikhilbarhate99/PPO-PyTorch#32,
tensorfreitas/DCGAN-for-Bird-Generation#1, #25970."""

CLOSE_IT: Final = Phrases(
    "(?:can|may|could|please|kindly|feel free to|you|should) (?:now |just )?close(?:$| (?:this|it|"
    "the issue|the ticket|the thread))",
    "(?:issue|ticket|thread|this) (?:can|could|may|should) (?:now )?be closed",
    "(?:fine|ok|okay|happy|good|agree) (?:with|to) clos(?:e|ing)",
    "^never ?mind",
    "^(?:a )?duplicate of",
    "^clos(?:ing|ed) (?:this|it|the issue|after|as|since|because|by|via|in favou?r)" + _NO_SUBJECT,
    "i (?:am |will |now )?(?:close|resolve) (?:this|the|it)(?: one| issue| ticket)(?: now)?",
    r"(?:i'll|i will|i'm|i am|will|going to) (?:(?!not )\w+ ){0,2}?clos(?:e|ing) (?:it|this|the "
    "(?:issue|ticket))",
)
"""The author agrees to a close, whatever else is said. #51096, pydata/xarray#1338,
keras-team/keras#364, keras-team/keras#16792, kubernetes/kubernetes#20521."""

THANKS_FOR: Final = Phrases(
    r"^(?:thanks|thank you|great|perfect|awesome|ok|okay|yes|yep|yeah|wow|nice|cool)(?: \w+){0,4}? "
    "(?:that|this|it|which) (?:now |really |actually )?(?:works|worked|solves|solved|helped|helps|"
    "fixed|fixes|did it)",
)
"""Thanks with the news that it works. #51096, samoturk/mol2vec#3,
devmount/GermanWordEmbeddings#5."""

GONE: Final = Phrases(
    rf"(?:don't|doesn't|didn't|do not|does not|did not|no longer|not|never) (?:\w+ ){{0,3}}?(?:see|"
    rf"get|face|observe|encounter|have|facing|seeing|getting|having)(?: \w+){{0,3}}? {_TROUBLE}"
    r"(?: \w+){0,3}? (?:anymore|any more|any longer|now)",
    r"(?:don't|doesn't|didn't|do not|does not|did not|no longer|not) (?:\w+ ){0,4}?(?:happen\w*|"
    r"occur\w*|reproduc\w*|exists?|appears?)(?: \w+){0,3}? (?:anymore|any more|any longer|now)",
    rf"no (?:more|longer) (?:\w+ )?(?:{_TROUBLE}s?|happen\w*|occurs?)",
)
"""The trouble is gone. #26714, #27829, keras-team/keras#4239."""

WITHDRAWN: Final = Phrases(
    "^(?:yes |yeah |ok |okay |so |sorry |oh ){0,3}(?:it's|it is|this is|that's|that is|it was|this "
    "was) not (?:a|an) (?:\\w+ )?(?:bug|issue|problem)(?=$| i | sorry| my )",
    "(?:it's|it is|was) not (?:a |an )?(?:\\w+ )?(?:bug|issue|problem) it(?:'s| is| was) ",
    "(?:this|that|it) isn't (?:a|an) (?:\\w+ )?(?:bug|issue|problem)(?: at all| here)?$",
    "^sorry you(?:'re| are) (?:\\w+ )?right",
    "(?:issue|problem|error) (?:will|should) (?:then )?be (?:solved|resolved|fixed|gone)",
    "i (?:had |have |just |simply )?(?:misunder\\w+|misread|overlooked|mistook|mixed up)",
    "^sorry (?:it|this|that) was (?:the|a|an|my|our)",
    "(?:problem|issue|fault) (?:of|with|in|on) my (?:own )?(?:\\w+ )?(?:code|side|end|machine|"
    "setup|environment|isp|network|data|script|installation)",
    "supersed(?:e|es|ed) (?:this|by)",
    "(?:it's|it is|this is|that's|that is) no bug(?: at all| (?:only|just) an?(?: "
    "\\w+){1,4}| (?:only|just) another(?: \\w+){1,4})?$",
    "^sorry i (?:have )?found (?:it|(?:the|my) (?:problem|mistake|error|reason|cause))(?=$| )",
    "i seem to have (?:used|set|passed|called|applied) (?:it|this|that|the \\w+) (?:wrong|wrongly|"
    "incorrectly)",
)
"""The author takes the report back, or closes it. #24600, #5775, #30897, #35343, #9411, #8417,
#39083, #48308."""

TO_COME: Final = Phrases(
    "(?:will|would|should|could|must|can|may|might|has to|have to|needs? to|ought to|going to) "
    f"(?:\\w+ ){{0,2}}?be (?:now )?{_SOLVED}",
)
"""A fix that the author waits for or wishes, whatever version it names."""

WORKS: Final = Phrases(
    r"(?:that|this|it|which|everything|your \w+|(?:the|your) "
    r"(?:solution|suggestion|answer|fix|workaround|hint|"
    r"code|gist)) (?:\w+ "
    r")?(?:works|worked|solved|solves|fixed|fixes|helped|helps|resolved|resolves|"
    r"did the trick)",
    rf"(?:{BE}|has been|problem|issue) (?:now |already )?(?:solved|resolved|fixed|working)",
    "works (?:now|fine|for me|like a charm|great|well|perfectly)",
    "(?:is|it's|all|now) working (?:fine|well|perfectly|great|as expected)",
    "working now",
    "everything (?:is|works|looks|runs) (?:\\w+ )?(?:fine|ok|okay|good|great|well)",
)
"""It works now, unless the sentence says under which condition. #58711, #37505,
ROCm/tensorflow-upstream#1428."""

UNLESS: Final = Phrases(
    "if",
    "when",
    "until",
    "without",
    "instead",
    r"(?<!#)v?\d[\w.]*",
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
    r"(?<!#)v?\d[\w.]*",
)
"""The same, and words that name a place or a means."""

TO_OTHERS: Final = re.compile(
    r"^(?:for|to) (?:any(?:one|body)|others|everyone|those|people|future)(?: \w+){0,9}?"
    r"(?= i | you |$)"
)
"""How an author turns to readers with the same trouble. #42311."""

LEARNT: Final = Phrases(
    r"(?:didn't|don't|did not|do not|wasn't|was not|hadn't|haven't|had not|have not) (?:\w+ )?"
    "(?:realis\\w*|realiz\\w*|know|knew|notice\\w*|aware|read|find|found|expect\\w*|think|thought|"
    "understand|understood|seen|see (?:any|the|this|that) (?:docs?|documentation|page|"
    "option|notification))",
    "(?:wasn't|was not) paying attention",
    r"(?:thought|assumed|believed|supposed) (?:\S+ ){0,12}?but (?:it|this|that|they)",
    "(?:should|must) have (?:read|checked|looked|known|seen)",
)
"""The author did not know, and does now: no trouble. home-assistant/core#108958,
fo40225/tensorflow-windows-wheel#46, clvrai/Relation-Network-Tensorflow#5."""

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
    r"br(?:oke|oken|eaks?|eaking)",
    r"regress\w*",
    "if (?:someone|somebody|anyone|you) (?:could|can|would)",
    "would have been (?:much |a lot )?(?:easier|better|nice|nicer|helpful)",
)
"""Words of an author who is not helped yet, or still wishes for something. #27612."""

COMMITTED: Final = Phrases(
    r"(?:i'll|i will|i'm going to|i am going to|let me|^will) (?:\w+ "
    r")?(?:try|test|check|send|submit|open|make|work|give|look|"
    r"let you know|get back|report|create|prepare|do|have a look|take)",
    r"(?:i'm|i am) (?:\w+ )?working on",
    "(?:pr|pull request) (?:is )?(?:coming|on the way|soon)",
    "^(?:yes |sure |ok |okay ){1,2}i(?:'ll| will)(?:$| tomorrow| later| soon| next)",
    "^(?:ok |okay |sure |yes |thanks |alright ){0,3}i(?:'ll| will| am going to) (?:go|going)",
    "^(?:ok |okay |sure |alright ){1,3}i (?:have a |do |give it a )?try",
    "i'll see (?:if|whether|what)",
    "^(?:ok |okay |sure |yes |yep |thanks ){1,3}will (?:try|test|check|look|send|have a look)",
    "^(?:ok |okay |sure |yes |yep |thanks ){0,2}will do(?:$|(?= i ))",
    "^i (?:have not|haven't|did not|didn't) (?:test|tested|try|tried|check|checked)(?: (?:it|this|"
    "that))?(?: out)? yet",
)
"""The author will see to it. #33824, #37926, #44706, #48861, #51096, #55189, jax-ml/jax#1130,
keras-team/keras#11763."""

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

HELPLESS: Final = Phrases(
    *("still", "but", "however", "although", "fails?", "failed", "cannot", "unfortunately"),
    *("same (?:issue|error|problem)", "except", r"downgrad\w*", "work-?arounds?", r"revert\w*"),
    r"(?:not|\w+n't) (?:\w+ )?(?:work\w*|help\w*|solv\w*|fix\w*|chang\w*|possible|sure|clear|"
    "understand|an option|enough|see why|what)",
)
"""Words of an author who is not helped yet, beside an answer that was understood."""

REALISED: Final = Phrases(
    _I_SEE,
    "^(?:ah|aha|oh|ok|okay|got it|right|alright|understood|makes sense|now i)",
)
"""How a comment begins whose author has just understood. bitcoin-core/secp256k1#1082,
home-assistant/core#108958, onnx/onnx#3755."""

ACCEPTS: Final = Phrases(
    *("thanks", "thank you", "thx", "appreciated?", "got it", "understood", _I_SEE),
    *("makes sense", "good to know", "exactly what", "explains (?:it|that|this|a lot|why)"),
    *("^(?:ok|okay|alright|sure|fine|right|perfect|great|awesome|true)", "confirmed"),
)
"""The author takes an answer. tensorflow/recommenders#222, keras-team/keras#12922, #29545, #2505,
fo40225/tensorflow-windows-wheel#46."""

WANTS: Final = Phrases(
    *("please", "kindly", "could you", "can you", "would you", "waiting", "wait for", "need"),
    *("meant", "mean that", "the (?:problem|issue|error) is", "error", "fix this", "ping"),
    *("would be (?:great|nice|good|helpful|better)", "looking forward"),
    *("straightforward", "prefer", "suggest", "believe", "think"),
)
"""The author wants more, or goes on. #29545, #46496, tensorflow/text#810."""

TITLE_ASKS: Final = Phrases(
    "^(?:how|why|what|where|which|when|who|is (?:it|there|this)|are there|can (?:i|we|one|you)|"
    "does|do|should|question)"
)
"""How a title begins that asks. WHAnonymous/WhatsAPI#1094, #26948, #23297."""

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
