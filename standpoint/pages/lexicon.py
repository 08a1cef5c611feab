"""Words of page furniture, by what they announce. Generic wording only: no outlet, nothing that one page alone says.

Every pattern is matched from the start of a line without its bullet and emoji, ignoring case.
"""

from __future__ import annotations

import re


def _compile(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE)


def _list_words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Headings after which other articles follow, until an article resumes.
TAIL = _compile(
    r"more (?:from|on|about|in|news|stories|articles|headlines|top stories|coverage)\b",
    r"related\b",
    r"(?:you )?(?:may|might) (?:also )?(?:like|be interested)",
    r"recommended\b",
    r"(?:most|top) (?:read|popular|viewed|shared|commented|stories|news|posts)\b",
    r"popular(?: (?:now|posts|stories|news|articles|this week))?$",
    r"trending\b",
    r"(?:the )?latest(?: (?:news|articles|posts|stories|headlines|updates|from .*|in .*|videos?))?$",
    r"recent (?:posts|articles|news|stories)",
    r"(?:in )?other (?:news|stories|articles|headlines)",
    r"editor(?:s|'s|’s|s'|s’)? (?:picks?|choice)",
    r"what to read next",
    r"read next",
    r"up next",
    r"next up",
    r"news ?(?:feed|ticker)$",
    r"don['’]t miss",
    r"similar (?:articles|stories|posts|news)",
    r"from (?:the|our) archives?",
    r"around the web",
    r"sponsored|promoted|paid content",
    r"also (?:in|on) this",
    r"(?:mehr|weitere) (?:zum|aus|artikel|meldungen|nachrichten|themen)|das könnte sie|meistgelesen|verwandte",
    r"(?:à lire|lire) (?:aussi|également)|sur le même (?:sujet|thème)",
    r"articles? (?:liés|similaires|connexes)|les plus lus",
    r"(?:noticias|artículos) relacionad[oa]s|más (?:leídas?|noticias|sobre)|te puede interesar|lo más (?:leído|visto)",
    r"читайте (?:также|ещё|еще)|по теме|материалы по теме|похожие",
    r"другие новости|самое читаемое|популярное$|последние новости",
    r"leggi anche|potrebbe interessarti|leia (?:também|mais)|mais lidas|читайте також",
)
# Headings that offer one or two articles in the middle of another.
INLINE = _compile(
    r"(?:read|see|watch|learn|find out|discover) (?:more|also|further)\b",
    r"also (?:read|see|watch)\b",
    r"(?:must|further|additional|background) read(?:ing)?\b",
    r"related:",
    r"explore(?: more)?$",
    r"lesen sie (?:auch|mehr)|mehr (?:dazu|lesen)|lire aussi|lea también|leer más",
    r"читать (?:также|далее|ещё)|leggi anche",
)
# Headings of readers' comments and of the forms below an article.
COMMENTS = _compile(
    r"(?:readers'? |user |all )?comments? ?(?:\(\d+\))?:?$",
    r"\d+ (?:comments|responses|replies|thoughts)(?: (?:on|to)\b.*)?:?$",
    r"(?:leave|post|write|add) (?:a|your) (?:reply|comment|response)",
    r"join the (?:discussion|conversation|debate)",
    r"(?:kommentare|commentaires|comentarios|комментарии|commenti|comentários)(?: ?\(?\d+\)?)?$",
)
# Words that end an article: from here on the page speaks of itself.
CLOSING = _compile(
    r"subscribe (?:to|now|today|for)\b",
    r"(?:our |daily |weekly )?newsletters?$",
    r"stay (?:informed|connected|up to date|in touch)",
    r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:19|20)\d\d",
    r"about (?:the author|us|this site|(?-i:[A-Z]\w+(?: [A-Z]\w+){0,3}))$",
    r"notes? (?:to|for) (?:the )?editors?:?$",
    r"(?:tags|keywords|filed under|categories)\s*(?::.*)?$",
    r"\W*ends?\W*$",
    r"(?:follow|find|join|contact) us$",
)
SHARE = _compile(
    r"share(?: this| via| on| it| with)?\b(?! of| in| price)",
    r"you can share",
    r"please share (?:this|widely)",
    r"(?:copy|get) (?:the )?link",
    r"(?:print|email|save|bookmark)(?: this)?(?: (?:article|page|story|post))?$",
    r"tell (?:us|your friends)",
    r"(?:teilen|partager|compartir|поделиться|condividi|compartilhar)\b",
    r"(?:like )?loading\b",
    r"what do you think\??$",
    r"listen to (?:this|the) (?:article|story)",
)
SUBSCRIPTION = _compile(
    r"(?:please )?(?:subscribe|sign up|register) (?:to|for|now|here|today|and|on)\b",
    r"(?:follow|join|find|like|watch) (?:us|our|along)\b",
    r"(?:get|receive) .{0,80}\b(?:inbox|by e-?mail|newsletter|notifications)\b",
    r".{0,120}\b(?:straight|direct|directly|delivered) (?:in)?to your (?:inbox|e-?mail|phone|mailbox)\b",
    r".{0,160}\bfollow us (?:now|on|for|to)\b",
    r"(?:download|install|get) (?:our|the) (?:\w+ )?app\b",
    r"(?:support|donate to|help us keep)\b.{0,80}\b(?:journalism|newsroom|work|today|us)\b",
    r"become a (?:member|supporter|subscriber)\b",
    r"(?:enjoying|enjoyed|like) (?:this|the|our) (?:article|story|post|work)\b",
    r"(?:already a (?:subscriber|member)|this (?:article|story|content) is (?:for|only for|reserved for|free for))\b",
    r"(?:enter|type) your e-?mail",
    r"you(?:['’]re| are| have)? (?:receiv(?:ing|ed)|getting|got) this (?:e-?mail|message|newsletter|letter)\b",
    r"(?:were you forwarded|view|read|open) this (?:e-?mail|newsletter|message|letter)\b",
    r"unsubscribe\b|(?:update|manage|change) your (?:\w+ )?(?:preferences|settings|subscription)\b",
    r"(?:have you|do you have|have|got) (?:got )?(?:an?|any|more) (?:story|tip|question|correction|opinion|view)\b",
    r"(?:just )?(?:hit|press|click) (?:reply|subscribe|here)\b",
    r"(?:abonnieren sie|melden sie sich|abonnez-vous|inscrivez-vous|suscríbete|suscríbase)\b",
    r"подпис(?:аться|ывайтесь|итесь)\b",
)
FOOTER = _compile(
    r".{0,200}\ball rights (?:are )?reserved\b",
    r"(?:©|\(c\)\s|copyright)\s*(?:©\s*)?(?:\d{4}|[\w .,&]{2,60}$)",
    r".{0,60}\b(?:privacy policy|terms (?:of|and) (?:use|service|conditions)|cookie (?:policy|settings|preferences))\b",
    r"(?:we|this (?:web)?site|our (?:web)?site) (?:and our partners )?(?:use|uses|stores?)\b.{0,60}\bcookies\b",
    r"by (?:continuing|using|clicking|browsing|signing)\b.{0,80}\byou (?:agree|accept|consent)\b",
    r".{0,60}\b(?:enable|requires?|turn on) (?:java ?script|cookies)\b",
    r"your browser (?:does not|is)\b",
    r".{0,60}\bpress (?:enter|esc|escape)\b",
    r"any use of (?:our|the|this|these) .{0,80}\b(?:requires|prohibited|permission|link)\b",
    r"(?:powered|hosted|designed|developed) by\b",
    r".{0,120}\b(?:reproduction|republication|redistribution)\b.{0,80}\b(?:prohibited|permitted|permission|credit)\b",
    r"privacy notice\b|legal notice\b",
    r"skip to (?:main )?(?:content|navigation)|back to top|scroll to top",
    r"advertis(?:ement|ing|e with us)\b",
    r"(?:alle rechte vorbehalten|tous droits réservés|todos los derechos|все права защищены|tutti i diritti)",
)
NETWORKS = re.compile(
    r"\b(?:facebook|twitter|instagram|telegram|whatsapp|linkedin|pinterest|reddit|tumblr|youtube|vkontakte|viber|tiktok"
    r"|mastodon|bluesky|messenger|e-?mail|rss|copy link|print|flipboard|x)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\b(?:views?|likes?|comments?|shares?|reactions?|reposts?|retweets?|replies|reply|votes?|claps?|reads?|people|this"
    r"|edited|and|others|просмотр(?:ов|а)?|комментари(?:ев|й|я)|нравится|aufrufe|vues|vistas|[km])\b",
    re.IGNORECASE,
)
CREDIT = re.compile(
    r"(?:\b(?i:photo|image|picture|photograph|illustration|graphic|video|still|map|foto|bild|crédit|фото)s?"
    r"(?i: (?:credit|by|courtesy|illustration|source|provided))?(?i: of| by)?\s*[:/©|]\s*\S"
    r"|\b(?i:photo|image|photograph|picture)s? (?:by|courtesy of|credit)\s+[A-Z]\S+|\b(?i:credit):\s*\S"
    r"|©\s*(?!\d{4})\w|\b(?i:file|archive|stock|handout|courtesy) (?i:photo|image|picture|photograph)\b"
    r"|\bvia [A-Z]\w+ (?:Images|Photos|Pictures|Agency)\b)"
)
AGENCY_SLASH = re.compile(r"(?:^|\s)[A-Z][\w.'’-]+ [A-Z][\w'’-]+\s?/\s?[A-Z][\w.]*(?: [A-Z]\w+){0,3}\)?$")
POSED = re.compile(
    r"(?:\((?:left|right|cent(?:re|er)|[LRC]|[Ll]-[Rr]|front|back|second from (?:left|right)|pictured)\)"
    r"|\b[Ff]rom left(?: to right)?[,:)]|\b(?:is|are) (?:seen|pictured) (?:here|in this|during|at|on)\b"
    r"|\b[Ii]n this (?:\w+ )?(?:photo|image|picture|grab)\b|\b[Pp]ictured (?:here|above|below)\b)"
)
_NAME = r"(?-i:[A-ZА-Я][\w.'’-]*|and|und|et|in|&)"
BYLINE = _compile(
    rf"(?:by|von|par|por|автор:?|текст:)\s+{_NAME}(?:[ ,]+{_NAME})*$",
    r"(?:written|reported|edited|translated|compiled|produced|published|posted|story|words|text) by:?\s+\S+",
    r"\(?(?:additional |with )?(?:reporting|writing|editing|translation|inputs?|files)\s+(?:by|from)\b",
    r"\(?with (?:additional )?(?:inputs?|files|reporting|material) (?:from|by)\b",
    r"(?:forwarded|reposted|republished|cross-?posted) from\b",
    r"(?:переслано (?:из|от)|weitergeleitet (?:aus|von))\b",
    r"(?:source|quelle|fuente|источник)\s*:\s*\S",
    r"\d+ ?mins? read\b",
    r"this (?:article|piece|post|column) (?:was |has been )?(?:originally |first )?(?:published|posted|appear)",
    r"(?:originally|first) published\b",
)
DISCLAIMER = re.compile(
    r"\b(?:views|opinions|positions) (?:and opinions )?(?:expressed|presented|reflected)"
    r" (?:here|in this|are|above|by the author)"
    r"|\b(?:do|does) not (?:necessarily )?(?:reflect|represent) the (?:views|opinions?|position|policy|editorial)",
    re.IGNORECASE,
)
PROFESSION = re.compile(
    r"\b(?:journalist|reporter|correspondent|editor|columnist|writer|author|analyst|fellow|contributor|commentator"
    r"|broadcaster"
    r"|freelancer?|blogger|producer|photographer|lecturer|professor|researcher|covers|writes|reports on)\b",
    re.IGNORECASE,
)
CONTACT = _compile(
    r"(?:media|press|editorial) (?:contacts?|enquir(?:y|ies)|inquir(?:y|ies)|office|team)\b",
    r"for (?:more|further|additional) (?:information|details|enquiries|inquiries)\b",
    r"(?:contact|tel|phone|e-?mail|fax)(?: us)?(?: at)?\s*[:.]",
    r".{0,60}\bcan be (?:reached|contacted|followed)\b",
)
REACHED = re.compile(r"\S+@\S+\.\w|(?:\+\d|\(0\)|\b0)[\d \-/()]{6,}\d|\b(?:www\.|https?://)")
LINK_CALL = _compile(
    r"(?:read|view|see|watch|find|click|open|go|continue|download|full|more|listen|link|here|details|visit|via)\b",
    r"(?:читать|подробнее|смотреть|полный|ссылка|mehr|weiter|lire|voir|leer|ver|leggi)\b",
)
CONTINUE = _compile(
    r"(?:read|view|see|show|load|learn) ?(?:more|all|full|the (?:full|whole|rest))\b",
    r"(?:continue|keep) reading",
    r"(?:weiterlesen|lire la suite|leer más|читать (?:далее|полностью)|подробнее|continua a leggere|leia mais)",
)
COURTESY = _list_words(
    "thank thanks you your so very much many kindly again once all everyone everybody for attention the"
    " floor and a an to i we good morning afternoon evening night day dear colleagues friends ladies"
    " gentlemen sir madam mr mrs ms chair chairman chairwoman chairperson president minister ambassador"
    " excellency excellencies honourable honorable distinguished delegates members guests hello hi welcome"
    " greetings goodbye bye see later regards sincerely yours respectfully best wishes pleasure am is was"
    " it my our us here be with go ahead please next question over warm listening being joining delighted"
    " glad happy meet comrades fellow citizens readers subscribers followers danke guten tag liebe freunde"
    " merci bonjour chers amis gracias buenos días queridos amigos дорогие друзья уважаемые коллеги"
    " спасибо за внимание добрый день вечер здравствуйте господа дамы"
)
# At least one of these makes a line of such words a courtesy, so that «Is it over?» is none.
COURTESY_CORE = _list_words(
    "thank thanks good dear colleagues friends ladies gentlemen hello hi welcome greetings goodbye bye regards"
    " morning afternoon evening excellency excellencies comrades floor danke guten liebe merci bonjour"
    " chers gracias queridos спасибо дорогие уважаемые здравствуйте добрый дамы"
)
MONTHS = _list_words(
    "january february march april may june july august september october november december jan feb mar"
    " apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier"
    " février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril"
    " mayo junio julio agosto septiembre octubre noviembre diciembre января февраля марта апреля мая июня"
    " июля августа сентября октября ноября декабря"
)
DATE_WORDS = MONTHS | _list_words(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun"
    " montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi"
    " samedi dimanche lunes martes miércoles jueves viernes sábado domingo понедельник вторник среда"
    " четверг пятница суббота воскресенье am pm gmt utc bst cet est edt ist msk st nd rd th today"
    " yesterday ago hour hours hr hrs minute minutes min mins day days week weeks month months year years"
    " published updated posted modified last first on at date time uhr de le el г года в назад часов"
    " опубликовано обновлено вчера сегодня heute gestern just now"
)
