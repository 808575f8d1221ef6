//! Runs `get-feed-contract` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_feed_contract::function)
}
