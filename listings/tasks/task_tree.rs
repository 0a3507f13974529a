//! A market whose stalls have helpers: the word to close goes down the tree,
//! and each waits for those below it.
//!
//! Runs locally only: it uses the crate `tokio-util`, which no checker models.
//! Its test names all that has to come before something else.

// ANCHOR: program
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Diary = mpsc::UnboundedSender<String>;

/// Is there until it hears the word, and then packs.
async fn helper(word: CancellationToken, diary: Diary) {
    word.cancelled().await;
    let _ = diary.send("  a helper has packed".into());
}

/// Closes when it hears the word and its helpers are done.
async fn stall(name: &'static str, word: CancellationToken, diary: Diary) {
    let helpers = TaskTracker::new();
    for _ in 0..2 {
        helpers.spawn(helper(word.child_token(), diary.clone()));
    }
    word.cancelled().await;
    helpers.close(); // no more are coming, so `wait` can end
    helpers.wait().await;
    let _ = diary.send(format!("{name}: closed"));
}

#[tokio::main]
pub async fn main() {
    let (diary, mut notes) = mpsc::unbounded_channel();
    let market = CancellationToken::new();
    let (fish, bread) = (market.child_token(), market.child_token());
    let stalls = TaskTracker::new();
    let early = stalls.spawn(stall("fish", fish.clone(), diary.clone()));
    stalls.spawn(stall("bread", bread.clone(), diary.clone()));

    fish.cancel(); // one branch of the tree
    early.await.expect("no stall panics");
    let _ = diary.send(format!("bread has heard it: {}", bread.is_cancelled()));
    market.cancel(); // all of it
    stalls.close();
    stalls.wait().await;

    drop(diary);
    while let Some(note) = notes.recv().await {
        println!("{note}");
    }
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stall_closes_after_its_helpers_and_hears_the_word_of_the_market()
    {
        let (diary, mut notes) = mpsc::unbounded_channel();
        let market = CancellationToken::new();
        let fish = tokio::spawn(stall("fish", market.child_token(), diary));
        market.cancel();
        fish.await.unwrap();
        let mut all = Vec::new();
        while let Some(note) = notes.recv().await {
            all.push(note);
        }
        assert_eq!(all.pop().unwrap(), "fish: closed");
        assert_eq!(all, ["  a helper has packed"; 2]);
    }

    #[tokio::test]
    async fn a_branch_that_closes_leaves_the_others_open() {
        let market = CancellationToken::new();
        let (fish, bread) = (market.child_token(), market.child_token());
        fish.cancel();
        assert!(!bread.is_cancelled() && !market.is_cancelled());
        market.cancel();
        assert!(bread.is_cancelled());
    }
}
