"""Words by which senders and sites ask to be subscribed to, and say how that ends. Patterns for `lexicon`."""

from __future__ import annotations

_POST = (
    r"(?:e-?mails?|mails?|newsletters?|messages?|nachrichten|mitteilungen|informationen|einladungen|rundbriefe?"
    r"|presse\w+|courriels?"
    r"|lettres?|infolettres?|communiqués?|correos?|mensajes|boletines|boletín|comunicaciones|рассылк\w+|письм\w+"
    r"|сообщени\w+"
    r"|уведомлени\w+)"
)
# How a sender says that one need not go on receiving what he sends.
NO_MORE = (
    r"(?:if you )?(?:no longer|do(?: not|n['’]t)) (?:wish|want) to (?:receive|be on|get)\b"
    rf" (?:(?:these|our|any|further|this) )?(?:\w+ )?(?:{_POST}|list|updates)\b",
    r"to (?:unsubscribe|opt out)\b.{0,60}\b(?:click|e-?mail|reply|here|link|visit|write)\b|to be removed from"
    r" (?:this|our|the) (?:(?:mailing|e-?mail|distribution) )?list\W*(?:$|please|click|reply|e-?mail|write)"
    rf"|to stop receiving (?:(?:these|our|further) )?{_POST}",
    rf"(?:(?:sie|ihr|du|wenn|falls|sollten|möchten?|wollen|möchtest|willst) ){{1,3}}.{{0,40}}\b(?:nicht (?:mehr"
    rf"|länger)|kein\w*)\b"
    rf".{{0,40}}\b{_POST}\b.{{0,40}}\b(?:erhalten|bekommen|beziehen)\b|(?:zum |vom (?:newsletter"
    rf"|verteiler) )?(?:abmelden|abbestellen)\b",
    rf"(?:si )?vous ne (?:souhaitez|voulez|désirez) plus recevoir\b.{{0,60}}\b{_POST}|pour (?:vous "
    rf"|se )?(?:désabonner|désinscrire|ne"
    r" plus recevoir)\b|(?:se )?(?:désabonner|désinscrire)\b|ne plus recevoir\b",
    rf"(?:si )?(?:usted )?(?:ya )?no (?:desea|quiere|deseas|quieres) (?:seguir )?recib(?:ir"
    rf"|iendo)\b.{{0,30}}\b{_POST}|(?:para )?(?:darse"
    r" de baja|cancelar (?:su|la|tu) suscripción|dejar de recibir)\b",
    rf"(?:если вы )?(?:больше )?не (?:хотите|желаете) (?:больше )?получать\b.{{0,30}}\b{_POST}|(?:чтобы )?отписаться\b"
    r"|отказаться от рассылки\b",
)
_PIECE = (
    r"(?:article|newsletter|lettre|vidéo|podcast|contenu|dossier|artikel|beitrag|text|artículo|noticia|boletín|nota"
    r"|contenido)"
)
# Subscriptions offered below an article, and calls to report its mistakes.
OFFERS = (
    rf"(?:vous avez (?:aimé|apprécié)|vous aimez) \w+['’ ] ?{_PIECE}\b|cet article vous a\b|(?:déjà"
    rf"|pas encore) abonnée?\b"
    r"|soutenez(?:-nous| notre| nos| une presse| le journalisme)\b|(?:recevez|retrouvez) .{0,80}\b(?:newsletter"
    r"|boîte|e-?mail"
    r"|infolettre)\b|s['’]abonner\b|je m['’](?:abonne|inscris)\b|s['’]inscrire (?:à|pour) (?:la|notre) (?:newsletter"
    r"|lettre)"
    r"|.{0,60}\b(?:réservée?s? (?:à nos |aux )abonnés|l['’]offre d['’]abonnement)",
    rf"(?:hat|haben) ihnen (?:dieser|der) {_PIECE}\b|(?:jetzt|hier|gleich) (?:\w+ )?(?:abonnieren|anmelden|bestellen"
    rf"|testen)\b"
    r"|(?:sie sind |schon |bereits |noch kein\w* )(?:abonnent|abo)\w*\b|(?:testen|lesen"
    r"|abonnieren) sie .{0,60}\b(?:abo|monat|kostenlos"
    r"|gratis)\b|unterstützen sie (?:uns|unsere[nr]? (?:arbeit|journalis\w+|redaktion))\b|.{0,80}\b(?:kostenlos"
    r"|gratis) (?:abonnieren"
    r"|testen)\b|(?:folgen|besuchen) sie uns\b",
    rf"¿(?:te|le) (?:ha )?gust(?:ó|ado|a) (?:este|esta|el|la) {_PIECE}\b|suscríb(?:ete|ase|anse)\b|suscribirse\b"
    rf"|¿(?:ya|aún no) (?:eres|es)"
    r" suscriptora?\b|(?:apoya|apoye) (?:nuestro|el) periodismo\b|(?:recibe|reciba) .{0,80}\b(?:boletín|correo"
    r"|newsletter)\b"
    r"|(?:síguenos|síganos)\b",
    r"(?:оформить|оформите|продлить) подписку\b|подпи(?:шитесь|сывайся)\b|наш\w* (?:\w+[- ]){0,2}?канал\w* (?:в|на)"
    r" (?:telegram|телеграм\w*|max|vk|вк\w*|дзен\w*|youtube|ютуб\w*|whatsapp|rutube)\b|читайте нас\b|следите за нами\b"
    r"|мы в (?:telegram|телеграм\w*|вконтакте|vk|дзене?|max|соцсетях)\b|присоединяйтесь к (?:нам|нашему)\b"
    r"|поддержать (?:нашу )?редакцию\b|поддержите нас\b",
    r"(?:(?:have you )?(?:found|spotted|noticed|seen) an? (?:error|mistake|typo)|report an? (?:error|mistake|typo)"
    r"|(?:haben sie einen )?"
    r"fehler (?:gefunden|entdeckt|melden)|(?:vous avez )?(?:vu|trouvé|repéré|relevé) une (?:erreur|faute|coquille)"
    r"|signaler une erreur"
    r"|¿(?:(?:ha|has) )?(?:encontrado|encontraste|visto|viste) (?:un|algún) (?:error|fallo)|нашли (?:ошибку|опечатку)"
    r"|заметили (?:ошибку|опечатку)|выделите (?:её|ее|текст|фрагмент) (?:и|с ошибкой))",
)
# Calls to subscribe, to follow, to donate.
CALLS = (
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
    r"(?:you have|you've|il vous reste|sie haben noch|te quedan|le quedan|você tem|у вас осталось) \d+ ?(?:%|free|more"
    r"|gratis|kostenlose|(?:de )?(?:ce|cet|articles?|artikel|artículos|artigos|стат\w+))",
    r"you(?:['’]re| are| have)? (?:receiv(?:ing|ed)|getting|got) this (?:e-?mail|message|newsletter|letter)\b",
    r"(?:were you forwarded|view|read|open) this (?:e-?mail|newsletter|message|letter)\b",
    r"(?:did (?:a|your) friend|was this (?:e-?mail|newsletter|letter)) (?:send|sent|forward)",
    r".{0,160}\bconsider (?:a donation|donating|supporting us|becoming a)\b|if you value (?:our|this)\b",
    r"(?:(?:someone|a (?:friend|colleague)) (?:has )?)?forwarded (?:this|to) (?:you|e-?mail|newsletter|message"
    r"|letter)\b.{0,20}\?"
    r"|(?:has|been) (?:this|forwarded) .{0,30}(?:forwarded|this|to you)\b.{0,20}\?",
    rf"(?:wurde )?(?:ihnen|dir|euch) (?:wurde )?(?:dies\w+|der|die) (?:\w+ )?{_POST}\b.{{0,20}}\bweitergeleitet\b"
    rf"|wurde (?:ihnen|dir) .{{0,40}}\bweitergeleitet\b.{{0,20}}\?|(?:sie haben"
    rf"|hast du) .{{0,40}}\bweitergeleitet bekommen\b"
    rf"|(?:on|un ami|quelqu['’]un) vous a (?:transféré|fait suivre)\b|(?:cet?|cette) {_POST} vous a été (?:transférée?"
    rf"|envoyée? par)\b|vous avez reçu (?:cet?|cette) {_POST} (?:d['’]un|par un|de la part)\b"
    rf"|¿?(?:te|le|alguien te|alguien le) (?:han?|fue|ha sido) ?reenvia\w+ (?:este|esta) {_POST}\b|¿?(?:te|le)"
    rf" reenviaron\b|¿?(?:recibió|recibiste) (?:este|esta) {_POST} de (?:un|otra)\b"
    rf"|(?:recebeu|encaminharam(?:-lhe)?) est[ea] (?:{_POST}|e-?mail) ?(?:de um|reencaminhad\w+)?\b.{{0,30}}\?"
    rf"|(?:вам|тебе) (?:переслали|перенаправили) (?:это |эту )?{_POST}\b",
    r"unsubscribe\b|(?:update|manage|change) your (?:\w+ )?(?:preferences|settings|subscription)\b",
    r"(?:have you|do you have|have|got) (?:got )?(?:an?|any|more) (?:story|tip|question|correction|opinion|view)\b",
    r"(?:just )?(?:hit|press|click) (?:reply|subscribe|here)\b",
    r"(?:abonnieren sie|melden sie sich|abonnez-vous|inscrivez-vous|suscríbete|suscríbase)\b",
    r"подпис(?:аться|ывайтесь|итесь)\b",
    *NO_MORE,
    *OFFERS,
)
