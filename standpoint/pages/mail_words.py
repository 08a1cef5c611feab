"""What mail programs write around a message, in the languages that the press writes in."""

from __future__ import annotations

import re

_FROM = r"from|von|de|da|van|от|от кого|fra|från|od"
_OTHER = (
    r"sent|to|cc|bcc|subject|date|reply-to|gesendet|datum|an|kopie|betreff|antwort an|envoyé|date d'envoi|à|objet"
    r"|copie à|répondre à|enviado(?: el)?|para|asunto|fecha|inviato|data|oggetto|assunto|verzonden|onderwerp|aan"
    r"|отправлено|дата|кому|копия|тема|attachments?|anlagen?|anhänge?|pièces? jointes?|adjuntos?|вложения|importance"
    r"|priority|list-id|organization|message-id|in-reply-to|references|mime-version|content-[\w-]+|x-[\w-]+|sender"
)
FIELD = re.compile(
    rf"[*_]{{0,2}}(?:(?P<sender>{_FROM})|(?P<other>{_OTHER}))[*_]{{0,2}}\s?:[*_]{{0,2}}(?:\s|$)", re.IGNORECASE
)
SUBJECT = re.compile(
    r"[*_]{0,2}(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|тема)[*_]{0,2}\s?:[*_ ]*(.*)$", re.I
)
REPLY = re.compile(r"(?:(?:re|aw|antw|antwort|sv|rép|ref|rif|res|ответ|на)(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE)
FORWARD = re.compile(r"(?:(?:fwd?|wg|tr|rv|enc|i|пересл)(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE)
# Raw headers that only a mail program or server writes.
MACHINE = frozenset(
    (
        *("received", "return-path", "message-id", "mime-version", "delivered-to", "dkim-signature", "content-type"),
        *("content-transfer-encoding", "list-unsubscribe", "authentication-results", "arc-seal", "x-mailer"),
        *("references", "in-reply-to"),
    )
)
ORIGINAL = re.compile(
    r"[\W_]*(?:original message|ursprüngliche nachricht|original-?nachricht|message d['’]origine|message original"
    r"|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|исходное сообщение"
    r"|оригинальное сообщение)[\W_]*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"[\W_]*(?:begin )?(?:forwarded message|weitergeleitete nachricht|message transféré|message réexpédié"
    r"|mensaje reenviado"
    r"|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|пересылаемое сообщение|пересланное сообщение"
    r"|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)"
    r"|inicio del mensaje reenviado)[\W_]*$",
    re.IGNORECASE,
)
# «On Tuesday, X wrote:», over two lines at most.
ATTRIBUTION = re.compile(
    r"(?:(?:on|am|le|el|il|em|op|den|w dniu|dne|в|\w{2,12},|\d{1,2}[./]\d).{4,200}|.{0,80}<?\S{1,64}@\S{1,64}>?.{0,60}"
    r"|[^\W\d_a-z][\w.'’ -]{2,60}) "
    r"(?:wrote|schrieb(?: .{2,80})?|a écrit|écrivait|escribió|ha scritto|escreveu|schreef|skrev|napisał\(?a?\)?"
    r"|писал\(?а?\)?"
    r"|написал\(?а?\)?|пишет)\s?:\s*$",
    re.IGNORECASE,
)
ATTRIBUTION_BEGINS = re.compile(r"(?:on|am|le|el|il|em|op|в)\s.{0,40}\d", re.IGNORECASE)
VALEDICTION = re.compile(
    r"[\W_]*(?:(?:with )?(?:my |our )?(?:very )?(?:best|kind|kindest|warm|warmest|many)(?: regards| wishes| thanks)?"
    r"|(?:with )?regards|cheers|thanks(?: again| in advance)?|(?:yours )?(?:very )?(?:sincerely|faithfully"
    r"|truly)(?: yours)?"
    r"|yours|respectfully(?: yours)?|all (?:the )?best|in solidarity"
    r"|mit (?:freundlichen|besten|herzlichen|kollegialen|freundlichem) gr(?:ü|ue)(?:ß|ss)(?:en)?|mfg|hochachtungsvoll"
    r"|(?:viele|beste|liebe|herzliche|freundliche|schöne) gr(?:ü|ue)(?:ß|ss)e"
    r"|(?:bien )?(?:cordialement|respectueusement)|bien à (?:vous|toi)|(?:sincères|meilleures|cordiales) salutations"
    r"|(?:je vous prie|veuillez|nous vous prions) (?:d['’])?(?:agréer|recevoir|croire).{0,120}"
    r"|(?:muy )?atentamente|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|cordialmente|distinti saluti"
    r"|с (?:искренним |глубоким )?уважением|искренне ваш\w?|всего (?:доброго|наилучшего)|с наилучшими пожеланиями)"
    r"[\s,.!–-]*",
    re.IGNORECASE,
)
DEVICE = re.compile(
    r"\W*(?:sent (?:from|via) (?:my|the|mail|outlook|yahoo|proton)|get outlook for|gesendet (?:von|mit)"
    r"|von meine[mr] .{2,30} gesendet"
    r"|diese nachricht wurde von meinem|envoyé (?:de|depuis)|enviado desde|inviato da|verzonden (?:vanaf|met)"
    r"|отправлено (?:с|из))\b.{0,60}$",
    re.IGNORECASE,
)
_MAIL = r"(?:e-?mails?|messages?|communications?|transmissions?|correspondence|attachments?)"
DISCLAIMER = re.compile(
    rf"(?:this|the|any) (?:\w+ ){{0,3}}{_MAIL}\b.{{0,160}}\b(?:confidential|privileged|intended (?:solely|only|for)"
    rf"|virus|addressee"
    rf"|unauthori[sz]ed)|if you (?:are not|have received|received) (?:the intended|this).{{0,60}}(?:recipient"
    rf"|{_MAIL}|error)"
    r"|^\W*(?:caution|warning|notice|external|extern|externe|externo|внешн\w+|achtung|vorsicht|hinweis|attention"
    r"|prudence|atención|aviso"
    r"|precaución|внимание)\b[^a-z]{0,3}.{0,60}\b(?:e-?mail|mail|sender|message"
    r"|courriel|nachricht|correo|письмо|links?|attachments?)\b.{0,120}\b(?:outside|links?|attachments?|trust|unknown"
    r"|anhänge"
    r"|liens|pièces|enlaces|ссылк\w+|организации|extern\w*|extérieur\w*|desconocid\w+|unbekannt\w*)\b"
    r"|consider the environment before|originated (?:from )?outside|external (?:sender|e-?mail)|scanned (?:by"
    r"|for) (?:virus|malware)"
    r"|(?:confidentiality|legal|privacy) notice\s*:|^\W*disclaimer\s*[:.-]"
    r"|(?:diese (?:e-?mail|nachricht)|diese\w* (?:e-?mail|nachricht)).{0,160}(?:vertraulich|rechtlich geschützt"
    r"|empfänger)"
    r"|(?:ce (?:message|courriel|courrier)|cet e-?mail).{0,160}(?:confidentiel|destinataire|exclusi)"
    r"|(?:este (?:mensaje|correo)|esta comunicación).{0,160}(?:confidencial|destinatario|exclusiv)"
    r"|(?:данное|настоящее|это) (?:электронное )?(?:сообщение|письмо).{0,160}(?:конфиденциал|предназначен|адресат)"
    r"|если вы (?:не являетесь|получили).{0,80}(?:адресат|ошибочно|ошибке)",
    re.IGNORECASE | re.DOTALL,
)
BROWSER = re.compile(
    r"\W*(?:.{0,60}\b(?:(?:view|read|open|see) (?:this|the|it|our)?.{0,30}(?:in|on) (?:your|a"
    r"|the) (?:web ?)?(?:browser|web|site)"
    r"|view (?:online|as a web ?page|web version)|web version|trouble (?:reading|viewing|seeing))"
    r"|.{0,60}(?:im browser (?:ansehen|anzeigen|öffnen|lesen)|online-?(?:version|ansicht)|webansicht)"
    r"|.{0,60}(?:voir|afficher|lire|visualiser|consulte[rz]).{0,40}(?:en ligne|navigateur)"
    r"|.{0,60}(?:ver|leer).{0,40}(?:navegador|en línea)"
    r"|.{0,60}(?:открыть|читать|посмотреть|смотреть).{0,40}(?:браузер|веб-верси))",
    re.IGNORECASE,
)
LEAVE = re.compile(
    r"unsubscribe|(?:update|manage|change) (?:your |my )?(?:e-?mail |subscription )?(?:preferences|settings|profile"
    r"|subscription)"
    r"|opt[- ]out|abmelden|abbestellen|newsletter.{0,20}kündigen|désabonner|désinscrire|désinscription"
    r"|darse de baja|cancelar (?:la |su )?suscripción|отписаться|отказаться от рассылки"
    r"|cancella(?:re)? l['’]iscrizione",
    re.IGNORECASE,
)
REASONED = re.compile(
    r"\W*(?:you(?:['’]re| are| have)? (?:receiv(?:ing|ed)|getting|got) this|this (?:e-?mail|message"
    r"|newsletter) was sent (?:to|by)"
    r"|sie erhalten diese|diese (?:e-?mail|nachricht) wurde an|vous recevez (?:ce|cet)|(?:ce"
    r"|cet) .{0,20} a été envoyé à"
    r"|(?:usted )?(?:ha recibido|recibe|recibes|está recibiendo) este|вы получили (?:это|эту)|вы получаете)",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"\W*(?:our (?:mailing|postal) address|mailing address|postal address|unsere (?:post)?anschrift|notre adresse"
    r"|nuestra dirección"
    r"|наш адрес|impressum)\b.{0,40}$",
    re.IGNORECASE,
)
POSTSCRIPT = re.compile(r"\W*(?:P\.?\s?S\.?|PS|ЗЫ|П\.?С\.?)[\s:.]")
PICTURE = re.compile(
    r"(?:\[(?:cid:|image|logo|bild|inline)[^\]]{0,120}\]|<image\d*\.\w+>|\[https?://\S+\])(?:\s*<\S+>)?$", re.IGNORECASE
)
