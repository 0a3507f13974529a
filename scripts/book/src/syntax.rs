//! The directives of a text as a tree: what is asked for and what stands in which block, before anybody looks whether
//! the things are there. This knows no project.

use std::ops::Range;

use crate::diagnostic::{Wrong, one_of};
use crate::directive::{self, Directive};

/// The tree of a text.
#[derive(Clone, Debug, Default)]
pub struct Syntax {
    pub asked: Vec<Asked>,
    /// What is wrong with the form of other directives.
    pub wrong: Vec<Wrong>,
}

/// A directive in whose place something else will stand, with all that is in it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: Kind,
    pub directive: Directive,
    /// From the first brace to the last one of what closes it.
    pub span: Range<usize>,
    /// Of a block, in order; the first begins with the directive itself. None without a block.
    pub pieces: Vec<Piece>,
}

/// A piece of a block: from one of its marks to the next.
#[derive(Clone, Debug)]
pub struct Piece {
    /// `{{#choice …}}`
    pub mark: Directive,
    /// What stands behind the mark.
    pub body: Range<usize>,
    /// The directives in that.
    pub asked: Vec<Asked>,
}

/// What a directive asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Listing,
    Output,
    Figure,
    Table,
    Time,
    Ratio,
    Value,
    Machine,
    Given,
    Claim,
    Predict,
    Chooser,
    Diagram,
    Claims,
    Machines,
    Interleavings,
    Litmus,
    Amdahl,
    Exercise,
    Solutions,
    Lessons,
    Needs,
}

impl Kind {
    /// It stands in a sentence; the others have lines of their own.
    fn is_inline(self) -> bool {
        matches!(self, Kind::Given | Kind::Time | Kind::Ratio | Kind::Value | Kind::Machine)
    }
}

/// What a name after `{{#` or `{{/` does.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    /// Something else stands in its place.
    Stands(Kind),
    /// A block begins, which the directive of the first name ends, and those of the others divide.
    Opens(Kind, &'static str, &'static [&'static str]),
    /// It divides or ends a block, and means nothing outside of these.
    Within(&'static str),
}

const CLAIM_OR_PREDICT: Does = Does::Within("`{{#claim …}}` or `{{#predict …}}`");
const CHOOSER_OR_DIAGRAM: Does = Does::Within("`{{#chooser}}` or `{{#diagram …}}`");

/// Every name that there is. `src/directives.md` has a section for each.
pub(crate) const DIRECTIVES: [(&str, Does); 32] = [
    ("listing", Does::Stands(Kind::Listing)),
    ("output", Does::Stands(Kind::Output)),
    ("figure", Does::Stands(Kind::Figure)),
    ("table", Does::Stands(Kind::Table)),
    ("time", Does::Stands(Kind::Time)),
    ("ratio", Does::Stands(Kind::Ratio)),
    ("value", Does::Stands(Kind::Value)),
    ("machine", Does::Stands(Kind::Machine)),
    ("given", Does::Stands(Kind::Given)),
    ("claim", Does::Opens(Kind::Claim, "/claim", &["otherwise"])),
    ("otherwise", CLAIM_OR_PREDICT),
    ("/claim", CLAIM_OR_PREDICT),
    ("predict", Does::Opens(Kind::Predict, "/predict", &["choice", "because"])),
    ("choice", CLAIM_OR_PREDICT),
    ("because", CLAIM_OR_PREDICT),
    ("/predict", CLAIM_OR_PREDICT),
    ("interleavings", Does::Stands(Kind::Interleavings)),
    ("litmus", Does::Stands(Kind::Litmus)),
    ("amdahl", Does::Stands(Kind::Amdahl)),
    ("exercise", Does::Stands(Kind::Exercise)),
    ("solutions", Does::Stands(Kind::Solutions)),
    ("diagram", Does::Opens(Kind::Diagram, "/diagram", &[])),
    ("/diagram", CHOOSER_OR_DIAGRAM),
    ("chooser", Does::Opens(Kind::Chooser, "/chooser", &["question", "answer", "recommend"])),
    ("question", CHOOSER_OR_DIAGRAM),
    ("answer", CHOOSER_OR_DIAGRAM),
    ("recommend", CHOOSER_OR_DIAGRAM),
    ("/chooser", CHOOSER_OR_DIAGRAM),
    ("claims", Does::Stands(Kind::Claims)),
    ("machines", Does::Stands(Kind::Machines)),
    ("lessons", Does::Stands(Kind::Lessons)),
    ("needs", Does::Stands(Kind::Needs)),
];

/// The tree of this text. Spans count from its start.
pub fn parse(text: &str) -> Syntax {
    match directive::find(text) {
        Err(directive::Unclosed(span)) => {
            let wrong = Wrong::new(span, "this directive is not closed", "`}}` is missing");
            Syntax { asked: Vec::new(), wrong: vec![wrong] }
        }
        Ok(directives) => {
            let mut reader = Reader { text, wrong: Vec::new() };
            let asked = reader.all(&directives);
            Syntax { asked, wrong: reader.wrong }
        }
    }
}

impl Syntax {
    /// The directives of this kind, those inside of others too, in the order of the text.
    pub fn of(&self, kind: Kind) -> Vec<&Asked> {
        let mut found = Vec::new();
        collect(&self.asked, kind, &mut found);
        found
    }
}

fn collect<'a>(asked: &'a [Asked], kind: Kind, found: &mut Vec<&'a Asked>) {
    for one in asked {
        if one.kind == kind {
            found.push(one);
        }
        one.pieces.iter().for_each(|piece| collect(&piece.asked, kind, found));
    }
}

struct Reader<'a> {
    text: &'a str,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn all(&mut self, directives: &[Directive]) -> Vec<Asked> {
        let mut asked = Vec::new();
        let mut rest = directives;
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            let read = match one_of("directive", &DIRECTIVES, &first.name, &first.name_span) {
                Err(wrong) => Err(wrong),
                Ok(Does::Stands(kind)) => alone(first, kind),
                Ok(Does::Within(blocks)) => Err(closes_nothing(first, blocks)),
                Ok(Does::Opens(kind, end, marks)) => {
                    match others.iter().position(|other| other.name == end) {
                        Some(close) => {
                            rest = &others[close + 1..];
                            self.block(first, kind, marks, &others[..close], &others[close])
                        }
                        None => Err(Wrong::new(
                            first.span.clone(),
                            format!("this {} is not closed", first.name),
                            format!("`{{{{{end}}}}}` is missing"),
                        )),
                    }
                }
            };
            match read {
                Ok(one) => asked.push(one),
                Err(wrong) => self.wrong.push(wrong),
            }
        }
        asked
    }

    /// A directive with a body: checked to be a paragraph of its own, and divided at its marks.
    fn block(
        &mut self,
        open: &Directive,
        kind: Kind,
        marks: &[&str],
        inside: &[Directive],
        close: &Directive,
    ) -> Result<Asked, Wrong> {
        let span = open.span.start..close.span.end;
        let line_before = self.text[..span.start].rsplit('\n').next().unwrap_or("");
        let line_after = self.text[span.end..].split('\n').next().unwrap_or("");
        if !line_before.trim().is_empty() || !line_after.trim().is_empty() {
            let title = format!("a {} is a paragraph of its own", open.name);
            let label = format!(
                "nothing may stand before it or after `{{{{{}}}}}` on their lines",
                close.name
            );
            return Err(Wrong::new(open.span.clone(), title, label));
        }
        let holds_claims = kind == Kind::Chooser;
        let nested = inside.iter().find(|directive| match directive.name.as_str() {
            "claim" => !holds_claims,
            name => matches!(name, "predict" | "chooser" | "diagram"),
        });
        if let Some(nested) = nested {
            let title = format!("a {} inside a {}", nested.name, open.name);
            return Err(Wrong::new(nested.span.clone(), title, "close the first one before"));
        }
        let mut pieces = Vec::new();
        let (mut mark, mut rest) = (open, inside);
        loop {
            let next = rest.iter().position(|other| marks.contains(&other.name.as_str()));
            let of_this = &rest[..next.unwrap_or(rest.len())];
            let end = next.map_or(close, |next| &rest[next]).span.start;
            let asked = self.all(of_this);
            pieces.push(Piece { mark: mark.clone(), body: mark.span.end..end, asked });
            let Some(next) = next else { break };
            (mark, rest) = (&rest[next], &rest[next + 1..]);
        }
        Ok(Asked { kind, directive: open.clone(), span, pieces })
    }
}

/// A directive without a body.
fn alone(directive: &Directive, kind: Kind) -> Result<Asked, Wrong> {
    if !kind.is_inline() && !directive.alone {
        let title = format!("`{}` stands on a line of its own", directive.name);
        return Err(Wrong::new(directive.span.clone(), title, "move it to one"));
    }
    let (directive, span) = (directive.clone(), directive.span.clone());
    Ok(Asked { kind, directive, span, pieces: Vec::new() })
}

fn closes_nothing(directive: &Directive, blocks: &str) -> Wrong {
    let label = format!("there is no {blocks} open here");
    Wrong::new(directive.span.clone(), "this closes nothing", label)
}

/// Of a mark that stands where its block has no place for it.
pub fn out_of_place(mark: &Directive) -> Wrong {
    closes_nothing(mark, "place for it in the block that is")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_divided_at_its_marks_and_holds_what_is_in_it() {
        let text = "{{#time a.b}}\n\n{{#claim a: b >= 1}}yes {{#ratio a.b / c}}{{#otherwise}}no\n{{/claim}}\n";
        let Syntax { asked, wrong } = parse(text);
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(asked.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Time, Kind::Claim]);
        let [holds, otherwise] = &asked[1].pieces[..] else { panic!("{asked:?}") };
        assert_eq!(&text[holds.body.clone()], "yes {{#ratio a.b / c}}");
        assert_eq!((holds.asked[0].kind, otherwise.mark.name.as_str()), (Kind::Ratio, "otherwise"));
        assert_eq!(&text[otherwise.body.clone()], "no\n");
    }

    #[test]
    fn a_tree_needs_nothing_of_what_it_names_and_is_walked_by_kind() {
        let syntax = parse(
            "{{#exercise nobody_wrote}}\n\n{{#chooser}}{{#recommend}}{{#time a.b}}\n{{/chooser}}\n",
        );
        assert_eq!((syntax.of(Kind::Exercise).len(), syntax.of(Kind::Time).len()), (1, 1));
        assert!(syntax.wrong.is_empty());
    }

    #[test]
    fn every_wrong_form_is_said_and_the_rest_stands() {
        let syntax =
            parse("{{#tme a.b}} {{#time a.b}} {{/claim}} x {{#claims}}\n\n{{#predict a}}\n");
        let titles: Vec<&str> = syntax.wrong.iter().map(|wrong| wrong.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "no directive named `tme`",
                "this closes nothing",
                "`claims` stands on a line of its own",
                "this predict is not closed"
            ]
        );
        assert_eq!(syntax.asked.len(), 1);
    }
}
