//! Free text that looks like an attack. It is kept, since it can do nothing; a person may want to know.

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// `' OR '1'='1`, `UNION SELECT` …
    LooksLikeSql,
    /// `<script>`, `onerror=`, `javascript:` …
    LooksLikeScript,
    /// Begins like a formula of a spreadsheet.
    LooksLikeFormula,
    /// `${…}`, `{{…}}`, `<!ENTITY`.
    LooksLikeTemplate,
    /// Holds characters that hide or turn around others.
    HiddenCharacters,
    /// There were more pictures than a product may have; the first ones were taken.
    PicturesLeftOut,
    /// A sale price with a period was left out: the regular price counts.
    SalePeriodLeftOut,
    /// A bar code that is no GTIN was left out.
    BarcodeLeftOut,
}

impl Flag {
    /// Its name, as reports show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LooksLikeSql => "looks_like_sql",
            Self::LooksLikeScript => "looks_like_script",
            Self::LooksLikeFormula => "looks_like_formula",
            Self::LooksLikeTemplate => "looks_like_template",
            Self::HiddenCharacters => "hidden_characters",
            Self::PicturesLeftOut => "pictures_left_out",
            Self::SalePeriodLeftOut => "sale_period_left_out",
            Self::BarcodeLeftOut => "barcode_left_out",
        }
    }

    /// Whether somebody may have wanted to do harm by it.
    #[must_use]
    pub const fn is_attack(self) -> bool {
        matches!(self, Self::LooksLikeSql | Self::LooksLikeScript | Self::LooksLikeFormula | Self::LooksLikeTemplate)
    }
}

const SQL: &[&str] = &[
    "union select",
    "union all select",
    "' or ",
    "\" or ",
    "' and ",
    "'='",
    "or 1=1",
    "and 1=1",
    "; drop table",
    ";drop table",
    "; delete from",
    "; insert into",
    "; update ",
    "xp_cmdshell",
    "waitfor delay",
    "sleep(",
    "benchmark(",
    "pg_sleep",
    "information_schema",
    "'--",
    "' --",
    "'; ",
    "into outfile",
    "load_file(",
];
const SCRIPT: &[&str] = &[
    "<script",
    "</script",
    "javascript:",
    "vbscript:",
    "onerror=",
    "onload=",
    "onclick=",
    "onmouseover=",
    "onfocus=",
    "<iframe",
    "<svg",
    "<object",
    "<embed",
    "document.cookie",
    "alert(",
    "expression(",
];
const TEMPLATE: &[&str] = &["${", "{{", "<%", "#{", "<!entity", "<?php"];

/// What the text looks like; each once.
pub(crate) fn flags(text: &str) -> Vec<Flag> {
    let lower = text.to_lowercase();
    let holds = |patterns: &[&str]| patterns.iter().any(|pattern| lower.contains(pattern));
    let mut flags = Vec::new();
    let mut raise = |flag, raised: bool| flags.extend(raised.then_some(flag));
    raise(Flag::LooksLikeSql, holds(SQL));
    raise(Flag::LooksLikeScript, holds(SCRIPT));
    raise(Flag::LooksLikeTemplate, holds(TEMPLATE));
    raise(Flag::LooksLikeFormula, text.starts_with(['=', '@', '+']) || text.starts_with("-("));
    raise(Flag::HiddenCharacters, text.chars().any(hides));
    flags
}

/// Characters of no width and those that change the direction of writing, but for the joiners that some scripts and
/// many emoji need.
#[must_use]
pub const fn hides(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
