//! SES: mail is taken and put into one mailbox that people and tests can read.

use crate::clock::Clock;
use crate::journal::{Entries, Journal, Kind};
use crate::random::Random;
use crate::wire::{Refusal, Reply, Request, json_reply, read_json};
use kernel::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Mails that are kept at most: older ones make room.
const MAILS_MAX: usize = 500;

/// One mail as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The id that the sender was told.
    pub id: String,
    /// When it was taken.
    pub at: Instant,
    /// Who it is from.
    pub from: String,
    /// Who it is for.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its words as plain text.
    pub text: String,
    /// Its words as a page, if it has one.
    pub html: Option<String>,
}

/// The SES of one cloud.
pub(crate) struct Mails {
    mails: Mutex<VecDeque<Mail>>,
    journal: Arc<Journal>,
    clock: Clock,
    random: Random,
}

impl Mails {
    pub(crate) fn new(journal: Arc<Journal>, clock: Clock, random: Random, left: Entries) -> Self {
        let mut mails: Vec<Mail> = left.iter().filter_map(|(_, value)| serde_json::from_slice(value).ok()).collect();
        mails.sort_by_key(|mail| mail.at);
        Self { mails: Mutex::new(mails.into()), journal, clock, random }
    }

    /// Every mail, the newest last.
    pub(crate) fn all(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn take(&self, mail: Mail) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(value) = serde_json::to_vec(&mail) {
            self.journal.put(Kind::Mail, mail.id.clone(), value);
        }
        mails.push_back(mail);
        while mails.len() > MAILS_MAX
            && let Some(oldest) = mails.pop_front()
        {
            self.journal.remove(Kind::Mail, oldest.id);
        }
    }
}

/// The operation that a path means, since SES speaks REST.
pub(crate) fn action(request: &Request) -> &'static str {
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v2/email/outbound-emails") => "SendEmail",
        _ => "",
    }
}

/// Answers one call of the REST-JSON protocol.
pub(crate) async fn answer(mails: &Mails, action: &str, request: &Request) -> Reply {
    let answer = if action == "SendEmail" {
        send(mails, &request.body).await
    } else {
        Err(Refusal::unknown_action(&request.path))
    };
    json_reply("application/json", answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

async fn send(mails: &Mails, body: &[u8]) -> Result<Value, Refusal> {
    let request: Send = read_json(body)?;
    let refuse = |text: &str| Refusal::new("BadRequestException", text);
    let simple = request.content.simple.ok_or_else(|| refuse("the stand-in takes simple mails only"))?;
    let Destination { to_addresses, cc_addresses, bcc_addresses } = request.destination;
    let to: Vec<String> = [to_addresses, cc_addresses, bcc_addresses].concat();
    if to.is_empty() || to.iter().any(|address| !address.contains('@')) {
        return Err(refuse("Missing or illegal destination"));
    }
    let id = format!("{}-000000", mails.random.uuid());
    mails.take(Mail {
        id: id.clone(),
        at: mails.clock.now(),
        from: request.from_email_address.ok_or_else(|| refuse("Missing sender"))?,
        to,
        subject: simple.subject.data,
        text: simple.body.text.map(|text| text.data).unwrap_or_default(),
        html: simple.body.html.map(|html| html.data),
    });
    if !mails.journal.written().await {
        return Err(Refusal::unwritten());
    }
    Ok(json!({"MessageId": id}))
}

/// The mailbox as a page, newest first. Everything in it is escaped: a mail's own page is shown as its plain text.
pub(crate) fn html(mails: &[Mail]) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head><body><h1>Mailbox</h1>",
    );
    if mails.is_empty() {
        page.push_str("<p>No mail yet.</p>");
    }
    for mail in mails.iter().rev() {
        page.push_str(&format!(
            "<article><h2>{}</h2><p>{} · from {} · to {}</p><pre>{}</pre></article><hr>",
            escaped(&mail.subject),
            mail.at,
            escaped(&mail.from),
            escaped(&mail.to.join(", ")),
            escaped(&mail.text)
        ));
    }
    page.push_str("</body></html>");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::{Mail, html};
    use kernel::Instant;

    #[test]
    fn what_is_in_a_mail_cannot_become_part_of_the_page() {
        let mail = Mail {
            id: "1".into(),
            at: Instant::from_seconds(0),
            from: "Russet <orders@russet.shop>".into(),
            to: vec!["\"><script>alert(1)</script>@example.com".into()],
            subject: "<b>Hello</b> & welcome".into(),
            text: "</pre><img src=x onerror='alert(1)'>".into(),
            html: None,
        };
        let page = html(&[mail]);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>"), "{page}");
        assert!(page.contains("&lt;b&gt;Hello&lt;/b&gt; &amp; welcome"));
    }
}
