"""Words that are no names: plain English, the clinic's, drugs, eponyms, places of work; and words that may be both.

Whatever stands in none of these lists is unknown, and an unknown word beside a bed is suspect. Lower case throughout.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chatapp.privacy.rules import words

_GRAMMAR = words("""
a about above across after again against ago all almost along already also although always am among an and another any anybody anyone
anything anyway are aren't around as at away back be because been before behind being below beneath beside besides between beyond both but by
can can't cannot could couldn't did didn't do does doesn't doing don't done down due during each either else enough etc even ever every
everybody everyone everything except few for from further had hadn't has hasn't have haven't having he he's hello her here here's hers herself
hey hi him himself his how how's however i i'd i'll i'm i've if in inside instead into is isn't it it's its itself just least less let let's
like many maybe me might mine more moreover most much must my myself near neither never next no nobody none nor not nothing now of off often
oh ok okay on once one only onto or other others ought our ours ourselves out outside over own per perhaps please plus quite rather re
really same several shall she she's should shouldn't since so some somebody someone something sometimes soon still such than thank thanks that
that's the their theirs them themselves then there there's therefore these they they're this those though three through throughout thus till
to today together tomorrow tonight too toward towards two under unless unlike until up upon us versus very via vs was wasn't we we're well
were weren't what what's whatever when whenever where where's wherever whether which while who who's whom whose why will with within without
won't worse worst would wouldn't yes yesterday yet you you're your yours yourself zero four five six seven eight nine ten eleven twelve first
second third fourth fifth sixth last final half twice dear best regards sincerely fyi asap btw ps pls plz thx ty wat u ur w b/c aka ie eg
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun january february march april june july
august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm noon midnight
""")

_PLAIN = words("""
ability able absence accept access accident account accurate achieve act action active activity actual add addition address adjust administrator
admit adopt adult advance advantage advice advise affect afternoon agenda agree agreement aim alarm alert algorithm allow alone alternate
alternative amount analyse analysis analyze announce annual answer anticipate apology app appeal appear appendix apply application appoint
appointment approach approve area argue argument arrange array arrive article ask aspect assess assign assist assume async attach attempt attend
attention audit author authorize automatic available average avoid award aware bad badge bake balance ban bank base basic basis beat beautiful
become bed begin beginner behave believe belong benefit better bicycle big bill binary birthday block board body book bottle bottom box boy
brain bread break breakdown bridge brief bring broad build bullet bundle business busy button buy calculate calendar call came cancel
candidate capital car career careful carry cat category cause cease celebrate cell central certain certificate chair challenge chance change
chapter character charge chart cheap check checklist chest chief child children choice choose circle cite city claim clarify class clean clear
click clinic close code coffee cold colleague collect college color colour column combine come comfort command comment commit committee common
communicate community company compare comparison compete complain complaint complete complex compliance compose compute computer concept
concern conclude condition conduct conference confirm conflict confuse consent consider consist constant contact contain content context
continue contract contrast contribute control conversation convert cook copy core correct cost count country couple course court cover create
credit criteria criterion critical cross cup current curve custom cut cycle daily damage dance danger data database date daughter day deadline
deal death debate decide decision declare decline decrease deep default define definition degree delay delete deliver demand department depend
describe description design desk despite detail detect determine develop device diagram dial diet differ difference different difficult digital
dilemma dinner direct direction director disagree discover discuss discussion disk distance distribute divide document door double draft draw
dream dress drink drive driver drop dry duration duty early earn earth easy eat edge edit editor education effect effective efficient effort
egg elective elderly email emails emergency emotion emphasize employ employee empty enable encounter end energy engage engine enjoy ensure
enter entire entry environment equal equation equipment error escalate especially essay essential establish estimate ethics evaluate evaluation
evening event evidence exact exam examine example excel exception exchange exclude excuse execute exercise exist expand expect expense
expensive experience experiment expert expire explain explanation explore export express extend extra extract extreme eye face facility fact
factor faculty fail failure fair fall false familiar family famous fancy far farewell fast father fatigue fault favor fear feature federal
feed feedback feel fellow fellowship female field fight figure file fill film filter find fine finger finish fire fit fix flag flat flight float
floor flow flower fly focus follow food foot force foreign forget form formal format former formula forward found foundation fraction frame
framework free frequency frequent fresh friend friendly front fruit full fun function fund future gain game gap garden gas gather gave general
generate gentle get getting gift girl give given glad glass global go goal god gold golden gone good government grade gradual graduate
graduation grammar graph great greeting ground group grow growth guess guest guide guideline guidelines guy hand handbook handle handoff
handoffs handout happen happy hard harm hash hate head heading headline health hear heat heavy height help helpdesk hide high highlight
hire history hit hobby hold hole holiday home hope hospital hospitals host hot hotel hour hours house household hub huge human hundred hurt
husband icon idea ideal identify identifier identifiers image imagine immediate impact implement imply import important impossible improve include
income increase independent index indicate individual industry influence inform information initial inquiry insert insight inspect install
instance institution instruction insurance intend interest intern interns internal international internet interpret interview interviews
introduce introduction invest invite invoice involve island issue item job join joke journal journey joy json judge jump junior justify keep
kernel key keyboard kid kill kind king kitchen know knowledge label lack lady land landmark language laptop large late laugh launch law lay
lead leader leaflet learn leave lecture left legal length lesson letter level liability library license lie life lift light likely limit line
link list lists listen literature little live load loan local location lock log logic long look loop lose loss lot love low lower lunch machine
mail main maintain major make male malpractice man manage management manager manual map mark market mask master match material matrix matter max
maximum mean meaning measure mechanism media medium meet meeting member memo memorise memorize memory mentor menu message method metric middle
midnight milestone milestones mind minimum minor minute minutes miss missing mistake mix mnemonic mode model moderate modern module moment money
month monthly mood morning mother motivate mouse move movie mr mrs ms music name names narrative nation national native natural nature
necessary need network new newborn news newsletter nice night nights noise normal north nose note notes notice notify number numbers object
observe obtain obvious occasion occur odd offer office officer official old older onboard online open operate operation operator opinion
opportunity option options orange order ordinary organ organise organize orient orientation origin original outcome outline output overnight
overtime overview overwork owner pack page pager pain paint pair panel paper paragraph parent parking part partial participate particular partner
party pass passage password past path pattern pay peer pen pending people percent perfect perform performance period permanent permission permit
person personal phase phone photo phrase pick picture piece ping pizza place plan plans planet plant play podcast poem point points policy
policies polite polish pool poor popular population position positive possible post poster potential power practical practice precise
predict prefer prep prepare presence present presentation pressure pretty prevent previous price print printer prior priority private
privacy prize probable problem procedure procedures process produce product profession professional professor program programme programs
progress project promise promote prompt pronounce proof proper proposal propose prose protect protocol protocols proud prove provide public
publish pull purchase purpose push put python qualify quality quarter query question questions queue quick quiet quit quiz quote random range
rank rapid rare rate ratio raw reach react read readable reader ready real reason reasonable reassign reboot receive recent recipe recommend
record records recover recruit red reduce refer reference reflect reflection reform refresh regard region register regular regulation
relate relation relative release relevant reliable rely remain remember remind reminder remote remove rename repeat replace reply report
represent request requests require requirement requirements reschedule research reset resident residents residency resolve resource respect
respond response responsible rest restart result results resume retreat retrieve return reverse review revise revision reward rewrite rich ride
right ring rise risk road role roles roll room roster rotation rotations rough round rounds route routine row rule rules run safe safety salary
sale same sample save say scale scan scenario schedule schedules scheduling school science scope score screen script search season seat secret
secretary section secure security see seek seem segment select self sell send senior seniors sense sensitive sentence separate sequence series
serious serve server service services session set setting settings setup severe sex shape share sharp sheet shift shifts shoes short shorten
shot shout show shut sick side sign signal signature silly similar simple simplify single sister sit site situation size skill skip sleep
slide slides slow small smart smile smooth snack social software solid solution solve song sort sound source south space spare speak special
specific speech speed spell spend split sports spread sql stable staff stage stand standard standards start state statement statistics status
stay steady step stick stop storage store story straight strategy stream street stress strict string strong structure student students study
stuff style subject submit subsection succeed success sudden suggest suggestion suggestions suitable sum summarise summarize summary summer sun
supervise supervision supply support suppose sure surface surprise survey swap swaps switch symbol syntax system table tabs tag take talk
talking target task taste tax tea teach teacher team technical technique technology tell temperature template templates term terms test
text textbook thank theme theory thing think thousand thread ticket tie tight time timeline times timing tip tips tired title toolkit tool
tools topic topics total touch tour town track trade traffic train trainee trainees training transfer transition translate travel treat tree trend
trial trick trip trouble true trust truth try turn tutorial type typical typo undergo understand uniform unique unit university unknown update
updated updates upgrade upload upper urgent usage use useful user users usual vacation vacations valid value values variable various vary
vehicle verify version video view violate violation violations visit voice volume vote wait wake walk wall want war warm warn wash watch water
way weak wear weather web website week weekend weekends weekly weeks weight weird welcome wellness west whole wide wife wifi win window winter
wish woman women wonder word wording words work worker workers workflow workload workplace workshop workstation world worried worry worth
write writing wrong year yearly years yellow young youth zip zone zoom acgme hipaa phi ehr emr epic pgy gme erp api csv html pdf url
arrival backup ballpark batch bot browser buddy bug cafeteria cake camera certify checkout chess chocolate column compile
cousin cover crontab debug decode dictionary dog email excel faq feast firewall fridge git glossary haiku hangout hardware header homepage icebreaker
inbox kudos landlord laundry limerick logout margin marathon merge mindful moonlighting mug nap novel onboarding parser parse pastry planner
playlist poetry potluck powerpoint proofread pun quartet recap redo rephrase rota rubric sandwich scrub scrubs sketch slack spreadsheet subtitle
sync tagline tease thesis toast todo tone trivia tweet valet visa wallet wine wordle yoga zen
""")

_CLINICAL = words("""
abdomen abdominal abg abnormal abscess absolute acetaminophen acid acidosis acute admission admissions adjuvant adrenal adverse afebrile afib
aggressive agonist aids airway albumin alcohol alcoholic alert alive allergic allergy alkaline altered ama ambulate ambulance amputation anaesthesia
analgesia anaphylaxis anatomy anemia anaemia anesthesia anesthesiology aneurysm angina angiography anion ankle anterior antibiotic antibiotics
antibody anticoagulant anticoagulate anticoagulation antidote antiviral anxiety aorta aortic appendectomy appendicitis appetite apnea arrest arrhythmia
arterial artery arthritis arthroplasty aspirate aspiration assessment asthma asymptomatic ataxia atrial attending attendings autoimmune axis
bacteremia bacteria bacterial balloon bariatric baseline bedside behavioral benign bicarb bilateral bile biliary bipap biopsy bipolar bladder blast
bleed bleeding blood bolus bone bowel bradycardia breast breath breathing bronchiolitis bronchitis bruise burn bypass cachexia calcium cancer cannula
capacity carbohydrate carcinoma cardiac cardiogenic cardiology cardiomyopathy cardiovascular care caregiver carotid case cases cataract catheter cell
cellulitis cephalosporin cerebral cervical cesarean chemo chemotherapy childhood cholecystectomy cholecystitis cholesterol chronic cirrhosis
classification clinical clinically clinician clot clotting coagulation colitis colon colonoscopy coma comorbidity compartment complication
complications compression conscious constipation consult consultant consults contagious contraindicated contraindication contraindications
contrast convulsion copd corneal coronary cough counsel counselling cramps cranial creatinine crisis crystalloid culture cultures cutoff cyanosis
cyst cystic cytology deceased decompensated deficiency deficit dehydration delirium delivery dementia dental depression derm dermatitis dermatology
desat desatted diabetes diabetic diagnose diagnosis diagnoses diagnostic dialysis diaphragm diarrhea diastolic differential differentials diffuse
digestive dilated dilation discharge discharges disease diseases disorder disorders dispo dissection distal distress diuresis diuretic diuretics
diverticulitis dizziness dizzy dka dnr doctor doctors donor dosage dose doses dosing drain drainage drip drowsy drug drugs dual duct duodenal dvt
dysfunction dysphagia dyspnea dysuria ecg echo ecmo edema ekg electrolyte electrolytes elevated elevation embolism embolus emergent emesis
emphysema empiric empyema encephalitis encephalopathy endocarditis endocrine endocrinology endometriosis endoscopy enteral enzyme enzymes eosinophilia
epidural epidemic epilepsy epinephrine episode epistaxis erosion esophageal euvolemic exacerbation exam exposure extremity extubate extubated
faint false fasting fatal fatty febrile femoral femur fever fibrillation fibrosis fibromyalgia fistula flank flare flu fluid fluids flush focal
followup fracture fractures frail frailty frozen fungal gait gallbladder gallstone gallstones gangrene gastric gastritis gastro gastroenteritis
gastroenterology gastrointestinal gastroparesis gcs gene genetic genetics geriatric geriatrics gestation gestational gland glaucoma glomerular glucose
gout graft gram granuloma gravity groin gynecology haemorrhage hair halo headache headaches healthcare healthy hearing heart heartburn hematology
hematoma hematuria hemodialysis hemodynamic hemoglobin hemolysis hemolytic hemophilia hemoptysis hemorrhage hemothorax heparin hepatic hepatitis
hernia herniation herpes hip hospice hospitalist hospitalization hpi hydration hydrocephalus hyperglycemia hyperkalemia hypernatremia hypertension
hypertensive hyperthyroidism hypocalcemia hypoglycemia hypokalemia hyponatremia hypotension hypothermia hypothyroidism hypovolemia hypoxemia hypoxia
icu ileus imaging immune immunization immunology implant incidence incision incontinence induction infant infarct infarction infected infection
infections infectious inflammation inflammatory influenza infusion inhaled inhaler inhalers injection injury inotrope inpatient inpatients insomnia
insulin insult intensive intensivist interaction interactions intervention interventional intestinal intolerance intoxication intracranial intravenous
intubate intubated intubation inr iron ischemia ischemic isolation jaundice joint kidney kidneys knee lab labs labor laboratory lactate lactic
laparoscopic laparoscopy laryngeal larynx latent lateral lesion lesions lethargic leukemia leukocytosis ligament lipid lipids liver lobe lumbar lumen
lung lungs lupus lymph lymphadenopathy lymphoma lytes macrophage magnesium maintenance malabsorption malaria malignancy malignant mammogram mania
marrow mass maternal matter measles mechanical medial median mediastinal medical medicate medication medications medicine medicines melanoma melena
meningitis meniscus menopause mental metabolic metastases metastasis metastatic micu migraine migraines mild mitral monitor monitoring morbidity
mortality motor mri mrsa mucosa mucus multiple mumps murmur muscle muscular myeloma myocardial myocarditis myopathy narcotic nasal nausea
neck necrosis necrotic neonatal neonate nephritis nephrology nephropathy nephrotic nerve nerves neural neuro neurologic neurological neurologist
neurology neuron neuropathic neuropathy neurosurgery neutropenia neutropenic neutrophil nicu nodule noncontrast noninvasive nonagenarian nonagenarians
nosebleed npo nstemi numb numbness nurse nurses nursing nutrition obese obesity obgyn obstetric obstetrics obstruction obstructive occlusion
oncologist oncology onset opacity operative ophthalmology opioid opioids optic oral orif ortho orthopaedic orthopedic orthopedics orthostatic osteoarthritis
osteomyelitis osteopenia osteoporosis otitis ovarian overdose overload oxygen oxygenation pacemaker paediatric pain palliative palpitations palsy
pancreas pancreatic pancreatitis panic paralysis paralytic parenteral paresthesia pathogen pathologist pathology pathophysiology patient
patients pe peak peds pediatric pediatrics pelvic pelvis penicillin peptic perforation perfusion pericardial pericarditis perioperative peripheral
peritoneal peritonitis persistent pharmacist pharmacologic pharmacology pharmacy phenomenon physical physician physicians physiology picu placebo
placenta plasma plaque platelet platelets pleural pleurisy plexus pneumonia pneumonitis pneumothorax poison poisoning polyp polyps portal positive
postop postoperative postpartum potassium preeclampsia pregnancy pregnant premature prenatal preop preoperative prescribe prescriber prescription
pressor pressors preterm prevalence prevention primary prognosis progressive prolapse prone prophylactic prophylaxis prostate prosthesis prosthetic
protein proteinuria proximal pruritus psoriasis psych psychiatric psychiatrist psychiatry psychosis pulmonary pulmonology pulse pupil pupils
purulent pyelonephritis quadrant rabies radial radiation radiograph radiologist radiology rash reaction rectal recurrence recurrent reflex reflux
refractory regimen regurgitation rehab rehabilitation reintubate relapse remission renal reperfusion replete repletion resection resistance
resistant respiratory resuscitate resuscitation retention retina retinal retinopathy rhabdo rheumatic rheumatoid rheumatology rhinitis rhythm rib
rigors rupture ruptured saline sarcoma screening secondary sedation sedative seizure seizures senna sensory sepsis septic serum shingles shock
shortness shoulder sickle sicu sinus sinusitis skin smear smoker smoking sodium solid sore spasm spinal spine spleen splenic splenectomy sputum
stemi stenosis stent steroid steroids stiffness stomach stool stroke subacute subarachnoid subclinical subcutaneous subdural submassive substance
suicidal suicide supine supplement suppression surgeon surgeons surgery surgical susceptibility sweats swelling swollen symptom symptomatic symptoms
syncope syndrome syndromes systemic systolic tachy tachycardia tamponade telehealth telemetry tendon tendonitis tenderness therapeutic therapeutics therapy
thoracic throat thrombocytopenia thrombocytosis thrombolysis thrombolytic thrombosis thrombus thyroid thyroiditis thyrotoxicosis tia tibia tick tingling
tissue titrate titration toe tolerance tonsil topical torsion toxic toxicity toxicology toxin toxins trach tracheal tracheostomy tramadol
transfuse transfusion transfusions transient transplant transplantation trauma traumatic treatment treatments tremor triage troponin tuberculosis tumor
tumors tube turp typhoid ulcer ulcers ultrasound unconscious unresponsive unstable upright uremia ureter urethra urgent urinalysis urinary urine urologist
urology urosepsis urticaria uterine uterus uti uveitis vaccine vaccines vaccinate vaccination valve valvular vancomycin varices vascular vasculitis vasopressor
vasopressors vegetarian vein veins venous vent ventilation ventilator ventilators ventricle ventricular vents vertebral vertigo viral virus viruses viscera vision
vital vitals vitamin vitamins vomit vomiting warts wheeze wheezing withdrawal wound wounds xray yeast yo bp hr rr wbc rbc hgb hct plt bun cr na k mg
cbc bmp cmp cxr kub mrcp ercp tavr cabg pci dapt doac noac ssri snri nsaid nsaids arb ace ppi tpn ivf prn bid tid qid qhs stat po iv im sc subq pgy1
pgy2 pgy3 ms1 ms2 ms3 ms4 ed er ob gyn ent gi gu id cv cns pt ot rn md np pa crna lpn rt sw mdm soap sbar ipass cc roc fp fn tp tn
anorexia ards aki ckd esrd chf hfref hfpef mi acs dm htn hld gerd osa bph cva tbi sah sdh nph als sle hiv tb covid rsv cmv ebv hsv hpv vzv
hemiplegia lap chole endarterectomy acls atls bls pals nihss meld wells chads abcd curb qsofa sofa apache sirs nexus perc timi grace heart
upbeat hypercapnia hyperbilirubinemia intraop whipple nonadherent noncompliant obtunded gentleman guaiac midline picc unasyn bactrim zofran
hydroxychloroquine bowel discharge handoff signout sign-out rounding consulted workup work-up followup normocytic hemiparesis aphasia
""")

_DRUGS = words("""
abilify acyclovir adderall adenosine advair advil albuterol aleve alteplase amiodarone amoxicillin ampicillin ancef apixaban aspirin ativan
atropine augmentin azithromycin bactrim benadryl botox bumex buprenorphine caffeine calcium carvedilol cefazolin cefepime ceftriaxone celebrex chlorhexidine
cipro clonidine clopidogrel clozapine cocaine codeine colace colchicine compazine coumadin cymbalta dantrolene decadron depakote dexamethasone dextrose
digoxin dilantin dilaudid diltiazem docusate dopamine duoneb eliquis enoxaparin entresto epipen ethanol etomidate famotidine fentanyl ferrous flagyl flexeril flomax flonase
fluoxetine furosemide gabapentin gentamicin glargine glipizide glucagon haldol heparin humalog humira hydralazine hydrocodone hydrocortisone ibuprofen
imodium insulin jardiance kayexalate keflex keppra keppra ketamine klonopin labetalol lactulose lamictal lantus lasix levaquin levophed levothyroxine lexapro
lidocaine lipitor lisinopril lithium lovenox lyrica maalox melatonin meropenem metformin methadone methotrexate metoprolol midazolam miralax
morphine motrin mounjaro mucomyst naloxone narcan naproxen neurontin nexium nicotine nitro nitroglycerin norepinephrine norco novolog oxycodone oxytocin ozempic
paxlovid paxil pepcid percocet phenobarbital phenytoin plavix prednisone prilosec propofol protonix prozac remicade risperdal ritalin rocephin rocuronium
seroquel sertraline sildenafil spironolactone suboxone succinylcholine sudafed symbicort synthroid tamiflu tegretol toradol tpa trazodone truvada tums tylenol ultram
valium valtrex vanc vanco vancomycin ventolin verapamil versed viagra vicodin warfarin wegovy wellbutrin xanax xarelto zantac zoloft zosyn zyprexa
tylenol vasopressin phenylephrine milrinone dobutamine argatroban bivalirudin rituximab linezolid daptomycin tacrolimus cyclosporine mycophenolate
""")

_EPONYMS = words("""
achilles addison adson allen alport alzheimer apgar argyll arnold asherman babinski baker barlow barrett bartholin bartter basedow becker
beck behcet bell bence berger bernard billroth bishop blakemore bloom boas boerhaave bourneville bouchard bowen braden bradford broca brodie
brown-sequard brudzinski brugada buerger burkitt bowman cajal caplan chadwick chagas charcot cheyne chiari child-pugh child chvostek coats codman colles conn
coombs cooley cowden crohn creutzfeldt cullen curling cushing dandy darier doppler down dressler dubin duchenne dukes dupuytren ebola ebstein edwards
ehlers eisenmenger epstein epley erb evans ewing fabry falls fallot fanconi felty finkelstein fisher fitz foley fontan forrest fournier fowler frank friedreich froment
galeazzi galen gardner gaucher ghon giemsa gilbert glasgow gleason goodpasture gower graves grey guillain guthrie hampton hansen harris hartmann hashimoto
hawkins heberden heimlich henoch hering hickman hill hirschsprung hoffman hoffmann hodgkin holter homan homans horner hounsfield howell huntington hurler hutchinson janeway
jarisch jones kaposi kaplan kartagener kawasaki kayser kehr kerley kernig killip kimmelstiel kleihauer klinefelter koch kocher koplik korsakoff krukenberg kupffer kussmaul lachman
laennec lambert lasegue leber legg lennox leriche lewy lhermitte lisfranc ludwig lyme lynch mallampati mallory mantoux marfan mcburney mcmurray meckel meniere merkel mobitz
monro monteggia moro morton munchausen murphy nissen noonan ogilvie osgood osler paget pancoast papanicolaou parkinson perthes peutz peyronie
phalen pick plummer pott potter prader prinzmetal pronovost quincke ramsay ranson rapoport raynaud reed-sternberg reiter reye richter riedel ringer rinne romberg rorschach roth rovsing
salter scheuermann schatzki schilling schwann seldinger sengstaken sertoli sheehan shy simmonds sjogren snellen spurling starling stevens still
sturge swan-ganz swan ganz sydenham takayasu takotsubo tanner tay-sachs thomas thompson tinel tietze todd tourette trendelenburg trousseau tzanck turner valsalva vater virchow volkmann
waldenstrom wallenberg waterhouse weber wegener wenckebach wernicke whipple wilms wilson wolff wood zenker ziehl zollinger ellison barre strauss kahler jakob danlos
parkinson's alzheimers hippocrates nightingale pasteur fleming lister vesalius avicenna semmelweis freud jung einstein newton darwin curie shakespeare angelou
""")

_PLACES = words("""
alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
michigan minnesota mississippi missouri montana nebraska nevada hampshire jersey york carolina dakota ohio oklahoma oregon pennsylvania tennessee texas utah
vermont virginia wisconsin wyoming africa america american asia australia australian austria belgium brazil britain british canada canadian chile china chinese
cuba denmark dutch egypt england english europe european finland france french german germany greece greek haiti hebrew hindi hungary india indian iran iraq ireland irish israel italian italy japan japanese
kenya korea korean latin london mexican mexico netherlands nigeria norway pakistan paris peru philippines poland polish portugal portuguese russia russian scotland
spain spanish sweden swiss switzerland taiwan thailand turkey turkish ukraine usa vietnam vietnamese arabic mandarin swahili tagalog urdu somali
mayo stanford harvard yale cornell columbia hopkins kaiser cleveland northwestern duke emory vanderbilt ucsf ucla nyu mgh bwh penn cedars sinai presbyterian mercy medicare medicaid
acgme aamc ama abim eras nrmp usmle comlex nbme fda cdc cms who nih nejm jama lancet bmj cochrane uptodate pubmed medline google microsoft apple amazon epic cerner meditech zoom slack
outlook excel word powerpoint teams amion qgenda medhub new innovations python java javascript linux windows mac android iphone ios chrome firefox postgres postgresql sqlite docker kubernetes claude chatgpt openai ollama anthropic
christmas thanksgiving easter ramadan diwali hanukkah halloween juneteenth
""")

_OTHER_LANGUAGES = words("""
que qué el la los las un una uno de del y o en con por para su sus es son esta este como cuando cual dosis tratamiento paciente pacientes historia senora senor doctor doctora hospital anos
favor resumen cuanto cuantas horas guardia dolor fiebre le les des une et ou dans avec pour sur est sont cette comment combien quel quelle dose traitement patiente compte rendu apres heures garde repos
der die das ein eine und oder in mit fur auf ist sind wie was wann welche tun bei nach stunden dienst brief hausarzt bitte patientin frau herr dr o os as um uma e em com por se nao qual quais regra
""")

KNOWN = _GRAMMAR | _PLAIN | _CLINICAL | _DRUGS | _EPONYMS | _PLACES | _OTHER_LANGUAGES

ALSO_NAMES = words("""
abbott amber angel april archer ash ashe aspen august aurora autumn bailey baker banks barber basil bay bean bear bell berry best bird bishop black blackwood blue bloom bond booker
booth bowman brandy bright brook brooks brown buck bush butler cannon carter carver case cash chance chandler chase cherry church clay coffee cole cook cooper cotton
crane cross crystal daisy dale dawn day dean destiny diamond dove drew drummer duke earl eve ernest faith farmer faye fern field fields fisher fleming fletcher flood flora forest foster fountain fox frank
freeman french frost gardener gardner garland gay genesis ginger glass glen glover gold golden goodman grace grant graves gray green greene greenfield grey griffin grove hale hall harbor hardy harmony harper
hart hawk hazel heath heather heaven henry hill hilton holiday holly hood hope house howe hunt hunter ivory ivy iris jade jasmine jasper jean jewel jordan joy judge july june justice justin
kane keen kelly king kirk knight lake lamb lance lane lark laurel law leaf lee lily lilly little logan london long love low lucky mace madison major maple march marsh marshal martin mason may mercy
mercer miles mill miller mills moon moody moore moss myrtle nelson noble noel north oakley olive opal orchid page paige painter paris parish park parker parks patience pearl penny perry peters phoenix piper pollard pond poole pope
porter potter powers price prince prosper queen rain ray read reed reese rice rich rivers robin rob rocky rod rose rosemary ross rowan royal ruby rusty ruth sage sailor salmon sandy savage scarlet
serenity sharp shepherd short silver singer skinner sky small smith snow sommers sparks speed stark steel sterling stone storm strange street strong summer summers sunny swan swift taylor temple thorn tower tracy
tucker turner tyler vale van victor viola violet wade walker wall walter ward warren washington waters weaver webb weber wells west wheeler white wild will willow wise wolf wood woods
wright yates york young zion allen barrett beck becker crohn evans gilbert harris hawkins jones kaplan lynch murphy richter stevens thomas thompson wilson bernard edwards ellison bradford hoffman
sylvia virginia georgia carolina dakota savannah austin dallas houston houston israel india china chase mark bill jack pat sue art gene guy ken lou max ray rich tim tom van vern victor wade
""")
"""Known words that are also somebody's name: a second sign decides."""

_MEDICAL_ENDINGS = re.compile(
    r"(?:itis|emia|aemia|osis|oma|omas|ectomy|ostomy|otomy|plasty|pathy|algia|uria|penia|philia|phagia|pnea|rrhea|rrhage|scopy|graphy|gram|logy|logist|logic|cele"
    r"|pril|sartan|olol|statin|cillin|mycin|micin|oxacin|azole|zepam|zolam|parin|xaban|gatran|formin|gliptin|flozin|glutide|semide|thiazide|dipine|triptan|setron|prazole|tidine"
    r"|codone|morphone|fentanil|mab|nib|vir|cycline|sone|solone|amine|idine|arone|statin|oxetine|azine|apine|idone|peridol|caine|curium|curonium|barbital|phylline|terol|tropium|stim|poetin"
    r"|ation|ations|ition|tional|ment|ments|ness|ility|ilities|ology|ical|ically|ious|eous|ively|ative|less|ful|able|ible|ism|ized|ised|izing|ising|cardia|thorax|globin|cyte|cytes|coccus|coccal|bacter|virus|toxin)$"
)
_INFLECTIONS = ("'s", "s'", "s", "es", "d", "ed", "ing", "ly", "er", "ers", "'ll", "'d", "'re", "'ve")


@lru_cache(maxsize=8192)
def is_known(word: str) -> bool:
    """Whether `word` (any case) is a word of English, medicine or the workplace, in one of its forms."""
    lower = word.lower()
    return lower in KNOWN or _MEDICAL_ENDINGS.search(lower) is not None or any(map(KNOWN.__contains__, _stems(lower)))


def may_be_name(word: str) -> bool:
    """Whether `word` can be somebody's name at all: unknown, or one of the words that are both."""
    return word.lower() in ALSO_NAMES or not is_known(word)


def _stems(word: str) -> list[str]:
    """What `word` may be a form of: `titrating` ─▶ titrate, titrat."""
    bare = [word[: -len(ending)] for ending in _INFLECTIONS if word.endswith(ending) and len(word) - len(ending) > 2]
    doubled = [stem[:-1] for stem in bare if len(stem) > 3 and stem[-1] == stem[-2]]
    return bare + [stem + "e" for stem in bare] + [stem[:-1] + "y" for stem in bare if stem.endswith("i")] + doubled
