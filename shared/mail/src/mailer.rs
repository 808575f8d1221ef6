//! Sends a message.

use crate::trouble::fault;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use kernel::{Email, Fault};
use std::fmt;
use std::sync::Arc;

/// One message to one person. It does not print its words: they are personal.
#[derive(Clone)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// One line.
    pub subject: String,
    /// The words as plain text.
    pub text: String,
    /// The same as a page, for readers that show one. Whoever writes it escapes what people typed.
    pub html: Option<String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Mail(…)")
    }
}

/// Sends from one address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    from: Arc<str>,
}

impl Mailer {
    /// Sends as `from` (`Russet <orders@russet.shop>`), through that client.
    #[must_use]
    pub fn new(client: Client, from: impl Into<Arc<str>>) -> Self {
        Self { client, from: from.into() }
    }

    /// Hands `mail` to SES and gives back the id under which SES knows it.
    ///
    /// # Errors
    /// Unavailable when SES does not answer (the mail may have been sent all the same); a bug when it refuses.
    pub async fn send(&self, mail: &Mail) -> Result<String, Fault> {
        let body =
            Body::builder().text(utf8(&mail.text)?).set_html(mail.html.as_deref().map(utf8).transpose()?).build();
        let message = Message::builder().subject(utf8(&mail.subject)?).body(body).build();
        let request = self
            .client
            .send_email()
            .from_email_address(&*self.from)
            .destination(Destination::builder().to_addresses(mail.to.reveal()).build())
            .content(EmailContent::builder().simple(message).build());
        let answer = request.send().await.map_err(|error| fault("SendEmail", &error))?;
        Ok(answer.message_id.unwrap_or_default())
    }
}

fn utf8(text: &str) -> Result<Content, Fault> {
    let unbuilt = |error: BuildError| Fault::bug(format!("SES request: {error}"));
    Content::builder().data(text).charset("UTF-8").build().map_err(unbuilt)
}
