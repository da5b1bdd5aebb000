"""Texts by people who mean us harm: each tries to run a script, load something, or leave the page.

Written after the classes of OWASP's cheat sheet, in our own words:
https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html
"""

CORPUS = (
    "<script>window.harmed=1</script>",
    "<img src=x onerror=window.harmed=1>",
    '"><svg onload=window.harmed=1>',
    "' onfocus=window.harmed=1 autofocus x='",
    "<a href=javascript:window.harmed=1>press</a>",
    "[press](javascript:window.harmed=1)",
    "[press](data:text/html,<script>window.harmed=1</script>)",
    "![x](https://elsewhere.example/tracker.png)",
    "<iframe src=https://elsewhere.example></iframe>",
    "<style>*{background:url(https://elsewhere.example/x)}</style>",
    "<form action=https://elsewhere.example><button>press</button></form>",
    "<details open ontoggle=window.harmed=1><summary>x</summary></details>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.harmed=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.harmed=1>'>",
    "</title></textarea></script><script>window.harmed=1</script>",
    "{{ config }} {% raw %} ${7*7} <%= 7 %>",
    "<base href=https://elsewhere.example/>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<input autofocus onfocus=window.harmed=1>",
    "\u202egpj.exe\u202c and \u0000 and \u2028",
    "<p style='position:fixed;inset:0' class='card' id='main'>over everything</p>",
    "<svg><a xlink:href='javascript:window.harmed=1'><text y=20>press</text></a></svg>",
)
