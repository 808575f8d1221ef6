//! CloudWatch through its official client.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod support;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::MetricDataQuery;
use cloud::Cloud;
use support::{config, start};

/// What a function writes into its log when it took so long.
fn took(cloud: &Cloud, operation: &str, seconds: &[f64]) {
    let values: Vec<String> = seconds.iter().map(ToString::to_string).collect();
    let values = values.join(",");
    cloud.collect(&format!(
        r#"{{"_aws":{{"Timestamp":1,"CloudWatchMetrics":[{{"Namespace":"Russet","Dimensions":[["operation"]],"Metrics":[{{"Name":"took","Unit":"Seconds"}}]}}]}},"operation":"{operation}","took":[{values}]}}"#
    ));
}

fn search(id: &str, statistic: &str) -> MetricDataQuery {
    let expression = format!("SEARCH('{{Russet,operation}} MetricName=\"took\"', '{statistic}', 3600)");
    MetricDataQuery::builder().id(id).expression(expression).label("${PROP('Dim.operation')}").build()
}

// Proves: S0-21
#[tokio::test]
async fn what_functions_measure_is_found_by_operation_and_statistic() {
    let cloud = start();
    took(&cloud, "place-order", &[0.1, 0.2, 0.4, 0.4]);
    took(&cloud, "get-order", &[0.01]);
    cloud.collect("no metric");
    let client = Client::new(&config(&cloud, "test"));

    let listed = client.list_metrics().namespace("Russet").metric_name("took").send().await.unwrap();
    assert_eq!(listed.metrics().len(), 2);

    let now = cloud.clock().now().seconds();
    let request = client
        .get_metric_data()
        .metric_data_queries(search("q0", "SampleCount"))
        .metric_data_queries(search("q1", "TC(:0.2)"))
        .metric_data_queries(search("q2", "p50"))
        .start_time(DateTime::from_secs(now - 3600))
        .end_time(DateTime::from_secs(now + 60));
    let answer = request.send().await.unwrap();
    let value = |id: &str, operation: &str| {
        let of = answer.metric_data_results().iter();
        let one = of.filter(|one| one.id() == Some(id)).find(|one| one.label() == Some(operation)).unwrap();
        one.values()[0]
    };
    assert_eq!((value("q0", "place-order"), value("q0", "get-order")), (4.0, 1.0));
    assert_eq!(value("q1", "place-order"), 2.0);
    assert!((0.199..0.203).contains(&value("q2", "place-order")), "{}", value("q2", "place-order"));
    assert_eq!(cloud.counters().calls("cloudwatch", "GetMetricData"), 1);
}
