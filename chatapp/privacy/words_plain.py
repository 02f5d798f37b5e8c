"""Words of plain English and of the workplace, and a few of other languages: none of them is anybody's name.

Lower case, without accents. Words of medicine stand in `words_clinical.py`.
"""

from __future__ import annotations

from chatapp.privacy.notation import words

GRAMMAR = words("""
    a about above across after again against ago all almost along already also although always am among an and another
    any anybody anyone anything anyway are aren't around as at away back be because been before behind being below
    beneath beside besides between beyond both but by can can't cannot could couldn't did didn't do does doesn't doing
    don't done down due during each either else enough etc even ever every everybody everyone everything except few
    for from further had hadn't has hasn't have haven't having he he's hello her here here's hers herself hey hi him
    himself his how how's however i i'd i'll i'm i've if in inside instead into is isn't it it's its itself just least
    less let let's like many maybe me might mine more moreover most much must my myself near neither never next no
    nobody none nor not nothing now of off often oh ok okay on once one only onto or other others ought our ours
    ourselves out outside over own per perhaps please plus quite rather re really same several shall she she's should
    shouldn't since so some somebody someone something sometimes soon still such than thank thanks that that's the
    their theirs them themselves then there there's therefore these they they're this those though three through
    throughout thus till to today together tomorrow tonight too toward towards two under unless unlike until up upon
    us versus very via vs was wasn't we we're well were weren't what what's whatever when whenever where where's
    wherever whether which while who who's whom whose why will with within without won't worse worst would wouldn't
    yes yesterday yet you you're your yours yourself zero four five six seven eight nine ten eleven twelve first
    second third fourth fifth sixth last final half twice dear best regards sincerely fyi asap btw ps pls plz thx ty
    wat u ur w b/c aka ie eg monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs
    fri sat sun january february march april june july august september october november december jan feb mar apr jun
    jul aug sep sept oct nov dec pm noon midnight
""")
"""Words that hold sentences together, days, months, letters' openings."""

PLAIN = words("""
    ability able absence accept access accident account accurate achieve act action active activity actual add
    addition address adjust administrator admit adopt adult advance advantage advice advise affect afternoon agenda
    agree agreement aim alarm alert algorithm allow alone alternate alternative amount analyse analysis analyze
    announce annual answer anticipate apology app appeal appear appendix apply application appoint appointment
    approach approve area argue argument arrange array arrive article ask aspect assess assign assist assume async
    attach attempt attend attention audit author authorize automatic available average avoid award aware bad badge
    bake balance ban bank base basic basis beat beautiful become bed begin beginner behave believe belong benefit
    better bicycle big bill binary birthday block board body book bottle bottom box boy brain bread break breakdown
    bridge brief bring broad build bullet bundle business busy button buy calculate calendar call came cancel
    candidate capital car career careful carry cat category cause cease celebrate cell central certain certificate
    chair challenge chance change chapter character charge chart cheap check checklist chest chief child children
    choice choose circle cite city claim clarify class clean clear click clinic close code coffee cold colleague
    collect college color colour column combine come comfort command comment commit committee common communicate
    community company compare comparison compete complain complaint complete complex compliance compose compute
    computer concept concern conclude condition conduct conference confirm conflict confuse consent consider consist
    constant contact contain content context continue contract contrast contribute control conversation convert cook
    copy core correct cost count country couple course court cover create credit criteria criterion critical cross cup
    current curve custom cut cycle daily damage dance danger data database date daughter day deadline deal death
    debate decide decision declare decline decrease deep default define definition degree delay delete deliver demand
    department depend describe description design desk despite detail detect determine develop device diagram dial
    diet differ difference different difficult digital dilemma dinner direct direction director disagree discover
    discuss discussion disk distance distribute divide document door double draft draw dream dress drink drive driver
    drop dry duration duty early earn earth easy eat edge edit editor education effect effective efficient effort egg
    elective elderly email emails emergency emotion emphasize employ employee empty enable encounter end energy engage
    engine enjoy ensure enter entire entry environment equal equation equipment error escalate especially essay
    essential establish estimate ethics evaluate evaluation evening event evidence exact exam examine example excel
    exception exchange exclude excuse execute exercise exist expand expect expense expensive experience experiment
    expert expire explain explanation explore export express extend extra extract extreme eye face facility fact
    factor faculty fail failure fair fall false familiar family famous fancy far farewell fast father fatigue fault
    favor fear feature federal feed feedback feel fellow fellowship female field fight figure file fill film filter
    find fine finger finish fire fit fix flag flat flight float floor flow flower fly focus follow food foot force
    foreign forget form formal format former formula forward found foundation fraction frame framework free frequency
    frequent fresh friend friendly front fruit full fun function fund future gain game gap garden gas gather gave
    general generate gentle get getting gift girl give given glad glass global go goal god gold golden gone good
    government grade gradual graduate graduation grammar graph great greeting ground group grow growth guess guest
    guide guideline guidelines guy hand handbook handle handoff handoffs handout happen happy hard harm hash hate head
    heading headline health hear heat heavy height help helpdesk hide high highlight hire history hit hobby hold hole
    holiday home hope hospital hospitals host hot hotel hour hours house household hub huge human hundred hurt husband
    icon idea ideal identify identifier identifiers image imagine immediate impact implement imply import important
    impossible improve include income increase independent index indicate individual industry influence inform
    information initial inquiry insert insight inspect install instance institution instruction insurance intend
    interest intern interns internal international internet interpret interview interviews introduce introduction
    invest invite invoice involve island issue item job join joke journal journey joy json judge jump junior justify
    keep kernel key keyboard kid kill kind king kitchen know knowledge label lack lady land landmark language laptop
    large late laugh launch law lay lead leader leaflet learn leave lecture left legal length lesson letter level
    liability library license lie life lift light likely limit line link list lists listen literature little live load
    loan local location lock log logic long look loop lose loss lot love low lower lunch machine mail main maintain
    major make male malpractice man manage management manager manual map mark market mask master match material matrix
    matter max maximum mean meaning measure mechanism media medium meet meeting member memo memorise memorize memory
    mentor menu message method metric middle midnight milestone milestones mind minimum minor minute minutes miss
    missing mistake mix mnemonic mode model moderate modern module moment money month monthly mood morning mother
    motivate mouse move movie mr mrs ms music name names narrative nation national native natural nature necessary
    need network new newborn news newsletter nice night nights noise normal north nose note notes notice notify number
    numbers object observe obtain obvious occasion occur odd offer office officer official old older onboard online
    open operate operation operator opinion opportunity option options orange order ordinary organ organise organize
    orient orientation origin original outcome outline output overnight overtime overview overwork owner pack page
    pager pain paint pair panel paper paragraph parent parking part partial participate particular partner party pass
    passage password past path pattern pay peer pen pending people percent perfect perform performance period
    permanent permission permit person personal phase phone photo phrase pick picture piece ping pizza place plan
    plans planet plant play podcast poem point points policy policies polite polish pool poor popular population
    position positive possible post poster potential power practical practice precise predict prefer prep prepare
    presence present presentation pressure pretty prevent previous price print printer prior priority private privacy
    prize probable problem procedure procedures process produce product profession professional professor program
    programme programs progress project promise promote prompt pronounce proof proper proposal propose prose protect
    protocol protocols proud prove provide public publish pull purchase purpose push put python qualify quality
    quarter query question questions queue quick quiet quit quiz quote random range rank rapid rare rate ratio raw
    reach react read readable reader ready real reason reasonable reassign reboot receive recent recipe recommend
    record records recover recruit red reduce refer reference reflect reflection reform refresh regard region register
    regular regulation relate relation relative release relevant reliable rely remain remember remind reminder remote
    remove rename repeat replace reply report represent request requests require requirement requirements reschedule
    research reset resident residents residency resolve resource respect respond response responsible rest restart
    result results resume retreat retrieve return reverse review revise revision reward rewrite rich ride right ring
    rise risk road role roles roll room roster rotation rotations rough round rounds route routine row rule rules run
    safe safety salary sale same sample save say scale scan scenario schedule schedules scheduling school science
    scope score screen script search season seat secret secretary section secure security see seek seem segment select
    self sell send senior seniors sense sensitive sentence separate sequence series serious serve server service
    services session set setting settings setup severe sex shape share sharp sheet shift shifts shoes short shorten
    shot shout show shut sick side sign signal signature silly similar simple simplify single sister sit site
    situation size skill skip sleep slide slides slow small smart smile smooth snack social software solid solution
    solve song sort sound source south space spare speak special specific speech speed spell spend split sports spread
    sql stable staff stage stand standard standards start state statement statistics status stay steady step stick
    stop storage store story straight strategy stream street stress strict string strong structure student students
    study stuff style subject submit subsection succeed success sudden suggest suggestion suggestions suitable sum
    summarise summarize summary summer sun supervise supervision supply support suppose sure surface surprise survey
    swap swaps switch symbol syntax system table tabs tag take talk talking target task taste tax tea teach teacher
    team technical technique technology tell temperature template templates term terms test text textbook thank theme
    theory thing think thousand thread ticket tie tight time timeline times timing tip tips tired title toolkit tool
    tools topic topics total touch tour town track trade traffic train trainee trainees training transfer transition
    translate travel treat tree trend trial trick trip trouble true trust truth try turn tutorial type typical typo
    undergo understand uniform unique unit university unknown update updated updates upgrade upload upper urgent usage
    use useful user users usual vacation vacations valid value values variable various vary vehicle verify version
    video view violate violation violations visit voice volume vote wait wake walk wall want war warm warn wash watch
    water way weak wear weather web website week weekend weekends weekly weeks weight weird welcome wellness west
    whole wide wife wifi win window winter wish woman women wonder word wording words work worker workers workflow
    workload workplace workshop workstation world worried worry worth write writing wrong year yearly years yellow
    young youth zip zone zoom acgme hipaa phi ehr emr epic pgy gme erp api csv html pdf url arrival backup ballpark
    batch bot browser buddy bug cafeteria cake camera certify checkout chess chocolate compile cousin crontab debug
    decode dictionary dog faq feast firewall fridge git glossary haiku hangout hardware header homepage icebreaker
    inbox kudos landlord laundry limerick logout margin marathon merge mindful moonlighting mug nap novel onboarding
    parser parse pastry planner playlist poetry potluck powerpoint proofread pun quartet recap redo rephrase rota
    rubric sandwich scrub scrubs sketch slack spreadsheet subtitle sync tagline tease thesis toast todo tone trivia
    tweet valet visa wallet wine wordle yoga zen seen refuse refused told asked said went made took taken got gotten
    known knew thought brought bought felt held kept lost meant met paid ran sat saw sent slept spoke spent stood
    taught understood woke won wrote written does endorse endorses deny denies denied wants needs began begun chose
    eaten fallen forgot forgotten grew grown hidden led lain rang rose sing shown sold stolen swam swum thrown torn
    wore worn drafts bedtime blank signout bounce goes bull transportation bayes jehovah witness fibonacci gauss euler
    pareto gantt eisenhower pomodoro likert socratic maslow covey dunning kruger occam murphy's parkinson's moore's
    brainstorm bonus commute shuttle lodging catering venue itinerary airport uber lyft passport amex venmo paypal
    instagram facebook twitter tiktok youtube reddit wikipedia wiki github gitlab jira confluence notion trello asana
    canva figma photoshop pivot vlookup macro regex lambda tuple boolean integer stack trace traceback compiler
    debugger localhost endpoint payload token cookie cache cron daemon bash shell zsh vim emacs vscode nginx apache
    redis kafka mongo mysql sqlalchemy pandas numpy scipy matplotlib angular vue node npm typescript rust golang
    kotlin swift ruby rails django flask fastapi starlette pytest webpack vite terraform ansible jenkins azure aws gcp
    monolith microservice latency throughput uptime rollback deploy deployment staging production branch rebase
    objective objectives takeaway takeaways homework assumption assumptions background conclusion methods limitations
    strengths weaknesses subjective impression findings indication disposition jokes riddle riddles poems lyrics fairy
    tale tales superhero dragon wizard castle princess prince knight robot alien spaceship galaxy mars venus jupiter
    saturn soccer football basketball baseball tennis golf hockey cricket olympics super bowl tournament league
    chicken beef pork salmon tofu pasta noodles soup salad curry tikka masala bbq grill oven ingredients flour sugar
    butter vanilla cookies pie
""")
"""What people at work write about."""

PLACES = words("""
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri
    montana nebraska nevada hampshire jersey york carolina dakota ohio oklahoma oregon pennsylvania tennessee texas
    utah vermont virginia wisconsin wyoming africa america american asia australia australian austria belgium brazil
    britain british canada canadian chile china chinese cuba denmark dutch egypt england english europe european
    finland france french german germany greece greek haiti hebrew hindi hungary india indian iran iraq ireland irish
    israel italian italy japan japanese kenya korea korean latin london mexican mexico netherlands nigeria norway
    pakistan paris peru philippines poland polish portugal portuguese russia russian scotland spain spanish sweden
    swiss switzerland taiwan thailand turkey turkish ukraine usa vietnam vietnamese arabic mandarin swahili tagalog
    urdu somali mayo stanford harvard yale cornell columbia hopkins kaiser cleveland northwestern duke emory
    vanderbilt ucsf ucla nyu mgh bwh penn cedars sinai presbyterian mercy medicare medicaid acgme aamc ama abim eras
    nrmp usmle comlex nbme fda cdc cms who nih nejm jama lancet bmj cochrane uptodate pubmed medline google microsoft
    apple amazon epic cerner meditech zoom slack outlook excel word powerpoint teams amion qgenda medhub new
    innovations python java javascript linux windows mac android iphone ios chrome firefox postgres postgresql sqlite
    docker kubernetes claude chatgpt openai ollama anthropic christmas thanksgiving easter ramadan diwali hanukkah
    halloween juneteenth
""")
"""States, countries, hospitals, makers of software: nobody's home."""

OTHER_LANGUAGES = words("""
    que qué el la los las un una uno de del y o en con por para su sus es son esta este como cuando cual dosis
    tratamiento paciente pacientes historia senora senor doctor doctora hospital anos favor resumen cuanto cuantas
    horas guardia dolor fiebre le les des une et ou dans avec pour sur est sont cette comment combien quel quelle dose
    traitement patiente compte rendu apres heures garde repos der die das ein eine und oder in mit fur auf ist sind
    wie was wann welche tun bei nach stunden dienst brief hausarzt bitte patientin frau herr dr os as um uma e em com
    se nao qual quais regra
""")
"""The commonest words of Spanish, French, German and Portuguese, without accents."""
