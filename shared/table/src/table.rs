//! One table: reads, one conditional write, and the rare transaction.

use crate::read::{Page, Query, position};
use crate::row::{Item, Key, Row};
use crate::trouble::{Refused, WriteError, fault};
use crate::write::{Act, Write, key_attributes};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, KeysAndAttributes, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use kernel::Fault;
use std::sync::Arc;

/// Items of one `BatchGetItem` at the most.
const BATCH: usize = 100;

/// A table by its name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
}

impl Table {
    /// The table with that name, through that client.
    #[must_use]
    pub fn new(client: Client, name: impl Into<Arc<str>>) -> Self {
        Self { client, name: name.into() }
    }

    /// The row under `key`, perhaps not with the very last write.
    ///
    /// # Errors
    /// Unavailable when the table does not answer; a bug when the row does not read.
    pub async fn get<R: Row>(&self, key: &Key) -> Result<Option<R>, Fault> {
        self.get_item(key, false).await?.map(Item::read).transpose()
    }

    /// The row under `key` with every write that was acknowledged before.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub async fn get_latest<R: Row>(&self, key: &Key) -> Result<Option<R>, Fault> {
        self.get_item(key, true).await?.map(Item::read).transpose()
    }

    async fn get_item(&self, key: &Key, consistent: bool) -> Result<Option<Item>, Fault> {
        let request = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(consistent);
        let answer = request.send().await.map_err(|error| fault("GetItem", &error))?;
        Ok(answer.item.map(Item::from_sdk))
    }

    /// The rows under `keys` that exist, in no order, with every acknowledged write. Twice the same key is read once.
    ///
    /// # Errors
    /// As [`Table::get`]; unavailable too when the table keeps answering in part.
    pub async fn get_many<R: Row>(&self, keys: &[Key]) -> Result<Vec<R>, Fault> {
        let mut unique: Vec<&Key> = keys.iter().collect();
        unique.sort_by_key(|key| (&key.pk, &key.sk));
        unique.dedup();
        let mut rows = Vec::with_capacity(unique.len());
        for chunk in unique.chunks(BATCH) {
            for item in self.batch_get(chunk).await? {
                rows.push(item.read()?);
            }
        }
        Ok(rows)
    }

    async fn batch_get(&self, keys: &[&Key]) -> Result<Vec<Item>, Fault> {
        /// Rounds for keys that a busy table left out.
        const ROUNDS: usize = 5;
        let mut wanted = keys.iter().map(|key| key_attributes(key)).collect::<Vec<_>>();
        let mut items = Vec::with_capacity(keys.len());
        for _ in 0..ROUNDS {
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let request = request.map_err(|error| Fault::bug(format!("BatchGetItem: {error}")))?;
            let answer = self.client.batch_get_item().request_items(&*self.name, request).send().await;
            let answer = answer.map_err(|error| fault("BatchGetItem", &error))?;
            let found = answer.responses.unwrap_or_default().remove(&*self.name).unwrap_or_default();
            items.extend(found.into_iter().map(Item::from_sdk));
            wanted = answer
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&*self.name)
                .map(|rest| rest.keys)
                .unwrap_or_default();
            if wanted.is_empty() {
                return Ok(items);
            }
        }
        Err(Fault::unavailable("BatchGetItem: keys stayed unprocessed"))
    }

    /// One page of the rows that `query` names.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub async fn query<R: Row>(&self, query: Query) -> Result<Page<R>, Fault> {
        let page = self.query_items(query).await?;
        let items = page.items.into_iter().map(Item::read).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// One page of the items that `query` names, as they stand: for an index that does not hold whole rows.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn query_items(&self, query: Query) -> Result<Page<Item>, Fault> {
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .set_index_name(query.index.map(str::to_owned))
            .key_condition_expression(query.condition)
            .set_expression_attribute_names((!query.names.is_empty()).then_some(query.names))
            .set_expression_attribute_values(Some(query.values))
            .scan_index_forward(!query.descending)
            .limit(query.limit)
            .set_exclusive_start_key(query.after);
        let answer = request.send().await.map_err(|error| fault("Query", &error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(Item::from_sdk).collect();
        Ok(Page { items, next: answer.last_evaluated_key.map(position) })
    }

    /// One page of the whole table, `limit` items read at the most: for projections that are built anew and for tests.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn scan(&self, limit: usize, after: Option<&[(String, String)]>) -> Result<Page<Item>, Fault> {
        let start = after.map(|position| Query::new("").after(position).after.unwrap_or_default());
        let request = self
            .client
            .scan()
            .table_name(&*self.name)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let answer = request.send().await.map_err(|error| fault("Scan", &error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(Item::from_sdk).collect();
        Ok(Page { items, next: answer.last_evaluated_key.map(position) })
    }

    /// Makes one write. Answers the item as it is after an update; `None` after a put, a delete or a check.
    ///
    /// The client repeats a write whose answer was lost, so a refusal may mean that this very write was made before:
    /// a caller tells by the item in [`Refused::old`].
    ///
    /// # Errors
    /// [`WriteError::Refused`] when a guard does not hold, else a fault.
    pub async fn write(&self, write: Write) -> Result<Option<Item>, WriteError> {
        let guards = write.guard_names();
        let condition = write.condition();
        let names = (!write.names.is_empty()).then_some(write.names);
        let values = (!write.values.is_empty()).then_some(write.values);
        let old_when_refused = condition.is_some().then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        match write.act {
            Act::Put(item) => {
                let request = self
                    .client
                    .put_item()
                    .table_name(&*self.name)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old_when_refused);
                match request.send().await {
                    Ok(_) => Ok(None),
                    Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                        let PutItemError::ConditionalCheckFailedException(failed) = context.into_err() else {
                            return Err(Fault::bug("PutItem: a refusal that is none").into());
                        };
                        Err(refusal(0, guards, failed.item))
                    }
                    Err(error) => Err(fault("PutItem", &error).into()),
                }
            }
            Act::Update(expression) => {
                let request = self
                    .client
                    .update_item()
                    .table_name(&*self.name)
                    .set_key(Some(key_attributes(&write.key)))
                    .update_expression(expression)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values(ReturnValue::AllNew)
                    .set_return_values_on_condition_check_failure(old_when_refused);
                match request.send().await {
                    Ok(answer) => Ok(answer.attributes.map(Item::from_sdk)),
                    Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                        let UpdateItemError::ConditionalCheckFailedException(failed) = context.into_err() else {
                            return Err(Fault::bug("UpdateItem: a refusal that is none").into());
                        };
                        Err(refusal(0, guards, failed.item))
                    }
                    Err(error) => Err(fault("UpdateItem", &error).into()),
                }
            }
            Act::Delete => {
                let request = self
                    .client
                    .delete_item()
                    .table_name(&*self.name)
                    .set_key(Some(key_attributes(&write.key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old_when_refused);
                match request.send().await {
                    Ok(_) => Ok(None),
                    Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                        let DeleteItemError::ConditionalCheckFailedException(failed) = context.into_err() else {
                            return Err(Fault::bug("DeleteItem: a refusal that is none").into());
                        };
                        Err(refusal(0, guards, failed.item))
                    }
                    Err(error) => Err(fault("DeleteItem", &error).into()),
                }
            }
            Act::Check => Err(Fault::bug("a check alone writes nothing: it belongs in a transaction").into()),
        }
    }

    /// Makes one update and answers the item as it is after it, as [`Table::write`] does.
    ///
    /// # Errors
    /// As [`Table::write`]; a bug when the write is no update.
    pub async fn update(&self, update: Write) -> Result<Item, WriteError> {
        self.write(update).await?.ok_or_else(|| Fault::bug("only an update leaves an item to answer").into())
    }

    /// Makes all writes or none. They may stand in one table only; at most 100. `token`, if given, makes a repeat
    /// within ten minutes a no-op (at most 36 characters).
    ///
    /// # Errors
    /// [`WriteError::Refused`] with the first write whose guard does not hold. A conflict with another transaction
    /// is unavailable: it may be repeated.
    pub async fn transact(&self, writes: Vec<Write>, token: Option<String>) -> Result<(), WriteError> {
        let guards: Vec<String> = writes.iter().map(Write::guard_names).collect();
        let items = writes.into_iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, Fault>>()?;
        let request =
            self.client.transact_write_items().set_transact_items(Some(items)).set_client_request_token(token);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context)) if context.err().is_transaction_canceled_exception() => {
                let TransactWriteItemsError::TransactionCanceledException(cancelled) = context.into_err() else {
                    return Err(Fault::bug("TransactWriteItems: a cancellation that is none").into());
                };
                Err(cancellation(cancelled.cancellation_reasons.unwrap_or_default(), guards))
            }
            Err(error) => Err(fault("TransactWriteItems", &error).into()),
        }
    }

    fn transact_item(&self, write: Write) -> Result<TransactWriteItem, Fault> {
        let condition = write.condition();
        let names = (!write.names.is_empty()).then_some(write.names);
        let values = (!write.values.is_empty()).then_some(write.values);
        let old_when_refused = condition.is_some().then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        let key = Some(key_attributes(&write.key));
        let item = TransactWriteItem::builder();
        let built = match write.act {
            Act::Put(attributes) => Put::builder()
                .table_name(&*self.name)
                .set_item(Some(attributes))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old_when_refused)
                .build()
                .map(|put| item.put(put)),
            Act::Update(expression) => Update::builder()
                .table_name(&*self.name)
                .set_key(key)
                .update_expression(expression)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old_when_refused)
                .build()
                .map(|update| item.update(update)),
            Act::Delete => Delete::builder()
                .table_name(&*self.name)
                .set_key(key)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old_when_refused)
                .build()
                .map(|delete| item.delete(delete)),
            Act::Check => ConditionCheck::builder()
                .table_name(&*self.name)
                .set_key(key)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old_when_refused)
                .build()
                .map(|check| item.condition_check(check)),
        };
        built.map(|item| item.build()).map_err(|error| Fault::bug(format!("TransactWriteItems: {error}")))
    }
}

type Attributes = std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

fn refusal(index: usize, guards: String, old: Option<Attributes>) -> WriteError {
    WriteError::Refused(Refused { index, guards, old: old.filter(|item| !item.is_empty()).map(Item::from_sdk) })
}

fn cancellation(reasons: Vec<CancellationReason>, guards: Vec<String>) -> WriteError {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or_default()).collect();
    let refused = codes.iter().position(|code| *code == "ConditionalCheckFailed");
    let cause = format!("TransactWriteItems: {}", codes.join(","));
    let Some(index) = refused else {
        let ours = codes.contains(&"ValidationError");
        return if ours { Fault::bug(cause).into() } else { Fault::unavailable(cause).into() };
    };
    let mut reasons = reasons;
    let mut guards = guards;
    refusal(index, guards.swap_remove(index), reasons.swap_remove(index).item)
}
