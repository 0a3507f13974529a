//! The directives of a text as a tree: what is asked for and what stands in which block, before anybody looks whether
//! the things are there. This knows no project.

use std::ops::Range;

use crate::diagnostic::{Wrong, one_of};
use crate::directive::{self, Mark};

/// The tree of a text.
#[derive(Clone, Debug, Default)]
pub struct Syntax {
    /// In the order of the text, those of a block within it.
    pub asked: Vec<Asked>,
    /// What is wrong with the form of other directives.
    pub wrong: Vec<Wrong>,
}

/// A directive in whose place something else will stand, with all that is in it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How it is written: its name, and where it stands.
    pub form: Form,
    /// Its own braces, without the rest of its block.
    pub directive: Mark,
    /// From the first brace to the last one of what closes it.
    pub span: Range<usize>,
    /// Of a block, in order; the first begins with the directive itself. None without a block.
    pub pieces: Vec<Piece>,
}

/// A piece of a block: from one of its marks to the next.
#[derive(Clone, Debug)]
pub struct Piece {
    /// `{{#choice …}}`
    pub mark: Mark,
    /// What stands behind the mark.
    pub body: Range<usize>,
    /// The directives in that.
    pub asked: Vec<Asked>,
}

/// How a directive is written.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What stands after `{{#`.
    pub name: &'static str,
    /// Where it may stand.
    pub stands: Stands,
}

/// Where a directive may stand.
#[derive(Clone, Copy, Debug)]
pub enum Stands {
    /// Within a paragraph.
    InASentence,
    /// With nothing else on its lines.
    OnItsOwnLines,
    /// On lines of its own, around a text.
    Around(Block),
}

/// What stands in a block, and what ends it.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// `/claim`
    pub end: &'static str,
    /// Names of what divides it. They mean nothing outside of it.
    pub marks: &'static [&'static str],
    /// The blocks that may stand in it.
    pub holds: &'static [&'static str],
    /// The blocks that somebody may have meant whose mark or end stands alone.
    pub alike: &'static str,
}

/// What a name after `{{#` or `{{/` does.
#[derive(Clone, Copy)]
enum Does {
    /// Something else stands in its place, or in that of the block that it opens.
    Stands(Form),
    /// It divides or ends a block, and means nothing outside of these.
    Within(&'static str),
}

/// Every name of these directives, and what divides and ends them.
fn names(forms: &[Form]) -> Vec<(&'static str, Does)> {
    let mut names = Vec::new();
    for form in forms {
        names.push((form.name, Does::Stands(*form)));
        if let Stands::Around(block) = form.stands {
            let marks = block.marks.iter().chain([&block.end]);
            names.extend(marks.map(|mark| (*mark, Does::Within(block.alike))));
        }
    }
    names
}

/// The tree of this text, in which these directives stand. Spans count from its start.
pub fn parse(text: &str, forms: &[Form]) -> Syntax {
    match directive::find(text) {
        Err(directive::Unclosed(span)) => {
            let wrong = Wrong::new(span, "this directive is not closed", "`}}` is missing");
            Syntax { asked: Vec::new(), wrong: vec![wrong] }
        }
        Ok(directives) => {
            let mut reader = Reader { text, names: names(forms), wrong: Vec::new() };
            let asked = reader.all(&directives);
            Syntax { asked, wrong: reader.wrong }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    names: Vec<(&'static str, Does)>,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn all(&mut self, directives: &[Mark]) -> Vec<Asked> {
        let mut asked = Vec::new();
        let mut rest = directives;
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            let read = match one_of("directive", &self.names, &first.name, &first.name_span) {
                Err(wrong) => Err(wrong),
                Ok(Does::Within(blocks)) => Err(closes_nothing(first, blocks)),
                Ok(Does::Stands(form @ Form { stands: Stands::Around(block), .. })) => {
                    match others.iter().position(|other| other.name == block.end) {
                        Some(close) => {
                            rest = &others[close + 1..];
                            self.block(first, form, block, &others[..close], &others[close])
                        }
                        None => Err(Wrong::new(
                            first.span.clone(),
                            format!("this {} is not closed", first.name),
                            format!("`{{{{{}}}}}` is missing", block.end),
                        )),
                    }
                }
                Ok(Does::Stands(form)) => alone(first, form),
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
        open: &Mark,
        form: Form,
        block: Block,
        inside: &[Mark],
        close: &Mark,
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
        let nested = inside.iter().find(|directive| {
            let opens = |(name, does): &(&str, Does)| {
                let around = matches!(does, Does::Stands(Form { stands: Stands::Around(_), .. }));
                around && *name == directive.name
            };
            self.names.iter().any(opens) && !block.holds.contains(&directive.name.as_str())
        });
        if let Some(nested) = nested {
            let title = format!("a {} inside a {}", nested.name, open.name);
            return Err(Wrong::new(nested.span.clone(), title, "close the first one before"));
        }
        let mut pieces = Vec::new();
        let (mut mark, mut rest) = (open, inside);
        loop {
            let next = rest.iter().position(|other| block.marks.contains(&other.name.as_str()));
            let of_this = &rest[..next.unwrap_or(rest.len())];
            let end = next.map_or(close, |next| &rest[next]).span.start;
            let asked = self.all(of_this);
            pieces.push(Piece { mark: mark.clone(), body: mark.span.end..end, asked });
            let Some(next) = next else { break };
            (mark, rest) = (&rest[next], &rest[next + 1..]);
        }
        Ok(Asked { form, directive: open.clone(), span, pieces })
    }
}

/// A directive without a body.
fn alone(directive: &Mark, form: Form) -> Result<Asked, Wrong> {
    if matches!(form.stands, Stands::OnItsOwnLines) && !directive.alone {
        let title = format!("`{}` stands on a line of its own", directive.name);
        return Err(Wrong::new(directive.span.clone(), title, "move it to one"));
    }
    let (directive, span) = (directive.clone(), directive.span.clone());
    Ok(Asked { form, directive, span, pieces: Vec::new() })
}

fn closes_nothing(directive: &Mark, blocks: &str) -> Wrong {
    let label = format!("there is no {blocks} open here");
    Wrong::new(directive.span.clone(), "this closes nothing", label)
}

/// Of a mark that stands where its block has no place for it.
pub fn out_of_place(mark: &Mark) -> Wrong {
    closes_nothing(mark, "place for it in the block that is")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 5] = [
        Form { name: "time", stands: Stands::InASentence },
        Form { name: "ratio", stands: Stands::InASentence },
        Form { name: "claims", stands: Stands::OnItsOwnLines },
        Form {
            name: "claim",
            stands: Stands::Around(Block {
                end: "/claim",
                marks: &["otherwise"],
                holds: &[],
                alike: "`{{#claim …}}`",
            }),
        },
        Form {
            name: "chooser",
            stands: Stands::Around(Block {
                end: "/chooser",
                marks: &["recommend"],
                holds: &["claim"],
                alike: "`{{#chooser}}`",
            }),
        },
    ];

    #[test]
    fn a_block_is_divided_at_its_marks_and_holds_what_is_in_it() {
        let text = "{{#time a.b}}\n\n{{#claim a: b >= 1}}yes {{#ratio a.b / c}}{{#otherwise}}no\n{{/claim}}\n";
        let Syntax { asked, wrong } = parse(text, &FORMS);
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(asked.iter().map(|one| one.form.name).collect::<Vec<_>>(), ["time", "claim"]);
        let [holds, otherwise] = &asked[1].pieces[..] else { panic!("{asked:?}") };
        assert_eq!(&text[holds.body.clone()], "yes {{#ratio a.b / c}}");
        assert_eq!(
            (holds.asked[0].form.name, otherwise.mark.name.as_str()),
            ("ratio", "otherwise")
        );
        assert_eq!(&text[otherwise.body.clone()], "no\n");
    }

    #[test]
    fn a_block_stands_in_another_only_where_that_holds_it() {
        let chooser = "{{#chooser}}{{#recommend}}{{#claim a: b >= 1}}yes{{/claim}}\n{{/chooser}}\n";
        let syntax = parse(chooser, &FORMS);
        assert_eq!(syntax.wrong.len(), 1, "a claim is a paragraph of its own: {:?}", syntax.wrong);
        let syntax = parse(&chooser.replace("{{#claim", "\n\n{{#claim"), &FORMS);
        assert!(syntax.wrong.is_empty(), "{:?}", syntax.wrong);
        let [open, recommend] = &syntax.asked[0].pieces[..] else { panic!("{syntax:?}") };
        assert_eq!((open.asked.len(), recommend.asked[0].form.name), (0, "claim"));
        let turned = "{{#claim a: b >= 1}}\n{{#chooser}}\n{{/chooser}}\n{{/claim}}\n";
        assert_eq!(parse(turned, &FORMS).wrong[0].title, "a chooser inside a claim");
    }

    #[test]
    fn every_wrong_form_is_said_and_the_rest_stands() {
        let syntax =
            parse("{{#tme a.b}} {{#time a.b}} {{/claim}} x {{#claims}}\n\n{{#claim a}}\n", &FORMS);
        let titles: Vec<&str> = syntax.wrong.iter().map(|wrong| wrong.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "no directive named `tme`",
                "this closes nothing",
                "`claims` stands on a line of its own",
                "this claim is not closed"
            ]
        );
        assert_eq!(syntax.asked.len(), 1);
    }
}
