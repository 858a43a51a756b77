//! The tables, written by hand once for both databases; a test compares this page with both catalogues.
//!
//! Tables with lists have (epoch, xid, seq), the place of a row in them, which the database gives: see `list.rs`.
//! Every key leads with `tenant_id`: equal ids in two tenants never meet, and rows co-locate by tenant.

use diesel::table;

table! {
    tenants (id) {
        id -> crate::db::types::Uid,
        name -> Text,
        created_at -> crate::db::types::Moment,
        suspended_at -> Nullable<crate::db::types::Moment>,
    }
}

table! {
    /// What a tenant may have where that is not the default.
    tenant_quotas (tenant_id) {
        tenant_id -> crate::db::types::Uid,
        versions -> Nullable<BigInt>,
        version_bytes -> Nullable<BigInt>,
        drafts -> Nullable<BigInt>,
        signals -> Nullable<BigInt>,
        records_per_day -> Nullable<BigInt>,
        updated_at -> crate::db::types::Moment,
    }
}

table! {
    /// Facts about this installation: `iri_base`, `digest_key`, ...
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

table! {
    /// One counter per thing that processes hold copies of; whoever changes the thing raises it.
    generations (topic) {
        topic -> Text,
        value -> BigInt,
    }
}

table! {
    clients (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        name -> Text,
        secret_sha256 -> Binary,
        scopes -> Text,
        disabled_at -> Nullable<crate::db::types::Moment>,
        created_at -> crate::db::types::Moment,
        /// The secret before this one, good until a moment.
        previous_secret_sha256 -> Nullable<Binary>,
        previous_secret_until -> Nullable<crate::db::types::Moment>,
        /// Public keys (a JSON Web Key Set) for `private_key_jwt`.
        jwks -> Nullable<Text>,
        revision -> BigInt,
        /// When it last lost a scope.
        narrowed_at -> Nullable<crate::db::types::Moment>,
        /// Origins of its browser front ends, as a list in JSON.
        origins -> Text,
    }
}

table! {
    signing_keys (kid) {
        kid -> Text,
        alg -> Text,
        state -> Text,
        private_key -> Binary,
        public_key -> Binary,
        created_at -> crate::db::types::Moment,
        /// Null: from the beginning.
        signs_from -> Nullable<crate::db::types::Moment>,
        /// Null: no end is known yet.
        verifies_until -> Nullable<crate::db::types::Moment>,
    }
}

table! {
    /// Access tokens that were taken back before they expired.
    revoked_tokens (tenant_id, jti) {
        tenant_id -> crate::db::types::Uid,
        jti -> crate::db::types::Uid,
        expires_at -> crate::db::types::Moment,
        revoked_at -> crate::db::types::Moment,
    }
}

table! {
    /// Assertions of clients (RFC 7523) that were used, until they would have expired.
    used_assertions (tenant_id, client_id, jti_sha256) {
        tenant_id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        jti_sha256 -> Binary,
        expires_at -> crate::db::types::Moment,
    }
}

table! {
    /// Identity providers whose tokens a tenant takes.
    issuers (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        issuer -> Text,
        audience -> Text,
        subject_claim -> Text,
        roles -> Text,
        revision -> BigInt,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
    }
}

table! {
    /// Sign-ins that go on by refresh tokens; only digests are kept.
    refresh_families (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        issuer_id -> crate::db::types::Uid,
        principal_kind -> Text,
        principal_id -> crate::db::types::Uid,
        scopes -> Text,
        sha256 -> Binary,
        previous_sha256 -> Nullable<Binary>,
        request_sha256 -> Nullable<Binary>,
        access_jti -> crate::db::types::Uid,
        access_expires_at -> crate::db::types::Moment,
        created_at -> crate::db::types::Moment,
        used_at -> crate::db::types::Moment,
        expires_at -> crate::db::types::Moment,
        ended_at -> Nullable<crate::db::types::Moment>,
    }
}

table! {
    /// Personal access tokens: only their digests are kept.
    personal_tokens (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        principal_kind -> Text,
        principal_id -> crate::db::types::Uid,
        name -> Text,
        scopes -> Text,
        sha256 -> Binary,
        created_at -> crate::db::types::Moment,
        expires_at -> crate::db::types::Moment,
        last_used_at -> Nullable<crate::db::types::Moment>,
        revoked_at -> Nullable<crate::db::types::Moment>,
    }
}

table! {
    learners (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        name -> Nullable<Text>,
        revision -> BigInt,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
        /// `active`, `deactivated` or `merged`.
        state -> Text,
        /// The learner whose its things are now: never one that is merged itself.
        merged_into -> Nullable<crate::db::types::Uid>,
        /// Until when tokens of before may be about; null once none is left.
        tokens_until -> Nullable<crate::db::types::Moment>,
    }
}

table! {
    /// One learner became another one's, for as long as that is not undone.
    learner_merges (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        into_id -> crate::db::types::Uid,
        from_id -> crate::db::types::Uid,
        /// The how manieth into this learner: the last one is undone first.
        number -> Integer,
        state -> Text,
        /// Whether it handed over a guest's work.
        claim -> Bool,
        /// What the merged learner was before.
        from_state -> Text,
        client_id -> crate::db::types::Uid,
        principal -> crate::db::types::Doc,
        counts -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
        undone_at -> Nullable<crate::db::types::Moment>,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
    }
}

table! {
    /// What a merge moved or numbered anew, as it was before.
    learner_moves (tenant_id, merge_id, kind, item) {
        tenant_id -> crate::db::types::Uid,
        merge_id -> crate::db::types::Uid,
        kind -> Text,
        item -> Text,
        was -> crate::db::types::Doc,
    }
}

table! {
    identities (tenant_id, system, external_id) {
        tenant_id -> crate::db::types::Uid,
        system -> Text,
        external_id -> Text,
        learner_id -> crate::db::types::Uid,
        created_at -> crate::db::types::Moment,
    }
}

table! {
    courses (tenant_id, slug) {
        tenant_id -> crate::db::types::Uid,
        slug -> Text,
        revision -> Integer,
        digest -> Text,
        content -> crate::db::types::Doc,
        published_at -> crate::db::types::Moment,
    }
}

table! {
    lesson_versions (tenant_id, digest) {
        tenant_id -> crate::db::types::Uid,
        digest -> Text,
        slug -> Text,
        revision -> Integer,
        content -> crate::db::types::Doc,
        published_at -> crate::db::types::Moment,
    }
}

table! {
    /// A lesson is withdrawn while its newest version is.
    withdrawals (tenant_id, digest) {
        tenant_id -> crate::db::types::Uid,
        digest -> Text,
        withdrawn_at -> crate::db::types::Moment,
    }
}

table! {
    /// Every name a lesson ever had; slugs are never reused.
    slugs (tenant_id, slug) {
        tenant_id -> crate::db::types::Uid,
        slug -> Text,
        lesson -> Text,
    }
}

table! {
    /// Lessons that tenants write, before they are published.
    drafts (tenant_id, slug) {
        tenant_id -> crate::db::types::Uid,
        slug -> Text,
        revision -> BigInt,
        digest -> Text,
        title -> Text,
        content -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
    }
}

table! {
    attempts (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        learner_id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        lesson -> Text,
        version -> Text,
        language -> Text,
        purpose -> Text,
        placement -> Text,
        /// The placement that it is counted with; empty for one that only the learner named.
        counted_in -> Text,
        context -> crate::db::types::Doc,
        state -> Text,
        attempt_number -> Integer,
        key_seen_before -> Bool,
        over_limit -> Bool,
        item_order -> crate::db::types::Doc,
        started -> crate::db::types::Doc,
        started_at -> crate::db::types::Moment,
        submitted_at -> Nullable<crate::db::types::Moment>,
        result -> Nullable<crate::db::types::Doc>,
        raw_milli -> Nullable<BigInt>,
        scaled_e4 -> Nullable<Integer>,
        passed -> Nullable<Bool>,
        revision -> BigInt,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
        /// The order as numbers (see `order::packed`); where there is none, it stands in `item_order`.
        drawn -> Nullable<Binary>,
        /// The graded items, packed; where there are none, they stand in `result`.
        items -> Nullable<Binary>,
        /// Of the grading that stands here alone, until a regrade. 0 while it is open beside another one of its place.
        grader_version -> Nullable<Integer>,
    }
}

table! {
    /// Answers in force (`late` false) and answers that came after submission (`late` true, never scored).
    responses (tenant_id, attempt_id, item, late) {
        tenant_id -> crate::db::types::Uid,
        attempt_id -> crate::db::types::Uid,
        item -> Text,
        late -> Bool,
        seq -> BigInt,
        response -> crate::db::types::Doc,
        first_response -> crate::db::types::Doc,
        changes -> Integer,
        active_ms -> Nullable<BigInt>,
        answered -> crate::db::types::Doc,
        saved_at -> crate::db::types::Moment,
    }
}

table! {
    /// Appended, never overwritten: the first grading and every regrade.
    gradings (tenant_id, attempt_id, number) {
        tenant_id -> crate::db::types::Uid,
        attempt_id -> crate::db::types::Uid,
        number -> Integer,
        grader_version -> Integer,
        version -> Text,
        raw_milli -> BigInt,
        max_milli -> BigInt,
        result -> crate::db::types::Doc,
        graded_at -> crate::db::types::Moment,
        /// Which regrade it belongs to; null for the grading of the submission.
        regrade_id -> Nullable<crate::db::types::Uid>,
    }
}

table! {
    /// Grading again what was submitted on one version, by the items of another, with how far it is.
    regrades (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        principal -> crate::db::types::Doc,
        lesson -> Text,
        from_version -> Text,
        to_version -> Text,
        reason -> Text,
        state -> Text,
        total -> BigInt,
        regraded -> BigInt,
        changed -> BigInt,
        tally -> crate::db::types::Doc,
        /// Where it is: the attempts up to this id are done.
        last_attempt -> Nullable<crate::db::types::Uid>,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
        done_at -> Nullable<crate::db::types::Moment>,
        /// Only looked: no attempt has a grading of it.
        dry_run -> Bool,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
    }
}

table! {
    submissions (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        learner_id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        lesson -> Text,
        version -> Text,
        exercise -> Text,
        language -> Text,
        context -> crate::db::types::Doc,
        state -> Text,
        revision -> BigInt,
        content -> crate::db::types::Doc,
        masked -> crate::db::types::Doc,
        feedback -> Nullable<crate::db::types::Doc>,
        submitted_at -> Nullable<crate::db::types::Moment>,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
    }
}

table! {
    /// What a submission was at each of its revisions.
    submission_revisions (tenant_id, submission_id, revision) {
        tenant_id -> crate::db::types::Uid,
        submission_id -> crate::db::types::Uid,
        revision -> BigInt,
        state -> Text,
        content -> crate::db::types::Doc,
        masked -> crate::db::types::Doc,
        saved_at -> crate::db::types::Moment,
    }
}

table! {
    reviews (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        submission_id -> crate::db::types::Uid,
        submission_revision -> BigInt,
        reviewer -> crate::db::types::Doc,
        state -> Text,
        comment -> Text,
        score_milli -> Nullable<BigInt>,
        criteria -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
    }
}

table! {
    /// Diagnoses that somebody asked to keep. Evidence and verdict are masked.
    diagnoses (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        client_id -> crate::db::types::Uid,
        principal -> crate::db::types::Doc,
        learner_id -> Nullable<crate::db::types::Uid>,
        evidence -> crate::db::types::Doc,
        masked -> crate::db::types::Doc,
        verdict -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
    }
}

table! {
    /// Signals that tenants add to the built-in ones.
    signals (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> Text,
        revision -> BigInt,
        content -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
    }
}

table! {
    /// The log. `xid` is always 0 on SQLite. Ordered by (epoch, xid, seq); see `records/store.rs`.
    records (tenant_id, epoch, xid, seq) {
        tenant_id -> crate::db::types::Uid,
        epoch -> BigInt,
        xid -> crate::db::types::Xid8,
        seq -> BigInt,
        id -> crate::db::types::Uid,
        kind -> Text,
        schema_version -> Integer,
        learner_id -> Nullable<crate::db::types::Uid>,
        lesson -> Nullable<Text>,
        object_id -> Text,
        recorded_at -> crate::db::types::Moment,
        /// Of records from before: JSON. Null or empty where `packed` has it.
        envelope -> crate::db::types::Doc,
        packed -> Nullable<Binary>,
    }
}

table! {
    /// Who did what; only added to. `details` is text, not JSON, because its bytes are part of the hash.
    audit_entries (tenant_id, number) {
        tenant_id -> crate::db::types::Uid,
        number -> BigInt,
        id -> crate::db::types::Uid,
        at -> crate::db::types::Moment,
        act -> Text,
        client_id -> Nullable<crate::db::types::Uid>,
        principal_kind -> Nullable<Text>,
        principal_id -> Nullable<crate::db::types::Uid>,
        object_type -> Text,
        object_id -> Text,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        details -> Text,
        previous_sha256 -> Binary,
        sha256 -> Binary,
    }
}

table! {
    /// The last audit entry of each tenant.
    audit_heads (tenant_id) {
        tenant_id -> crate::db::types::Uid,
        number -> BigInt,
        sha256 -> Binary,
    }
}

table! {
    /// Groups of learners.
    cohorts (tenant_id, id) {
        tenant_id -> crate::db::types::Uid,
        id -> crate::db::types::Uid,
        name -> Text,
        /// What another system calls it: both are there, or none.
        system -> Nullable<Text>,
        external_id -> Nullable<Text>,
        due -> crate::db::types::Doc,
        revision -> BigInt,
        created_at -> crate::db::types::Moment,
        updated_at -> crate::db::types::Moment,
    }
}

table! {
    /// The learners of cohorts.
    cohort_members (tenant_id, cohort_id, learner_id) {
        tenant_id -> crate::db::types::Uid,
        cohort_id -> crate::db::types::Uid,
        learner_id -> crate::db::types::Uid,
        added_at -> crate::db::types::Moment,
    }
}

table! {
    /// The instructors of cohorts.
    cohort_staff (tenant_id, cohort_id, staff_id) {
        tenant_id -> crate::db::types::Uid,
        cohort_id -> crate::db::types::Uid,
        staff_id -> crate::db::types::Uid,
        added_at -> crate::db::types::Moment,
    }
}

table! {
    /// What somebody used on a day of what has a bound by day.
    daily_use (tenant_id, owner_id, topic, day) {
        tenant_id -> crate::db::types::Uid,
        owner_id -> crate::db::types::Uid,
        topic -> Text,
        day -> BigInt,
        uses -> BigInt,
        bytes -> BigInt,
    }
}

table! {
    /// One row: the epoch of what is written now.
    log_epoch (epoch) {
        epoch -> BigInt,
    }
}

table! {
    /// Always empty; see `probe.rs`.
    write_probes (id) {
        id -> crate::db::types::Uid,
        filler -> Binary,
    }
}

table! {
    idempotency_keys (tenant_id, scope) {
        tenant_id -> crate::db::types::Uid,
        /// SHA-256 of client, principal, method, path and key.
        scope -> Binary,
        body_mac -> Binary,
        status -> Integer,
        answer -> crate::db::types::Doc,
        created_at -> crate::db::types::Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(learners, identities, attempts, responses, gradings, regrades, learner_merges);
diesel::allow_tables_to_appear_in_same_query!(cohort_members, cohort_staff);
diesel::allow_tables_to_appear_in_same_query!(submissions, reviews, submission_revisions);
