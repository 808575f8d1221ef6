//! Every rule by its name, with a message and a hint for the people who make the feed.

/// A rule that rows, or whole feeds, must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable, snake case.
    pub name: &'static str,
    /// What is wrong, for a shop owner.
    pub message: &'static str,
    /// How to mend it.
    pub hint: &'static str,
}

/// Every rule for rows. Those for whole feeds are [`crate::feeds::REFUSALS`].
pub const RULES: &[Rule] = &[
    SKU_REQUIRED,
    SKU_FORMAT,
    SKU_TOO_LONG,
    NAME_REQUIRED,
    NAME_TOO_LONG,
    DESCRIPTION_TOO_LONG,
    BRAND_TOO_LONG,
    GROUP_TOO_LONG,
    CONTROL_CHARACTER,
    CATEGORY_FORMAT,
    PRICE_REQUIRED,
    PRICE_FORMAT,
    PRICE_NEGATIVE,
    PRICE_TOO_HIGH,
    PRICE_CENTS_INTEGER,
    CURRENCY_REQUIRED,
    CURRENCY_UNKNOWN,
    CURRENCY_CONFLICT,
    SALE_PRICE_ABOVE_PRICE,
    STOCK_FORMAT,
    STOCK_NEGATIVE,
    AVAILABILITY_UNKNOWN,
    STATUS_UNKNOWN,
    GTIN_LENGTH,
    GTIN_CHECK_DIGIT,
    URL_FORMAT,
    URL_SCHEME,
    URL_TOO_LONG,
    URL_PRIVATE,
    WEIGHT_FORMAT,
    OPTION_TOO_LONG,
    TOO_MANY_OPTIONS,
    TOO_MANY_VARIANTS,
    DUPLICATE_IN_FEED,
    MORE_FIELDS_THAN_HEADERS,
];

/// No SKU.
pub const SKU_REQUIRED: Rule = Rule {
    name: "sku_required",
    message: "The product has no SKU.",
    hint: "Give every product and every variant a SKU of its own, or a mapping that makes one with hash_of.",
};
/// Not by the grammar of [`kernel::Sku`].
pub const SKU_FORMAT: Rule = Rule {
    name: "sku_format",
    message: "The SKU holds characters that a SKU may not have, or begins with one that it may not begin with.",
    hint: "Begin with a letter or a digit, and use letters, digits and - _ . / + : , ( ) ~ @.",
};
/// Beyond 128.
pub const SKU_TOO_LONG: Rule =
    Rule { name: "sku_too_long", message: "The SKU is too long.", hint: "Use at most 128 characters." };
/// No name.
pub const NAME_REQUIRED: Rule =
    Rule { name: "name_required", message: "The product has no name.", hint: "Give every product a name." };
/// Beyond [`super::limits::NAME`].
pub const NAME_TOO_LONG: Rule = Rule {
    name: "name_too_long",
    message: "The name is too long.",
    hint: "Use at most 255 characters; put the rest into the description.",
};
/// Beyond [`super::limits::DESCRIPTION`], without markup.
pub const DESCRIPTION_TOO_LONG: Rule = Rule {
    name: "description_too_long",
    message: "The description is too long.",
    hint: "Use at most 8,000 characters, markup not counted.",
};
/// Beyond [`super::limits::BRAND`].
pub const BRAND_TOO_LONG: Rule =
    Rule { name: "brand_too_long", message: "The brand is too long.", hint: "Use at most 128 characters." };
/// Beyond [`super::limits::GROUP`].
pub const GROUP_TOO_LONG: Rule = Rule {
    name: "group_too_long",
    message: "The number of the product that this variant belongs to is too long.",
    hint: "Use at most 128 characters.",
};
/// In a text of one line or in a description.
pub const CONTROL_CHARACTER: Rule = Rule {
    name: "control_character",
    message: "The text holds a control character.",
    hint: "Remove characters that cannot be seen, such as NUL; often the encoding of the export is wrong.",
};
/// A category that cannot be made an address of.
pub const CATEGORY_FORMAT: Rule = Rule {
    name: "category_format",
    message: "The category is not a name.",
    hint: "Use a name of at most 64 characters with at least one letter or digit. Of a path, the last part counts.",
};
/// No price.
pub const PRICE_REQUIRED: Rule = Rule {
    name: "price_required",
    message: "The product has no price.",
    hint: "Give every product a price, or leave out those that are not on sale.",
};
/// Not a price as [`crate::validation`] reads it.
pub const PRICE_FORMAT: Rule = Rule {
    name: "price_format",
    message: "The price is not written as a price.",
    hint: "Write 19.99 or 19.99 EUR: digits, one decimal mark, the currency by its three letters.",
};
/// Below zero.
pub const PRICE_NEGATIVE: Rule =
    Rule { name: "price_negative", message: "The price is negative.", hint: "Write a price of zero or more." };
/// Beyond [`super::limits::PRICE`].
pub const PRICE_TOO_HIGH: Rule = Rule {
    name: "price_too_high",
    message: "The price is too high.",
    hint: "Prices end at 9,999,999,999 minor units (99,999,999.99 in a currency with cents).",
};
/// Minor units are whole.
pub const PRICE_CENTS_INTEGER: Rule = Rule {
    name: "price_cents_integer",
    message: "The price in cents is not a whole number.",
    hint: "Write 1999 for 19.99, without a decimal mark, a currency or blanks.",
};
/// A vocabulary that must name it.
pub const CURRENCY_REQUIRED: Rule = Rule {
    name: "currency_required",
    message: "The price has no currency.",
    hint: "Write it behind the price (19.99 EUR) or into its field, or name the feed's currency in the mapping.",
};
/// Not an active ISO 4217 code.
pub const CURRENCY_UNKNOWN: Rule = Rule {
    name: "currency_unknown",
    message: "The currency is not one that we know.",
    hint: "Use the three letters of ISO 4217, such as EUR. Codes that are out of use are not taken: RUR is RUB now.",
};
/// Two currencies for one price.
pub const CURRENCY_CONFLICT: Rule = Rule {
    name: "currency_conflict",
    message: "The price names one currency and the currency field another.",
    hint: "Name the same currency in both, or in one of them only.",
};
/// A sale that costs more.
pub const SALE_PRICE_ABOVE_PRICE: Rule = Rule {
    name: "sale_price_above_price",
    message: "The sale price is above the regular price.",
    hint: "Leave the sale price empty when there is no sale.",
};
/// Not a whole number.
pub const STOCK_FORMAT: Rule = Rule {
    name: "stock_format",
    message: "The stock is not a whole number.",
    hint: "Write how many you have, such as 12; at most 1,000,000,000.",
};
/// Below zero.
pub const STOCK_NEGATIVE: Rule =
    Rule { name: "stock_negative", message: "The stock is negative.", hint: "Write 0 for a product that is sold out." };
/// A word we do not know.
pub const AVAILABILITY_UNKNOWN: Rule = Rule {
    name: "availability_unknown",
    message: "The availability is not one that we know.",
    hint: "Use in_stock, out_of_stock, preorder or backorder.",
};
/// A word we do not know.
pub const STATUS_UNKNOWN: Rule = Rule {
    name: "status_unknown",
    message: "The status is not one that we know.",
    hint: "Use active, draft or archived; or true and false.",
};
/// 8, 12, 13 or 14 digits.
pub const GTIN_LENGTH: Rule = Rule {
    name: "gtin_length",
    message: "The GTIN does not have 8, 12, 13 or 14 digits.",
    hint: "Copy the number under the bar code, or leave the field empty. Your own numbers are no GTIN.",
};
/// GS1's sum.
pub const GTIN_CHECK_DIGIT: Rule = Rule {
    name: "gtin_check_digit",
    message: "The last digit of the GTIN does not fit the others.",
    hint: "A digit is probably mistyped. Copy the number under the bar code again.",
};
/// Not an address.
pub const URL_FORMAT: Rule = Rule {
    name: "url_format",
    message: "The address of the picture is not a web address.",
    hint: "Write the whole address, such as https://example.com/picture.jpg, without blanks, quotes or a login.",
};
/// Neither http nor https.
pub const URL_SCHEME: Rule = Rule {
    name: "url_scheme",
    message: "The address of the picture does not begin with https:// or http://.",
    hint: "Put your pictures on a web server and give their addresses there.",
};
/// Beyond [`super::limits::IMAGE_URL`].
pub const URL_TOO_LONG: Rule = Rule {
    name: "url_too_long",
    message: "The address of the picture is too long.",
    hint: "Use at most 512 characters.",
};
/// Inside somebody's network.
pub const URL_PRIVATE: Rule = Rule {
    name: "url_private",
    message: "The address of the picture is inside a private network.",
    hint: "Use the address under which everybody can see the picture.",
};
/// Not a weight.
pub const WEIGHT_FORMAT: Rule = Rule {
    name: "weight_format",
    message: "The weight is not written as a weight.",
    hint: "Write 500 g or 0.5 kg; at most 1,000 kg.",
};
/// Beyond [`super::limits::PAIR`].
pub const OPTION_TOO_LONG: Rule = Rule {
    name: "option_too_long",
    message: "An option's name or value is too long.",
    hint: "Use at most 64 characters, such as Colour: Dark blue.",
};
/// Beyond [`super::limits::OPTIONS`].
pub const TOO_MANY_OPTIONS: Rule = Rule {
    name: "too_many_options",
    message: "The variant has too many options.",
    hint: "Use at most 8, such as size and colour.",
};
/// Beyond [`super::limits::VARIANTS`].
pub const TOO_MANY_VARIANTS: Rule = Rule {
    name: "too_many_variants",
    message: "The product has too many variants.",
    hint: "A product has at most 50 variants; split it into several.",
};
/// The same SKU for something else.
pub const DUPLICATE_IN_FEED: Rule = Rule {
    name: "duplicate_in_feed",
    message: "The SKU comes twice in this feed, for rows that differ.",
    hint: "Give each variant a SKU of its own, or remove the row that is out of date. The first one was taken.",
};
/// A row that has slipped.
pub const MORE_FIELDS_THAN_HEADERS: Rule = Rule {
    name: "more_fields_than_headers",
    message: "The row has more fields than the header.",
    hint: "Probably a separator stands within a field. Put that field in quotes.",
};
