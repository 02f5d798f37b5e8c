"""Words of medicine: none of them is a patient's name, though eponyms once were somebody's.

Lower case, without accents. Endings (-itis, -mab) are recognised in `vocabulary.py` and need no entry.
"""

from __future__ import annotations

from chatapp.privacy.notation import words

CLINICAL = words("""
    abdomen abdominal abg abnormal abscess absolute acetaminophen acid acidosis acute admission admissions adjuvant
    adrenal adverse afebrile afib aggressive agonist aids airway albumin alcohol alcoholic alert alive allergic
    allergy alkaline altered ama ambulate ambulance amputation anaesthesia analgesia anaphylaxis anatomy anemia
    anaemia anesthesia anesthesiology aneurysm angina angiography anion ankle anterior antibiotic antibiotics antibody
    anticoagulant anticoagulate anticoagulation antidote antiviral anxiety aorta aortic appendectomy appendicitis
    appetite apnea arrest arrhythmia arterial artery arthritis arthroplasty aspirate aspiration assessment asthma
    asymptomatic ataxia atrial attending attendings autoimmune axis bacteremia bacteria bacterial balloon bariatric
    baseline bedside behavioral benign bicarb bilateral bile biliary bipap biopsy bipolar bladder blast bleed bleeding
    blood bolus bone bowel bradycardia breast breath breathing bronchiolitis bronchitis bruise burn bypass cachexia
    calcium cancer cannula capacity carbohydrate carcinoma cardiac cardiogenic cardiology cardiomyopathy
    cardiovascular care caregiver carotid case cases cataract catheter cell cellulitis cephalosporin cerebral cervical
    cesarean chemo chemotherapy childhood cholecystectomy cholecystitis cholesterol chronic cirrhosis classification
    clinical clinically clinician clot clotting coagulation colitis colon colonoscopy coma comorbidity compartment
    complication complications compression conscious constipation consult consultant consults contagious
    contraindicated contraindication contraindications contrast convulsion copd corneal coronary cough counsel
    counselling cramps cranial creatinine crisis crystalloid culture cultures cutoff cyanosis cyst cystic cytology
    deceased decompensated deficiency deficit dehydration delirium delivery dementia dental depression derm dermatitis
    dermatology desat desatted diabetes diabetic diagnose diagnosis diagnoses diagnostic dialysis diaphragm diarrhea
    diastolic differential differentials diffuse digestive dilated dilation discharge discharges disease diseases
    disorder disorders dispo dissection distal distress diuresis diuretic diuretics diverticulitis dizziness dizzy dka
    dnr doctor doctors donor dosage dose doses dosing drain drainage drip drowsy drug drugs dual duct duodenal dvt
    dysfunction dysphagia dyspnea dysuria ecg echo ecmo edema ekg electrolyte electrolytes elevated elevation embolism
    embolus emergent emesis emphysema empiric empyema encephalitis encephalopathy endocarditis endocrine endocrinology
    endometriosis endoscopy enteral enzyme enzymes eosinophilia epidural epidemic epilepsy epinephrine episode
    epistaxis erosion esophageal euvolemic exacerbation exam exposure extremity extubate extubated faint false fasting
    fatal fatty febrile femoral femur fever fibrillation fibrosis fibromyalgia fistula flank flare flu fluid fluids
    flush focal followup fracture fractures frail frailty frozen fungal gait gallbladder gallstone gallstones gangrene
    gastric gastritis gastro gastroenteritis gastroenterology gastrointestinal gastroparesis gcs gene genetic genetics
    geriatric geriatrics gestation gestational gland glaucoma glomerular glucose gout graft gram granuloma gravity
    groin gynecology haemorrhage hair halo headache headaches healthcare healthy hearing heart heartburn hematology
    hematoma hematuria hemodialysis hemodynamic hemoglobin hemolysis hemolytic hemophilia hemoptysis hemorrhage
    hemothorax heparin hepatic hepatitis hernia herniation herpes hip hospice hospitalist hospitalization hpi
    hydration hydrocephalus hyperglycemia hyperkalemia hypernatremia hypertension hypertensive hyperthyroidism
    hypocalcemia hypoglycemia hypokalemia hyponatremia hypotension hypothermia hypothyroidism hypovolemia hypoxemia
    hypoxia icu ileus imaging immune immunization immunology implant incidence incision incontinence induction infant
    infarct infarction infected infection infections infectious inflammation inflammatory influenza infusion inhaled
    inhaler inhalers injection injury inotrope inpatient inpatients insomnia insulin insult intensive intensivist
    interaction interactions intervention interventional intestinal intolerance intoxication intracranial intravenous
    intubate intubated intubation inr iron ischemia ischemic isolation jaundice joint kidney kidneys knee lab labs
    labor laboratory lactate lactic laparoscopic laparoscopy laryngeal larynx latent lateral lesion lesions lethargic
    leukemia leukocytosis ligament lipid lipids liver lobe lumbar lumen lung lungs lupus lymph lymphadenopathy
    lymphoma lytes macrophage magnesium maintenance malabsorption malaria malignancy malignant mammogram mania marrow
    mass maternal matter measles mechanical medial median mediastinal medical medicate medication medications medicine
    medicines melanoma melena meningitis meniscus menopause mental metabolic metastases metastasis metastatic micu
    migraine migraines mild mitral monitor monitoring morbidity mortality motor mri mrsa mucosa mucus multiple mumps
    murmur muscle muscular myeloma myocardial myocarditis myopathy narcotic nasal nausea neck necrosis necrotic
    neonatal neonate nephritis nephrology nephropathy nephrotic nerve nerves neural neuro neurologic neurological
    neurologist neurology neuron neuropathic neuropathy neurosurgery neutropenia neutropenic neutrophil nicu nodule
    noncontrast noninvasive nonagenarian nonagenarians nosebleed npo nstemi numb numbness nurse nurses nursing
    nutrition obese obesity obgyn obstetric obstetrics obstruction obstructive occlusion oncologist oncology onset
    opacity operative ophthalmology opioid opioids optic oral orif ortho orthopaedic orthopedic orthopedics
    orthostatic osteoarthritis osteomyelitis osteopenia osteoporosis otitis ovarian overdose overload oxygen
    oxygenation pacemaker paediatric pain palliative palpitations palsy pancreas pancreatic pancreatitis panic
    paralysis paralytic parenteral paresthesia pathogen pathologist pathology pathophysiology patient patients pe peak
    peds pediatric pediatrics pelvic pelvis penicillin peptic perforation perfusion pericardial pericarditis
    perioperative peripheral peritoneal peritonitis persistent pharmacist pharmacologic pharmacology pharmacy
    phenomenon physical physician physicians physiology picu placebo placenta plasma plaque platelet platelets pleural
    pleurisy plexus pneumonia pneumonitis pneumothorax poison poisoning polyp polyps portal positive postop
    postoperative postpartum potassium preeclampsia pregnancy pregnant premature prenatal preop preoperative prescribe
    prescriber prescription pressor pressors preterm prevalence prevention primary prognosis progressive prolapse
    prone prophylactic prophylaxis prostate prosthesis prosthetic protein proteinuria proximal pruritus psoriasis
    psych psychiatric psychiatrist psychiatry psychosis pulmonary pulmonology pulse pupil pupils purulent
    pyelonephritis quadrant rabies radial radiation radiograph radiologist radiology rash reaction rectal recurrence
    recurrent reflex reflux refractory regimen regurgitation rehab rehabilitation reintubate relapse remission renal
    reperfusion replete repletion resection resistance resistant respiratory resuscitate resuscitation retention
    retina retinal retinopathy rhabdo rheumatic rheumatoid rheumatology rhinitis rhythm rib rigors rupture ruptured
    saline sarcoma screening secondary sedation sedative seizure seizures senna sensory sepsis septic serum shingles
    shock shortness shoulder sickle sicu sinus sinusitis skin smear smoker smoking sodium solid sore spasm spinal
    spine spleen splenic splenectomy sputum stemi stenosis stent steroid steroids stiffness stomach stool stroke
    subacute subarachnoid subclinical subcutaneous subdural submassive substance suicidal suicide supine supplement
    suppression surgeon surgeons surgery surgical susceptibility sweats swelling swollen symptom symptomatic symptoms
    syncope syndrome syndromes systemic systolic tachy tachycardia tamponade telehealth telemetry tendon tendonitis
    tenderness therapeutic therapeutics therapy thoracic throat thrombocytopenia thrombocytosis thrombolysis
    thrombolytic thrombosis thrombus thyroid thyroiditis thyrotoxicosis tia tibia tick tingling tissue titrate
    titration toe tolerance tonsil topical torsion toxic toxicity toxicology toxin toxins trach tracheal tracheostomy
    tramadol transfuse transfusion transfusions transient transplant transplantation trauma traumatic treatment
    treatments tremor triage troponin tuberculosis tumor tumors tube turp typhoid ulcer ulcers ultrasound unconscious
    unresponsive unstable upright uremia ureter urethra urgent urinalysis urinary urine urologist urology urosepsis
    urticaria uterine uterus uti uveitis vaccine vaccines vaccinate vaccination valve valvular vancomycin varices
    vascular vasculitis vasopressor vasopressors vegetarian vein veins venous vent ventilation ventilator ventilators
    ventricle ventricular vents vertebral vertigo viral virus viruses viscera vision vital vitals vitamin vitamins
    vomit vomiting warts wheeze wheezing withdrawal wound wounds xray yeast yo bp hr rr wbc rbc hgb hct plt bun cr na
    k mg cbc bmp cmp cxr kub mrcp ercp tavr cabg pci dapt doac noac ssri snri nsaid nsaids arb ace ppi tpn ivf prn bid
    tid qid qhs stat po iv im sc subq pgy1 pgy2 pgy3 ms1 ms2 ms3 ms4 ed er ob gyn ent gi gu id cv cns pt ot rn md np
    pa crna lpn rt sw mdm soap sbar ipass cc roc fp fn tp tn anorexia ards aki ckd esrd chf hfref hfpef mi acs dm htn
    hld gerd osa bph cva tbi sah sdh nph als sle hiv tb covid rsv cmv ebv hsv hpv vzv hemiplegia lap chole
    endarterectomy acls atls bls pals nihss meld wells chads abcd curb qsofa sofa apache sirs nexus perc timi grace
    upbeat hypercapnia hyperbilirubinemia intraop whipple nonadherent noncompliant obtunded gentleman guaiac midline
    picc unasyn bactrim zofran hydroxychloroquine handoff signout sign-out rounding consulted workup work-up
    normocytic hemiparesis aphasia temp temps tmax map trops crit sats desats coags cta ctpa mra pet tte tee eeg emg
    lfts hcg ua upt cpr rosc icp cvp pcwp pap peep fio2 hfnc cpap tlc jp ngt peg foley gtt bolused diuresed
    cardioverted tachypneic hypoxic hypotensive bradycardic tachycardic normotensive anuric oliguric anxious
    hypoactive apneic hypercalcemia anemic cachectic icteric ischaemia oedema diarrhoea haematuria paediatrics
    gynaecology dyspnoea foetal leukaemia oesophageal anaemic lv rv la ra rca lad pda vsd asd pfo vt vf svt wpw lbbb
    rbbb avnrt qtc qrs pr jvp jvd s1 s2 s3 s4 dtr rom lle rle lue rue ros pmh psh fh sh a&p h&p m&m d/c dx hx rx tx sx
    fx px mets rads neb nebs abx vanc cef ppx boards step klebsiella pseudomonas enterococcus staph strep ecoli coli
    aureus epidermidis pneumoniae difficile cdiff acinetobacter enterobacter serratia proteus haemophilus moraxella
    listeria legionella mycoplasma chlamydia gonorrhea syphilis treponema borrelia babesia bartonella brucella
    coxiella rickettsia ehrlichia anaplasma leptospira salmonella shigella campylobacter vibrio yersinia helicobacter
    bacteroides clostridium clostridioides actinomyces nocardia candida aspergillus cryptococcus histoplasma
    blastomyces coccidioides pneumocystis mucor toxoplasma giardia entamoeba plasmodium falciparum strongyloides
    ascaris taenia schistosoma trichomonas mycobacterium mac mssa vre esbl cre hacek tsh psa cea afp hba1c hba fena
    feurea bnp probnp crp esr ldh ck ckmb alt ast alp ggt ana anca rf ccp dsdna hcv hbsag rpr fta quantiferon igra
    d-dimer ddimer ptt aptt fibrinogen haptoglobin retic tibc ferritin b12 folate homocysteine mma spep upep flc g6pd
    cortisol acth fsh lh prolactin estradiol testosterone bled dobhoff dobbhoff yankauer salem sump kling coban
    tegaderm steri xeroform dermabond ringer ringers lactated plasmalyte hespan pedialyte gatorade ensure jevity
    glucerna parkland ottawa canadian pecarn has-bled hasbled cha2ds2 vasc ranson bisap marshall forrest rockall
    glasgow-blatchford blatchford ramson edacs centor mcisaac gtube chest thoracentesis paracentesis
    pericardiocentesis cricothyrotomy cystoscopy bronchoscopy laryngoscopy sigmoidoscopy hysterectomy cholangiogram
    fistulogram fluoroscopy eval evals swallow speech diet sheath filter coil clip screw rod nail plate orthosis
    walker wheelchair crutches cast boot sling transport transported admitting admits transports rounds rounded
    consulting consented refusing requesting reporting reports gravid para primigravida multigravida trimester fetus
    fetal placental contraction contractions effacement station csection vbac tolac lipoma keloid eczema impetigo
    scabies tinea rosacea acne alopecia vitiligo pemphigus pemphigoid erysipelas abscesses ulcerated nystagmus
    diplopia ptosis anisocoria papilledema dysarthria dysmetria apraxia agnosia neglect myoclonus chorea dystonia
    akathisia tardive dyskinesia clonus schizophrenia schizoaffective borderline adhd autism ptsd ocd anhedonia
    catatonia gastrectomy colectomy lobectomy pneumonectomy nephrectomy prostatectomy thyroidectomy mastectomy
    craniotomy laminectomy fusion mmol meq mcg kg ml dl mmhg bpm lpm hrs mins secs wk wks mo mos yr yrs tab tabs cap
    caps supp susp soln inj gtts
""")
"""Conditions, parts of the body, findings, procedures, roles and their abbreviations."""

DRUGS = words("""
    pressors pressor chemo dialysis abilify acyclovir adderall adenosine advair advil albuterol aleve alteplase
    amiodarone amoxicillin ampicillin ancef apixaban aspirin ativan atropine augmentin azithromycin bactrim benadryl
    botox bumex buprenorphine caffeine calcium carvedilol cefazolin cefepime ceftriaxone celebrex chlorhexidine cipro
    clonidine clopidogrel clozapine cocaine codeine colace colchicine compazine coumadin cymbalta dantrolene decadron
    depakote dexamethasone dextrose digoxin dilantin dilaudid diltiazem docusate dopamine duoneb eliquis enoxaparin
    entresto epipen ethanol etomidate famotidine fentanyl ferrous flagyl flexeril flomax flonase fluoxetine furosemide
    gabapentin gentamicin glargine glipizide glucagon haldol heparin humalog humira hydralazine hydrocodone
    hydrocortisone ibuprofen imodium insulin jardiance kayexalate keflex keppra ketamine klonopin labetalol lactulose
    lamictal lantus lasix levaquin levophed levothyroxine lexapro lidocaine lipitor lisinopril lithium lovenox lyrica
    maalox melatonin meropenem metformin methadone methotrexate metoprolol midazolam miralax morphine motrin mounjaro
    mucomyst naloxone narcan naproxen neurontin nexium nicotine nitro nitroglycerin norepinephrine norco novolog
    oxycodone oxytocin ozempic paxlovid paxil pepcid percocet phenobarbital phenytoin plavix prednisone prilosec
    propofol protonix prozac remicade risperdal ritalin rocephin rocuronium seroquel sertraline sildenafil
    spironolactone suboxone succinylcholine sudafed symbicort synthroid tamiflu tegretol toradol tpa trazodone truvada
    tums tylenol ultram valium valtrex vanc vanco vancomycin ventolin verapamil versed viagra vicodin warfarin wegovy
    wellbutrin xanax xarelto zantac zoloft zosyn zyprexa vasopressin phenylephrine milrinone dobutamine argatroban
    bivalirudin rituximab linezolid daptomycin tacrolimus cyclosporine mycophenolate brilinta farxiga invokana januvia
    trulicity victoza tresiba toujeo levemir basaglar xeljanz stelara cosentyx dupixent entyvio otezla skyrizi tremfya
    keytruda opdivo herceptin avastin rituxan enbrel orencia prolia fosamax boniva reclast crestor zetia repatha
    praluent zocor pravachol diovan benicar cozaar norvasc tenormin coreg toprol bystolic inderal lopressor aldactone
    inspra bumetanide torsemide metolazone diamox mannitol hydroxyzine vistaril atarax zyrtec claritin allegra
    singulair spiriva breo anoro trelegy pulmicort qvar dulera atrovent xopenex chantix nicorette antabuse vivitrol
    campral precedex diprivan nimbex anectine sugammadex bridion neostigmine glycopyrrolate robinul zemuron ketorolac
    celecoxib meloxicam mobic cytotec misoprostol methergine hemabate pitocin rhogam makena clomid femara letrozole
    tamoxifen arimidex lupron casodex zytiga xtandi gleevec tarceva revlimid velcade cytoxan cisplatin carboplatin
    taxol taxotere adriamycin vincristine methylprednisolone solumedrol medrol kenalog florinef cortef imuran cellcept
    prograf rapamune simulect thymoglobulin ivig octagam kcentra feiba novoseven amicar tranexamic txa ddavp vitamin k
    phytonadione protamine praxbind andexxa digifab crofab intralipid flumazenil physostigmine pralidoxime fomepizole
    nac dimercaprol edta penicillamine deferoxamine hydroxocobalamin cyanokit methylene macrobid macrodantin pyridium
    monurol invanz merrem primaxin teflaro ceftaroline tygacil tigecycline zyvox cubicin synercid colistin polymyxin
    tobramycin amikacin rifampin isoniazid inh ethambutol pyrazinamide dapsone diflucan vfend noxafil cresemba
    mycamine micafungin ambisome amphotericin valcyte ganciclovir foscarnet cidofovir remdesivir veklury epclusa
    harvoni mavyret biktarvy descovy genvoya triumeq tivicay prezista isentress atripla malarone mefloquine doxy
    doxycycline plaquenil ivermectin albendazole praziquantel permethrin elimite lindane nystatin clotrimazole
    lotrimin lamisil terbinafine retin accutane differin elidel protopic venetoclax lokelma veltassa librium
    chlordiazepoxide vaso levo neo phenyl epi norepi methimazole ptu propylthiouracil levetiracetam lacosamide vimpat
    depakene oxcarbazepine trileptal topamax topiramate zonisamide carbamazepine valproate lamotrigine quetiapine
    olanzapine aripiprazole risperidone ziprasidone geodon latuda haloperidol thorazine buspirone buspar mirtazapine
    remeron effexor pristiq lunesta ambien sonata belsomra restoril temazepam precose acarbose actos pioglitazone
    amaryl glimepiride glyburide liraglutide semaglutide dulaglutide exenatide empagliflozin dapagliflozin
    canagliflozin sitagliptin ivabradine corlanor ranolazine ranexa vericiguat sacubitril bosentan ambrisentan
    riociguat tolvaptan samsca demeclocycline urea ure-na fludrocortisone midodrine droxidopa northera pyridostigmine
    mestinon riluzole baclofen tizanidine zanaflex cyclobenzaprine robaxin soma colestipol questran welchol ezetimibe
    niacin fenofibrate tricor lovaza vascepa allopurinol febuxostat uloric probenecid krystexxa leflunomide arava
    azathioprine sulfasalazine mesalamine asacol lialda budesonide entocort azulfidine
""")
"""Names of drugs that no ending gives away."""

EPONYMS = words("""
    achilles addison adson allen alport alzheimer apgar argyll arnold asherman babinski baker barlow barrett bartholin
    bartter basedow becker beck behcet bell bence berger bernard billroth bishop blakemore bloom boas boerhaave
    bourneville bouchard bowen braden bradford broca brodie brown-sequard brudzinski brugada buerger burkitt bowman
    cajal caplan chadwick chagas charcot cheyne chiari child-pugh child chvostek coats codman colles conn coombs
    cooley cowden crohn creutzfeldt cullen curling cushing dandy darier doppler down dressler dubin duchenne dukes
    dupuytren ebola ebstein edwards ehlers eisenmenger epstein epley erb evans ewing fabry falls fallot fanconi felty
    finkelstein fisher fitz foley fontan forrest fournier fowler frank friedreich froment galeazzi galen gardner
    gaucher ghon giemsa gilbert glasgow gleason goodpasture gower graves grey guillain guthrie hampton hansen harris
    hartmann hashimoto hawkins heberden heimlich henoch hering hickman hill hirschsprung hoffman hoffmann hodgkin
    holter homan homans horner hounsfield howell huntington hurler hutchinson janeway jarisch jones kaposi kaplan
    kartagener kawasaki kayser kehr kerley kernig killip kimmelstiel kleihauer klinefelter koch kocher koplik
    korsakoff krukenberg kupffer kussmaul lachman laennec lambert lasegue leber legg lennox leriche lewy lhermitte
    lisfranc ludwig lyme lynch mallampati mallory mantoux marfan mcburney mcmurray meckel meniere merkel mobitz monro
    monteggia moro morton munchausen murphy nissen noonan ogilvie osgood osler paget pancoast papanicolaou parkinson
    perthes peutz peyronie phalen pick plummer pott potter prader prinzmetal pronovost quincke ramsay ranson rapoport
    raynaud reed-sternberg reiter reye richter riedel ringer rinne romberg rorschach roth rovsing salter scheuermann
    schatzki schilling schwann seldinger sengstaken sertoli sheehan shy simmonds sjogren snellen spurling starling
    stevens still sturge swan-ganz swan ganz sydenham takayasu takotsubo tanner tay-sachs thomas thompson tinel tietze
    todd tourette trendelenburg trousseau tzanck turner valsalva vater virchow volkmann waldenstrom wallenberg
    waterhouse weber wegener wenckebach wernicke whipple wilms wilson wolff wood zenker ziehl zollinger ellison barre
    strauss kahler jakob danlos parkinson's alzheimers hippocrates nightingale pasteur fleming lister vesalius
    avicenna semmelweis freud jung einstein newton darwin curie shakespeare angelou
""")
"""People after whom signs, diseases and devices are called, and some who are quoted."""
