//! Every function there is, mounted as it ships. A contract test holds this table equal to the OpenAPI document and the
//! template.

use futures::future::BoxFuture;
use lambda::{Error, Function, Platform};

/// Makes a function in an environment.
pub type Start = for<'a> fn(&'a Platform) -> BoxFuture<'a, Result<Function, Error>>;

/// One function, by its operation.
#[derive(Debug, Clone, Copy)]
pub struct Mounted {
    /// The operation, kebab-case.
    pub operation: &'static str,
    /// Makes it.
    pub start: Start,
}

/// All of them, by context.
pub const ALL: &[Mounted] = &[
    // catalog
    Mounted { operation: "list-products", start: |platform| Box::pin(list_products::function(platform)) },
    Mounted { operation: "get-product", start: |platform| Box::pin(get_product::function(platform)) },
    Mounted { operation: "create-product", start: |platform| Box::pin(create_product::function(platform)) },
    Mounted { operation: "update-product", start: |platform| Box::pin(update_product::function(platform)) },
    Mounted { operation: "recommend-products", start: |platform| Box::pin(recommend_products::function(platform)) },
    Mounted {
        operation: "publish-catalog-events",
        start: |platform| Box::pin(publish_catalog_events::function(platform)),
    },
    Mounted { operation: "project-catalog", start: |platform| Box::pin(project_catalog::function(platform)) },
    // stock
    Mounted { operation: "adjust-stock", start: |platform| Box::pin(adjust_stock::function(platform)) },
    Mounted { operation: "get-stock", start: |platform| Box::pin(get_stock::function(platform)) },
    Mounted { operation: "settle-holds", start: |platform| Box::pin(settle_holds::function(platform)) },
    Mounted { operation: "sweep-holds", start: |platform| Box::pin(sweep_holds::function(platform)) },
    Mounted { operation: "publish-stock-events", start: |platform| Box::pin(publish_stock_events::function(platform)) },
    // cart
    Mounted { operation: "get-cart", start: |platform| Box::pin(get_cart::function(platform)) },
    Mounted { operation: "add-cart-item", start: |platform| Box::pin(add_cart_item::function(platform)) },
    Mounted { operation: "change-cart-item", start: |platform| Box::pin(change_cart_item::function(platform)) },
    Mounted { operation: "remove-cart-item", start: |platform| Box::pin(remove_cart_item::function(platform)) },
    // checkout
    Mounted { operation: "quote-order", start: |platform| Box::pin(quote_order::function(platform)) },
    Mounted { operation: "place-order", start: |platform| Box::pin(place_order::function(platform)) },
    Mounted { operation: "pay-order", start: |platform| Box::pin(pay_order::function(platform)) },
    Mounted { operation: "create-promotion", start: |platform| Box::pin(create_promotion::function(platform)) },
    Mounted { operation: "list-promotions", start: |platform| Box::pin(list_promotions::function(platform)) },
    // orders
    Mounted { operation: "get-order", start: |platform| Box::pin(get_order::function(platform)) },
    Mounted { operation: "list-orders", start: |platform| Box::pin(list_orders::function(platform)) },
    Mounted { operation: "cancel-order", start: |platform| Box::pin(cancel_order::function(platform)) },
    Mounted { operation: "list-all-orders", start: |platform| Box::pin(list_all_orders::function(platform)) },
    Mounted { operation: "fulfil-order", start: |platform| Box::pin(fulfil_order::function(platform)) },
    Mounted { operation: "publish-order-events", start: |platform| Box::pin(publish_order_events::function(platform)) },
    Mounted { operation: "expire-order", start: |platform| Box::pin(expire_order::function(platform)) },
    Mounted { operation: "project-orders", start: |platform| Box::pin(project_orders::function(platform)) },
    // payments
    Mounted { operation: "list-payment-methods", start: |platform| Box::pin(list_payment_methods::function(platform)) },
    Mounted { operation: "retry-payment", start: |platform| Box::pin(retry_payment::function(platform)) },
    Mounted {
        operation: "receive-payment-event",
        start: |platform| Box::pin(receive_payment_event::function(platform)),
    },
    Mounted { operation: "refund-payment", start: |platform| Box::pin(refund_payment::function(platform)) },
    Mounted { operation: "reconcile-payments", start: |platform| Box::pin(reconcile_payments::function(platform)) },
    // flash
    Mounted { operation: "open-flash-sale", start: |platform| Box::pin(open_flash_sale::function(platform)) },
    Mounted { operation: "list-flash-products", start: |platform| Box::pin(list_flash_products::function(platform)) },
    Mounted { operation: "flash-checkout", start: |platform| Box::pin(flash_checkout::function(platform)) },
    Mounted { operation: "join-queue", start: |platform| Box::pin(join_queue::function(platform)) },
    Mounted { operation: "get-queue-place", start: |platform| Box::pin(get_queue_place::function(platform)) },
    Mounted { operation: "close-flash-sale", start: |platform| Box::pin(close_flash_sale::function(platform)) },
    Mounted { operation: "warm-flash-sales", start: |platform| Box::pin(warm_flash_sales::function(platform)) },
    // partners
    Mounted { operation: "onboard-partner", start: |platform| Box::pin(onboard_partner::function(platform)) },
    Mounted { operation: "issue-partner-key", start: |platform| Box::pin(issue_partner_key::function(platform)) },
    Mounted { operation: "revoke-partner-key", start: |platform| Box::pin(revoke_partner_key::function(platform)) },
    Mounted { operation: "get-partner", start: |platform| Box::pin(get_partner::function(platform)) },
    Mounted { operation: "list-partners", start: |platform| Box::pin(list_partners::function(platform)) },
    Mounted { operation: "ingest-feed", start: |platform| Box::pin(ingest_feed::function(platform)) },
    Mounted { operation: "create-upload", start: |platform| Box::pin(create_upload::function(platform)) },
    Mounted { operation: "process-feed", start: |platform| Box::pin(process_feed::function(platform)) },
    Mounted { operation: "list-feed-jobs", start: |platform| Box::pin(list_feed_jobs::function(platform)) },
    Mounted { operation: "get-feed-job", start: |platform| Box::pin(get_feed_job::function(platform)) },
    Mounted { operation: "get-feed-report", start: |platform| Box::pin(get_feed_report::function(platform)) },
    Mounted { operation: "requeue-feed-job", start: |platform| Box::pin(requeue_feed_job::function(platform)) },
    Mounted { operation: "get-feed-contract", start: |platform| Box::pin(get_feed_contract::function(platform)) },
    Mounted { operation: "validate-feed", start: |platform| Box::pin(validate_feed::function(platform)) },
    Mounted { operation: "receive-stock-update", start: |platform| Box::pin(receive_stock_update::function(platform)) },
    Mounted { operation: "apply-stock-update", start: |platform| Box::pin(apply_stock_update::function(platform)) },
    Mounted { operation: "set-webhook-endpoint", start: |platform| Box::pin(set_webhook_endpoint::function(platform)) },
    Mounted {
        operation: "rotate-webhook-secret",
        start: |platform| Box::pin(rotate_webhook_secret::function(platform)),
    },
    Mounted { operation: "list-deliveries", start: |platform| Box::pin(list_deliveries::function(platform)) },
    Mounted { operation: "replay-delivery", start: |platform| Box::pin(replay_delivery::function(platform)) },
    Mounted { operation: "deliver-webhook", start: |platform| Box::pin(deliver_webhook::function(platform)) },
    Mounted { operation: "sweep-partner-work", start: |platform| Box::pin(sweep_partner_work::function(platform)) },
    Mounted {
        operation: "publish-partner-events",
        start: |platform| Box::pin(publish_partner_events::function(platform)),
    },
    // operations
    Mounted { operation: "report-health", start: |platform| Box::pin(report_health::function(platform)) },
    Mounted { operation: "export-metrics", start: |platform| Box::pin(export_metrics::function(platform)) },
    Mounted { operation: "send-email", start: |platform| Box::pin(send_email::function(platform)) },
];
