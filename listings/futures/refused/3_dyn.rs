// ANCHOR: step
trait Station {
    async fn ask(&self) -> u32;
}

fn visit(_station: &dyn Station) {}
// ANCHOR_END: step

fn main() {}
