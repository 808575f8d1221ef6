//! Feeds as requests bring them, with what is said about them.

use kernel::Fault;
use lambda::{Problem, Request, StatusCode};
use partners::feeds;
use partners::mapping::Mapping;

/// A feed as a request brings it.
pub struct FeedAsked {
    /// The feed itself.
    pub body: Vec<u8>,
    /// What the sender says it is.
    pub media_type: String,
    /// What the sender calls it.
    pub file_name: Option<String>,
    /// How it is to be read, if the sender says so.
    pub mapping: Option<Mapping>,
}

/// Characters of a feed's file name.
const FILE_NAME: usize = 255;
/// Characters of a mapping.
const MAPPING: usize = 8 * 1024;

/// The feed in the body of a request, with what is said about it.
///
/// # Errors
/// 415 when the body is said to be something that no feed is; 400 with the pointer for the rest.
pub fn feed_asked(request: &Request) -> Result<FeedAsked, Problem> {
    let media_type = media_type(request)?;
    if request.body().is_empty() {
        return Err(Fault::field("", "required", "The feed stands in the body, and the body is empty.").into());
    }
    Ok(FeedAsked {
        body: request.body().to_vec(),
        media_type,
        file_name: file_name(request)?,
        mapping: mapping_asked(request)?,
    })
}

/// How a feed is to be read, if the request says so.
///
/// # Errors
/// 400 with the pointer when it is no mapping.
pub fn mapping_asked(request: &Request) -> Result<Option<Mapping>, Problem> {
    let Some(text) = request.query_text("mapping").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    lambda::text_limit("?mapping", text, MAPPING)?;
    let mapping = Mapping::from_json(text);
    Ok(Some(mapping.map_err(|error| Fault::field("?mapping", "format", error.to_string()))?))
}

/// Whether a character cannot be seen, or turns others around: in names that people read it only deceives.
#[must_use]
pub fn unseen(c: char) -> bool {
    c.is_control() || partners::validation::hides(c)
}

/// What the body is said to be.
fn media_type(request: &Request) -> Result<String, Problem> {
    feed_media_type(request.header("content-type").unwrap_or_default())
}

/// What a feed is said to be, in full. A form is no feed; anything else is looked at when it is read, since senders err.
///
/// # Errors
/// 415 when it is said to be something that no feed is.
pub fn feed_media_type(said: &str) -> Result<String, Problem> {
    let bare = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if feeds::media_types().contains(&bare.as_str()) {
        return Ok(said.chars().take(255).collect());
    }
    let detail = format!("Send the feed as one of {}.", feeds::media_types().join(", "));
    Err(Problem::transport(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

fn file_name(request: &Request) -> Result<Option<String>, Problem> {
    feed_file_name("?file_name", request.query_text("file_name"))
}

/// What the sender calls a feed, if anything; `pointer` is where it says so.
///
/// # Errors
/// 400 when it is too long or holds control characters.
pub fn feed_file_name(pointer: &'static str, said: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(name) = said.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    lambda::text_limit(pointer, name, FILE_NAME)?;
    if name.chars().any(unseen) {
        return Err(Fault::field(pointer, "format", "A file name holds no characters that cannot be seen.").into());
    }
    Ok(Some(name.to_owned()))
}
