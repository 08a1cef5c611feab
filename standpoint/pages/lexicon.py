"""Words of page furniture, by what they announce. Generic wording only: no outlet, nothing that one page alone says.

Every pattern is matched from the start of a line without its bullet and emoji, ignoring case.
"""

from __future__ import annotations

import re

from standpoint.pages.subscriptions import CALLS


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
# One other article, offered on the same line.
OFFER = _compile(
    r"(?:read|see|watch|listen to) (?:more|also|next|further|related)\s*[:|–—-]\s*\S",
    r"(?:lesen sie (?:auch|mehr|dazu)|mehr (?:dazu|zum thema)|lire aussi|à lire(?: aussi)?|lea (?:también|más)|leer más"
    r"|читайте также|читать также|по теме|leggi anche|leia também)\s*[:|–—-]\s*\S",
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
SUBSCRIPTION = _compile(*CALLS)
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
    r".{0,80}\b(?:not|nicht|pas|no) (?:responsible|verantwortlich|responsables?) .{0,30}\b(?:content|inhalte?|contenus?"
    r"|contenidos?)\b",
    r".{0,80}\b(?:alle rechte vorbehalten|tous droits réservés|todos los derechos|все права защищены|tutti i diritti)",
)
NETWORKS = re.compile(
    r"\b(?:facebook|twitter|instagram|telegram|whatsapp|linkedin|pinterest|reddit|tumblr|youtube|vkontakte|viber|tiktok"
    r"|mastodon|bluesky|messenger|e-?mail|rss|copy link|print|flipboard|x)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\b(?:views?|likes?|comments?|shares?|reactions?|reposts?|retweets?|replies|reply|votes?|claps?|reads?|people|this"
    r"|forwards?|forwarded|subscribers?|members?|followers?|bookmarks?|impressions?|weiterleitungen|reaktionen|partages"
    r"|reenvíos|подписчик(?:ов|а|и)?|пересыл(?:ок|ки|ка)|реакци(?:й|и|я)|репост(?:ов|а|ы)?"
    r"|edited|and|others|просмотр(?:ов|а)?|комментари(?:ев|й|я)|нравится|aufrufe|vues|vistas|[km])\b",
    re.IGNORECASE,
)
CREDIT = re.compile(
    r"(?:\b(?i:photo|image|picture|photograph|illustration|graphic|video|still|map|foto|bild|crédit|фото)s?"
    r"(?i: (?:credit|by|courtesy|illustration|source|provided))?(?i: of| by)?\s*[:/©|]\s*\S"
    r"|\b(?i:photo|image|photograph|picture)s? (?:by|courtesy of|credit)\s+[A-Z]\S+|\b(?i:credit)(?::|\.{2,}|…)\s*\S"
    r"|©\s*(?!\d{4})\w|\b(?i:file|archive|stock|handout|courtesy) (?i:photo|image|picture|photograph)\b"
    r"|\bvia [A-Z]\w+ (?:Images|Photos|Pictures|Agency)\b)"
)
AGENCY_SLASH = re.compile(r"(?:^|[\s(])[A-Z][\w.'’-]+ [A-Z][\w'’-]+\s?/\s?[A-Z][\w.]*(?: [A-Z]\w+){0,3}\)?$")
POSED = re.compile(
    r"(?:\((?:left|right|cent(?:re|er)|[LRC]|[Ll]-[Rr]|front|back|second from (?:left|right)|pictured)\)"
    r"|\b[Ff]rom left(?: to right)?[,:)]|\b(?:is|are) (?:seen|pictured) (?:here|in this|during|at|on)\b"
    r"|\b[Ii]n this (?:\w+ )?(?:photo|image|picture|grab)\b|\b[Pp]ictured (?:here|above|below)\b)"
)
_NAME = r"(?-i:[A-ZА-Я][\w.'’-]*|and|und|et|in|&)"
BYLINE = _compile(
    r"(?:transcribed|captioned|subtitled|captions|subtitles|closed captions|transcript(?:ion)?) by:?\s+\S",
    r"(?:untertitel(?:ung)?|sous-titr(?:es|age)|subtítulos|transcripción|субтитры|расшифровка)\s*(?::|von|par"
    r"|por)\s*\S",
    r"(?:das (?:gespräch|interview) führten?|propos recueillis|entrevista (?:de|por)|беседовал[аи]?)\b",
    r"interview(?:ed)? (?:by|conducted)\b|interview\s*:\s*\S",
    rf"(?:by|von|par|por|автор:?|текст:)\s+{_NAME}(?:[ ,]+{_NAME})*$",
    r"(?:written|reported|edited|translated|compiled|produced|published|posted|story|words|text) by:?\s+\S+",
    r"\(?(?:additional |with )?(?:reporting|writing|editing|translation|inputs?|files)\s+(?:by|from)\b",
    r"\(?with (?:additional )?(?:inputs?|files|reporting|material) (?:from|by)\b",
    r"(?:forwarded|reposted|republished|cross-?posted) from\b",
    r"(?:переслано (?:из|от)|weitergeleitet (?:aus|von))\b",
    r"(?:source|quelle|fuente|источник)\s*:\s*\S",
    r"\d+ ?mins? read\b",
    r"(?:temps de lecture|durée de lecture|lesezeit|lesedauer|tiempo de lectura|tempo di lettura|reading time"
    r"|время (?:на )?"
    r"чтени[яе])\b.{0,30}$|(?:lecture|lectura)\s*:? \d+ min\w*\W*$|\d+ (?:min\w*\.? (?:de )?(?:lecture|lectura"
    r"|lesezeit|чтения))\b",
    r"this (?:article|piece|post|column) (?:was |has been )?(?:originally |first )?(?:published|posted|appear)",
    r"(?:originally|first) published\b",
)
DISCLAIMER = re.compile(
    r"\b(?:views|opinions|positions) (?:and opinions )?(?:expressed|presented|reflected)"
    r" (?:here|in this|are|above|by the author)"
    r"|\b(?:do|does) not (?:necessarily )?(?:reflect|represent) the (?:views|opinions?|position|policy|editorial)"
    r"|^\W*(?:(?:an? )?(?:un)?official|courtesy|convenience|machine|automatic|working|this is an? \w+) translation\b"
    r"|^\W*(?:in (?:the )?(?:case|event) of (?:any )?(?:discrepanc|divergence|doubt|conflict)|only the \w+ (?:text"
    r"|version) is"
    r" (?:authentic|binding)|check against delivery|es gilt das gesprochene wort|seul le (?:texte )?prononcé fait foi)"
    r"|^\W*(?:nichtamtliche|inoffizielle|unverbindliche|arbeits)\s?übersetzung|^\W*traduction (?:non officielle"
    r"|de courtoisie)"
    r"|^\W*traducción (?:no oficial|de cortesía)|^\W*неофициальный перевод|^\W*traduzione non ufficiale"
    r"|^\W*seule la version \w+ fait foi|^\W*nur die \w+ fassung ist",
    re.IGNORECASE,
)
PROFESSION = re.compile(
    r"\b(?:journalist|reporter|correspondent|editor|columnist|writer|author|analyst|fellow|contributor|commentator"
    r"|broadcaster|chercheu(?:r|se)|journaliste|enseignante?|publizist(?:in)?|korrespondent(?:in)?|redakteur(?:in)?"
    r"|journalistin|periodista|investigadora?|журналист(?:ка)?|обозреватель|корреспондент|политолог"
    r"|freelancer?|blogger|producer|photographer|lecturer|professor|researcher|covers|writes|reports on)\b",
    re.IGNORECASE,
)
# What happens between turns, in brackets.
DIRECTION = re.compile(
    r"\b(?:applause|laugh(?:ter|s|ing)|cross-?talk|inaudible|unintelligible|indiscernible|music|silence|pause"
    r"|cheers|boos"
    r"|begin(?:ning)?|ends?|start|video|tape|audio|clip|commercial|break|recess|adjourned|concluded|suspended|resumed"
    r"|off-?mic(?:rophone)?|off-camera|sighs|nods|smiles|gesture[sd]?|interrupt(?:s|ed|ion)|through (?:an )?interpreter"
    r"|translated|speaks? in|speaking in|beifall|heiterkeit|zuruf|lacht|lachen|applaus|musik|pause|applaudissements"
    r"|rires"
    r"|musique|aplausos|risas|música|аплодисменты|смех|смеется|смеётся|музыка|перебивает)\b",
    re.IGNORECASE,
)
TRANSCRIPT = _compile(
    r"this is a rush transcript|(?:this |the )?transcripts? (?:is|are|was|were|may)\b.{0,80}\b(?:generated|created"
    r"|rush|software"
    r"|automat\w+|machine|errors|edited|final|form|accuracy)\b|to (?:order|purchase|obtain) .{0,60}\btranscripts?\b",
    r"(?:this|the following|the) (?:is an? )?(?:(?:unedited|automatic|automated|machine|full|rough|lightly edited"
    r"|edited)"
    r" )*transcript\b.{0,120}\b(?:edited|generated|accuracy|final|errors|clarity|updated|corrected|checked|verified"
    r"|form)\b",
    r"(?:full |edited |unofficial )*transcript:?$",
    # Who adopted a text, and when: the line under its title.
    r"(?:(?:as )?(?:adopted|approved|passed|agreed|endorsed)\b(?: unanimously)?|angenommen|verabschiedet|beschlossen"
    r"|adoptée?s?"
    r"|approuvée?s?|aprobad[oa]s?|adoptad[oa]s?|принят[аоы]?|утвержден[аоы]?)\b(?!.*[.;:]$).{0,160}\b(?:meeting"
    r"|session|sitting"
    r"|sitzung|tagung|séance|session|réunion|sesión|reunión|заседании|сессии)\b.{0,60}$",
)
CONTACT = _compile(
    r"(?:media|press|editorial) (?:contacts?|enquir(?:y|ies)|inquir(?:y|ies)|office|team)\b",
    r"for (?:more|further|additional) (?:information|details|enquiries|inquiries)\b",
    r"(?:contact|tel|phone|e-?mail|fax)(?: us)?(?: at)?\s*[:.]",
    r".{0,60}\bcan be (?:reached|contacted|followed)\b",
    r"(?:presse(?:stelle|kontakt|referat|büro|abteilung|amt)|pressekontakt|rückfragen|ansprechpartner(?:in)?|kontakt"
    r"|service"
    r" (?:de )?presse|contacts?(?: (?:presse|médias?))?|relations presse|(?:oficina|gabinete|contacto)s? de prensa"
    r"|contacto"
    r"|пресс-служба|пресс-секретарь|контакты?(?: для (?:сми|прессы))?|press|media|presse|prensa)(?: ?[/"
    r"|] ?[^:]{2,40})?\s*:",
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
    " спасибо за внимание добрый день вечер здравствуйте господа дамы вам большое"
    " me having come coming joining back that much all right okay ok well yes yeah sure then now take questions"
    " dank dankeschön happy any other more last one let's start time appreciate vielen herzlichen besten schönen"
    " herzlich für das"
    " gespräch interview die einladung ihre zeit frau herr minister beaucoup et bonsoir madame monsieur pour cet"
    " entretien muchas por la entrevista señor señora buenas tardes noches begrüße willkommen bienvenue bienvenidos"
    " both been have seat sit down nice fine see talk speak today tonight"
    " bonne excellente belle journée journee soirée soiree fin semaine weekend week-end à demain voilà voila"
    " l'essentiel suite prochain prochaine rendez-vous tous toutes schöner schönes wochenende abend feliz fin gracias"
    " buen"
    " hasta mañana luego tschüss wiedersehen auf wiederhören adieu всего хорошего доброго приятного дня вечера a t"
    " cette ce l'écoute votre"
    " fidélité c'était l'information c'est tout"
    " беседу интервью до свидания right exactly absolutely sure hmm mm-hmm mhm uh um oh great perfect reading"
    " listening watching wow fascinating mm-hm mm uh-huh aha yep yup"
)
# At least one of these makes a line of such words a courtesy, so that «Is it over?» is none.
COURTESY_CORE = _list_words(
    "thank thanks good dear colleagues friends ladies gentlemen hello hi welcome greetings goodbye bye regards"
    " morning afternoon evening excellency excellencies comrades floor danke guten liebe merci bonjour"
    " chers gracias queridos спасибо дорогие уважаемые здравствуйте добрый дамы"
    " ahead okay ok right hmm mm-hmm mm-hm yep mhm bonsoir buenas buenos guten dank dankeschön willkommen bienvenue"
    " appreciate journée journee soirée soiree wochenende wiedersehen wiederhören"
)
# Any of these greets or thanks whoever is named next.
GREETING = _list_words(
    "thanks hello hi dear welcome merci bonjour bonsoir danke liebe lieber gracias hola querido querida спасибо"
    " уважаемый"
    " уважаемая дорогой дорогая goodbye bye regards"
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
    " publié publiée mis mise jour à h min modifié créé le et updated aktualisiert stand veröffentlicht"
    " erstellt actualizado actualizada publicado publicada las los del h hs hrs обновлено обновлён обновлен мск"
    " aired broadcast recorded transcript опубликовано обновлено вчера сегодня heute gestern just now"
)
