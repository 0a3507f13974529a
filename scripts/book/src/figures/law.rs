//! A law of scalability beside what was measured, on logarithmic axes up to 64 cores.
//!
//! For the script that moves the curve, a drawing carries its plane (`data-plane`: the four edges in
//! pixels, and the values at them), and has the curve and the chosen point in a group `moves`.

use super::backend::{Anchor, Ink, Role, SHAPES, Shape, Sheet};
use super::plane::{Label, Naming, Plane, Sign};
use super::scale::Scale;
use super::speedup::{ceiling_band, cores, ideal, smallest};
use super::units::tick;
use super::{Format, Speedup};

/// The Universal Scalability Law. Without coordination it is Amdahl's law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Share of the work that runs on one core whatever there is (σ).
    pub serial: f64,
    /// What each pair of cores adds, as a share of the work (κ).
    pub coordination: f64,
}

impl Law {
    /// How many times as fast as one core p cores are.
    pub fn speedup(self, p: f64) -> f64 {
        p / (1.0 + self.serial * (p - 1.0) + self.coordination * p * (p - 1.0))
    }
}

/// The serial fraction that fits measured speedups best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The share of the work that runs alone, from 0 to 1.
    pub serial: f64,
    /// How far the worst point lies from the law, as a share of what the law says.
    pub off: f64,
}

/// So many points, or more, have to lie at numbers of threads for which the machine has cores.
pub const POINTS_TO_FIT: usize = 4;

/// The points that a law can be fitted to: each of their threads has a core.
fn fitting_points(points: &[(u64, f64)], cores: u64) -> Vec<(u64, f64)> {
    points.iter().copied().filter(|(p, speedup)| *p <= cores && *speedup > 0.0).collect()
}

/// The serial fraction of least squares, where there are points enough.
///
/// By Amdahl's law 1 / S - 1 / p is s (1 - 1 / p): a line through the origin, whose slope is s.
pub fn fit(points: &[(u64, f64)], cores: u64) -> Option<Fit> {
    let points = fitting_points(points, cores);
    if points.len() < POINTS_TO_FIT {
        return None;
    }
    let lines = points.iter().map(|(p, s)| (1.0 - 1.0 / *p as f64, 1.0 / s - 1.0 / *p as f64));
    let (both, squares) =
        lines.fold((0.0, 0.0), |(both, squares), (x, y)| (both + x * y, squares + x * x));
    let serial = (both / squares).clamp(0.0, 1.0);
    let law = Law { serial, coordination: 0.0 };
    let off = |(p, s): &(u64, f64)| (s / law.speedup(*p as f64) - 1.0).abs();
    Some(Fit { serial, off: points.iter().map(off).fold(0.0, f64::max) })
}

/// As far as the drawn law reaches, and the slider of its page.
pub const MOST_CORES: u64 = 64;
const LEAST: f64 = 0.85;

pub(super) fn draw(speedup: &Speedup, law: Law, chosen: u64, format: Format) -> Option<Sheet> {
    let series = speedup.series.first()?;
    let naming = Naming::Legend { rows: vec![vec![0, 1, 2]] };
    let height = if format == Format::Wide { 360.0 } else { 320.0 };
    let (left, right) = (34.0, format.width() - 10.0);
    let (top, bottom) = (52.0 + naming.above(), height - 36.0);
    let low = smallest(speedup).min(1.0) / 1.3;
    let most = MOST_CORES as f64;
    let plane = Plane {
        x: Scale::log(LEAST, most, (left, right - 8.0)),
        y: Scale::log(low, most, (bottom, top)),
        left,
        right,
        top,
        bottom,
    };
    let sheet = Sheet::new(format.width(), height);
    let doubled: Vec<f64> = (0..7).map(|n| f64::from(1 << n)).collect();
    let ticks: Vec<_> = doubled.iter().map(|value| (*value, tick(*value))).collect();
    plane.axes(&sheet, &ticks, &ticks);
    let title = format!("times as fast as {}", speedup.base);
    sheet.text((0.0, naming.above() + 12.0), Anchor::Start, Role::Quiet, &title);
    let axis = "cores, both axes log scale";
    sheet.text((right, bottom + 32.0), Anchor::End, Role::Quiet, axis);
    let marks = cores(&sheet, &plane, speedup, MOST_CORES);
    ideal(&sheet, &plane, (1.0, most), &marks);
    ceiling_band(&sheet, &plane, &speedup.ceiling);
    plane.series(&sheet, std::slice::from_ref(series), 6.0);

    sheet.data("plane", &format!("{left} {} {top} {bottom} {LEAST} {most} {low:.4}", right - 8.0));
    sheet.begin_group("moves");
    let place = |p: f64| (plane.x.place(p), plane.y.place(law.speedup(p)));
    let steps = (0..=96).map(|n| place(most.powf(f64::from(n) / 96.0)));
    sheet.line(&steps.collect::<Vec<_>>(), Ink(Role::Law, None));
    let (x, y) = place(chosen as f64);
    sheet.line(&[(x, bottom), (x, y)], Ink(Role::Chosen, None));
    sheet.mark(x, y, Shape::Circle, Ink(Role::ChosenMark, None));
    sheet.end_group();

    let label = |text: &str, sign| Label { text: text.into(), sign, end: (0.0, 0.0) };
    let labels = [
        label("predicted", Sign::Line(Ink(Role::Law, None))),
        label(
            &format!("{}, measured", series.label),
            Sign::Series(SHAPES[0], Ink(Role::Mark, Some(series.kind))),
        ),
        label("ceiling", Sign::Line(Ink(Role::Ceiling, None))),
    ];
    naming.draw(&sheet, &labels, (top, bottom), right);
    Some(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn a_tenth_that_is_serial_leaves_six_and_two_fifths_of_sixteen_cores() {
        let amdahl = Law { serial: 0.1, coordination: 0.0 };
        assert!(close(amdahl.speedup(16.0), 6.4), "{}", amdahl.speedup(16.0));
        assert!(close(amdahl.speedup(1.0), 1.0));
        assert!(amdahl.speedup(1e9) < 10.0 && amdahl.speedup(1e9) > 9.999);
        let nothing = Law { serial: 0.0, coordination: 0.0 };
        assert!(close(nothing.speedup(64.0), 64.0));
        let everything = Law { serial: 1.0, coordination: 0.0 };
        assert!(close(everything.speedup(64.0), 1.0));
    }

    /// What a program would show that follows the law, on these numbers of threads.
    fn following(serial: f64, cores: u64, places: &[u64]) -> Vec<(u64, f64)> {
        let law = Law { serial, coordination: 0.0 };
        places.iter().map(|p| (*p, law.speedup((*p).min(cores) as f64))).collect()
    }

    #[test]
    fn the_fraction_is_found_again_on_sixteen_cores_and_not_looked_for_on_two() {
        let places = [1, 2, 4, 8, 16, 32];
        for serial in [0.0, 0.05, 0.25, 0.5, 1.0] {
            let found = fit(&following(serial, 16, &places), 16).expect("five points are enough");
            assert!((found.serial - serial).abs() < 1e-9, "{serial}: {found:?}");
            assert!(found.off < 1e-9, "threads beyond the cores are left out: {found:?}");
        }
        assert_eq!(fit(&following(0.1, 2, &[1, 2, 4]), 2), None);
        assert_eq!(fit(&following(0.1, 4, &[1, 2, 4, 8]), 4), None, "three points");
        assert!(fit(&following(0.1, 8, &[1, 2, 4, 8, 16]), 8).is_some(), "four points");
    }

    #[test]
    fn points_that_do_not_follow_the_law_are_said_to_be_off_it() {
        let mut points = following(0.1, 16, &[1, 2, 4, 8, 16]);
        points[4].1 /= 2.0;
        let found = fit(&points, 16).unwrap();
        assert!(found.serial > 0.1 && found.off > 0.1, "{found:?}");
    }

    #[test]
    fn with_coordination_more_cores_are_slower_from_some_number_on() {
        let law = Law { serial: 0.05, coordination: 0.002 };
        let fastest = (1..=64)
            .max_by(|a, b| law.speedup(f64::from(*a)).total_cmp(&law.speedup(f64::from(*b))));
        // √((1 − σ) / κ) = 21.8
        assert_eq!(fastest, Some(22));
        assert!(law.speedup(64.0) < law.speedup(22.0));
    }
}
