// The game of life on several threads: a barrier between two generations.
//
// Checked by shuttle, which includes this file and draws orders of its steps;
// without the barrier it finds other boards.
//
// Runs on the Playground.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

// ANCHOR: board
/// A board whose edges meet, so that each cell has eight neighbors.
pub struct Board {
    cells: Vec<AtomicBool>,
    width: usize,
}

impl Board {
    fn at(&self, row: usize, column: usize) -> &AtomicBool {
        let height = self.cells.len() / self.width;
        &self.cells[row % height * self.width + column % self.width]
    }

    /// Whether the cell will live, by what this board shows now.
    fn lives_on(&self, row: usize, column: usize) -> bool {
        let height = self.cells.len() / self.width;
        let mut neighbors = 0;
        for (down, right) in AROUND {
            let (row, column) = (row + height + down - 1, column + right);
            let column = column + self.width - 1;
            neighbors += u8::from(self.at(row, column).load(Relaxed));
        }
        let alive = self.at(row, column).load(Relaxed);
        neighbors == 3 || (alive && neighbors == 2)
    }
}
// ANCHOR_END: board

/// The places around the one in the middle.
const AROUND: [(usize, usize); 8] =
    [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)];

// ANCHOR: generations
/// Each thread has some of the rows. It reads one board, and writes its rows
/// of the other; then the two change places.
pub fn generations(
    boards: &[Board; 2],
    count: usize,
    threads: usize,
    all_are_here: impl Fn() + Sync,
) {
    let width = boards[0].width;
    let height = boards[0].cells.len() / width;
    thread::scope(|scope| {
        for thread in 0..threads {
            let all_are_here = &all_are_here;
            scope.spawn(move || {
                for generation in 0..count {
                    let [from, to] = match generation % 2 {
                        0 => [&boards[0], &boards[1]],
                        _ => [&boards[1], &boards[0]],
                    };
                    for row in (thread..height).step_by(threads) {
                        for column in 0..width {
                            let lives = from.lives_on(row, column);
                            to.at(row, column).store(lives, Relaxed);
                        }
                    }
                    all_are_here();
                }
            });
        }
    });
}
// ANCHOR_END: generations

/// The board after so many generations, made by so many threads.
pub fn live(start: &[&str], count: usize, threads: usize) -> String {
    let boards = [parse(start), parse(start)];
    let barrier = Barrier::new(threads);
    generations(&boards, count, threads, || {
        barrier.wait();
    });
    draw(&boards[count % 2])
}

/// The same without the barrier. It mixes the generations.
pub fn without_barrier(start: &[&str], count: usize, threads: usize) -> String {
    let boards = [parse(start), parse(start)];
    generations(&boards, count, threads, || ());
    draw(&boards[count % 2])
}

fn parse(rows: &[&str]) -> Board {
    let cells = rows.iter().flat_map(|row| row.chars());
    Board {
        cells: cells.map(|cell| AtomicBool::new(cell == '#')).collect(),
        width: rows.first().map_or(1, |row| row.len()),
    }
}

fn draw(board: &Board) -> String {
    let cell = |cell: &AtomicBool| if cell.load(Relaxed) { '#' } else { '.' };
    let rows = board.cells.chunks(board.width);
    let rows = rows.map(|row| row.iter().map(cell).collect::<String>());
    rows.collect::<Vec<_>>().join("\n")
}

// ANCHOR: main
pub const GLIDER: [&str; 6] =
    [".#....", "..#...", "###...", "......", "......", "......"];

pub fn main() {
    println!("{}", live(&GLIDER, 0, 3));
    println!("after 8 generations, by 3 threads:");
    println!("{}", live(&GLIDER, 8, 3));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_threads_makes_the_same_generations() {
        for count in [0, 1, 7, 24] {
            let alone = live(&GLIDER, count, 1);
            for threads in [2, 3, 6] {
                assert_eq!(live(&GLIDER, count, threads), alone);
            }
        }
    }

    #[test]
    fn a_glider_is_where_it_was_after_four_generations_for_each_column() {
        assert_eq!(live(&GLIDER, 24, 3), GLIDER.join("\n"));
    }

    #[test]
    fn alone_no_barrier_is_missed() {
        assert_eq!(without_barrier(&GLIDER, 24, 1), GLIDER.join("\n"));
    }
}
