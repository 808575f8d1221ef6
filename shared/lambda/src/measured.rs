//! What CloudWatch has measured of this shop: rates and percentiles by operation. It finds the operations itself, so a new
//! function is there without being listed.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::types::{MetricDataQuery, MetricDataResult};
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use kernel::{Fault, Instant};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use telemetry::NAMESPACE;

/// How long an answer is good for: CloudWatch takes money for each question, and knows new figures each minute.
const KEPT: Duration = Duration::from_secs(15);
/// Seconds of a day and of an hour.
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// Over which span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// Since midnight, UTC: what is counted so begins anew each day, as a counter of Prometheus may.
    Today,
    /// The last sixty minutes.
    LastHour,
}

impl Window {
    /// Where it begins, where it ends and how long it is, in seconds.
    const fn span(self, now: Instant) -> (i64, i64, i64) {
        let next_minute = now.seconds() - now.seconds().rem_euclid(60) + 60;
        match self {
            Self::Today => (now.seconds() - now.seconds().rem_euclid(DAY), next_minute, DAY),
            Self::LastHour => (next_minute - HOUR, next_minute, HOUR),
        }
    }
}

/// What is asked about every operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question {
    /// The metric, by the name that functions give it.
    pub metric: &'static str,
    /// CloudWatch's statistic: `Sum`, `SampleCount`, `Average`, `p95` …
    pub statistic: &'static str,
    /// Over which span of time.
    pub window: Window,
}

/// What is known about one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was asked.
    pub question: Question,
    /// Of which operation.
    pub operation: String,
    /// How much.
    pub value: f64,
}

/// Asks CloudWatch a list of questions. Cheap to clone: clones share the last answer.
#[derive(Debug, Clone)]
pub struct Measured {
    client: Client,
    questions: Arc<[Question]>,
    last: Arc<Mutex<Option<Answered>>>,
}

#[derive(Debug, Clone)]
struct Answered {
    at: Instant,
    figures: Arc<[Figure]>,
}

impl Measured {
    pub(crate) fn new(sdk: &SdkConfig, questions: &[Question]) -> Self {
        Self { client: Client::new(sdk), questions: questions.into(), last: Arc::default() }
    }

    /// The figures of all operations that have any, at most 15 seconds old.
    ///
    /// # Errors
    /// Unavailable when CloudWatch does not answer.
    pub async fn figures(&self, now: Instant) -> Result<Arc<[Figure]>, Fault> {
        if let Some(figures) = self.recent(now) {
            return Ok(figures);
        }
        let (today, hour) = futures::try_join!(self.ask(Window::Today, now), self.ask(Window::LastHour, now))?;
        let figures: Arc<[Figure]> = today.into_iter().chain(hour).collect();
        if let Ok(mut last) = self.last.lock() {
            *last = Some(Answered { at: now, figures: Arc::clone(&figures) });
        }
        Ok(figures)
    }

    fn recent(&self, now: Instant) -> Option<Arc<[Figure]>> {
        let last = self.last.lock().ok()?;
        last.as_ref().filter(|answered| now.since(answered.at) < KEPT).map(|answered| Arc::clone(&answered.figures))
    }

    async fn ask(&self, window: Window, now: Instant) -> Result<Vec<Figure>, Fault> {
        let (from, to, period) = window.span(now);
        let asked: Vec<Question> =
            self.questions.iter().filter(|question| question.window == window).copied().collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let queries: Vec<MetricDataQuery> =
            asked.iter().enumerate().map(|(at, question)| query(at, question, period)).collect();
        let mut pages = self
            .client
            .get_metric_data()
            .set_metric_data_queries(Some(queries))
            .start_time(DateTime::from_secs(from))
            .end_time(DateTime::from_secs(to))
            .into_paginator()
            .send();
        let mut figures = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| silent(&error))?;
            figures.extend(page.metric_data_results().iter().filter_map(|result| figure(&asked, result)));
        }
        Ok(figures)
    }
}

fn query(at: usize, question: &Question, period: i64) -> MetricDataQuery {
    let Question { metric, statistic, .. } = question;
    let search = format!("SEARCH('{{{NAMESPACE},operation}} MetricName=\"{metric}\"', '{statistic}', {period})");
    MetricDataQuery::builder().id(format!("q{at}")).expression(search).label("${PROP('Dim.operation')}").build()
}

/// The newest value of one series, which is the only one unless CloudWatch cut the window in two.
fn figure(asked: &[Question], result: &MetricDataResult) -> Option<Figure> {
    let at: usize = result.id()?.strip_prefix('q')?.parse().ok()?;
    let value = *result.values().first()?;
    Some(Figure { question: *asked.get(at)?, operation: result.label()?.to_owned(), value })
}

fn silent<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Fault {
    let (code, words) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    Fault::unavailable(format!("GetMetricData: {code} {words} [{error}]"))
}

#[cfg(test)]
mod tests {
    use super::Window;
    use kernel::Instant;

    #[test]
    fn a_day_begins_at_midnight_and_an_hour_ends_with_this_minute() {
        let now = Instant::from_seconds(20_000 * 86_400 + 13 * 3_600 + 5 * 60 + 7);
        let midnight = 20_000 * 86_400;
        assert_eq!(Window::Today.span(now), (midnight, midnight + 13 * 3_600 + 6 * 60, 86_400));
        assert_eq!(Window::LastHour.span(now), (midnight + 12 * 3_600 + 6 * 60, midnight + 13 * 3_600 + 6 * 60, 3_600));
    }
}
