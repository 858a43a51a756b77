//! The few words that pages need beside the authored texts, by language. English stands in where a language has none.

use waymark_engine::format::Owner;

pub struct Words {
    pub language: &'static str,
    pub glossary: &'static str,
    pub guide: &'static str,
    /// How to read the glossary.
    pub about_glossary: &'static str,
    /// How to read the field guide.
    pub about_guide: &'static str,
    pub skip: &'static str,
    pub see: &'static str,
    pub lessons: &'static str,
    pub sign: &'static str,
    pub place: &'static str,
    pub layer: &'static str,
    pub owner: &'static str,
    pub step: &'static str,
    person: &'static str,
    account_holder: &'static str,
    deployer: &'static str,
    provider: &'static str,
}

impl Words {
    pub fn of(language: &str) -> &'static Words {
        let primary = language.split('-').next().unwrap_or_default();
        let own = ALL.iter().find(|words| words.language.eq_ignore_ascii_case(primary));
        own.copied().unwrap_or(&ENGLISH)
    }

    pub fn owner_name(&self, owner: Owner) -> &'static str {
        match owner {
            Owner::Person => self.person,
            Owner::AccountHolder => self.account_holder,
            Owner::Deployer => self.deployer,
            Owner::Provider => self.provider,
        }
    }
}

static ENGLISH: Words = Words {
    language: "en",
    glossary: "Glossary",
    guide: "Field guide",
    about_glossary: "The terms of the course, each with the terms beside it and the lessons that use it.",
    about_guide: "Go through the questions in order and stop at the first sign that you see. Beside it stand the layer it speaks for, who can change that, and the next legitimate step.",
    skip: "To the content",
    see: "See also",
    lessons: "Lessons",
    sign: "Sign",
    place: "Where",
    layer: "Layer",
    owner: "Who can change it",
    step: "Next step",
    person: "you",
    account_holder: "account holder",
    deployer: "deployer",
    provider: "provider",
};

static ALL: [&Words; 3] = [
    &ENGLISH,
    &Words {
        language: "de",
        glossary: "Glossar",
        guide: "Bestimmungshilfe",
        about_glossary: "Die Begriffe des Kurses, jeder mit verwandten Begriffen und den Lektionen, die ihn verwenden.",
        about_guide: "Stelle die Fragen der Reihe nach und halte beim ersten Zeichen an, das du siehst. Daneben stehen die Schicht, für die es spricht, wer das ändern kann und der nächste redliche Schritt.",
        skip: "Zum Inhalt",
        see: "Siehe auch",
        lessons: "Lektionen",
        sign: "Zeichen",
        place: "Wo",
        layer: "Schicht",
        owner: "Wer es ändern kann",
        step: "Nächster Schritt",
        person: "du selbst",
        account_holder: "Inhaber des Kontos",
        deployer: "Betreiber der Anwendung",
        provider: "Anbieter",
    },
    &Words {
        language: "es",
        glossary: "Glosario",
        guide: "Guía de campo",
        about_glossary: "Los términos del curso, cada uno con los términos afines y las lecciones que lo usan.",
        about_guide: "Recorre las preguntas en orden y detente en la primera señal que veas. A su lado están la capa de la que habla, quién puede cambiarla y el siguiente paso legítimo.",
        skip: "Ir al contenido",
        see: "Véase también",
        lessons: "Lecciones",
        sign: "Señal",
        place: "Dónde",
        layer: "Capa",
        owner: "Quién puede cambiarlo",
        step: "Siguiente paso",
        person: "tú",
        account_holder: "titular de la cuenta",
        deployer: "responsable de la aplicación",
        provider: "proveedor",
    },
];
