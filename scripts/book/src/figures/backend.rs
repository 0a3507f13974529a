//! A plotters backend that writes compact SVG: classes instead of colors, a tenth of a pixel, no ids.
//!
//! One unit of the backend is a tenth of a pixel. Shapes of one class that follow each other become one
//! `<path>`. A class travels through plotters as a color that is never shown.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write;
use std::rc::Rc;

use lab::record::Kind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

/// Height of text in every drawing, in pixels.
pub(super) const TEXT: f64 = 12.0;

/// What a shape is; the style sheet says how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Bar,
    /// A sample: a dot.
    Point,
    /// A sample in the color of its kind.
    OwnPoint,
    /// An interval.
    Interval,
    OwnInterval,
    /// A median.
    Mark,
    /// An ending that was never seen.
    Never,
    Line,
    Axis,
    Grid,
    Ideal,
    Ceiling,
    CeilingLine,
    Limit,
    Cores,
    Lead,
    /// From one rung to the next.
    Step,
    Running,
    Waiting,
    /// From what ended a wait to that wait's end: the line, and its head.
    Arrow,
    ArrowHead,
    Law,
    /// A law beside the points that it predicts.
    Stated,
    Chosen,
    ChosenMark,
    Text,
    Quiet,
    Bold,
}

const ROLES: [(Role, &str); 28] = [
    (Role::Bar, "bar"),
    (Role::Point, "pt"),
    (Role::OwnPoint, "pt own"),
    (Role::Interval, "iv"),
    (Role::OwnInterval, "iv own"),
    (Role::Mark, "mk"),
    (Role::Never, "none"),
    (Role::Line, "ln"),
    (Role::Axis, "ax"),
    (Role::Grid, "gr"),
    (Role::Ideal, "ideal"),
    (Role::Ceiling, "ceiling"),
    (Role::CeilingLine, "ceiling ln"),
    (Role::Limit, "limit"),
    (Role::Cores, "mark"),
    (Role::Lead, "lead"),
    (Role::Step, "step"),
    (Role::Running, "run"),
    (Role::Waiting, "wait"),
    (Role::Arrow, "arrow"),
    (Role::ArrowHead, "arrow head"),
    (Role::Law, "law"),
    (Role::Stated, "law thin"),
    (Role::Chosen, "chosen ln"),
    (Role::ChosenMark, "chosen"),
    (Role::Text, ""),
    (Role::Quiet, "q"),
    (Role::Bold, "b"),
];

const KINDS: [Kind; 6] =
    [Kind::Sequential, Kind::Threads, Kind::Tasks, Kind::Processes, Kind::Rayon, Kind::Python];

/// A role and the kind whose color it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub Role, pub Option<Kind>);

/// The kind that a reader can hide, if it is that: what is drawn in the page's own color has it as well.
pub(super) fn hidden_with(kind: Kind) -> Option<Kind> {
    (kind == Kind::Python).then_some(kind)
}

impl Ink {
    fn rgb(self) -> (u8, u8, u8) {
        let role = ROLES.iter().position(|(role, _)| *role == self.0).unwrap_or(0);
        let kind = self.1.and_then(|kind| KINDS.iter().position(|k| *k == kind));
        (role as u8, kind.map_or(0, |k| k as u8 + 1), 0)
    }

    fn classes((role, kind, _): (u8, u8, u8)) -> String {
        let role = ROLES[role as usize].1;
        match kind {
            0 => role.into(),
            kind => format!("k-{} {role}", KINDS[kind as usize - 1].word()),
        }
    }

    fn style(self) -> ShapeStyle {
        let (r, g, b) = self.rgb();
        ShapeStyle { color: RGBAColor(r, g, b, 1.0), filled: true, stroke_width: 1 }
    }
}

/// Which end of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The shapes that tell series of one color apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Circle,
    Square,
    Diamond,
    Up,
    Down,
}

pub(super) const SHAPES: [Shape; 5] =
    [Shape::Circle, Shape::Square, Shape::Diamond, Shape::Up, Shape::Down];

/// A drawing in progress. Coordinates are pixels, from the upper left corner.
pub(super) struct Sheet {
    area: DrawingArea<Svg, plotters::coord::Shift>,
    written: Rc<RefCell<Written>>,
    pub width: f64,
    pub height: f64,
}

const INTO_MEMORY: &str = "drawing into memory does not fail";

impl Sheet {
    pub(super) fn new(width: f64, height: f64) -> Sheet {
        let written = Rc::default();
        let svg = Svg {
            written: Rc::clone(&written),
            size: (tenths(width) as u32, tenths(height) as u32),
        };
        Sheet { area: svg.into_drawing_area(), written, width, height }
    }

    pub(super) fn rectangle(&self, (left, top): (f64, f64), (right, bottom): (f64, f64), ink: Ink) {
        let corners = [at(left, top), at(right, bottom)];
        self.area.draw(&Rectangle::new(corners, ink.style())).expect(INTO_MEMORY);
    }

    pub(super) fn line(&self, points: &[(f64, f64)], ink: Ink) {
        if points.len() > 1 {
            let points: Vec<_> = points.iter().map(|(x, y)| at(*x, *y)).collect();
            self.area.draw(&PathElement::new(points, ink.style())).expect(INTO_MEMORY);
        }
    }

    pub(super) fn polygon(&self, points: &[(f64, f64)], ink: Ink) {
        let points: Vec<_> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        self.area.draw(&Polygon::new(points, ink.style())).expect(INTO_MEMORY);
    }

    /// A sample.
    pub(super) fn dot(&self, x: f64, y: f64, ink: Ink) {
        self.area.draw(&Circle::new(at(x, y), 0, ink.style())).expect(INTO_MEMORY);
    }

    /// A median, or the like: a shape around a center.
    pub(super) fn mark(&self, x: f64, y: f64, shape: Shape, ink: Ink) {
        let r = 3.8;
        match shape {
            Shape::Circle => {
                self.area.draw(&Circle::new(at(x, y), tenths(r), ink.style())).expect(INTO_MEMORY);
            }
            Shape::Square => {
                let r = r * 0.9;
                self.rectangle((x - r, y - r), (x + r, y + r), ink);
            }
            Shape::Diamond => {
                let r = r * 1.3;
                self.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], ink);
            }
            Shape::Up => {
                self.polygon(&[(x, y - r * 1.2), (x + r * 1.2, y + r), (x - r * 1.2, y + r)], ink)
            }
            Shape::Down => {
                self.polygon(&[(x, y + r * 1.2), (x + r * 1.2, y - r), (x - r * 1.2, y - r)], ink)
            }
        }
    }

    /// One line of text on the baseline `y`.
    pub(super) fn text(&self, place: (f64, f64), anchor: Anchor, role: Role, text: &str) {
        self.text_of(place, anchor, Ink(role, None), text);
    }

    /// The same, of a kind that a reader can hide; its color stays that of text.
    pub(super) fn text_of(&self, (x, y): (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        let (r, g, b) = ink.rgb();
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = TextStyle {
            font: FontDesc::new(FontFamily::SansSerif, TEXT, FontStyle::Normal),
            color: BackendColor { alpha: 1.0, rgb: (r, g, b) },
            pos: Pos::new(h_pos, VPos::Bottom),
        };
        self.area.draw(&Text::new(text, at(x, y), style)).expect(INTO_MEMORY);
    }

    /// What the pointer reads on the next shape.
    pub(super) fn title(&self, title: String) {
        self.written.borrow_mut().title = Some(title);
    }

    /// What is drawn until `end_group` belongs together, for scripts.
    pub(super) fn begin_group(&self, class: &str) {
        let mut written = self.written.borrow_mut();
        written.end_path();
        write!(written.body, "<g class=\"{class}\">").expect(INTO_MEMORY);
    }

    pub(super) fn end_group(&self) {
        let mut written = self.written.borrow_mut();
        written.end_path();
        written.body.push_str("</g>");
    }

    /// An attribute `data-name` of the drawing, for scripts.
    pub(super) fn data(&self, name: &str, value: &str) {
        let mut written = self.written.borrow_mut();
        write!(written.data, " data-{name}=\"{value}\"").expect(INTO_MEMORY);
    }

    /// The whole drawing, for the finding that it shows.
    pub(super) fn finish(self, finding: &str) -> String {
        let mut written = self.written.borrow_mut();
        written.end_path();
        let (width, height) = (Tenths(tenths(self.width)), Tenths(tenths(self.height)));
        let mut svg = format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"");
        escape(finding, &mut svg);
        svg.push('"');
        svg.push_str(&written.data);
        svg.push('>');
        svg.push_str(&written.body);
        svg.push_str("</svg>");
        svg
    }
}

/// How wide a text is at most in the fonts that `system-ui` stands for, in pixels.
pub(super) fn text_width(text: &str, role: Role) -> f64 {
    let em: f64 = text.chars().map(character_width).sum();
    em * TEXT * if role == Role::Bold { 1.1 } else { 1.0 }
}

/// The text, cut to a width.
pub(super) fn fitted(text: &str, role: Role, width: f64) -> String {
    if text_width(text, role) <= width {
        return text.into();
    }
    let mut cut = String::new();
    for character in text.chars() {
        if text_width(&cut, role) + (character_width(character) + 1.0) * TEXT > width {
            break;
        }
        cut.push(character);
    }
    format!("{}…", cut.trim_end())
}

fn character_width(character: char) -> f64 {
    match character {
        '\u{202f}' => 0.2,
        ' ' | 'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '·' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        's' | 'c' | 'k' | 'v' | 'x' | 'y' | 'z' => 0.59,
        'm' | 'w' | 'M' | 'W' | '…' | '—' => 0.99,
        'A'..='Z' | '<' | '>' | '×' | '@' | '%' => 0.8,
        ' '..='~' | 'µ' | '–' => 0.635,
        _ => 1.0,
    }
}

fn at(x: f64, y: f64) -> (i32, i32) {
    (tenths(x), tenths(y))
}

fn tenths(pixels: f64) -> i32 {
    (pixels * 10.0).round() as i32
}

/// A number of tenths, written as short as it can be.
struct Tenths(i32);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.abs() / 10, self.0.abs() % 10);
        match (whole, tenth) {
            (0, 0) => f.write_str("0"),
            (whole, 0) => write!(f, "{sign}{whole}"),
            (0, tenth) => write!(f, "{sign}.{tenth}"),
            (whole, tenth) => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            '"' => into.push_str("&quot;"),
            // A line break would end the HTML block that the figure stands in.
            '\n' | '\r' => into.push(' '),
            other => into.push(other),
        }
    }
}

/// A path that still grows.
struct Path {
    class: (u8, u8, u8),
    data: String,
    /// Where it ends.
    pen: (i32, i32),
}

#[derive(Default)]
struct Written {
    body: String,
    /// Attributes of the drawing.
    data: String,
    path: Option<Path>,
    title: Option<String>,
}

impl Written {
    /// Adds to the path of this class; `draw` gets its data, the pen standing at `from`.
    fn shape(
        &mut self,
        class: (u8, u8, u8),
        from: (i32, i32),
        draw: impl FnOnce(&mut String) -> (i32, i32),
    ) {
        let same = self.path.as_ref().is_some_and(|open| open.class == class);
        if !same || self.title.is_some() {
            self.end_path();
        }
        let new = || Path { class, data: String::new(), pen: (0, 0) };
        let Path { data, pen, .. } = self.path.get_or_insert_with(new);
        if data.is_empty() {
            write!(data, "M{}", Pair(from.0, from.1)).expect(INTO_MEMORY);
        } else {
            write!(data, "m{}", Pair(from.0 - pen.0, from.1 - pen.1)).expect(INTO_MEMORY);
        }
        *pen = draw(data);
        if self.title.is_some() {
            self.end_path();
        }
    }

    fn end_path(&mut self) {
        let Some(Path { class, data, .. }) = self.path.take() else { return };
        write!(self.body, "<path class=\"{}\" d=\"{data}\"", Ink::classes(class))
            .expect(INTO_MEMORY);
        match self.title.take() {
            Some(title) => {
                self.body.push_str("><title>");
                escape(&title, &mut self.body);
                self.body.push_str("</title></path>");
            }
            None => self.body.push_str("/>"),
        }
    }
}

/// Two coordinates; a minus sign separates as well as a space does.
struct Pair(i32, i32);

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let between = if self.1 < 0 { "" } else { " " };
        write!(f, "{}{between}{}", Tenths(self.0), Tenths(self.1))
    }
}

struct Svg {
    written: Rc<RefCell<Written>>,
    size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.written.borrow_mut().shape(color.rgb, point, |data| {
            data.push_str("h0");
            point
        });
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        _: bool,
    ) -> Drawn {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        self.written.borrow_mut().shape(style.color().rgb, from, |data| {
            write!(data, "h{}v{}h{}z", Tenths(width), Tenths(height), Tenths(-width))
                .expect(INTO_MEMORY);
            from
        });
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let mut points = path.into_iter();
        if let Some(first) = points.next() {
            self.written
                .borrow_mut()
                .shape(style.color().rgb, first, |data| lines(data, first, points));
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let mut points = path.into_iter();
        if let Some(first) = points.next() {
            self.written.borrow_mut().shape(style.color().rgb, first, |data| {
                lines(data, first, points);
                data.push('z');
                first
            });
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _: bool,
    ) -> Drawn {
        let radius = radius as i32;
        if radius == 0 {
            return self.draw_pixel(center, style.color());
        }
        let left = (center.0 - radius, center.1);
        self.written.borrow_mut().shape(style.color().rgb, left, |data| {
            let (r, d) = (Tenths(radius), 2 * radius);
            write!(data, "a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 {} 0z", Tenths(d), Tenths(-d))
                .expect(INTO_MEMORY);
            left
        });
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        position: BackendCoord,
    ) -> Drawn {
        let mut written = self.written.borrow_mut();
        written.end_path();
        let (x, y) = (Tenths(position.0), Tenths(position.1));
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => "m",
            HPos::Right => "e",
        };
        let role = Ink::classes(style.color().rgb);
        let between = if role.is_empty() || anchor.is_empty() { "" } else { " " };
        match role.len() + anchor.len() {
            0 => write!(written.body, "<text x=\"{x}\" y=\"{y}\">"),
            _ => {
                write!(written.body, "<text class=\"{role}{between}{anchor}\" x=\"{x}\" y=\"{y}\">")
            }
        }
        .expect(INTO_MEMORY);
        escape(text, &mut written.body);
        written.body.push_str("</text>");
        Ok(())
    }
}

fn lines(
    data: &mut String,
    from: (i32, i32),
    points: impl Iterator<Item = BackendCoord>,
) -> (i32, i32) {
    let mut pen = from;
    for point in points {
        let (dx, dy) = (point.0 - pen.0, point.1 - pen.1);
        match (dx, dy) {
            (dx, 0) => write!(data, "h{}", Tenths(dx)),
            (0, dy) => write!(data, "v{}", Tenths(dy)),
            (dx, dy) => write!(data, "l{}", Pair(dx, dy)),
        }
        .expect(INTO_MEMORY);
        pen = point;
    }
    pen
}
