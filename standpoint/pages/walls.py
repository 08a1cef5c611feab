"""Words of pages that hold no article: what walls, errors, lists of files and of results, and placeholders say."""

from __future__ import annotations

import re

TITLE = re.compile(r"<(?:title|h1)\b[^<>]{0,500}>([^<]{0,300})", re.IGNORECASE)
PASSWORD = re.compile(r"<input\b[^<>]{0,500}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,2000}>")
_ALONE = r"(?=\s*(?:$|[-|–—·.!…?]))"  # not the first words of a headline
LOGIN = re.compile(r"(?:please )?(?:log|sign) ?in\b", re.IGNORECASE)  # in a menu, an offer
REFUSAL = re.compile(
    rf"(?:(?:error|fehler|erreur|ошибка)\W+)?(?:40[0-9]|410|429|451|50[0-4])(?:{_ALONE}|\W+(?:error|not found"
    rf"|forbidden|page|bad|gone"
    rf"|unauthorized))"
    r"|.{0,60}\b(?:page|file|article|site|document|content) (?:was |is |could |can)?"
    r"(?:not (?:be )?(?:found|available)|unavailable|no longer (?:available|exists?))"
    rf"|(?:not found|access denied|forbidden|just a moment|attention required|service unavailable|bad gateway"
    rf"|unauthori[sz]ed|(?:down for |scheduled )?maintenance|we(?:'|’)ll be (?:right )?back|age verification"
    rf"|under construction|coming soon|(?:your )?session (?:has )?(?:expired|timed"
    rf" out)|oops){_ALONE}"
    rf"|(?:too many requests|security check|are you (?:a )?(?:human|robot)|one more step){_ALONE}"
    rf"|(?:please )?(?:sign|log) ?in(?:{_ALONE}| (?:to|or)\b)|subscribe to (?:continue|read)\b"
    r"|.{0,60}\b(?:verify|verifying) (?:that )?you are"
    r"|.{0,40}\bseite (?:wurde )?(?:leider )?nicht gefunden|.{0,40}\bpage (?:introuvable|non trouvée)"
    r"|.{0,40}\bpágina no encontrada|.{0,40}страница не найдена|(?:zugriff verweigert|accès refusé|acceso denegado)"
    r"|доступ (?:запрещ[её]н|ограничен)",
    re.IGNORECASE,
)
# What a form for readers with an account says, below its title.
ACCOUNT = re.compile(
    r"forgot(?:ten)? (?:your )?password|create an? (?:\w+ )?account|passwort vergessen|mot de passe oublié"
    r"|забыли пароль",
    re.IGNORECASE,
)
# Sentences that stand in place of the rest, in any line of a page.
WALL = re.compile(
    r"\b(?:sign|log) ?(?:in|up) (?:or (?:register|create|subscribe|sign up|join)\b.{0,60} )?to (?:continue|read"
    r"|view|see|access)\b|\b(?:log|sign) in or (?:create|register)\b|\bcreate an? (?:free )?account to\b"
    r"|\bregister (?:for free )?to (?:continue|read)\b|\b(?:article|story|content|page|edition) is (?:only "
    r"|exclusively )?(?:available |reserved |accessible )?(?:only )?(?:for|to) (?:our |registered |paying "
    r"|premium |digital )*(?:subscribers|members|readers|users)\b|\bsubscribe (?:now |today )?(?:to|and)"
    r" (?:continue|keep|read|unlock)\b|\bto (?:continue|keep) reading\b|\b(?:you(?:'ve|’ve| have)) (?:read"
    r"|reached|used)\b.{0,40}\bfree (?:articles?|stories|limit)\b|\bsubscriber[- ]only (?:article|content"
    r"|story)\b|\bunlock this (?:article|story)\b|\bverif(?:y|ying|ied) (?:that )?you are (?:a )?(?:human|not a"
    r" robot)|\bi(?:'m|’m| am) not a robot\b|\bray id\b|\bcaptcha\b|\bchecking your browser\b|\benable (?:java"
    r" ?script|cookies)(?: and (?:cookies|java ?script))? to (?:continue|proceed|view)\b|\bunusual (?:traffic"
    r"|activity) from your\b|\bsecurity of your connection\b|\bthe (?:page|document|article|address|url) (?:that"
    r" )?you(?:'re|’re| are| were|'ve|’ve| have)? (?:looking for|requested|trying|entered)\b|\byou (?:do not"
    r"|don['’]t) have permission to (?:access|view|read|open|see)\b|^this (?:domain|account|(?:web)?site)"
    r" (?:name )?(?:has been|is) (?:suspended|for sale|disabled|parked)\b|^(?:sorry,? )?(?:no|0|zero) (?:search"
    r" )?(?:results?|items?|articles?|posts?|images?|photos?|pictures?|entries|documents?|videos?) (?:were |was "
    r"|have been )?(?:found|matched|match|to (?:show|display))(?=\W*$|[.,!]|\s(?:for|in this|matching|with)\b)"
    r"|^nothing (?:was )?(?:found|here yet|to see here)\b|\bnothing matched\b|\b(?:site|page|server|system)s?"
    r" (?:is|are) (?:currently )?undergoing (?:\w+ )?maintenance\b|\b(?:un|not )available in your (?:country"
    r"|region)\b|\baccess this (?:\w+ )?from a country\b.{0,60}\bcannot\b|\bunavailable (?:due to|for) legal"
    r" reasons\b|\byou must be (?:at least )?\d\d\b.{0,20}\bto (?:enter|view|continue)\b|\b(?:your|the)"
    r" (?:access )?(?:token|session|link) (?:has )?expired\b|\bзапрашиваем\w+ (?:вами )?страниц\w+|\bстраница не"
    r" (?:найдена|существует)|\bthere (?:is|are) (?:currently |presently )?(?:no|nothing)\b.{0,60}\b(?:to"
    r" (?:display|show)|at (?:this|the) (?:time|moment)|here|yet)\b|^(?:this|the|your) (?:album|gallery|folder"
    r"|category|archive) is (?:currently )?empty\W*$|\bdid not match any (?:documents?|results?|posts?|articles?"
    r"|pages?)\b|\bweiterlesen mit\b|\b(?:artikel|inhalt) ist (?:nur )?(?:für|exklusiv für) .{0,30}(?:abonnenten"
    r"|abonnentinnen)|\bréservé (?:à nos |aux )abonnés|\bsolo para suscriptores|\bтолько для подписчиков"
    r"|\b(?:jetzt )?anmelden,? um\b|\bконтент доступен\b",
    re.IGNORECASE,
)
CONSENT_HEAD = re.compile(
    r"(?:we (?:value|respect|care about) your privacy|your privacy(?: matters| choices)?|privacy (?:settings"
    r"|preferences)"
    r"|cookies?(?: settings| preferences| consent| notice)?|before you continue|manage (?:consent|cookies)"
    rf"|wir (?:schätzen|respektieren) ihre privatsphäre|datenschutz|votre vie privée|su privacidad){_ALONE}",
    re.IGNORECASE,
)
CONSENT = re.compile(
    r"\b(?:cookies?|consent|partners?|personal data|privacy|preferences|legitimate interests?|personalised"
    r"|personalized"
    r"|einwilligung|datenschutz|consentement|consentimiento|vendors|advertis\w+|your (?:data|choices?|device))\b",
    re.IGNORECASE,
)
RESULTS = re.compile(
    r"search results?\b|.{0,30}\bresults? for\b|(?:showing|displaying|results?) \d+\s?[-–]\s?\d+ (?:of|from)\b"
    r"|(?:about )?\d[\d.,]* results?\b"
    r"|suchergebnisse|\d[\d.]* treffer|résultats de (?:la )?recherche|resultados de (?:la )?búsqueda|результаты"
    r" поиска",
    re.IGNORECASE,
)
LISTING = re.compile(r"(?:index|listing|directory(?: listing)?) (?:of|for) /|parent directory\b", re.IGNORECASE)
FILE = re.compile(
    r"[\w.%+()-]{1,120}(?:\.\w{2,5}|/)\s.{0,60}\d|[-dl][rwxst-]{9}\s|(?:[\w ,.-]{1,80}\.(?:pdf|docx?|xlsx?|zip"
    r"|jpe?g|png|html?|txt))\W*$",
    re.IGNORECASE,
)
PLACEHOLDER = frozenset(
    re.findall(
        r"\w+",
        "lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed do eiusmod tempor incididunt ut"
        " labore et dolore magna aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex"
        " ea commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla"
        " pariatur excepteur sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id"
        " est laborum vestibulum pellentesque maecenas vivamus curabitur praesent aenean phasellus suspendisse nunc"
        " justo ac ante orci ultrices posuere cubilia tincidunt vel",
    )
)
