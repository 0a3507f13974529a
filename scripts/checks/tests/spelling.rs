//! The book is written in American English: every British spelling is named with its place and its American twin.
//!
//! Names stay as they are, in code: Rust and tokio say `cancelled`, and so does a code span. Read are the pages of
//! `src/` and the README, with their captions and the words in diagrams.

use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Anywhere in a word: *colourful*, *neighbouring*, *kilometres*.
const WITHIN: [(&str, &str); 63] = [
    ("acknowledgement", "acknowledgment"),
    ("ageing", "aging"),
    ("aluminium", "aluminum"),
    ("analogue", "analog"),
    ("armour", "armor"),
    ("artefact", "artifact"),
    ("behaviour", "behavior"),
    ("calibre", "caliber"),
    ("candour", "candor"),
    ("catalogue", "catalog"),
    ("centre", "center"),
    ("centring", "centering"),
    ("clamour", "clamor"),
    ("colour", "color"),
    ("cosy", "cozy"),
    ("defence", "defense"),
    ("demeanour", "demeanor"),
    ("draught", "draft"),
    ("endeavour", "endeavor"),
    ("enquir", "inquir"),
    ("enrolment", "enrollment"),
    ("favour", "favor"),
    ("fervour", "fervor"),
    ("fibre", "fiber"),
    ("flavour", "flavor"),
    ("focuss", "focus"),
    ("fulfilment", "fulfillment"),
    ("grey", "gray"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("instalment", "installment"),
    ("jewellery", "jewelry"),
    ("judgement", "judgment"),
    ("labour", "labor"),
    ("licence", "license"),
    ("litre", "liter"),
    ("lustre", "luster"),
    ("manoeuvr", "maneuver"),
    ("meagre", "meager"),
    ("metre", "meter"),
    ("mould", "mold"),
    ("neighbour", "neighbor"),
    ("odour", "odor"),
    ("offence", "offense"),
    ("orientate", "orient"),
    ("plough", "plow"),
    ("practis", "practic"),
    ("pretence", "pretense"),
    ("rigour", "rigor"),
    ("rumour", "rumor"),
    ("saviour", "savior"),
    ("savour", "savor"),
    ("sceptic", "skeptic"),
    ("skilful", "skillful"),
    ("sombre", "somber"),
    ("speciality", "specialty"),
    ("spectre", "specter"),
    ("splendour", "splendor"),
    ("theatre", "theater"),
    ("tumour", "tumor"),
    ("vapour", "vapor"),
    ("vigour", "vigor"),
];

/// Alone only: *programmed* is American.
const WHOLE: [(&str, &str); 29] = [
    ("afterwards", "afterward"),
    ("amidst", "amid"),
    ("amongst", "among"),
    ("backwards", "backward"),
    ("burnt", "burned"),
    ("cheque", "check"),
    ("cheques", "checks"),
    ("disc", "disk"),
    ("discs", "disks"),
    ("downwards", "downward"),
    ("dreamt", "dreamed"),
    ("enrol", "enroll"),
    ("enrols", "enrolls"),
    ("fulfil", "fulfill"),
    ("fulfils", "fulfills"),
    ("inwards", "inward"),
    ("learnt", "learned"),
    ("maths", "math"),
    ("onwards", "onward"),
    ("outwards", "outward"),
    ("programme", "program"),
    ("programmes", "programs"),
    ("spelt", "spelled"),
    ("spoilt", "spoiled"),
    ("towards", "toward"),
    ("tyre", "tire"),
    ("tyres", "tires"),
    ("upwards", "upward"),
    ("whilst", "while"),
];

/// American keeps their one *l* before *-ed*, *-ing* and *-er*: *canceled*, but *cancellation* and *controlled*.
const ONE_L: [&str; 30] = [
    "cancel", "channel", "counsel", "dial", "equal", "fuel", "funnel", "grovel", "initial",
    "label", "level", "marshal", "marvel", "model", "panel", "parcel", "pedal", "pencil",
    "quarrel", "rival", "shovel", "signal", "spiral", "stencil", "swivel", "total", "travel",
    "tunnel", "unravel", "yodel",
];

/// Written so in American, too; and every word on *-wise*.
const WITH_S: &str = "advise anise apprise arise braise bruise chastise circumcise compromise comprise concise \
    cruise demise despise devise disguise enterprise excise exercise expertise franchise guise \
    improvise incise merchandise noise paradise poise praise precise premise promise raise \
    reprise revise rise sunrise supervise surmise surprise televise tortoise treatise turquoise \
    vise wise";

/// How an American writes it, if that is another way.
fn american(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    if let Some((_, twin)) = WHOLE.iter().find(|(british, _)| *british == word) {
        return Some((*twin).to_string());
    }
    if let Some((british, twin)) = WITHIN.iter().find(|(british, _)| word.contains(british)) {
        return Some(word.replace(british, twin));
    }
    for end in ["led", "ling", "ler", "lers"] {
        let stem =
            word.strip_suffix(end).filter(|stem| ONE_L.iter().any(|one| stem.ends_with(one)));
        if let Some(stem) = stem {
            return Some(format!("{stem}{}", &end[1..]));
        }
    }
    for end in ["yse", "yses", "ysed", "ysing", "yser"] {
        if let Some(stem) = word.strip_suffix(end).filter(|stem| stem.ends_with("al")) {
            // *analyses* is the plural of *analysis*, too.
            return (end != "yses").then(|| format!("{stem}yz{}", &end[2..]));
        }
    }
    for end in ["e", "es", "ed", "ing", "er", "ers", "ation", "ations", "able"] {
        let Some(stem) = word.strip_suffix(end).and_then(|rest| rest.strip_suffix("is")) else {
            continue;
        };
        let plain = format!("{stem}ise");
        let kept =
            plain.ends_with("wise") || WITH_S.split_whitespace().any(|with_s| with_s == plain);
        return (!kept && stem.len() > 2).then(|| format!("{stem}iz{end}"));
    }
    None
}

/// Each run of letters with where it begins. A word with an underscore is a name.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    text.split(move |c: char| !part(c)).filter_map(move |word| {
        let start = at + text[at..].find(word).unwrap_or(0);
        at = start + word.len();
        (!word.is_empty() && !word.contains('_')).then_some((start, word))
    })
}

/// The text with dots for each directive, except for what it quotes: its caption.
fn without_arguments(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{").map(|offset| at + offset) {
        let end = text[open..].find("}}").map_or(text.len(), |offset| open + offset);
        let mut quoted = false;
        for byte in &mut bytes[open..end] {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' => {}
                _ if !quoted => *byte = b'.',
                _ => {}
            }
        }
        at = end;
    }
    String::from_utf8(bytes).unwrap()
}

/// Line, word as it stands, and its American twin.
fn british(page: &str) -> Vec<(usize, String, String)> {
    let text = without_arguments(page);
    let (mut found, mut code) = (Vec::new(), false);
    for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            // What a diagram says is read, too.
            Event::Start(Tag::CodeBlock(kind)) => {
                code = !matches!(kind, CodeBlockKind::Fenced(language) if &*language == "mermaid");
            }
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(_) if !code => {
                for (at, word) in words(&text[range.clone()]) {
                    if let Some(twin) = american(word) {
                        let line = text[..range.start + at].matches('\n').count() + 1;
                        found.push((line, word.to_string(), twin));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_page_is_spelled_as_americans_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut pages = vec![root.join("README.md")];
    let entries = fs::read_dir(root.join("src")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    assert!(pages.len() > 20, "only {} pages were found", pages.len());
    pages.sort();
    let mut wrong = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let shown = page.strip_prefix(root).unwrap().display().to_string().replace('\\', "/");
        for (line, word, twin) in british(&text) {
            wrong.push(format!("{shown}:{line}: `{word}` is British; write `{twin}`"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn british_forms_are_found_and_their_american_neighbors_are_not() {
    for (word, twin) in [
        ("behaviours", "behaviors"),
        ("Colourful", "colorful"),
        ("millimetres", "millimeters"),
        ("organise", "organize"),
        ("initialised", "initialized"),
        ("Parallelisation", "parallelization"),
        ("optimiser", "optimizer"),
        ("optimisation", "optimization"),
        ("summarising", "summarizing"),
        ("minimise", "minimize"),
        ("synchronises", "synchronizes"),
        ("vectorised", "vectorized"),
        ("analysed", "analyzed"),
        ("paralysed", "paralyzed"),
        ("cancelled", "canceled"),
        ("travelling", "traveling"),
        ("modelled", "modeled"),
        ("mislabelled", "mislabeled"),
        ("traveller", "traveler"),
        ("grey", "gray"),
        ("programme", "program"),
        ("practise", "practice"),
        ("licences", "licenses"),
        ("whilst", "while"),
        ("towards", "toward"),
    ] {
        assert_eq!(american(word).as_deref(), Some(twin), "{word}");
    }
    let fine = "parallelism realistic optimistic emphasis analyses analysis controlled compelled installed \
                cancellation excellent exercise promise promised noise otherwise rising raised advised revised \
                surprised precise wise programmed programming parameter forwards center hour four source \
                concise paradise compromise supervised likewise arise comprising";
    for word in fine.split_whitespace() {
        assert_eq!(american(word), None, "{word}");
    }
}

#[test]
fn code_and_arguments_are_names_and_captions_are_read() {
    let page = "`cancelled` and\n\n```rust\nlet colour = 1;\n```\n\n\
                {{#figure cancelled bars arms=grey \"Grey, *and* whilst\n it runs\" +neutral}} is_cancelled\n\n\
                | table | centre |\n|---|---|\n\n```mermaid\nflowchart LR\n  a[\"labelled\"]\n```\n";
    let found = british(page);
    let found: Vec<_> = found.iter().map(|(line, word, _)| (*line, &**word)).collect();
    assert_eq!(found, [(7, "Grey"), (7, "whilst"), (10, "centre"), (15, "labelled")]);
}
