//! What a directive is resolved with: the text that it stands in, and the project. What several of them ask in the same
//! way is here.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use super::{Registered, forms, named};
use crate::arguments::{self, Arguments};
use crate::claim::{self, Claim};
use crate::context::Context;
use crate::diagnostic::{Problem, Problems, Source, Wrong, nearest, suggestion};
use crate::directive::Mark;
use crate::syntax::{self, Asked, Piece};
use crate::tree::{Body, Part};

pub(super) mod options;

/// What the directives of a text ask for, found in the project; or everything that is wrong with them.
///
/// # Errors
/// Everything that is wrong, in the order of the text.
pub fn resolve(
    source: &Source,
    directives: &[&'static dyn Registered],
    context: &Context,
) -> Result<Vec<Part>, Problems> {
    let syntax = syntax::parse(&source.text, &forms(directives));
    let (text, wrong) = (&*source.text, syntax.wrong);
    let mut reader = Reader { text, context, directives, listings: Vec::new(), wrong };
    let parts = reader.parts(&syntax.asked);
    let mut wrong = reader.wrong;
    if wrong.is_empty() {
        return Ok(parts);
    }
    wrong.sort_by_key(|wrong| wrong.span.start);
    Err(Problems(wrong.into_iter().map(|wrong| problem(source, wrong)).collect()))
}

fn problem(source: &Source, wrong: Wrong) -> Problem {
    Problem {
        source: source.clone(),
        span: wrong.span,
        title: wrong.title,
        label: wrong.label,
        help: None,
    }
}

/// What a directive takes beside a caption.
#[derive(Clone, Copy, Debug)]
pub struct Takes<'a> {
    /// How many bare words, all of which have to be there.
    pub words: usize,
    /// `output` of `+output`.
    pub flags: &'a [&'a str],
    /// `arms` of `arms=threads,rayon`.
    pub options: &'a [&'a str],
    /// What is said where a word is missing; `None` where the one word is an experiment.
    pub like: Option<&'a str>,
}

impl Takes<'_> {
    /// Neither words nor flags nor options, or a text in a language of its own.
    pub const NO_WORDS: Takes<'static> = Takes { words: 0, flags: &[], options: &[], like: None };
}

/// The text of a chapter while its directives are resolved.
pub struct Reader<'a> {
    /// The whole chapter: spans count from its start.
    pub text: &'a str,
    /// What there is to be named: experiments, listings, records.
    pub context: &'a Context<'a>,
    directives: &'a [&'static dyn Registered],
    /// The names of those that stand above: `threads/word_count.rs:pool`.
    pub listings: Vec<String>,
    /// What is wrong beside what a directive itself answers.
    pub wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn parts(&mut self, asked: &[Asked]) -> Vec<Part> {
        let mut parts = Vec::new();
        for one in asked {
            let Some(directive) = named(self.directives, one.form.name) else { continue };
            match directive.resolve(one, self) {
                Ok(node) => parts.push(Part { span: one.span.clone(), node }),
                Err(wrong) => self.wrong.push(wrong),
            }
        }
        parts
    }

    /// What stands behind the name.
    pub fn whole(&self, directive: &Mark) -> &str {
        &self.text[directive.arguments.clone()]
    }

    /// 1-based, in the chapter.
    pub fn line(&self, directive: &Mark) -> usize {
        self.text[..directive.span.start].matches('\n').count() + 1
    }

    /// `experiment: …`; the experiment and where the rest begins.
    ///
    /// # Errors
    /// Where there is no colon, or no experiment of that name.
    pub fn experiment_before_colon(&mut self, directive: &Mark) -> Result<(String, usize), Wrong> {
        let span = directive.arguments.clone();
        let whole = &self.text[span.clone()];
        let Some(colon) = whole.find(':') else {
            let label = "like `word_count: sequential / threads >= 3`";
            return Err(Wrong::new(directive.span.clone(), "of which experiment?", label));
        };
        let name = whole[..colon].trim_end();
        let experiment = self.experiment(name, span.start..span.start + name.len())?;
        Ok((experiment, span.start + colon + 1))
    }

    /// The name of an experiment that there is.
    ///
    /// # Errors
    /// Where there is none, at `span`, with the nearest name.
    pub fn experiment(&self, name: &str, span: Range<usize>) -> Result<String, Wrong> {
        let names: Vec<&str> = self.context.examples.iter().map(String::as_str).collect();
        if names.contains(&name) {
            self.context.ask_for(name);
            return Ok(name.to_string());
        }
        let title = format!("no experiment named `{name}`");
        let label = self.context.near_or_new(
            name,
            &names,
            "examples",
            &format!("experiment FOLDER/{name}"),
        );
        Err(Wrong::new(span, title, label))
    }

    /// The text of a listing's file, or the nearest name there is.
    ///
    /// # Errors
    /// Where there is none or it cannot be read, at `span`, with the nearest name.
    pub fn listing_text(&self, file: &str, span: Range<usize>) -> Result<Rc<str>, Wrong> {
        let shown = self.context.project.settings.listing(file);
        self.context.text(Path::new(&shown)).map_err(|why| {
            let listings = self.context.listings();
            let listings: Vec<&str> = listings.iter().map(String::as_str).collect();
            let new = file.strip_suffix(".rs").map(|place| format!("listing {place}"));
            let steps = || file.strip_suffix(".steps").map(|place| format!("explorer {place}"));
            let label = match new.or_else(steps) {
                Some(new) => self.context.near_or_new(file, &listings, "listings", &new),
                None => {
                    nearest(file, listings).map_or(why, |near| format!("did you mean `{near}`?"))
                }
            };
            Wrong::new(span, format!("no listing `{shown}`"), label)
        })
    }

    /// A comparison, its names and units checked.
    ///
    /// # Errors
    /// Where it is no comparison, or names what the experiment has not.
    pub fn condition(&self, experiment: &str, span: Range<usize>) -> Result<Claim, Wrong> {
        claim::parse(&self.text[span.clone()])
            .and_then(|claim| match self.context.description(experiment) {
                Some(description) => claim.check(description).map(|()| claim),
                None => Ok(claim),
            })
            .map_err(|wrong| moved(wrong, span.start))
    }

    /// Splits, and refuses what the directive does not know.
    ///
    /// # Errors
    /// Where a flag or an option is unknown, and where there are too many words or too few.
    pub fn arguments(&self, directive: &Mark, takes: &Takes) -> Result<Arguments, Wrong> {
        let Takes { words, flags, options, like } = *takes;
        let found = arguments::split(self.text, directive.arguments.clone())?;
        if let Some((flag, span)) =
            found.flags.iter().find(|(flag, _)| !flags.contains(&flag.as_str()))
        {
            let title = format!("`{}` has no flag `+{flag}`", directive.name);
            return Err(Wrong::new(span.clone(), title, suggestion(flag, flags)));
        }
        let unknown = found.options.iter().find(|(name, ..)| !options.contains(&name.as_str()));
        if let Some((name, _, span)) = unknown {
            let title = format!("`{}` has no option `{name}=`", directive.name);
            return Err(Wrong::new(span.clone(), title, suggestion(name, options)));
        }
        if let Some((word, span)) = found.words.get(words) {
            let title = format!("`{}` does not take `{word}`", directive.name);
            return Err(Wrong::new(span.clone(), title, "a caption stands in double quotes"));
        }
        if found.words.len() < words {
            let Some(like) = like else {
                let name = &directive.name;
                let title = format!("`{name}` of which experiment?");
                let label = format!("like `{{{{#{name} word_count}}}}`");
                return Err(Wrong::new(directive.span.clone(), title, label));
            };
            return Err(Wrong::new(directive.span.clone(), "something is missing here", like));
        }
        Ok(found)
    }

    /// What stands behind a mark, with the directives in it.
    pub fn body(&mut self, piece: &Piece) -> Body {
        let mut parts = self.parts(&piece.asked);
        let start = piece.body.start;
        for part in &mut parts {
            part.span = part.span.start - start..part.span.end - start;
        }
        Body { text: self.text[piece.body.clone()].to_string(), parts }
    }
}

/// The text in quotes, which has to be there.
///
/// # Errors
/// Where there is none, or only white space.
pub fn caption(arguments: &Arguments, directive: &Mark) -> Result<String, Wrong> {
    arguments.caption.clone().filter(|caption| !caption.trim().is_empty()).ok_or_else(|| {
        let label = "add it in double quotes: what the reader should see in it";
        Wrong::new(directive.span.clone(), "the caption is missing", label)
    })
}

/// The same with its span moved by as many bytes.
pub fn moved(mut wrong: Wrong, by: usize) -> Wrong {
    wrong.span = wrong.span.start + by..wrong.span.end + by;
    wrong
}
