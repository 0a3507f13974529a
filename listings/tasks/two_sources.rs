// One reader of two channels: what is urgent first, and at most two reports
// of the weather.
//
// Checked on shuttle's tokio, which includes this file: the same lines in
// every order, whoever is faster.
//
// Runs on the Playground.

use tokio::sync::mpsc::{self, Receiver};

// ANCHOR: read
/// All that is urgent, and two of the others.
async fn read(
    mut urgent: Receiver<&'static str>,
    mut weather: Receiver<&'static str>,
) -> Vec<&'static str> {
    let (mut told, mut reports) = (Vec::new(), 0);
    loop {
        tokio::select! {
            biased; // looks at the first branch first
            Some(line) = urgent.recv() => told.push(line),
            Some(line) = weather.recv(), if reports < 2 => {
                reports += 1;
                told.push(line);
            }
            else => return told, // no branch is left
        }
    }
}
// ANCHOR_END: read

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let (urgent, urgent_lines) = mpsc::channel(3);
    let (weather, weather_lines) = mpsc::channel(3);
    for report in ["rain", "more rain", "sun"] {
        weather.send(report).await.expect("there is room");
    }
    urgent.send("the bridge is closed").await.expect("there is room");
    drop((urgent, weather)); // nothing more comes
    println!("{:?}", read(urgent_lines, weather_lines).await);
}

/// What is read while two tasks write.
pub async fn read_while_they_write() -> Vec<&'static str> {
    let (urgent, urgent_lines) = mpsc::channel(1);
    let (weather, weather_lines) = mpsc::channel(1);
    tokio::spawn(async move {
        let _ = urgent.send("the bridge is closed").await;
    });
    tokio::spawn(async move {
        for report in ["rain", "more rain", "sun"] {
            // Two are read, and the reader can be gone before the third.
            let _ = weather.send(report).await;
        }
    });
    read(urgent_lines, weather_lines).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_urgent_is_read_and_two_of_the_others() {
        let mut read = read_while_they_write().await;
        read.sort_unstable();
        assert_eq!(read, ["more rain", "rain", "the bridge is closed"]);
    }

    #[tokio::test]
    async fn what_is_urgent_is_read_first_where_both_are_there() {
        let (urgent, urgent_lines) = mpsc::channel(1);
        let (weather, weather_lines) = mpsc::channel(1);
        weather.send("rain").await.unwrap();
        urgent.send("fire").await.unwrap();
        drop((urgent, weather));
        assert_eq!(read(urgent_lines, weather_lines).await, ["fire", "rain"]);
    }
}
