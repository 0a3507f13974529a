//! Diagrams: their place in a page, whose script draws them.

use maud::{Markup, html};

use crate::html::inline_code;
use crate::tree::Diagram;

/// How mermaid finds a diagram in a page.
pub const ELEMENT: &str = "<pre class=\"mermaid\">";
/// Where the script is, for pages: relative to `src/`, and to the book.
pub const SCRIPT: &str = "diagrams/mermaid.min.js";
/// What a line of a diagram takes in its drawing, in lines of text: a box, and an arrow to it.
const LINES_PER_LINE: u32 = 2;
/// No drawing is given less, or more, than this.
const HEIGHTS: (u32, u32) = (8, 26);

impl Diagram {
    /// A figure around the source, which mermaid replaces by its drawing. The room for the drawing is
    /// there before it is drawn, so that nothing moves.
    pub fn html(&self) -> Markup {
        let height = self.height.unwrap_or_else(|| {
            let lines = self.source.lines().filter(|line| !line.trim().is_empty()).count() as u32;
            (lines * LINES_PER_LINE).clamp(HEIGHTS.0, HEIGHTS.1)
        });
        // Between blank lines, so that Markdown reads to the end of `pre`: the source may have blank lines, too.
        html! {
            figure.diagram data-script=(SCRIPT) {
                figcaption { (inline_code(&self.caption)) }
                .drawing style={ "--height: " (height) } data-label=(self.caption) {
                    "\n\n" pre.mermaid { (self.source) "\n" } "\n\n"
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::TinyBook;

    const DIAGRAM: &str = "{{#diagram \"A `guard` leads to the data\"}}\n```mermaid\nflowchart LR\n  a --> b\n```\n{{/diagram}}\n";

    #[test]
    fn a_diagram_keeps_its_source_and_has_its_room() {
        let page = TinyBook::measured().page(DIAGRAM);
        assert_eq!(
            page.content.trim_end(),
            "<figure class=\"diagram\" data-script=\"diagrams/mermaid.min.js\"><figcaption>A <code>guard</code> leads \
             to the data</figcaption><div class=\"drawing\" style=\"--height: 8\" data-label=\"A `guard` leads to the \
             data\">\n\n<pre class=\"mermaid\">flowchart LR\n  a --&gt; b\n</pre>\n\n</div></figure>"
        );
        let taller = DIAGRAM.replace("diagram \"", "diagram height=19 \"");
        assert!(TinyBook::measured().page(&taller).content.contains("--height: 19"));
    }

    #[test]
    fn what_is_no_diagram_is_an_error() {
        for (text, title) in [
            (DIAGRAM.replace("mermaid\n", "dot\n"), "this is no diagram"),
            (DIAGRAM.replace("flowchart LR\n  a --> b\n", ""), "this is no diagram"),
            (DIAGRAM.replace(" \"A `guard` leads to the data\"", ""), "the caption is missing"),
            (DIAGRAM.replace("{{/diagram}}", ""), "this diagram is not closed"),
            (DIAGRAM.replace("diagram \"", "diagram height=tall \""), "this is no height"),
        ] {
            let problems = TinyBook::measured().problems(&text);
            assert_eq!((problems.len(), problems[0].title.as_str()), (1, title), "{text}");
        }
    }
}
