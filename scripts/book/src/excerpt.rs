//! Excerpts of listing files, cut with mdBook's `ANCHOR:` comments.

/// Why there is no such excerpt.
#[derive(Debug, PartialEq)]
pub enum NoExcerpt {
    /// With the anchors there are.
    Missing(Vec<String>),
    /// It begins and never ends.
    Unended,
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`, or the whole file; without the anchors'
/// own lines, without common indentation, without tests at the end.
///
/// # Errors
/// Where the anchor is not there, or has no end.
pub fn cut(text: &str, anchor: Option<&str>) -> Result<String, NoExcerpt> {
    let mut lines = Vec::new();
    let mut inside = anchor.is_none();
    let mut ended = anchor.is_none();
    for line in text.lines() {
        match mark(line) {
            Some(("ANCHOR", name)) if Some(name) == anchor => inside = true,
            Some(("ANCHOR_END", name)) if Some(name) == anchor => {
                inside = false;
                ended = true;
            }
            Some(_) => {}
            None if anchor.is_none() && line.trim() == "#[cfg(test)]" => break,
            None if inside => lines.push(line),
            None => {}
        }
    }
    if !ended {
        return Err(if inside { NoExcerpt::Unended } else { NoExcerpt::Missing(anchors(text)) });
    }
    Ok(dedent(&lines))
}

/// Lines without those that begin or end an excerpt, and without common indentation.
pub fn without_marks(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| mark(line).is_none()).collect();
    dedent(&lines)
}

/// The names of all anchors, in order.
pub fn anchors(text: &str) -> Vec<String> {
    let begins = |line| mark(line).filter(|(what, _)| *what == "ANCHOR");
    text.lines().filter_map(begins).map(|(_, name)| name.to_string()).collect()
}

/// `// ANCHOR: name`, in the comments of Rust, Python and shell.
fn mark(line: &str) -> Option<(&str, &str)> {
    if !line.contains("ANCHOR") {
        return None;
    }
    let comment = line.trim().trim_start_matches(['/', '#']).trim_start();
    let (what, name) = comment.split_once(':')?;
    matches!(what, "ANCHOR" | "ANCHOR_END").then(|| (what, name.trim()))
}

fn dedent(lines: &[&str]) -> String {
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    lines.join("\n").trim_matches('\n').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "use a;\n// ANCHOR: all\nfn b() {\n    // ANCHOR: inner\n    c();\n\n    d();\n    \
                        // ANCHOR_END: inner\n}\n// ANCHOR_END: all\n\n#[cfg(test)]\nmod tests {}\n";

    #[test]
    fn an_excerpt_has_no_anchors_and_no_indentation() {
        assert_eq!(cut(TEXT, Some("inner")).unwrap(), "c();\n\nd();");
        assert_eq!(cut(TEXT, Some("all")).unwrap(), "fn b() {\n    c();\n\n    d();\n}");
    }

    #[test]
    fn a_whole_file_is_shown_without_its_tests() {
        assert_eq!(cut(TEXT, None).unwrap(), "use a;\nfn b() {\n    c();\n\n    d();\n}");
    }

    #[test]
    fn a_dangling_anchor_is_told_from_a_missing_one() {
        assert_eq!(
            cut(TEXT, Some("outer")),
            Err(NoExcerpt::Missing(vec!["all".into(), "inner".into()]))
        );
        assert_eq!(cut("// ANCHOR: a\nx", Some("a")), Err(NoExcerpt::Unended));
    }
}
