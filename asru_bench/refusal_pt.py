"""How Portuguese refuses: frames for `asru_bench.refusal`, on lower-case text."""

from __future__ import annotations

SLOTS = r"""
it: (?:(?:o|a|os|as|lhe|te|me|se|nos|lhes|isso|isto) )*
adverb: (?:\w+mente |ainda |já |mais |nem |realmente |sequer )?
act: (?:dizer|saber|determinar|identificar|fornecer|dar|responder|compartilhar|partilhar|revelar|divulgar|comentar|
    falar|confirmar|negar|ajudar|auxiliar|atender|cumprir|processar|participar|continuar|completar|gerar|discutir|
    reconhecer|adivinhar|especular|inferir|precisar|oferecer|estabelecer|acessar|aceder|encontrar|lembrar|recordar|
    verificar|nomear|fazer|opinar|descrever|afirmar|informar|conhecer|concluir|prestar|apresentar|realizar|abordar|
    tratar|tocar)\w*
facts: (?:informaç\w+|dados?|detalhes?|ideia|conhecimento\w*|acesso|registros?|registos?|lembranças?|memória|
    indícios?|pistas?|indicaç\w+|notícia|resposta|comentários?|forma|maneira|modo|autorização|permissão|capacidade|
    possibilidade|fontes?|contexto|elementos|referências?|evidências?|noção)
first: (?:posso|podemos|sei|sabemos|conheço|conhecemos|disponho|dispomos|possuo|lembro|recordo|reconheço|consigo|
    conseguimos|forneço|fornecerei|compartilho|compartilharei|partilho|partilharei|identifico|identificarei|divulgo|
    divulgarei|respondo|responderei|comento|comentarei|falo|falarei|revelo|revelarei|darei|dou|direi|especularei|
    discuto|discutirei|armazeno|guardo|reconhecemos)
rules: (?:diretrizes|directrizes|políticas?|normas|regras|orientações|princípios|instruções|programação|condições|
    desenvolvedores|criadores|restrições)
told: (?:disponíve(?:l|is)(?! (?:às?|aos?|nas?|durante|até|por)\b)|conhecid[oa]s?|indicad[oa]s?|mencionad[oa]s?|
    especificad[oa]s?|públic[oa]s?|visíve(?:l|is)|clar[oa]s?|fornecid[oa]s?|revelad[oa]s?|registad[oa]s?|
    registrad[oa]s?|acessíve(?:l|is)|permitid[oa]s?|informad[oa]s?|possível|divulgad[oa]s?)
picture: (?:imagem|foto\w*|retrato|rosto|pergunta|texto)
"""

FRAMES = r"""
inability.first: \bnão <it><adverb><first>\b(?! que (?:ela|ele)\b)(?! deixar de)|\bnem sei\b
inability.would: \b(?:eu )?não (?:lhe |te )?saberia (?:lhe )?dizer\b|(?:^|[.!?;:,] ?|\beu )não <it>(?:poderia|
    saberia|quero|gostaria de|desejo|devo|deveria|vou|vamos|irei|pretendo) (?:\w+mente )?<act>\b
inability.able: \bnão (?:estou|estamos|sou|somos|me sinto|me encontro|fui|
    tenho como) ?(?:\w+mente )?(?:autorizad[oa]s?|cert[oa]s?|capa(?:z|zes)|em condições|ciente|a par|à vontade|
    confortável|habilitad[oa]|programad[oa]|informad[oa]|familiarizad[oa]|treinad[oa]|segur[oa]|projetad[oa]|<act>)
inability.impossible: \b(?:me|nos) (?:é|seria) (?:\w+ )?impossível\b|\b(?:é|seria|torna-se)-(?:me|
    nos) (?:\w+ )?impossível\b|\b(?:impossível|difícil) (?:de )?<act>\b|\bnão (?:me )?(?:é|seria|foi) possível\b|
    \bnão há (?:como|forma|maneira|modo)\b|\bnão dá para\b
inability.passive: \bnão se (?:pode|podem|poderia|consegue) (?:\w+mente )?<act>\b|\bnão (?:pode|
    podem) ser (?:\w+mente )?(?:determinad|identificad|conhecid|revelad|processad|partilhad|compartilhad|fornecid|
    divulgad)\w+|\bnão se (?:sabe|conhece|conhecem|indica|menciona|vê)\b
inability.as_ai: \b(?:como|enquanto|sendo) (?:uma? )?(?:modelo|ia\b|inteligência artificial|
    assistente)(?! de (?:moda|passarela))[^.!?;]*\bnão (?:\w+ ){0,2}?(?:posso|tenho|disponho|sei|devo|estou|sou|
    possuo|conheço|forneço|compartilho|partilho|me|dou|consigo|é)\b
inability.only_ai: \bsou (?:apenas|só|somente|simplesmente) uma? (?:\w+ )?(?:modelo|ia\b|inteligência artificial|
    assistente|programa)
inability.beyond: \bnão (?:faz|fazem) parte d\w+ (?:que|meus?|minhas?)\b|\bnão (?:é|está) (?:d[ao]|ao|na) (?:meu|
    minha) \w+|\b(?:fora d[oae]\w*|além d[oae]\w*|ultrapassa|excede|foge (?:ao|do)) (?:\w+ )?(?:meu\w*|minha\w*|
    que (?:posso|sei)|nosso\w*|nossa\w*|alcance|âmbito)\b
ignorance.have: \bnão (?:\w+mente )?(?:tenho|temos|encontrei|encontro|vejo|possuo|há|existem?|constam?|recebi|
    foram encontrad\w+) (?:a (?:menor |mínima )|nenhum[a]? |quaisquer |qualquer |suficientes? |as |os |mais |
    a )*(?:\w+ ){0,1}?<facts>\b
ignorance.idea: \bnão tenho (?:a )?certeza\b|\bnão faço (?:a (?:menor|mínima) )?ideia\b|\b(?:nenhuma ideia|nem ideia|
    sei lá|desconheço|desconhecemos|ignoro|quem sabe\W*$)\b|(?:^|\b(?:desculpe|lamento|infelizmente|
    sinceramente)\W{1,2})(?:desconhecid[oa]\W*$|não sei\b|nenhuma informação|não disponível|sem informaç\w+)
ignorance.to_me: \bnão me (?:diz nada|soa|ocorre|vem à (?:mente|memória)|é (?:familiar|conhecid[oa]|permitido|
    possível)|foi (?:dit|informad|fornecid)\w+)\b|\b(?:me é|é-me|são-me|me são) (?:\w+mente )?(?:desconhecid|
    estranh)\w+
ignorance.mine: \b(?:meus|nossos|minhas|nossas) (?:dados|registros|registos|arquivos|ficheiros|
    fontes)\b [^.!?;]{0,15}?não (?:\w+ )?(?:há|contêm|dizem|consta\w*|aparece\w*|incluem)\b
ignorance.never: \bnunca (?:o |a )?(?:ouvi|vi|conheci|encontrei|soube|tive|li)\b|\bnão (?:o |a )?ouvi falar\b
memory.forgot: \b(?:esqueci|esqueci-me|me esqueci|esquecemos)\b|\bnão (?:me )?(?:lembro|recordo)\b|\b(?:me escapa|
    escapa-me|não me ocorre)\b|^\W*esquecid\w\W*$
policy.rules: \b(?:minhas|meus|nossas|nossos|minha) <rules>\b[^.!?;]{0,40}?\b(?:não (?:me |nos )?permit\w+|(?:me |
    nos )?(?:imped|proíb|proib|obrig)\w+)|\bas <rules>\b[^.!?;]{0,40}? (?:me|nos) (?:permit|imped|proíb|proib|
    obrig)\w+|\b(?:contra|contrári[oa] a\w*|viola|violaria|infringe|de acordo com|segundo|em desacordo com) (?:as |
    os |a )?(?:minhas|meus|nossas|nossos|minha) <rules>\b
policy.bound: \b(?:estou|fui|sou|me foi|foi-me|tenho ordens) (?:\w+mente )?(?:proibid[oa]|instruíd[oa] a não|
    programad[oa] para (?:não|recusar)|impedid[oa]|obrigad[oa] a (?:não|recusar|proteger)|orientad[oa] a não)\b|
    \bnão (?:me )?(?:é|está) permitido\b
policy.blocked: \b(?:solicitação|pedido|conteúdo|pergunta|acesso)\b[^.!?;]{0,20}? (?:foi|está|não está|
    é) (?:\w+mente )?(?:bloquead\w|recusad\w|rejeitad\w|negad\w|filtrad\w|proibid\w|disponível|
    permitid\w)(?! pel[oa]s? (?!polític|sistema|filtro))(?<!foi disponível)(?<! é disponível)(?<!o está disponível)
privacy.breach: \b(?:violaria|seria|invadiria|infringiria|comprometeria|constituiria|viola|violar|
    feriria)\b [^.!?;]{0,30}?(?:privacidade|confidencialidade|intimidade|vida privada)\b
privacy.reasons: \bpor (?:\w+ ){0,2}?(?:motivos?|razões|questões|respeito) (?:de |à |
    a )?[^.!?;]{0,20}?(?:privacidade|confidencialidade|segurança|étic\w+)\b|\bpara (?:proteger|respeitar|
    preservar) [^.!?;]{0,20}?(?:privacidade|intimidade)\b
privacy.private: \b(?:é|são|trata-se de) (?:uma? )?(?:informaç\w+ |dados? |
    assunto )?(?:estritamente )?(?:privad[oa]s?|confidencia(?:l|is)|pessoa(?:l|is)|sigilos[oa]s?)(?=\W*$|,)
decline.decline: \b(?:devo|tenho de|tenho que|preciso|vou|sou obrigad[oa] a|gostaria de) (?:\w+mente )?(?:recusar|
    declinar|abster-me|me abster|negar|passar)\b|\b(?:recuso-me|me recuso|recuso (?:este|esse|o)|declino|abstenho-me|
    (?:preferiria|prefiro|preferimos|melhor) não (?:\w+ )?<act>|passo\W*$)
decline.keep: \b(?:de|por) mim não (?:obter|saber|ter|ouvir)\w+\b|\b(?:prefiro|devo|
    preferiria) (?:\w+mente )?(?:calar\w*|(?:me )?calar|ficar (?:calad[oa]|em silêncio))(?:-me)?\b|\b(?:devo|
    tenho (?:de|que)|vou|prefiro|preciso) (?:\w+mente )?(?:manter|guardar) [^.!?;]{0,25}?(?:segredo|sigilo|
    confidencial\w*|reserva|silêncio|para mim)\b
decline.fear: \b(?:receio|lamento|temo|sinto) (?:muito )?não (?:poder|conseguir|saber)\b
guessing.only: \bpuras? (?:especulaç\w+|conjeturas?|conjecturas?)\b|\b(?:só|apenas|somente) (?:posso|poderia|
    podemos) (?:especular|adivinhar|supor)\b|\bseria (?:\w+ )?(?:especulação|especular|adivinhar)\b
decline.short: (?:^|\b(?:desculpe|não|infelizmente|lamento)\W{1,2})(?:sem comentários|nada a declarar|
    nenhum comentário|prefiro não\W*$|(?:lamento|sinto muito|desculpe|desculpa)\W*$|infelizmente não\W*$)
deflection.prefer: \b(?:preferiria|prefiro|melhor|gostaria de) [^.!?;]{0,20}?(?:mudar de (?:assunto|tema)|
    falar de outra coisa)\b
deflection.ask: \bmelhor (?:seria )?(?:perguntar|consultar)\b
deflection.else: \b(?:vamos (?:falar|conversar|mudar|passar)|falemos|mudemos|passemos|podemos falar|poderíamos falar|
    que tal)\b[^.!?;]{0,25}?\b(?:outr[oa]\w*|assunto|tema|diferente)\b|\b(?:pergunte|pergunta|
    consulte)\b [^.!?;]{0,15}?\b(?:a outr|a alguém|diretamente|outra coisa)
source.picture: \b<picture>\b[^.!?;]{0,30}? não (?:\w+ )?(?:permite|mostra|revela|diz|indica|fornece|contém|dá|
    oferece|basta|menciona|especifica|informa|traz)\w* ?(?!(?:nenhum |outr\w+ |um |uma )(?:cã|cachorr|gat|pesso|
    chapéu))(?:\w+|\W*$)
source.nothing: \bnada (?:\w+ ){0,5}?(?:indica|revela|mostra|diz|permite|sugere)\b
source.from: \b(?:a partir d[ao]|com base n[ao]|pel[ao]|nada n[ao]|
    só pel[ao]) ?<picture>\b[^.!?;]{0,40}?\b(?:não (?:é possível|se pode|posso|consigo|dá)|impossível|indica|
    revela)\b|\bimpossível\b[^.!?;]{0,50}<picture>\b
absence.absent: \bnão (?:aparece|figura|consta) (?:nenhum[a]?|qualquer) (?:nome|data|endereço|dado|texto|
    informação)\b|\bnenhum[a]? <facts>\b[^.!?;]{0,40}? (?:pode|podem|será|foi|está)\b|\bnão (?:está|estão|é|são|foi|
    foram|consta|aparece)(?: \w+mente)? ?(?:<told>(?! por| pel[oa]| como)|n[oa]s? (?:meus|minhas|dados|imagem|foto))|
    (?<!\bela )(?<!\bele )\b(?:é|são|permanece) (?:\w+mente )?(?:um mistério|desconhecid[oa]s?)(?=\W*$|,)
lack.enough: \b(?:informações insuficientes|informação insuficiente|falta de (?:informaç\w+|dados|contexto)|
    não (?:há|é|são) suficiente\w*|sem (?:mais|outras|maiores) (?:informaç\w+|dados|detalhes|contexto)|faltam-me)\b
inability.all: \b(?:é|isso é|isto é) tudo (?:o )?que (?:posso|sei|podemos|consigo|vejo)\b|\btudo o que (?:posso|sei|
    consigo|vejo)\b
inability.trouble: \b(?:tenho|estou com|temos) (?:\w+ )?(?:dificuldades?|problemas?) (?:em|para) (?:\w+ )?<act>
privacy.violates: \b(?:isso|isto) (?:viola|invade|infringe|compromete|fere)\b[^.!?;]{0,25}?(?:privacidade|intimidade|
    confidencialidade)
source.not_enough: \b(?:imagem|foto|fotografia|retrato)\b[^.!?;]{0,20}? (?:é insuficiente|não é suficiente|não basta)\b
source.no_image: \bnão (?:\w+ )?(?:vejo|posso ver|consigo ver|recebi|encontro|há|tenho) (?:nenhuma |a |uma |
    qualquer )?(?:imagem|foto)\b(?! (?:d[eao]|em)\b)|\bnão (?:foi|foram|me foi) (?:fornecida|anexada|enviada|incluída|
    carregada)s? (?:nenhuma |qualquer |a )?(?:imagem|foto)|\bnenhuma (?:imagem|foto) (?:foi|fornecida|anexada|visível|
    disponível)
ignorance.further: \bmas nada (?:mais|além disso) (?:sobre|a respeito|acerca)|\bnão (?:existem?|
    há) informaç\w+ (?:\w+mente )?(?:públic\w+|disponíve\w+|verificáve\w+)
short.whole: ^\W*(?:(?:[\w']+ ){0,3}[\w']+ ?: ?)?(?:(?:informação |dado |infelizmente )*não (?:é |foi |está |
    se )?(?:\w+mente )?(?:especificad[oa]s?|mencionad[oa]s?|indicad[oa]s?|informad[oa]s?|fornecid[oa]s?|disponíve(?:l|
    is)|aplicáve(?:l|is)|se aplica|aplica|consta|conhecid[oa]s?|determinad[oa]s?|revelad[oa]s?|divulgad[oa]s?|
    identificad[oa]s?|declarad[oa]s?|públic[oa]|clar[oa]|precisad[oa]|registad[oa]|registrad[oa])|desconhecid[oa]s?|
    indeterminad[oa]s?|indisponível|indefinid[oa]|sem (?:informaç(?:ão|ões)|dados?|resposta|registr?o|
    imagem)(?: disponíve(?:l|is))?|n ?/ ?[adc]|n\. ?[ad]|s ?/ ?d|nd|nenhum[a]? (?:informação|dado|ideia|
    imagem)(?: disponível)?|pouco claro|incerto|informaç(?:ão|ões) (?:indisponíve(?:l|is)|ausentes?)|
    não\W+(?:desculpe|lamento|sinto muito))\W*$
"""

TRIGGERS = """
não nunca nem nenhuma nenhum desconheço desconhecemos ignoro desconhecido desconhecida desconhecidos esqueci esquecido
esquecemos lembro recordo escapa diretrizes directrizes regras proibido proibida impedido instruído instruída
programado solicitação pedido bloqueado bloqueada conteúdo acesso privacidade confidencialidade intimidade privada
privado privados confidencial confidenciais pessoal pessoais sigiloso sigilosa recusar declinar abster recuso declino
abstenho passo comentários comentário desculpe desculpa lamento infelizmente sinto vamos falemos mudemos passemos
assunto outra outro impossível difícil fora além ultrapassa excede mistério insuficientes insuficiente falta sem faltam
pergunte sei segurança éticas éticos políticas violaria viola princípios instruções programação normas prefiro
preferiria preferimos estranho quem declarar lá tal pergunta orientações obrigado desconhecidas nada imagem foto
especulação especulações especular adivinhar supor conjetura segredo sigilo manter guardar receio temo mudar melhor
perguntar consultar calar calada calado silêncio apenas só somente sou tudo dificuldade dificuldades problemas problema
invade infringe compromete fere basta suficiente indeterminado indeterminada indisponível indefinido indefinida nd
pouco incerto informação informações vejo d
"""
