//! What tokens look like: the table, as data.
//!
//! A row says how a token begins and what stands behind the beginning. A policy adds rows of the same kind with `[secret.<name>]`.
//! The rows are the public formats of forges, clouds, registries and services, as their manuals state them; where a manual gives one length,
//! the row asks for a little less, because a token that was cut is one still.

use std::borrow::Cow;

/// The characters that a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Capitals and digits.
    Capitals,
    /// Small letters and digits.
    Small,
    /// Hexadecimal digits.
    Hex,
    /// Letters, digits, and `_ - . ~ + / =`.
    Token,
}

impl Alphabet {
    /// Every alphabet with the word by which a policy names it.
    pub const ALL: [(&'static str, Alphabet); 6] = [
        ("alphanumeric", Alphabet::Alphanumeric),
        ("word", Alphabet::Word),
        ("capitals", Alphabet::Capitals),
        ("small", Alphabet::Small),
        ("hex", Alphabet::Hex),
        ("token", Alphabet::Token),
    ];

    /// Whether a byte belongs to it.
    pub const fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Alphanumeric => byte.is_ascii_alphanumeric(),
            Alphabet::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Small => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Alphabet::Hex => byte.is_ascii_hexdigit(),
            Alphabet::Token => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
            }
        }
    }
}

/// How sure the beginning makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// The beginning occurs nowhere else.
    Plain,
    /// Words could have the shape too, so a digit and a letter are asked for.
    Mixed,
    /// The beginning is a few letters: it must begin a word, have the one length, and be mixed.
    Alone,
    /// What is known stands inside the token, and what is before it in the same alphabet belongs to it.
    Inside,
    /// The number of an account of eight to ten digits stands before it, and belongs to it; it has the one length.
    Numbered,
}

/// A token that is known by how it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its class in words: `GitHub token`.
    pub class: Cow<'static, str>,
    /// How it begins.
    pub begins: Cow<'static, str>,
    /// What follows.
    pub of: Alphabet,
    /// Fewest characters behind the beginning.
    pub least: usize,
    /// Most characters of a token that stands inside a longer word, or is [`Sure::Alone`].
    pub most: usize,
    /// How sure the beginning makes.
    pub sure: Sure,
}

const fn shape(class: &'static str, begins: &'static str, of: Alphabet, least: usize, most: usize, sure: Sure) -> Shape {
    Shape { class: Cow::Borrowed(class), begins: Cow::Borrowed(begins), of, least, most, sure }
}

const fn plain(class: &'static str, begins: &'static str, of: Alphabet, least: usize) -> Shape {
    shape(class, begins, of, least, usize::MAX, Sure::Plain)
}

const fn exact(class: &'static str, begins: &'static str, of: Alphabet, length: usize) -> Shape {
    shape(class, begins, of, length, length, Sure::Plain)
}

const fn mixed(class: &'static str, begins: &'static str, of: Alphabet, least: usize) -> Shape {
    shape(class, begins, of, least, usize::MAX, Sure::Mixed)
}

const fn alone(class: &'static str, begins: &'static str, of: Alphabet, length: usize) -> Shape {
    shape(class, begins, of, length, length, Sure::Alone)
}

const fn inside(class: &'static str, begins: &'static str, of: Alphabet, least: usize) -> Shape {
    shape(class, begins, of, least, usize::MAX, Sure::Inside)
}

const fn numbered(class: &'static str, begins: &'static str, of: Alphabet, length: usize) -> Shape {
    shape(class, begins, of, length, length, Sure::Numbered)
}

use Alphabet::{Alphanumeric, Capitals, Hex, Small, Token, Word};

/// Every token that is known by how it begins, forges first, then registries, clouds and services.
pub static SHAPES: &[Shape] = &[
    plain("GitHub token", "ghp_", Alphanumeric, 30),
    plain("GitHub token", "gho_", Alphanumeric, 30),
    plain("GitHub token", "ghu_", Alphanumeric, 30),
    plain("GitHub token", "ghs_", Word, 30),
    plain("GitHub token", "ghr_", Alphanumeric, 30),
    plain("GitHub token", "github_pat_", Word, 22),
    plain("GitLab token", "glpat-", Token, 20),
    plain("GitLab token", "gldt-", Word, 20),
    plain("GitLab token", "glrt-", Token, 20),
    plain("GitLab token", "glrtr-", Token, 20),
    plain("GitLab token", "glcbt-", Word, 20),
    plain("GitLab token", "glptt-", Word, 20),
    plain("GitLab token", "glft-", Word, 20),
    plain("GitLab token", "glsoat-", Word, 20),
    plain("GitLab token", "glimt-", Word, 20),
    plain("GitLab token", "glwt-", Word, 20),
    plain("GitLab token", "glagent-", Word, 30),
    plain("GitLab token", "gloas-", Word, 40),
    plain("GitLab token", "glffct-", Word, 20),
    plain("GitLab token", "GR1348941", Word, 20),
    plain("Atlassian token", "ATATT3", Token, 60),
    plain("Atlassian token", "ATCTT3", Token, 60),
    mixed("Atlassian token", "ATBB", Alphanumeric, 28),
    plain("Bitbucket token", "BBDC-", Token, 40),
    mixed("Gitea secret", "gto_", Alphanumeric, 50),
    mixed("npm token", "npm_", Alphanumeric, 36),
    plain("PyPI token", "pypi-AgE", Word, 40),
    plain("RubyGems token", "rubygems_", Hex, 40),
    alone("crates.io token", "cio", Alphanumeric, 32),
    alone("NuGet key", "oy2", Small, 43),
    plain("Docker token", "dckr_pat_", Word, 20),
    plain("Docker token", "dckr_oat_", Word, 20),
    plain("Docker configuration", "eyJhdXRocyI6", Token, 24),
    mixed("Open VSX token", "ovsxp_", Word, 36),
    mixed("Deno token", "ddp_", Alphanumeric, 36),
    mixed("JFrog token", "AKCp", Alphanumeric, 60),
    mixed("JFrog token", "cmVmdGtu", Alphanumeric, 50),
    plain("Clojars token", "CLOJARS_", Hex, 50),
    exact("AWS access key", "AKIA", Capitals, 16),
    exact("AWS access key", "ASIA", Capitals, 16),
    exact("AWS access key", "ABIA", Capitals, 16),
    exact("AWS access key", "ACCA", Capitals, 16),
    plain("AWS Bedrock key", "ABSKQmVkcm9ja0FQSUtleS", Token, 40),
    plain("AWS session token", "IQoJb3JpZ2luX2Vj", Token, 60),
    plain("AWS session token", "FwoGZXIvYXdz", Token, 60),
    plain("AWS session token", "FQoGZXIvYXdz", Token, 60),
    mixed("Amazon MWS token", "amzn.mws.", Word, 36),
    exact("Google API key", "AIza", Word, 35),
    mixed("Google token", "ya29.", Word, 30),
    plain("Google client secret", "GOCSPX-", Word, 24),
    mixed("Google token", "1//0", Word, 40),
    plain("Google storage key", "GOOG1E", Capitals, 50),
    mixed("Google API key", "AQ.Ab8", Word, 40),
    inside("Azure client secret", "7Q~", Token, 31),
    inside("Azure client secret", "8Q~", Token, 31),
    inside("Azure key", "JQQJ99", Alphanumeric, 26),
    mixed("Alibaba Cloud access key", "LTAI", Alphanumeric, 16),
    mixed("Yandex token", "t1.9eu", Token, 60),
    mixed("Cloudflare origin key", "v1.0-", Word, 140),
    plain("OpenShift token", "sha256~", Word, 40),
    plain("DigitalOcean token", "dop_v1_", Hex, 40),
    plain("DigitalOcean token", "doo_v1_", Hex, 40),
    plain("DigitalOcean token", "dor_v1_", Hex, 40),
    plain("Heroku key", "HRKU-", Word, 30),
    mixed("Fly token", "fm2_", Token, 60),
    mixed("Fly token", "fo1_", Word, 40),
    mixed("Netlify token", "nfp_", Alphanumeric, 32),
    mixed("Netlify token", "nfc_", Alphanumeric, 32),
    mixed("Vercel token", "vcp_", Alphanumeric, 24),
    mixed("Vercel token", "vck_", Alphanumeric, 24),
    mixed("Render key", "rnd_", Alphanumeric, 28),
    mixed("Neon key", "napi_", Alphanumeric, 40),
    mixed("MongoDB Atlas secret", "mdb_sa_sk_", Word, 36),
    mixed("CockroachDB key", "CCDB1_", Word, 40),
    mixed("Scalingo token", "tk-us-", Word, 40),
    mixed("Supabase token", "sbp_", Hex, 36),
    mixed("PlanetScale token", "pscale_tkn_", Word, 30),
    mixed("PlanetScale token", "pscale_pw_", Word, 30),
    mixed("PlanetScale token", "pscale_oauth_", Word, 30),
    mixed("Databricks token", "dapi", Hex, 32),
    mixed("Vault token", "hvs.", Word, 24),
    mixed("Vault token", "hvb.", Word, 24),
    mixed("Vault token", "hvr.", Word, 24),
    alone("Vault token", "s.", Alphanumeric, 24),
    inside("Terraform token", ".atlasv1.", Word, 40),
    mixed("Pulumi token", "pul-", Hex, 40),
    mixed("Doppler token", "dp.pt.", Alphanumeric, 40),
    mixed("Doppler token", "dp.st.", Token, 40),
    mixed("Doppler token", "dp.ct.", Alphanumeric, 40),
    mixed("Doppler token", "dp.sa.", Alphanumeric, 40),
    mixed("Doppler token", "dp.scim.", Alphanumeric, 40),
    mixed("Doppler token", "dp.audit.", Alphanumeric, 40),
    plain("1Password token", "ops_eyJ", Token, 100),
    mixed("Tailscale key", "tskey-", Word, 20),
    plain("age key", "AGE-SECRET-KEY-1", Capitals, 50),
    plain("age key", "age-secret-key-1", Small, 50),
    mixed("Hugging Face token", "hf_", Alphanumeric, 30),
    // Most are letters alone.
    exact("Hugging Face token", "hf_", Alphanumeric, 34),
    mixed("Hugging Face token", "api_org_", Alphanumeric, 30),
    mixed("Anthropic key", "sk-ant-", Word, 20),
    mixed("OpenAI key", "sk-proj-", Word, 20),
    mixed("OpenAI key", "sk-svcacct-", Word, 20),
    mixed("API key", "sk-", Word, 20),
    mixed("Groq key", "gsk_", Alphanumeric, 40),
    mixed("xAI key", "xai-", Alphanumeric, 60),
    mixed("Perplexity key", "pplx-", Alphanumeric, 40),
    mixed("Replicate token", "r8_", Alphanumeric, 37),
    mixed("NVIDIA key", "nvapi-", Word, 50),
    mixed("LangSmith key", "lsv2_", Word, 40),
    mixed("LlamaCloud key", "llx-", Alphanumeric, 40),
    mixed("Pinecone key", "pcsk_", Word, 40),
    mixed("Tavily key", "tvly-", Word, 28),
    mixed("Stripe key", "sk_live_", Alphanumeric, 16),
    mixed("Stripe key", "sk_test_", Alphanumeric, 16),
    mixed("Stripe key", "rk_live_", Alphanumeric, 16),
    mixed("Stripe key", "rk_test_", Alphanumeric, 16),
    mixed("webhook secret", "whsec_", Token, 24),
    plain("Square token", "sq0atp-", Word, 22),
    plain("Square token", "sq0csp-", Word, 40),
    plain("PayPal token", "access_token$production$", Token, 16),
    mixed("Razorpay key", "rzp_live_", Alphanumeric, 14),
    mixed("Flutterwave key", "FLWSECK", Word, 32),
    mixed("Shippo token", "shippo_live_", Alphanumeric, 40),
    mixed("Shopify token", "shpat_", Hex, 32),
    mixed("Shopify token", "shpca_", Hex, 32),
    mixed("Shopify token", "shppa_", Hex, 32),
    mixed("Shopify token", "shpss_", Hex, 32),
    alone("Twilio key", "SK", Hex, 32),
    mixed("SendGrid key", "SG.", Token, 60),
    mixed("Brevo key", "xkeysib-", Word, 60),
    mixed("MailerSend token", "mlsn.", Hex, 60),
    mixed("HubSpot token", "pat-na1-", Word, 36),
    mixed("HubSpot token", "pat-na2-", Word, 36),
    mixed("HubSpot token", "pat-eu1-", Word, 36),
    mixed("Typeform token", "tfp_", Token, 50),
    plain("Contentful token", "CFPAT-", Word, 40),
    mixed("Mapbox token", "sk.eyJ", Token, 60),
    alone("Mailgun key", "key-", Hex, 32),
    mixed("Slack token", "xoxa-", Word, 10),
    mixed("Slack token", "xoxb-", Word, 10),
    mixed("Slack token", "xoxp-", Word, 10),
    mixed("Slack token", "xoxr-", Word, 10),
    mixed("Slack token", "xoxs-", Word, 10),
    mixed("Slack token", "xoxe-", Word, 10),
    mixed("Slack token", "xoxe.", Word, 20),
    mixed("Slack token", "xapp-", Word, 20),
    mixed("Slack hook", "hooks.slack.com/services/", Token, 20),
    mixed("Slack hook", "hooks.slack.com/workflows/", Token, 20),
    mixed("Slack hook", "hooks.slack.com/triggers/", Token, 20),
    mixed("Slack hook", "hooks.slack-gov.com/services/", Token, 20),
    mixed("Zapier hook", "hooks.zapier.com/hooks/", Token, 16),
    numbered("Telegram token", ":AA", Word, 33),
    // A full stop may end the sentence that it stands in.
    shape("Airtable token", "pat", Token, 79, 80, Sure::Alone),
    mixed("Discord hook", "discord.com/api/webhooks/", Token, 40),
    mixed("Discord hook", "discordapp.com/api/webhooks/", Token, 40),
    mixed("Teams hook", "webhook.office.com/webhookb2/", Token, 40),
    mixed("Notion token", "ntn_", Alphanumeric, 40),
    mixed("Notion token", "secret_", Alphanumeric, 43),
    mixed("Linear key", "lin_api_", Alphanumeric, 32),
    mixed("Figma token", "figd_", Word, 36),
    mixed("Grafana token", "glsa_", Word, 36),
    mixed("Grafana token", "glc_", Token, 32),
    plain("Grafana key", "eyJrIjoi", Token, 40),
    mixed("Honeycomb key", "hcaik_", Alphanumeric, 40),
    mixed("Elastic key", "essu_", Token, 40),
    mixed("Prefect key", "pnu_", Alphanumeric, 36),
    mixed("dbt token", "dbtu_", Token, 36),
    mixed("dbt token", "dbtc_", Token, 36),
    mixed("Sentry token", "sntrys_", Token, 40),
    mixed("Sentry token", "sntryu_", Hex, 40),
    mixed("New Relic key", "NRAK-", Capitals, 24),
    mixed("Dynatrace token", "dt0c01.", Token, 60),
    mixed("Postman key", "PMAK-", Word, 40),
    mixed("SonarQube token", "sqp_", Hex, 40),
    mixed("SonarQube token", "squ_", Hex, 40),
    mixed("SonarQube token", "sqa_", Hex, 40),
    mixed("CircleCI token", "CCIPAT_", Word, 40),
    mixed("CircleCI token", "CCIPRJ_", Word, 40),
    mixed("Octopus key", "API-", Capitals, 26),
    mixed("Socket key", "sktsec_", Word, 36),
    mixed("Adafruit key", "aio_", Alphanumeric, 28),
    mixed("Frame.io token", "fio-u-", Word, 60),
    mixed("ReadMe key", "rdme_", Small, 60),
    mixed("Buildkite token", "bkua_", Hex, 36),
];

/// How names end that hold secrets.
pub const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "_pwd",
    ";pwd",
    "db_pass",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "access-key",
    "account_key",
    "accountkey",
    "secret_key",
    "secretkey",
    "secret-key",
    "private_key",
    "privatekey",
    "private-key",
    "signing_key",
    "signingkey",
    "encryption_key",
    "encryptionkey",
    "master_key",
    "credential",
    "credentials",
    "auth_key",
    "authkey",
    "_auth",
];

/// Names whose value needs no digit to be a secret.
pub const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "_pwd", ";pwd", "db_pass"];

/// Words that make what they are part of one that stands for a value. What else a value holds is looked at all the same.
pub const STAND_INS: &[&str] = &[
    "example",
    "redacted",
    "placeholder",
    "dummy",
    "changeme",
    "change-me",
    "your",
    "xxxx",
    "****",
    "....",
    "todo",
    "fake",
    "::",
];

/// Values that the manuals print; each stands for a secret and is none.
pub const PRINTED: &[&str] = &["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"];
