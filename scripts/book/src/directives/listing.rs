//! Code of a listing, with what it prints or what the compiler answers.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use maud::{Markup, html};
use serde_json::json;

use super::output::{demo, not_run};
use super::reader::{Reader, Takes, caption};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::context::Context;
use crate::diagnostic::{Wrong, suggestion};
use crate::excerpt::{NoExcerpt, cut};
use crate::highlight::rust;
use crate::html::{Code, inline_code, pre};
use crate::items::Items;
use crate::python;
use crate::since::{marked, news};
use crate::syntax::{Asked, Form, Stands};
use crate::tree::{self, Since};

/// `{{#listing threads/word_count.rs:threads "A thread each" +output}}`
pub(super) struct Listing;

impl Directive for Listing {
    const FORM: Form = Form { name: "listing", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes {
        words: 1,
        flags: &["output", "error"],
        options: &["since", "with"],
        like: Some("like `{{#listing threads/word_count.rs:threads \"A thread each\"}}`"),
    };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(listing);
    type Node = tree::Listing;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let directive = &asked.directive;
        let arguments = reader.arguments(directive, &Self::TAKES)?;
        let (name, span) = arguments.words[0].clone();
        let caption = caption(&arguments, directive)?;
        let file = name.split_once(':').map_or(name.as_str(), |(file, _)| file);
        let shown = reader.context.project.settings.listing(file);
        let (text, code) = excerpt(reader, &name, span.clone())?;
        let mut since = match arguments.option("since") {
            Some((other, span)) => Some(since(reader, &name, &code, other, span)?),
            None => None,
        };
        let code = match arguments.option("with") {
            Some((items, span)) => {
                let above = with(&shown, &text, &code, items, span)?;
                if let Some(since) = &mut since {
                    since.news.move_down(above.lines().count());
                }
                above + &code
            }
            None => code,
        };
        let has = |flag: &str| arguments.flags.iter().any(|(found, _)| found == flag);
        let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let output_of = if !has("output") {
            None
        } else if python::is_program(file) {
            Some(python::name_of(file))
        } else {
            Some(reader.experiment(&stem, span.clone())?)
        };
        let error = if has("error") { Some(captured(reader, &shown, span)?) } else { None };
        // A script without output of its own is an arm of the example of its name, and not what the
        // example runs.
        let example = if python::is_program(file) {
            output_of.clone()
        } else {
            reader.context.examples.iter().find(|example| **example == stem).cloned()
        };
        let playground = runs_on_the_playground(&text).then(|| text.clone());
        reader.listings.push(name.clone());
        Ok(tree::Listing {
            file: shown,
            caption,
            code,
            output_of,
            error,
            example,
            playground,
            name,
            since,
        })
    }
}

/// The file's whole text and the lines that are meant, of `threads/word_count.rs:pool` or a file alone.
fn excerpt(reader: &Reader, name: &str, span: Range<usize>) -> Result<(Rc<str>, String), Wrong> {
    let (file, anchor) = match name.split_once(':') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (name, None),
    };
    // A name that was made longer than it is written has no place for its parts.
    let whole = span.len() != name.len();
    let at = if whole { span.clone() } else { span.start..span.start + file.len() };
    let text = reader.listing_text(file, at)?;
    let code = cut(&text, anchor).map_err(|none| {
        let anchor = anchor.unwrap_or_default();
        let label = match &none {
            NoExcerpt::Missing(anchors) => {
                suggestion(anchor, &anchors.iter().map(String::as_str).collect::<Vec<_>>())
            }
            NoExcerpt::Unended => format!("`ANCHOR_END: {anchor}` is missing there"),
        };
        let at = if whole { span.clone() } else { span.start + file.len() + 1..span.end };
        let shown = reader.context.project.settings.listing(file);
        Wrong::new(at, format!("`{shown}` has no anchor `{anchor}`"), label)
    })?;
    Ok((text, code))
}

/// What `code` has that the listing of `since=` has not: an anchor of the same file, or a file with or without
/// an anchor.
fn since(
    reader: &Reader,
    name: &str,
    code: &str,
    other: &str,
    span: &Range<usize>,
) -> Result<Since, Wrong> {
    let file = name.split_once(':').map_or(name, |(file, _)| file);
    let of_file = other.contains(['.', ':', '/']);
    let since = if of_file { other.to_string() } else { format!("{file}:{other}") };
    let wrong = |title: String, label: &str| Err(Wrong::new(span.clone(), title, label));
    if since == name {
        let label = "name what the reader has seen before it";
        return wrong("this listing is compared with itself".into(), label);
    }
    let (_, before) = excerpt(reader, &since, span.clone())?;
    if !reader.listings.contains(&since) {
        let label = "a reader compares with a listing further up on this page";
        return wrong(format!("`{other}` is not shown above"), label);
    }
    let comment = if file.ends_with(".rs") { "//" } else { "#" };
    let news = news(&before, code, comment);
    if news.runs.is_empty() {
        let title = format!("nothing is new since `{other}`");
        return wrong(title, "leave out `since=`, or name another anchor");
    }
    if 2 * news.new > news.code {
        let title = format!("{} of {} lines are new since `{other}`", news.new, news.code);
        return wrong(title, "marks on more than half of them show nothing: leave out `since=`");
    }
    Ok(Since { name: since, news })
}

/// The compiler's message, which a test captured beside the file.
fn captured(reader: &Reader, file: &str, span: Range<usize>) -> Result<String, Wrong> {
    let beside = Path::new(file).with_extension("stderr");
    let message = reader.context.text(&beside).map_err(|why| {
        let title = format!("no captured message `{}`", reader.context.project.shown(&beside));
        Wrong::new(span, title, why)
    })?;
    Ok(as_printed(message.trim_end()))
}

/// Items of the file that stand above the excerpt of it, with the empty line below them.
fn with(
    file: &str,
    text: &str,
    code: &str,
    names: &str,
    span: &Range<usize>,
) -> Result<String, Wrong> {
    let items = Items::parse(Path::new(file), text);
    let mut above = String::new();
    for name in names.split(',') {
        let item = items.text(name, text).ok_or_else(|| {
            let known: Vec<&str> = items.defined.iter().map(|item| item.name.as_str()).collect();
            Wrong::new(
                span.clone(),
                format!("`{file}` defines no `{name}`"),
                suggestion(name, &known),
            )
        })?;
        if code.contains(&item) {
            let title = format!("`{name}` is in this excerpt already");
            return Err(Wrong::new(span.clone(), title, "leave it out"));
        }
        // Constants stand close together.
        if item.contains('\n') && !above.is_empty() && !above.ends_with("\n\n") {
            above.push('\n');
        }
        above.push_str(&item);
        above.push_str(if item.contains('\n') { "\n\n" } else { "\n" });
    }
    Ok(above.trim_end().to_string() + "\n\n")
}

/// What a listing says of itself in its header.
fn runs_on_the_playground(text: &str) -> bool {
    let header = text.lines().take_while(|line| line.is_empty() || line.starts_with("//"));
    header
        .map(|line| line.trim_start_matches(['/', '!', ' ']))
        .any(|line| line == "Runs on the Playground.")
}

/// The message as a reader's compiler prints it: trybuild, which captures it, writes `$WORKSPACE/` for
/// the project's folder, `$RUST/` for the library's, and leaves most line numbers out.
fn as_printed(captured: &str) -> String {
    let without_number = |line: &str| match line.split_once(" |") {
        Some((number, rest)) if !number.is_empty() && number.trim().parse::<u32>().is_ok() => {
            format!("{} |{rest}", " ".repeat(number.len()))
        }
        _ => line.to_string(),
    };
    let plain = captured.replace("$WORKSPACE/", "").replace("$RUST/", "");
    plain.lines().map(without_number).collect::<Vec<_>>().join("\n")
}

fn listing(listing: &tree::Listing, writer: &mut Writer) -> Markup {
    let number = match writer.chapter.number {
        Some(chapter) => format!("Listing {chapter}-{}", writer.listings.len() + 1),
        None => "Listing".to_string(),
    };
    let playground =
        listing.playground.as_ref().map(|text| writer.post(&listing.file, text.to_string()));
    let parameters = parameters(writer, listing);
    let known = (!parameters.is_empty()).then(|| json!(parameters));
    let ending = Path::new(&listing.file).extension().unwrap_or_default().to_string_lossy();
    let (language, colored) = match &*ending {
        "rs" => ("rust", rust(&listing.code)),
        "py" => ("python", python::highlighted(&listing.code)),
        other => (other, html! { (listing.code) }),
    };
    let colored = match &listing.since {
        Some(since) => marked(colored, &since.news.runs),
        None => colored,
    };
    let since = listing.since.as_ref().map(|since| called(writer, &since.name).to_string());
    let called = match writer.chapter.number {
        Some(_) => number.clone(),
        None => format!("“{}”", listing.caption),
    };
    writer.listings.push((listing.name.clone(), called));
    let label = format!("{number}, {}", listing.file);
    let code = Code { file: &listing.file, language, label, code: colored };
    html! {
        figure.listing data-example=[&listing.example] data-parameters=[known]
            data-playground=[playground] {
            figcaption {
                span.number { (number) } " " (inline_code(&listing.caption))
                // It looks like the marks that it explains.
                @if let Some(since) = since { " " span.since { "new since " (inline_code(&since)) } }
            }
            (code.card(controls(listing, parameters), below(writer.context, listing, &number)))
        }
    }
}

/// How a listing further up is called.
fn called<'a>(writer: &'a Writer, name: &str) -> &'a str {
    let listing = writer.listings.iter().rev().find(|(above, _)| above == name);
    listing.map_or("", |(_, called)| called)
}

/// The parameters that the example of a listing takes.
fn parameters<'a>(writer: &Writer<'a>, listing: &tree::Listing) -> &'a [(String, Vec<String>)] {
    let example = listing.example.as_ref();
    let description = example.and_then(|example| writer.context.description(example));
    description.map_or(&[], |description| &description.parameters)
}

/// What a listing prints, or what the compiler says to it.
fn below(context: &Context, listing: &tree::Listing, number: &str) -> Markup {
    match (&listing.output_of, &listing.error) {
        (Some(example), _) => demo(context, example).unwrap_or_else(|| not_run(context, example)),
        (None, Some(error)) => html! {
            .out.error {
                p.command { "The compiler answers:" }
                (pre(error, &format!("What the compiler says to {number}")))
            }
        },
        (None, None) => html! {},
    }
}

/// Places for what a script offers; it fills them, so that no search finds their words.
fn controls(listing: &tree::Listing, parameters: &[(String, Vec<String>)]) -> Markup {
    html! {
        @if listing.playground.is_some() { button.play.with-script type="button" {} }
        @if listing.example.is_some() {
            @for (name, _) in parameters {
                select.parameter.with-script data-name=(name) aria-label=(name) {}
            }
            button.run.with-script type="button" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::{assert_wrong, page};
    use crate::fixtures::assert_shows;

    #[test]
    fn a_listing_that_is_not_there_is_answered_with_the_nearest_one() {
        assert_wrong(
            "{{#listing ideas/fetsch.rs \"C\"}}",
            "ideas/fetsch.rs",
            "no listing `listings/ideas/fetsch.rs`",
            "did you mean `ideas/fetch.rs`?",
        );
    }

    #[test]
    fn an_anchor_that_is_missing_is_told_from_one_that_never_ends() {
        assert_wrong(
            "{{#listing ideas/fetch.rs:al \"C\"}}",
            "al",
            "`listings/ideas/fetch.rs` has no anchor `al`",
            "did you mean `all`?",
        );
        assert_wrong(
            "{{#listing ideas/fetch.rs:dangling \"C\"}}",
            "dangling",
            "has no anchor `dangling`",
            "`ANCHOR_END: dangling` is missing there",
        );
    }

    /// The same of a listing that stands below `listings/ideas/two_ways.rs:before`.
    #[track_caller]
    fn assert_wrong_since(directive: &str, underlined: &str, title: &str, label: &str) {
        let above = "{{#listing ideas/two_ways.rs:before \"One way\"}}\n\n";
        assert_wrong(&format!("{above}{directive}"), underlined, title, label);
    }

    #[test]
    fn what_is_compared_is_another_excerpt_and_is_there() {
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:after since=befor \"C\"}}",
            "since=befor",
            "`listings/ideas/two_ways.rs` has no anchor `befor`",
            "did you mean `before`?",
        );
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:after since=ideas/two_way.rs:before \"C\"}}",
            "since=ideas/two_way.rs:before",
            "no listing `listings/ideas/two_way.rs`",
            "did you mean `ideas/two_ways.rs`?",
        );
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:after since=after \"C\"}}",
            "since=after",
            "this listing is compared with itself",
            "name what the reader has seen before it",
        );
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:after sinse=before \"C\"}}",
            "sinse=before",
            "`listing` has no option `sinse=`",
            "did you mean `since`?",
        );
    }

    #[test]
    fn what_is_compared_stands_above() {
        let label = "further up on this page";
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:before since=after \"C\"}}",
            "since=after",
            "`after` is not shown above",
            label,
        );
        let title = "`ideas/fetch.rs:all` is not shown above";
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:after since=ideas/fetch.rs:all \"C\"}}",
            "since=ideas/fetch.rs:all",
            title,
            label,
        );
    }

    #[test]
    fn marks_on_nothing_or_on_nearly_all_are_refused() {
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:again since=before \"C\"}}",
            "since=before",
            "nothing is new since `before`",
            "leave out `since=`, or name another anchor",
        );
        assert_wrong_since(
            "{{#listing ideas/two_ways.rs:otherwise since=before \"C\"}}",
            "since=before",
            "3 of 5 lines are new since `before`",
            "leave out `since=`",
        );
    }

    #[test]
    fn a_listing_stands_with_its_number_its_file_and_its_output() {
        let page = page(
            "{{#listing ideas/fetch.rs:all \"Says `done`\" +output}}\n\n{{#listing ideas/naive.rs \"Does not compile\" +error}}\n",
        );
        assert_shows(
            &page.content,
            &[
                "<span class=\"number\">Listing 1-1</span> Says <code>done</code>",
                "<span class=\"file\">listings/ideas/fetch.rs</span>",
                "<p class=\"command\"><code>cargo run --release --example fetch</code></p>",
                "<span class=\"number\">Listing 1-2</span>",
                "The compiler answers:",
                "error[E0425]",
            ],
        );
        assert!(!page.content.contains("ANCHOR"), "{}", page.content);
    }

    #[test]
    fn new_lines_of_a_listing_are_marked_and_its_caption_says_since_which() {
        let page = page(
            "{{#listing ideas/two_ways.rs:before \"One way\"}}\n\n{{#listing ideas/two_ways.rs:after since=before \"Another\"}}\n",
        );
        assert_shows(
            &page.content,
            &[
                "<span class=\"number\">Listing 1-2</span> Another <span class=\"since\">new since Listing 1-1</span>",
                "&#10;<ins>    <span class=\"fn\">more</span>(<span class=\"st\">&quot;&lt;1&gt;&quot;</span>);&#10;</ins>    <span",
            ],
        );
        assert_eq!(page.content.matches("<ins>").count(), 1, "{}", page.content);
    }
}
