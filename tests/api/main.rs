//! The contract, asked over HTTP: what every operation has in common, and one file for each operation.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

mod every_operation;
mod every_path;
mod guide;
mod idempotency;
mod real_feeds;

mod catalog {
    mod create_product;
    mod get_product;
    mod list_products;
    mod recommend_products;
    mod update_product;
}

mod stock {
    mod adjust_stock;
    mod get_stock;
}

mod cart {
    mod add_cart_item;
    mod change_cart_item;
    mod get_cart;
    mod remove_cart_item;
}

mod checkout {
    mod create_promotion;
    mod list_promotions;
    mod pay_order;
    mod place_order;
    mod quote_order;
}

mod orders {
    mod cancel_order;
    mod fulfil_order;
    mod get_order;
    mod list_all_orders;
    mod list_orders;
}

mod payments {
    mod list_payment_methods;
    mod receive_payment_event;
    mod reconcile_payments;
}

mod flash {
    mod flash_checkout;
    mod get_queue_place;
    mod join_queue;
    mod list_flash_products;
    mod open_flash_sale;
    mod warm_flash_sales;
}

mod partners {
    mod audit;
    mod create_upload;
    mod deliveries;
    mod evidence;
    mod get_feed_contract;
    mod get_feed_job;
    mod get_feed_report;
    mod get_partner;
    mod ingest_feed;
    mod issue_partner_key;
    mod list_deliveries;
    mod list_feed_jobs;
    mod list_partners;
    mod onboard_partner;
    mod receive_stock_update;
    mod replay_delivery;
    mod requeue_feed_job;
    mod revoke_partner_key;
    mod rotate_webhook_secret;
    mod runs;
    mod set_webhook_endpoint;
    mod validate_feed;
}

mod operations {
    mod export_metrics;
    mod report_health;
}

mod telemetry {
    mod lines;
    mod payments;
    mod privacy;
    mod traces;
    mod walk;
}
