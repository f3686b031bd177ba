DELETE FROM cases WHERE cases.case_no = $1::VARCHAR;

DELETE FROM circulars WHERE circulars.dossier_no = $1::VARCHAR;

DELETE FROM clocks WHERE clocks.case_no = $1::VARCHAR;

DELETE FROM dossiers WHERE dossiers.dossier_no = $1::VARCHAR;

DELETE FROM holdings WHERE holdings.case_no = $1::VARCHAR;

DELETE FROM measures WHERE measures.case_no = $1::VARCHAR;

DELETE FROM muted_channels WHERE muted_channels.user_id = $1::VARCHAR AND muted_channels.channel = $2::VARCHAR;

DELETE FROM notices WHERE notices.case_no IN ($1::VARCHAR);

DELETE FROM notices WHERE notices.case_no IN ($1::VARCHAR, $2::VARCHAR);

DELETE FROM problem_links WHERE problem_links.line_no = $1::VARCHAR AND problem_links.case_no = $2::VARCHAR AND problem_links.told IS NULL;

DELETE FROM problems WHERE problems.line_no = $1::VARCHAR;

DELETE FROM sanctions WHERE sanctions.dossier_no = $1::VARCHAR;

DELETE FROM score_due WHERE score_due.case_no IN ($3::VARCHAR) AND ((score_due.case_no NOT IN ($4::VARCHAR)) OR score_due.case_no = $1::VARCHAR AND score_due.version <= $2::INTEGER);

DELETE FROM score_due WHERE score_due.case_no IN ($5::VARCHAR, $6::VARCHAR) AND ((score_due.case_no NOT IN ($7::VARCHAR, $8::VARCHAR)) OR score_due.case_no = $1::VARCHAR AND score_due.version <= $2::INTEGER OR score_due.case_no = $3::VARCHAR AND score_due.version <= $4::INTEGER);

DELETE FROM scores WHERE scores.case_no IN ($1::VARCHAR);

DELETE FROM scores WHERE scores.case_no IN ($1::VARCHAR, $2::VARCHAR);

DELETE FROM screening_queue WHERE screening_queue.case_no = $1::VARCHAR AND screening_queue.seq <= $2::INTEGER;

DELETE FROM search_entries WHERE search_entries.case_no IN ($1::VARCHAR);

DELETE FROM search_entries WHERE search_entries.case_no IN ($1::VARCHAR, $2::VARCHAR);

DELETE FROM supervised_units WHERE supervised_units."group" = $1::VARCHAR;

DELETE FROM vault_texts WHERE vault_texts.used_at IS NULL AND vault_texts.created_at < $1::TIMESTAMP WITH TIME ZONE;

INSERT INTO anchor_books (number, book, entity, seq, hash) VALUES ($1::INTEGER, $2::VARCHAR, $3::VARCHAR, $4::INTEGER, $5::BYTEA);

INSERT INTO anchor_leaves (number, case_no, seq, hash) VALUES ($1::INTEGER, $2::VARCHAR, $3::INTEGER, $4::BYTEA);

INSERT INTO anchors (number, day, until, made_at, cases, facts, root, trail_seq, trail_hash, key_id, prev_hash, hash, signature) VALUES ($1::INTEGER, $2::DATE, $3::TIMESTAMP WITH TIME ZONE, $4::TIMESTAMP WITH TIME ZONE, $5::INTEGER, $6::BIGINT, $7::BYTEA, $8::BIGINT, $9::BYTEA, $10::VARCHAR, $11::BYTEA, $12::BYTEA, $13::BYTEA);

INSERT INTO bursts (category, area, first_at, last_at, raised_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE, $4::TIMESTAMP WITH TIME ZONE, $5::TIMESTAMP WITH TIME ZONE) RETURNING bursts.burst_id;

INSERT INTO case_accountability (case_no, reference, event, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO case_accountability (case_no, reference, event, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE), ($5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::TIMESTAMP WITH TIME ZONE), ($9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO cases (case_no, version, status, phase, outcome, type, urgency, category, area, channel, secret, lead_unit, units, accused_units, recused, owner_unit, owner_cause, owner_since, registered_at, dispatched_at, closed_at, next_due_at, round, flags, policy_revision, caller_hash, occurrence, repeat_of, joined_to, state) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::BOOLEAN, $12::VARCHAR, $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::VARCHAR, $17::VARCHAR, $18::TIMESTAMP WITH TIME ZONE, $19::TIMESTAMP WITH TIME ZONE, $20::TIMESTAMP WITH TIME ZONE, $21::TIMESTAMP WITH TIME ZONE, $22::TIMESTAMP WITH TIME ZONE, $23::SMALLINT, $24::TEXT[], $25::VARCHAR, (SELECT intake.caller_hash 
FROM intake 
WHERE intake.case_no = $26::VARCHAR), $27::INTEGER, $28::VARCHAR, $29::VARCHAR, $30::JSONB) ON CONFLICT (case_no) DO UPDATE SET case_no = excluded.case_no, version = excluded.version, status = excluded.status, phase = excluded.phase, outcome = excluded.outcome, type = excluded.type, urgency = excluded.urgency, category = excluded.category, area = excluded.area, channel = excluded.channel, secret = excluded.secret, lead_unit = excluded.lead_unit, units = excluded.units, accused_units = excluded.accused_units, recused = excluded.recused, owner_unit = excluded.owner_unit, owner_cause = excluded.owner_cause, owner_since = excluded.owner_since, registered_at = excluded.registered_at, dispatched_at = excluded.dispatched_at, closed_at = excluded.closed_at, next_due_at = excluded.next_due_at, round = excluded.round, flags = excluded.flags, policy_revision = excluded.policy_revision, caller_hash = excluded.caller_hash, occurrence = excluded.occurrence, repeat_of = excluded.repeat_of, joined_to = excluded.joined_to, state = excluded.state WHERE cases.version < excluded.version;

INSERT INTO circulars (circular_id, dossier_no, number, scope, text, published_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::INTEGER, $4::VARCHAR, $5::JSONB, $6::TIMESTAMP WITH TIME ZONE);

INSERT INTO clocks (case_no, clock_id, kind, holder, limit_text, started_at, due_at, provisional, because, held_at, fired, next_alarm_at, next_alarm, stopped_at, stop_reason, late) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::TIMESTAMP WITH TIME ZONE, $8::BOOLEAN, $9::JSONB, $10::TIMESTAMP WITH TIME ZONE, $11::TEXT[], $12::TIMESTAMP WITH TIME ZONE, $13::VARCHAR, $14::TIMESTAMP WITH TIME ZONE, $15::VARCHAR, $16::BOOLEAN) ON CONFLICT (case_no, clock_id) DO UPDATE SET case_no = excluded.case_no, clock_id = excluded.clock_id, kind = excluded.kind, holder = excluded.holder, limit_text = excluded.limit_text, started_at = excluded.started_at, due_at = excluded.due_at, provisional = excluded.provisional, because = excluded.because, held_at = excluded.held_at, fired = excluded.fired, next_alarm_at = excluded.next_alarm_at, next_alarm = excluded.next_alarm, stopped_at = excluded.stopped_at, stop_reason = excluded.stop_reason, late = excluded.late;

INSERT INTO deliveries (delivery_id, notice_id, channel, recipient, is_urgent, created_at, not_before, state, attempts) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BOOLEAN, $6::TIMESTAMP WITH TIME ZONE, $7::TIMESTAMP WITH TIME ZONE, $8::VARCHAR, $9::INTEGER) ON CONFLICT DO NOTHING;

INSERT INTO discipline_groups (code, name) VALUES ($1::VARCHAR, $2::VARCHAR) ON CONFLICT (code) DO UPDATE SET code = $3::VARCHAR, name = $4::VARCHAR;

INSERT INTO dossier_facts (dossier_no, seq, at, tag, officer, command_id, body, prev_hash, hash) VALUES ($1::VARCHAR, $2::INTEGER, $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::JSONB, $6::VARCHAR, $7::JSONB, $8::BYTEA, $9::BYTEA);

INSERT INTO dossier_intake (dossier_no, principal, key_hash, request_digest, cause, registration, received_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::JSONB, $7::TIMESTAMP WITH TIME ZONE);

INSERT INTO dossier_numbers (year, last) VALUES ($1::INTEGER, $2::INTEGER) ON CONFLICT (year) DO UPDATE SET last = (dossier_numbers.last + $3::INTEGER) RETURNING dossier_numbers.last;

INSERT INTO dossiers (dossier_no, version, stage, source, units, accounts, recused, registered_at, closed_at, next_due_at, state, cases, reference) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::TEXT[], $6::TEXT[], $7::TEXT[], $8::TIMESTAMP WITH TIME ZONE, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::JSONB, $12::TEXT[], $13::VARCHAR) ON CONFLICT (dossier_no) DO UPDATE SET dossier_no = excluded.dossier_no, version = excluded.version, stage = excluded.stage, source = excluded.source, units = excluded.units, accounts = excluded.accounts, recused = excluded.recused, registered_at = excluded.registered_at, closed_at = excluded.closed_at, next_due_at = excluded.next_due_at, state = excluded.state, cases = excluded.cases, reference = excluded.reference WHERE dossiers.version < excluded.version;

INSERT INTO evidence (evidence_id, case_no, kind, made_at, made_at_source, media_type, size, sha256, uploaded_by, uploaded_role, uploaded_unit, uploaded_at, object_name, sealed_key, sealed_name, sealed_metadata) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::VARCHAR, $7::BIGINT, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::TIMESTAMP WITH TIME ZONE, $13::VARCHAR, $14::BYTEA, $15::BYTEA, $16::BYTEA) ON CONFLICT DO NOTHING;

INSERT INTO facts (case_no, seq, at, tag, actor_id, actor_role, actor_unit, command_id, body, prev_hash, hash) VALUES ($1::VARCHAR, $2::INTEGER, $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::JSONB, $10::BYTEA, $11::BYTEA);

INSERT INTO frozen_months (month, frozen_at, frozen_by, previewed_at, previewed_by, definitions, policies, policy_revision, scoring, cases, rows, figures_digest, digest) VALUES ($1::DATE, $2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::TEXT[], $7::TEXT[], $8::VARCHAR, $9::JSONB, $10::INTEGER, $11::INTEGER, $12::BYTEA, $13::BYTEA);

INSERT INTO frozen_scores (month, case_no, indicator, occasion, unit, type, counted_at, raw, adjusted, reason, excluded_for, points, seq, version) SELECT CAST($1::DATE AS DATE) AS month, scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq, scores.version 
FROM scores 
WHERE scores.counted_at >= $2::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $3::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $4::TIMESTAMP WITH TIME ZONE;

INSERT INTO holdings (case_no, holder, cause, held_for) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::INTERVAL);

INSERT INTO inbox (recipient, notice_id, at, read_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE, $4::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO intake (case_no, principal, key_hash, request_digest, registration, retrieval_hash, retrieval_sealed, source_number, caller_hash, category, area, raised_at, received_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::JSONB, $6::VARCHAR, $7::BYTEA, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::TIMESTAMP WITH TIME ZONE, $13::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING intake.case_no;

INSERT INTO knowledge (number, title, answer, category, area, unit, valid_until, version, updated_at, updated_by, withdrawn_at, words) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::DATE, $8::INTEGER, $9::TIMESTAMP WITH TIME ZONE, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE, CAST($12::VARCHAR AS TSVECTOR));

INSERT INTO knowledge_revisions (number, version, act, title, answer, category, area, unit, valid_until, at, by, command_id) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::DATE, $10::TIMESTAMP WITH TIME ZONE, $11::VARCHAR, $12::VARCHAR);

INSERT INTO matters (category, note, lead, active) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BOOLEAN) ON CONFLICT (category) DO UPDATE SET category = $5::VARCHAR, note = $6::VARCHAR, lead = $7::VARCHAR, active = $8::BOOLEAN;

INSERT INTO matters (category, note, lead, active) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BOOLEAN), ($5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::BOOLEAN), ($9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::BOOLEAN), ($13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::BOOLEAN), ($17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::BOOLEAN), ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::BOOLEAN), ($25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::BOOLEAN), ($29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::BOOLEAN), ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::BOOLEAN), ($37::VARCHAR, $38::VARCHAR, $39::VARCHAR, $40::BOOLEAN), ($41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::BOOLEAN), ($45::VARCHAR, $46::VARCHAR, $47::VARCHAR, $48::BOOLEAN) ON CONFLICT DO NOTHING;

INSERT INTO measures (number, case_no, kind, rung, unit, person, issued_at, issued_by, unit_points, person_points, appeal_until, answer_until, answered_at, settled, appealed_at, appeal_upheld, awaits_approval) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::VARCHAR, $9::INTEGER, $10::INTEGER, $11::TIMESTAMP WITH TIME ZONE, $12::TIMESTAMP WITH TIME ZONE, $13::TIMESTAMP WITH TIME ZONE, $14::BOOLEAN, $15::TIMESTAMP WITH TIME ZONE, $16::BOOLEAN, $17::BOOLEAN) ON CONFLICT (number) DO UPDATE SET number = excluded.number, case_no = excluded.case_no, kind = excluded.kind, rung = excluded.rung, unit = excluded.unit, person = excluded.person, issued_at = excluded.issued_at, issued_by = excluded.issued_by, unit_points = excluded.unit_points, person_points = excluded.person_points, appeal_until = excluded.appeal_until, answer_until = excluded.answer_until, answered_at = excluded.answered_at, settled = excluded.settled, appealed_at = excluded.appealed_at, appeal_upheld = excluded.appeal_upheld, awaits_approval = excluded.awaits_approval;

INSERT INTO month_previews (month, previewed_at, previewed_by, figures_digest) VALUES ($1::DATE, $2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR, $4::BYTEA) RETURNING month_previews.number;

INSERT INTO muted_channels (user_id, channel) VALUES ($1::VARCHAR, $2::VARCHAR) ON CONFLICT DO NOTHING;

INSERT INTO notices (notice_id, case_no, seq, kind, at, text, audiences, besides, is_urgent, told_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::INTEGER, $4::VARCHAR, $5::TIMESTAMP WITH TIME ZONE, $6::VARCHAR, $7::JSONB, $8::VARCHAR, $9::BOOLEAN, $10::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO policies (revision, body, published_at, published_by, active) VALUES ($1::VARCHAR, $2::JSONB, $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::BOOLEAN) ON CONFLICT DO NOTHING;

INSERT INTO policy_drafts (draft_id, revision, base, body, drafted_at, drafted_by) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::JSONB, $5::TIMESTAMP WITH TIME ZONE, $6::VARCHAR);

INSERT INTO policy_refusals (revision, case_no, code, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO policy_rollouts (revision, ordered_at, overtaken) VALUES ($1::VARCHAR, $2::TIMESTAMP WITH TIME ZONE, $3::BOOLEAN) ON CONFLICT DO NOTHING;

INSERT INTO problem_facts (line_no, seq, at, tag, actor, command_id, body, prev_hash, hash) VALUES ($1::VARCHAR, $2::INTEGER, $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::JSONB, $6::VARCHAR, $7::JSONB, $8::BYTEA, $9::BYTEA);

INSERT INTO problem_lines (line_no, caller_hash, category, area, policy_revision, opened_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE);

INSERT INTO problem_links (line_no, case_no, linked_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO problem_links (line_no, case_no, linked_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE), ($4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE), ($7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO problems (line_no, version, stage, category, area, lead_unit, units, accused_units, recused, round, overdue, opened_at, cleared_at, next_due_at, state) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::TEXT[], $8::TEXT[], $9::TEXT[], $10::INTEGER, $11::BOOLEAN, $12::TIMESTAMP WITH TIME ZONE, $13::TIMESTAMP WITH TIME ZONE, $14::TIMESTAMP WITH TIME ZONE, $15::JSONB) ON CONFLICT (line_no) DO UPDATE SET line_no = excluded.line_no, version = excluded.version, stage = excluded.stage, category = excluded.category, area = excluded.area, lead_unit = excluded.lead_unit, units = excluded.units, accused_units = excluded.accused_units, recused = excluded.recused, round = excluded.round, overdue = excluded.overdue, opened_at = excluded.opened_at, cleared_at = excluded.cleared_at, next_due_at = excluded.next_due_at, state = excluded.state WHERE problems.version < excluded.version;

INSERT INTO proposal_rulings (proposal_no, ruled_at, ruled_by, measure, reason) VALUES ($1::VARCHAR, $2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR, $4::VARCHAR, $5::JSONB);

INSERT INTO sanctions (dossier_no, number, person, unit, family, measures, decided_at, effect_from, effect_until, is_open_ended, revoked_at) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TEXT[], $7::TIMESTAMP WITH TIME ZONE, $8::DATE, $9::DATE, $10::BOOLEAN, $11::TIMESTAMP WITH TIME ZONE);

INSERT INTO score_due (case_no, version) SELECT cases.case_no, cases.version 
FROM cases 
WHERE true ON CONFLICT DO NOTHING;

INSERT INTO score_due (case_no, version) VALUES ($1::VARCHAR, $2::INTEGER) ON CONFLICT DO NOTHING;

INSERT INTO scores (case_no, indicator, occasion, unit, type, counted_at, raw, adjusted, reason, excluded_for, points, seq, version) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::INTEGER, $12::INTEGER, $13::INTEGER);

INSERT INTO screening_hits (hit_no, case_no, rule, label, test, round, revision, shown_at, found_at, evidence, because) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::TIMESTAMP WITH TIME ZONE, $9::TIMESTAMP WITH TIME ZONE, $10::INTEGER[], $11::TEXT[]);

INSERT INTO screening_queue (case_no, seq, since) SELECT cases.case_no, cases.version, $1::TIMESTAMP WITH TIME ZONE AS anon_1 
FROM cases 
WHERE cases.status != $2::VARCHAR ON CONFLICT DO NOTHING;

INSERT INTO screening_queue (case_no, seq, since) VALUES ($1::VARCHAR, $2::INTEGER, $3::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO screening_rulings (hit_no, number, ruling, ruled_at, ruled_by, reason, dossier_no) VALUES ($1::VARCHAR, $2::INTEGER, $3::VARCHAR, $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::JSONB, $7::VARCHAR);

INSERT INTO screening_sweeps (rules, revision, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING screening_sweeps.rules;

INSERT INTO search_entries (case_no, tokens) VALUES ($1::VARCHAR, $2::BIGINT[]) ON CONFLICT (case_no) DO UPDATE SET tokens = $3::BIGINT[];

INSERT INTO supervised_units ("group", unit) VALUES ($1::VARCHAR, $2::VARCHAR);

INSERT INTO supervision_proposals (proposal_no, rule, label, unit, month, proposes, needed, measures, revision, proposed_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::INTEGER, $8::TEXT[], $9::VARCHAR, $10::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING supervision_proposals.proposal_no;

INSERT INTO tokens (token_hash, token_id, user_id, name, scopes, issued_by, created_at, expires_at) VALUES ($1::BYTEA, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::TEXT[], $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::TIMESTAMP WITH TIME ZONE);

INSERT INTO trail (seq, at, event, actor_id, actor_role, actor_unit, case_no, subject, address, detail, prev_hash, hash) VALUES ($1::BIGINT, $2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::JSONB, $11::BYTEA, $12::BYTEA);

INSERT INTO units (code, name, level, parent, active) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BOOLEAN) ON CONFLICT (code) DO UPDATE SET code = $6::VARCHAR, name = $7::VARCHAR, level = $8::VARCHAR, parent = $9::VARCHAR, active = $10::BOOLEAN;

INSERT INTO users (user_id, display_name, role, unit, active, demo, discipline_group, discipline_level) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BOOLEAN, $6::BOOLEAN, $7::VARCHAR, $8::VARCHAR) ON CONFLICT (user_id) DO UPDATE SET user_id = $9::VARCHAR, display_name = $10::VARCHAR, role = $11::VARCHAR, unit = $12::VARCHAR, active = $13::BOOLEAN, demo = $14::BOOLEAN, discipline_group = $15::VARCHAR, discipline_level = $16::VARCHAR;

INSERT INTO vault_callers (case_no, sealed_name, sealed_phone, sealed_address, name_hash, phone_hash, created_at) VALUES ($1::VARCHAR, $2::BYTEA, $3::BYTEA, $4::BYTEA, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

INSERT INTO vault_cases (case_no, person_id) VALUES ($1::VARCHAR, $2::VARCHAR) ON CONFLICT (case_no) DO UPDATE SET person_id = $3::VARCHAR;

INSERT INTO vault_persons (person_id, phone_hash, sealed_key, created_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::BYTEA, $4::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING vault_persons.person_id;

INSERT INTO vault_texts (text_id, case_no, purpose, sealed, digest, chars, created_at, used_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BYTEA, $5::VARCHAR, $6::INTEGER, $7::TIMESTAMP WITH TIME ZONE, $8::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING vault_texts.text_id;

SELECT $1::VARCHAR AS "check", clocks.case_no AS case_no, clocks.clock_id || $2::VARCHAR || clocks.next_alarm AS detail 
FROM clocks 
WHERE clocks.stopped_at IS NULL AND clocks.next_alarm_at < $3::TIMESTAMP WITH TIME ZONE ORDER BY clocks.case_no;

SELECT $1::VARCHAR AS "check", intake.case_no AS case_no, $2::VARCHAR AS detail 
FROM intake 
WHERE intake.adopted_at < $3::TIMESTAMP WITH TIME ZONE AND NOT (EXISTS (SELECT * 
FROM facts 
WHERE facts.case_no = intake.case_no)) ORDER BY intake.case_no;

SELECT $1::VARCHAR AS "check", intake.case_no AS case_no, $2::VARCHAR AS detail 
FROM intake 
WHERE intake.adopted_at IS NULL AND intake.received_at < $3::TIMESTAMP WITH TIME ZONE ORDER BY intake.case_no;

SELECT $1::VARCHAR AS "group", scores.indicator, count(*) FILTER (WHERE scores.raw = $2::VARCHAR) AS raw_numerator, count(*) FILTER (WHERE scores.raw != $3::VARCHAR) AS raw_denominator, count(*) FILTER (WHERE scores.adjusted = $4::VARCHAR) AS numerator, count(*) FILTER (WHERE scores.adjusted != $5::VARCHAR) AS denominator, count(*) FILTER (WHERE scores.raw != $6::VARCHAR AND scores.adjusted = $7::VARCHAR) AS left_out, coalesce(sum(scores.points), $8::INTEGER) AS raw_points, coalesce(sum(scores.points) FILTER (WHERE scores.adjusted != $5::VARCHAR), $9::INTEGER) AS points 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $10::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $11::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $12::TIMESTAMP WITH TIME ZONE GROUP BY $1::VARCHAR, scores.indicator ORDER BY "group", scores.indicator;

SELECT CASE WHEN (CASE WHEN (octet_length(accused.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $2::INTEGER FOR get_byte(accused.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(accused.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $8::INTEGER FOR get_byte(accused.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM accused 
WHERE CASE WHEN (octet_length(accused.sealed_name) > $11::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $12::INTEGER FOR get_byte(accused.sealed_name, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(accused.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $2::INTEGER FOR get_byte(accused.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(accused.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $8::INTEGER FOR get_byte(accused.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(credentials.totp_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $2::INTEGER FOR get_byte(credentials.totp_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(credentials.totp_sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $8::INTEGER FOR get_byte(credentials.totp_sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM credentials 
WHERE CASE WHEN (octet_length(credentials.totp_sealed) > $11::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $12::INTEGER FOR get_byte(credentials.totp_sealed, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(credentials.totp_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $2::INTEGER FOR get_byte(credentials.totp_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(credentials.totp_sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $8::INTEGER FOR get_byte(credentials.totp_sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(evidence.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $2::INTEGER FOR get_byte(evidence.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_key) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $8::INTEGER FOR get_byte(evidence.sealed_key, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_key) > $11::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $12::INTEGER FOR get_byte(evidence.sealed_key, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(evidence.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $2::INTEGER FOR get_byte(evidence.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_key) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $8::INTEGER FOR get_byte(evidence.sealed_key, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(evidence.sealed_metadata) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $2::INTEGER FOR get_byte(evidence.sealed_metadata, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_metadata) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $8::INTEGER FOR get_byte(evidence.sealed_metadata, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_metadata) > $11::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $12::INTEGER FOR get_byte(evidence.sealed_metadata, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(evidence.sealed_metadata) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $2::INTEGER FOR get_byte(evidence.sealed_metadata, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_metadata) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $8::INTEGER FOR get_byte(evidence.sealed_metadata, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(evidence.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $2::INTEGER FOR get_byte(evidence.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $8::INTEGER FOR get_byte(evidence.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_name) > $11::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $12::INTEGER FOR get_byte(evidence.sealed_name, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(evidence.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $2::INTEGER FOR get_byte(evidence.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(evidence.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $8::INTEGER FOR get_byte(evidence.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(intake.retrieval_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $2::INTEGER FOR get_byte(intake.retrieval_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(intake.retrieval_sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $8::INTEGER FOR get_byte(intake.retrieval_sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM intake 
WHERE CASE WHEN (octet_length(intake.retrieval_sealed) > $11::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $12::INTEGER FOR get_byte(intake.retrieval_sealed, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(intake.retrieval_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $2::INTEGER FOR get_byte(intake.retrieval_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(intake.retrieval_sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $8::INTEGER FOR get_byte(intake.retrieval_sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_address) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $2::INTEGER FOR get_byte(vault_callers.sealed_address, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_address) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $8::INTEGER FOR get_byte(vault_callers.sealed_address, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_address) > $11::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $12::INTEGER FOR get_byte(vault_callers.sealed_address, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_address) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $2::INTEGER FOR get_byte(vault_callers.sealed_address, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_address) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $8::INTEGER FOR get_byte(vault_callers.sealed_address, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $2::INTEGER FOR get_byte(vault_callers.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $8::INTEGER FOR get_byte(vault_callers.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_name) > $11::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $12::INTEGER FOR get_byte(vault_callers.sealed_name, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $2::INTEGER FOR get_byte(vault_callers.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_name) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $8::INTEGER FOR get_byte(vault_callers.sealed_name, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_phone) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $2::INTEGER FOR get_byte(vault_callers.sealed_phone, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_phone) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $8::INTEGER FOR get_byte(vault_callers.sealed_phone, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_phone) > $11::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $12::INTEGER FOR get_byte(vault_callers.sealed_phone, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(vault_callers.sealed_phone) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $2::INTEGER FOR get_byte(vault_callers.sealed_phone, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_callers.sealed_phone) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $8::INTEGER FOR get_byte(vault_callers.sealed_phone, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(vault_persons.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $2::INTEGER FOR get_byte(vault_persons.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_persons.sealed_key) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $8::INTEGER FOR get_byte(vault_persons.sealed_key, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM vault_persons 
WHERE CASE WHEN (octet_length(vault_persons.sealed_key) > $11::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $12::INTEGER FOR get_byte(vault_persons.sealed_key, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(vault_persons.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $2::INTEGER FOR get_byte(vault_persons.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_persons.sealed_key) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $8::INTEGER FOR get_byte(vault_persons.sealed_key, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT CASE WHEN (CASE WHEN (octet_length(vault_texts.sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $2::INTEGER FOR get_byte(vault_texts.sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_texts.sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $8::INTEGER FOR get_byte(vault_texts.sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END AS name, count(*) AS number 
FROM vault_texts 
WHERE CASE WHEN (octet_length(vault_texts.sealed) > $11::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $12::INTEGER FOR get_byte(vault_texts.sealed, $13::INTEGER)), $14::VARCHAR) ELSE NULL END IS NOT NULL GROUP BY CASE WHEN (CASE WHEN (octet_length(vault_texts.sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $2::INTEGER FOR get_byte(vault_texts.sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END LIKE $5::VARCHAR) THEN $6::VARCHAR ELSE CASE WHEN (octet_length(vault_texts.sealed) > $7::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $8::INTEGER FOR get_byte(vault_texts.sealed, $9::INTEGER)), $10::VARCHAR) ELSE NULL END END;

SELECT DISTINCT cases.policy_revision 
FROM cases JOIN frozen_scores ON frozen_scores.case_no = cases.case_no AND frozen_scores.month = $1::DATE 
WHERE true;

SELECT DISTINCT facts.case_no 
FROM facts 
WHERE facts.case_no > $1::VARCHAR ORDER BY facts.case_no 
 LIMIT $2::INTEGER;

SELECT DISTINCT facts.case_no, facts.command_id 
FROM facts 
WHERE (facts.case_no, facts.command_id) IN (($1, $2), ($3, $4), ($5, $6), ($7, $8));

SELECT DISTINCT frozen_scores.case_no 
FROM frozen_scores 
WHERE frozen_scores.month = $1::DATE AND frozen_scores.case_no > $2::VARCHAR ORDER BY frozen_scores.case_no 
 LIMIT $3::INTEGER;

SELECT DISTINCT score_due.case_no 
FROM score_due ORDER BY score_due.case_no 
 LIMIT $1::INTEGER;

SELECT EXISTS (SELECT notices.notice_id, notices.case_no, notices.kind, inbox.at, notices.text, notices.is_urgent, inbox.read_at 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $1::VARCHAR AND NOT ((cases.recused @> $2::TEXT[])) AND inbox.notice_id = $3::VARCHAR) AS anon_1;

SELECT accused.person, accused.identity_hash, accused.sealed_name, accused.created_at 
FROM accused 
WHERE accused.person > $1::VARCHAR AND CASE WHEN (octet_length(accused.sealed_name) > $2::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $3::INTEGER FOR get_byte(accused.sealed_name, $4::INTEGER)), $5::VARCHAR) ELSE NULL END != $6::VARCHAR ORDER BY accused.person 
 LIMIT $7::INTEGER;

SELECT anchor_books.entity, anchor_books.seq 
FROM anchor_books 
WHERE anchor_books.number = $1::INTEGER AND anchor_books.book = $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM dossier_facts 
WHERE dossier_facts.dossier_no = anchor_books.entity AND dossier_facts.seq = anchor_books.seq AND dossier_facts.hash = anchor_books.hash)) ORDER BY anchor_books.entity 
 LIMIT $3::INTEGER;

SELECT anchor_books.entity, anchor_books.seq 
FROM anchor_books 
WHERE anchor_books.number = $1::INTEGER AND anchor_books.book = $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM problem_facts 
WHERE problem_facts.line_no = anchor_books.entity AND problem_facts.seq = anchor_books.seq AND problem_facts.hash = anchor_books.hash)) ORDER BY anchor_books.entity 
 LIMIT $3::INTEGER;

SELECT anchor_books.number, anchor_books.book, anchor_books.entity, anchor_books.seq, anchor_books.hash 
FROM anchor_books 
WHERE anchor_books.number = $1::INTEGER AND row(anchor_books.book, anchor_books.entity) > row($2::VARCHAR, $3::VARCHAR) ORDER BY anchor_books.book, anchor_books.entity 
 LIMIT $4::INTEGER;

SELECT anchor_leaves.case_no, anchor_leaves.seq 
FROM anchor_leaves 
WHERE anchor_leaves.number = $1::INTEGER AND NOT (EXISTS (SELECT * 
FROM facts 
WHERE facts.case_no = anchor_leaves.case_no AND facts.seq = anchor_leaves.seq AND facts.hash = anchor_leaves.hash)) ORDER BY anchor_leaves.case_no 
 LIMIT $2::INTEGER;

SELECT anchor_leaves.number, anchor_leaves.case_no, anchor_leaves.seq, anchor_leaves.hash 
FROM anchor_leaves 
WHERE anchor_leaves.case_no = $1::VARCHAR ORDER BY anchor_leaves.number;

SELECT anchor_leaves.number, anchor_leaves.case_no, anchor_leaves.seq, anchor_leaves.hash 
FROM anchor_leaves 
WHERE anchor_leaves.number = $1::INTEGER AND anchor_leaves.case_no > $2::VARCHAR ORDER BY anchor_leaves.case_no 
 LIMIT $3::INTEGER;

SELECT anchors.number, anchors.day, anchors.until, anchors.made_at, anchors.cases, anchors.facts, anchors.root, anchors.trail_seq, anchors.trail_hash, anchors.key_id, anchors.prev_hash, anchors.hash, anchors.signature 
FROM anchors 
WHERE anchors.number >= $1::INTEGER AND anchors.number <= $2::INTEGER ORDER BY anchors.number 
 LIMIT $3::INTEGER;

SELECT anchors.number, anchors.day, anchors.until, anchors.made_at, anchors.cases, anchors.facts, anchors.root, anchors.trail_seq, anchors.trail_hash, anchors.key_id, anchors.prev_hash, anchors.hash, anchors.signature 
FROM anchors 
WHERE anchors.number >= $1::INTEGER ORDER BY anchors.number 
 LIMIT $2::INTEGER;

SELECT anchors.number, anchors.day, anchors.until, anchors.made_at, anchors.cases, anchors.facts, anchors.root, anchors.trail_seq, anchors.trail_hash, anchors.key_id, anchors.prev_hash, anchors.hash, anchors.signature 
FROM anchors ORDER BY anchors.number DESC 
 LIMIT $1::INTEGER;

SELECT anon_1.case_no, anon_1.held_for, anon_1.holds_now, cases.status 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE true UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($5::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $6::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 JOIN cases ON cases.case_no = anon_1.case_no 
WHERE anon_1.holder = $7::VARCHAR AND anon_1.cause = $8::VARCHAR ORDER BY anon_1.held_for DESC, anon_1.case_no 
 LIMIT $9::INTEGER;

SELECT anon_1.category, CAST(sum(anon_1.cases) AS INTEGER) AS cases, CAST(sum(anon_1.open_cases) AS INTEGER) AS open_cases, min(anon_1.first_at) AS first_at, max(anon_1.last_at) AS last_at, (array_agg(anon_1.lead_unit ORDER BY anon_1.cases DESC, anon_1.lead_unit) FILTER (WHERE anon_1.lead_unit IS NOT NULL))[$1::INTEGER] AS lead 
FROM (SELECT cases.category AS category, cases.lead_unit AS lead_unit, count(*) AS cases, count(*) FILTER (WHERE cases.closed_at IS NULL) AS open_cases, min(cases.registered_at) AS first_at, max(cases.registered_at) AS last_at 
FROM cases 
WHERE cases.category IS NOT NULL GROUP BY cases.category, cases.lead_unit) AS anon_1 GROUP BY anon_1.category ORDER BY sum(anon_1.cases) DESC, anon_1.category 
 LIMIT $2::INTEGER;

SELECT anon_1.holder, anon_1.alarm, count(*) AS count, max(anon_1.fired_at - anon_1.alarm_at) AS latest_for 
FROM (SELECT facts.case_no AS case_no, facts.seq AS seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND facts.tag = $6::VARCHAR AND facts.at >= $7::TIMESTAMP WITH TIME ZONE AND facts.at < $8::TIMESTAMP WITH TIME ZONE AND (facts.body ->> $9::TEXT) = $10::VARCHAR AND (facts.body ->> $11::TEXT) = $12::VARCHAR) AS anon_1 GROUP BY anon_1.holder, anon_1.alarm ORDER BY anon_1.holder, anon_1.alarm;

SELECT anon_1.holder, anon_1.alarm, count(*) AS count, max(anon_1.fired_at - anon_1.alarm_at) AS latest_for 
FROM (SELECT facts.case_no AS case_no, facts.seq AS seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND facts.tag = $6::VARCHAR AND facts.at >= $7::TIMESTAMP WITH TIME ZONE AND facts.at < $8::TIMESTAMP WITH TIME ZONE AND (facts.body ->> $9::TEXT) = $10::VARCHAR) AS anon_1 GROUP BY anon_1.holder, anon_1.alarm ORDER BY anon_1.holder, anon_1.alarm;

SELECT anon_1.holder, anon_1.cause, count(*) AS cases, sum(anon_1.held_for) AS held_for, max(anon_1.held_for) AS longest_for 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE cases.closed_at IS NULL UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($5::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $6::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL AND cases.closed_at IS NULL) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 GROUP BY anon_1.holder, anon_1.cause ORDER BY sum(anon_1.held_for) DESC, anon_1.holder, anon_1.cause;

SELECT anon_1.holder, anon_1.cause, count(*) AS cases, sum(anon_1.held_for) AS held_for, max(anon_1.held_for) AS longest_for 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE cases.registered_at < $5::TIMESTAMP WITH TIME ZONE UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($6::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $7::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL AND cases.registered_at < $5::TIMESTAMP WITH TIME ZONE) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 GROUP BY anon_1.holder, anon_1.cause ORDER BY sum(anon_1.held_for) DESC, anon_1.holder, anon_1.cause;

SELECT anon_1.holder, anon_1.cause, count(*) AS cases, sum(anon_1.held_for) AS held_for, max(anon_1.held_for) AS longest_for 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE cases.registered_at >= $5::TIMESTAMP WITH TIME ZONE UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($6::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $7::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL AND cases.registered_at >= $5::TIMESTAMP WITH TIME ZONE) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 GROUP BY anon_1.holder, anon_1.cause ORDER BY sum(anon_1.held_for) DESC, anon_1.holder, anon_1.cause;

SELECT anon_1.holder, anon_1.cause, count(*) AS cases, sum(anon_1.held_for) AS held_for, max(anon_1.held_for) AS longest_for 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE true UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($5::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $6::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 GROUP BY anon_1.holder, anon_1.cause ORDER BY sum(anon_1.held_for) DESC, anon_1.holder, anon_1.cause;

SELECT anon_1.number 
FROM (SELECT dossier_facts.dossier_no AS number 
FROM dossier_facts 
WHERE dossier_facts.dossier_no > $1::VARCHAR UNION SELECT dossiers.dossier_no AS number 
FROM dossiers 
WHERE dossiers.dossier_no > $2::VARCHAR UNION SELECT sanctions.dossier_no AS number 
FROM sanctions 
WHERE sanctions.dossier_no > $3::VARCHAR UNION SELECT circulars.dossier_no AS number 
FROM circulars 
WHERE circulars.dossier_no > $4::VARCHAR) AS anon_1 ORDER BY anon_1.number 
 LIMIT $5::INTEGER;

SELECT anon_1.number 
FROM (SELECT problem_facts.line_no AS number 
FROM problem_facts 
WHERE problem_facts.line_no > $1::VARCHAR UNION SELECT problems.line_no AS number 
FROM problems 
WHERE problems.line_no > $2::VARCHAR) AS anon_1 ORDER BY anon_1.number 
 LIMIT $3::INTEGER;

SELECT bursts.burst_id, bursts.category, bursts.area, bursts.first_at, bursts.last_at, bursts.raised_at, bursts.settled_at, bursts.settled_by, bursts.ground, (SELECT count(DISTINCT cases.caller_hash) AS count_1 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR) AS callers 
FROM bursts 
WHERE (EXISTS (SELECT * 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $2::VARCHAR)) AND bursts.settled_at IS NULL AND bursts.burst_id < $3::BIGINT ORDER BY bursts.burst_id DESC 
 LIMIT $4::INTEGER;

SELECT bursts.burst_id, bursts.category, bursts.area, bursts.first_at, bursts.last_at, bursts.raised_at, bursts.settled_at, bursts.settled_by, bursts.ground, (SELECT count(DISTINCT cases.caller_hash) AS count_1 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR) AS callers 
FROM bursts 
WHERE (EXISTS (SELECT * 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $2::VARCHAR)) AND bursts.settled_at IS NULL ORDER BY bursts.burst_id DESC 
 LIMIT $3::INTEGER;

SELECT bursts.burst_id, bursts.category, bursts.area, bursts.first_at, bursts.last_at, bursts.raised_at, bursts.settled_at, bursts.settled_by, bursts.ground, (SELECT count(DISTINCT cases.caller_hash) AS count_1 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR) AS callers 
FROM bursts 
WHERE EXISTS (SELECT * 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $2::VARCHAR) ORDER BY bursts.burst_id DESC 
 LIMIT $3::INTEGER;

SELECT case_accountability.case_no, case_accountability.reference, case_accountability.event, case_accountability.at 
FROM case_accountability 
WHERE case_accountability.case_no = $1::VARCHAR;

SELECT case_accountability.case_no, case_accountability.reference, case_accountability.event, case_accountability.at, dossiers.dossier_no 
FROM case_accountability JOIN dossiers ON dossiers.reference = case_accountability.reference 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND (dossiers.units <@ $3::TEXT[]) AND case_accountability.case_no = $4::VARCHAR;

SELECT case_accountability.case_no, case_accountability.reference, case_accountability.event, case_accountability.at, dossiers.dossier_no 
FROM case_accountability JOIN dossiers ON dossiers.reference = case_accountability.reference 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND NOT ((dossiers.units @> $3::TEXT[])) AND case_accountability.case_no = $4::VARCHAR;

SELECT case_accountability.case_no, case_accountability.reference, case_accountability.event, case_accountability.at, dossiers.dossier_no 
FROM case_accountability JOIN dossiers ON dossiers.reference = case_accountability.reference 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND case_accountability.case_no = $3::VARCHAR;

SELECT cases.case_no 
FROM cases 
WHERE cases.case_no > $1::VARCHAR AND cases.status != $2::VARCHAR ORDER BY cases.case_no 
 LIMIT $3::INTEGER;

SELECT cases.case_no 
FROM cases 
WHERE cases.case_no IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR) AND cases.status = $1::VARCHAR;

SELECT cases.case_no 
FROM cases 
WHERE cases.closed_at < $1::TIMESTAMP WITH TIME ZONE AND cases.status = $2::VARCHAR AND (EXISTS (SELECT * 
FROM vault_callers 
WHERE vault_callers.case_no = cases.case_no AND vault_callers.erased_at IS NULL)) ORDER BY cases.closed_at, cases.case_no 
 LIMIT $3::INTEGER;

SELECT cases.case_no 
FROM cases 
WHERE cases.closed_at < $1::TIMESTAMP WITH TIME ZONE AND cases.status = $2::VARCHAR AND (EXISTS (SELECT * 
FROM vault_texts 
WHERE vault_texts.case_no = cases.case_no AND vault_texts.erased_at IS NULL)) ORDER BY cases.closed_at, cases.case_no 
 LIMIT $3::INTEGER;

SELECT cases.case_no 
FROM cases 
WHERE cases.registered_at < $1::TIMESTAMP WITH TIME ZONE AND (cases.closed_at IS NULL OR cases.closed_at >= $2::TIMESTAMP WITH TIME ZONE) OR cases.case_no IN (SELECT frozen_scores.case_no 
FROM frozen_scores 
WHERE frozen_scores.month = $3::DATE) ORDER BY cases.case_no 
 LIMIT $4::INTEGER;

SELECT cases.case_no 
FROM intake JOIN cases ON cases.case_no = intake.case_no 
WHERE intake.caller_hash = $1::VARCHAR AND intake.raised_at BETWEEN $2::TIMESTAMP WITH TIME ZONE AND $3::TIMESTAMP WITH TIME ZONE AND cases.category = $4::VARCHAR AND cases.area IS NOT DISTINCT FROM $5::VARCHAR AND cases.type != $6::VARCHAR AND NOT (EXISTS (SELECT * 
FROM problem_links 
WHERE problem_links.case_no = cases.case_no AND problem_links.detached_at IS NULL)) ORDER BY intake.raised_at, cases.case_no;

SELECT cases.case_no, cases.units, cases.accused_units, cases.recused 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR);

SELECT cases.case_no, cases.units, cases.accused_units, cases.recused 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR);

SELECT cases.case_no, cases.version 
FROM cases 
WHERE cases.status != $1::VARCHAR AND cases.policy_revision != $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM policies 
WHERE policies.revision = cases.policy_revision AND CAST((policies.body ->> $3::TEXT) AS FLOAT) != $4::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM policy_refusals 
WHERE policy_refusals.revision = $5::VARCHAR AND policy_refusals.case_no = cases.case_no)) AND cases.case_no > $6::VARCHAR ORDER BY cases.case_no 
 LIMIT $7::INTEGER;

SELECT cases.case_no, cases.version 
FROM cases 
WHERE cases.status != $1::VARCHAR AND cases.policy_revision != $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM policies 
WHERE policies.revision = cases.policy_revision AND CAST((policies.body ->> $3::TEXT) AS FLOAT) != $4::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM policy_refusals 
WHERE policy_refusals.revision = $5::VARCHAR AND policy_refusals.case_no = cases.case_no)) ORDER BY cases.case_no 
 LIMIT $6::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.accused_units, cases.recused, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.caller_hash, cases.occurrence, cases.repeat_of, cases.joined_to, cases.state 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR);

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.accused_units, cases.recused, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.caller_hash, cases.occurrence, cases.repeat_of, cases.joined_to, cases.state 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.accused_units, cases.recused, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.caller_hash, cases.occurrence, cases.repeat_of, cases.joined_to, cases.state 
FROM cases 
WHERE cases.case_no IN (NULL) AND (1 != 1);

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE (cases.registered_at, cases.case_no) < ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $3::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE NOT (cases.closed_at IS NULL AND cases.next_due_at IS NOT NULL AND cases.next_due_at < $1::TIMESTAMP WITH TIME ZONE) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE NOT (cases.recused @> $1::TEXT[]) AND cases.case_no = $2::VARCHAR;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE NOT (cases.recused @> $1::TEXT[]) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.caller_hash = $1::VARCHAR ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.case_no = $1::VARCHAR;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR) AND cases.secret IS false ORDER BY cases.registered_at, cases.case_no;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR) ORDER BY cases.registered_at, cases.case_no;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.case_no IN (SELECT search_entries.case_no 
FROM search_entries 
WHERE (search_entries.tokens @> $1::BIGINT[])) AND (cases.registered_at, cases.case_no) < ($2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $4::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.case_no IN (SELECT search_entries.case_no 
FROM search_entries 
WHERE (search_entries.tokens @> $1::BIGINT[])) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.closed_at IS NOT NULL ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $1::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.closed_at IS NULL AND cases.next_due_at IS NOT NULL AND cases.next_due_at < $1::TIMESTAMP WITH TIME ZONE ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.next_due_at < $1::TIMESTAMP WITH TIME ZONE ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.next_due_at IS NOT NULL AND (cases.next_due_at, cases.case_no) > ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR) ORDER BY cases.next_due_at, cases.case_no 
 LIMIT $3::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.next_due_at IS NOT NULL ORDER BY cases.next_due_at, cases.case_no 
 LIMIT $1::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.phase = $1::VARCHAR AND cases.closed_at IS NULL ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.phase = $1::VARCHAR ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.status IN ($2::VARCHAR, $3::VARCHAR) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $1::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.type = $1::VARCHAR ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.units @> $1::TEXT[] ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $2::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE false;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE false AND cases.case_no = $1::VARCHAR;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE false ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $1::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE true ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $1::INTEGER;

SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases JOIN bursts ON cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR 
WHERE bursts.burst_id = $2::BIGINT ORDER BY cases.registered_at, cases.case_no 
 LIMIT $3::INTEGER;

SELECT cases.category, cases.area, cases.registered_at, CAST((policies.body[$1::TEXT]) ->> $2::TEXT AS INTEGER) AS callers, CAST((policies.body[$1::TEXT]) ->> $3::TEXT AS INTEGER) AS days 
FROM cases JOIN intake ON intake.case_no = cases.case_no LEFT OUTER JOIN policies ON policies.revision = cases.policy_revision 
WHERE cases.case_no = $4::VARCHAR AND cases.category IS NOT NULL AND cases.type != $5::VARCHAR AND intake.raised_at >= cases.registered_at - $6::INTERVAL;

SELECT cases.state 
FROM cases 
WHERE NOT (cases.recused @> $1::TEXT[]) AND cases.case_no = $2::VARCHAR;

SELECT cases.state 
FROM cases 
WHERE cases.case_no = $1::VARCHAR;

SELECT cases.state 
FROM cases 
WHERE cases.status != $1::VARCHAR AND cases.policy_revision != $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM policies 
WHERE policies.revision = cases.policy_revision AND CAST((policies.body ->> $3::TEXT) AS FLOAT) != $4::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM policy_refusals 
WHERE policy_refusals.revision = $5::VARCHAR AND policy_refusals.case_no = cases.case_no)) AND cases.case_no > $6::VARCHAR ORDER BY cases.case_no 
 LIMIT $7::INTEGER;

SELECT cases.state 
FROM cases 
WHERE cases.status != $1::VARCHAR AND cases.policy_revision != $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM policies 
WHERE policies.revision = cases.policy_revision AND CAST((policies.body ->> $3::TEXT) AS FLOAT) != $4::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM policy_refusals 
WHERE policy_refusals.revision = $5::VARCHAR AND policy_refusals.case_no = cases.case_no)) ORDER BY cases.case_no 
 LIMIT $6::INTEGER;

SELECT cases.state 
FROM cases 
WHERE false;

SELECT cases.state 
FROM cases 
WHERE false AND cases.case_no = $1::VARCHAR;

SELECT cases.status, count(*) AS number 
FROM cases 
WHERE NOT (cases.recused @> $1::TEXT[]) GROUP BY cases.status;

SELECT cases.status, count(*) AS number 
FROM cases 
WHERE false GROUP BY cases.status;

SELECT cases.status, count(*) AS number 
FROM cases 
WHERE true GROUP BY cases.status;

SELECT circulars.circular_id, circulars.dossier_no, circulars.number, circulars.scope, circulars.text, circulars.published_at 
FROM circulars 
WHERE circulars.dossier_no IN ($1::VARCHAR);

SELECT circulars.circular_id, circulars.dossier_no, circulars.number, circulars.scope, circulars.text, circulars.published_at 
FROM circulars 
WHERE circulars.dossier_no IN (NULL) AND (1 != 1);

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks 
WHERE clocks.case_no IN ($1::VARCHAR);

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks 
WHERE clocks.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks 
WHERE clocks.case_no IN (NULL) AND (1 != 1);

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE NOT (cases.recused @> $1::TEXT[]) AND clocks.case_no = $2::VARCHAR ORDER BY clocks.started_at, clocks.clock_id;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.case_no = $1::VARCHAR ORDER BY clocks.started_at, clocks.clock_id;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.due_at < $1::TIMESTAMP WITH TIME ZONE AND cases.closed_at IS NULL ORDER BY clocks.due_at, clocks.case_no 
 LIMIT $2::INTEGER;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE false AND clocks.case_no = $1::VARCHAR ORDER BY clocks.started_at, clocks.clock_id;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE false ORDER BY clocks.started_at, clocks.clock_id;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.next_alarm AS alarm, clocks.next_alarm_at AS alarm_at, clocks.due_at 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.next_alarm_at >= $1::TIMESTAMP WITH TIME ZONE AND clocks.next_alarm_at < $2::TIMESTAMP WITH TIME ZONE AND (clocks.next_alarm_at, clocks.case_no, clocks.clock_id) > ($3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::VARCHAR) ORDER BY clocks.next_alarm_at, clocks.case_no, clocks.clock_id 
 LIMIT $6::INTEGER;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.next_alarm AS alarm, clocks.next_alarm_at AS alarm_at, clocks.due_at 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.next_alarm_at >= $1::TIMESTAMP WITH TIME ZONE AND clocks.next_alarm_at < $2::TIMESTAMP WITH TIME ZONE ORDER BY clocks.next_alarm_at, clocks.case_no, clocks.clock_id 
 LIMIT $3::INTEGER;

SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.next_alarm AS alarm, clocks.next_alarm_at AS alarm_at, clocks.due_at 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND clocks.stopped_at IS NULL AND clocks.next_alarm_at < $1::TIMESTAMP WITH TIME ZONE ORDER BY clocks.next_alarm_at, clocks.case_no, clocks.clock_id 
 LIMIT $2::INTEGER;

SELECT clocks.held_at, clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, cases.status 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.stopped_at IS NULL AND clocks.held_at IS NOT NULL AND (clocks.held_at, clocks.case_no, clocks.clock_id) > ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR, $3::VARCHAR) ORDER BY clocks.held_at, clocks.case_no, clocks.clock_id 
 LIMIT $4::INTEGER;

SELECT clocks.held_at, clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, cases.status 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.stopped_at IS NULL AND clocks.held_at IS NOT NULL AND clocks.holder = $1::VARCHAR ORDER BY clocks.held_at, clocks.case_no, clocks.clock_id 
 LIMIT $2::INTEGER;

SELECT clocks.held_at, clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, cases.status 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.stopped_at IS NULL AND clocks.held_at IS NOT NULL ORDER BY clocks.held_at, clocks.case_no, clocks.clock_id 
 LIMIT $1::INTEGER;

SELECT clocks.holder, cases.status, count(*) AS count 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE clocks.stopped_at IS NULL AND clocks.held_at IS NOT NULL GROUP BY clocks.holder, cases.status ORDER BY clocks.holder, cases.status;

SELECT clocks.holder, clocks.next_alarm AS alarm, count(*) AS count 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.next_alarm_at >= $1::TIMESTAMP WITH TIME ZONE AND clocks.next_alarm_at < $2::TIMESTAMP WITH TIME ZONE GROUP BY clocks.holder, clocks.next_alarm ORDER BY clocks.holder, clocks.next_alarm;

SELECT clocks.holder, clocks.next_alarm AS alarm, count(*) AS count 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND clocks.stopped_at IS NULL AND clocks.next_alarm_at < $1::TIMESTAMP WITH TIME ZONE GROUP BY clocks.holder, clocks.next_alarm ORDER BY clocks.holder, clocks.next_alarm;

SELECT coalesce(units.level, $1::VARCHAR) AS "group", scores.indicator, count(*) FILTER (WHERE scores.raw = $2::VARCHAR) AS raw_numerator, count(*) FILTER (WHERE scores.raw != $3::VARCHAR) AS raw_denominator, count(*) FILTER (WHERE scores.adjusted = $4::VARCHAR) AS numerator, count(*) FILTER (WHERE scores.adjusted != $5::VARCHAR) AS denominator, count(*) FILTER (WHERE scores.raw != $6::VARCHAR AND scores.adjusted = $7::VARCHAR) AS left_out, coalesce(sum(scores.points), $8::INTEGER) AS raw_points, coalesce(sum(scores.points) FILTER (WHERE scores.adjusted != $5::VARCHAR), $9::INTEGER) AS points 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $10::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $11::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $12::TIMESTAMP WITH TIME ZONE GROUP BY coalesce(units.level, $1::VARCHAR), scores.indicator ORDER BY "group", scores.indicator;

SELECT count(*) AS count_1 
FROM (SELECT $1::INTEGER AS anon_2 
FROM score_due 
 LIMIT $2::INTEGER) AS anon_1;

SELECT count(*) AS count_1 
FROM (SELECT cases.case_no AS case_no 
FROM cases 
WHERE cases.closed_at < $1::TIMESTAMP WITH TIME ZONE AND cases.status = $2::VARCHAR AND (EXISTS (SELECT * 
FROM vault_callers 
WHERE vault_callers.case_no = cases.case_no AND vault_callers.erased_at IS NULL))) AS anon_1;

SELECT count(*) AS count_1 
FROM (SELECT cases.case_no AS case_no 
FROM cases 
WHERE cases.closed_at < $1::TIMESTAMP WITH TIME ZONE AND cases.status = $2::VARCHAR AND (EXISTS (SELECT * 
FROM vault_texts 
WHERE vault_texts.case_no = cases.case_no AND vault_texts.erased_at IS NULL))) AS anon_1;

SELECT count(*) AS count_1 
FROM accused 
WHERE CASE WHEN (octet_length(accused.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(accused.sealed_name FROM $2::INTEGER FOR get_byte(accused.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END != $5::VARCHAR;

SELECT count(*) AS count_1 
FROM anchor_leaves 
WHERE anchor_leaves.number = $1::INTEGER AND anchor_leaves.case_no < $2::VARCHAR;

SELECT count(*) AS count_1 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR) AND cases.closed_at IS NOT NULL;

SELECT count(*) AS count_1 
FROM cases 
WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR) AND cases.closed_at IS NOT NULL;

SELECT count(*) AS count_1 
FROM cases 
WHERE cases.status != $1::VARCHAR AND cases.policy_revision != $2::VARCHAR AND NOT (EXISTS (SELECT * 
FROM policies 
WHERE policies.revision = cases.policy_revision AND CAST((policies.body ->> $3::TEXT) AS FLOAT) != $4::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM policy_refusals 
WHERE policy_refusals.revision = $5::VARCHAR AND policy_refusals.case_no = cases.case_no));

SELECT count(*) AS count_1 
FROM credentials 
WHERE CASE WHEN (octet_length(credentials.totp_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $2::INTEGER FOR get_byte(credentials.totp_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END != $5::VARCHAR;

SELECT count(*) AS count_1 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $2::INTEGER FOR get_byte(evidence.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_metadata) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $2::INTEGER FOR get_byte(evidence.sealed_metadata, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM evidence 
WHERE CASE WHEN (octet_length(evidence.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $2::INTEGER FOR get_byte(evidence.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM facts 
WHERE facts.tag = 'intake:answered' AND facts.body ->> 'knowledge_id' = $1::VARCHAR;

SELECT count(*) AS count_1 
FROM facts AS taken JOIN facts AS moved ON moved.case_no = taken.case_no AND moved.command_id = taken.command_id 
WHERE taken.tag = $1::VARCHAR AND taken.at >= $2::TIMESTAMP WITH TIME ZONE AND (taken.body ->> $3::TEXT) = $4::VARCHAR AND moved.tag = $5::VARCHAR AND CAST((moved.body #>> $6) AS TIMESTAMP WITH TIME ZONE) != (SELECT CAST((before.body #>> $7) AS TIMESTAMP WITH TIME ZONE) AS anon_1 
FROM facts AS before 
WHERE before.case_no = moved.case_no AND before.seq < moved.seq AND before.tag IN ($11::VARCHAR, $12::VARCHAR) AND (before.body ->> $8::TEXT) = (moved.body ->> $9::TEXT) ORDER BY before.seq DESC 
 LIMIT $10::INTEGER);

SELECT count(*) AS count_1 
FROM intake 
WHERE CASE WHEN (octet_length(intake.retrieval_sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $2::INTEGER FOR get_byte(intake.retrieval_sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END != $5::VARCHAR;

SELECT count(*) AS count_1 
FROM screening_rulings 
WHERE screening_rulings.hit_no = $1::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_address) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $2::INTEGER FOR get_byte(vault_callers.sealed_address, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_name) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $2::INTEGER FOR get_byte(vault_callers.sealed_name, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_callers 
WHERE CASE WHEN (octet_length(vault_callers.sealed_phone) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $2::INTEGER FOR get_byte(vault_callers.sealed_phone, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_persons 
WHERE CASE WHEN (octet_length(vault_persons.sealed_key) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $2::INTEGER FOR get_byte(vault_persons.sealed_key, $3::INTEGER)), $4::VARCHAR) ELSE NULL END != $5::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_texts 
WHERE CASE WHEN (octet_length(vault_texts.sealed) > $1::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $2::INTEGER FOR get_byte(vault_texts.sealed, $3::INTEGER)), $4::VARCHAR) ELSE NULL END NOT LIKE $5::VARCHAR;

SELECT count(*) AS count_1 
FROM vault_texts 
WHERE vault_texts.used_at IS NULL AND vault_texts.created_at < $1::TIMESTAMP WITH TIME ZONE;

SELECT count(*) AS found, min(deliveries.created_at) AS since 
FROM deliveries 
WHERE deliveries.state = $1::VARCHAR;

SELECT count(*) AS found, min(deliveries.created_at) AS since 
FROM deliveries 
WHERE deliveries.state = $1::VARCHAR AND deliveries.attempts > $2::INTEGER;

SELECT count(*) AS found, min(deliveries.not_before) AS since 
FROM deliveries 
WHERE deliveries.state = $1::VARCHAR AND deliveries.attempts = $2::INTEGER AND deliveries.bundle IS NULL AND deliveries.not_before <= $3::TIMESTAMP WITH TIME ZONE;

SELECT count(*) AS found, min(notices.at) AS since 
FROM notices 
WHERE notices.told_at IS NULL;

SELECT count(DISTINCT cases.caller_hash) AS callers, min(cases.registered_at) AS first_at 
FROM cases 
WHERE cases.category = $1::VARCHAR AND cases.area IS NOT DISTINCT FROM $2::VARCHAR AND cases.registered_at BETWEEN $3::TIMESTAMP WITH TIME ZONE AND $4::TIMESTAMP WITH TIME ZONE AND cases.type != $5::VARCHAR;

SELECT count(DISTINCT facts.case_no) AS count_1 
FROM facts 
WHERE facts.tag = $1::VARCHAR AND facts.at >= $2::TIMESTAMP WITH TIME ZONE AND (facts.body ->> $3::TEXT) = $4::VARCHAR;

SELECT count(DISTINCT frozen_scores.case_no) AS count_1 
FROM frozen_scores 
WHERE frozen_scores.month = $1::DATE;

SELECT count(DISTINCT screening_queue.case_no) AS cases, min(screening_queue.since) AS since 
FROM screening_queue;

SELECT count(frozen_scores.case_no) AS count_1 
FROM frozen_scores 
WHERE frozen_scores.month = $1::DATE;

SELECT credentials.user_id, credentials.password_hash, credentials.must_change, credentials.password_expires_at, credentials.failures, credentials.locked_until, credentials.totp_sealed, credentials.totp_confirmed_at, credentials.totp_last_step 
FROM credentials 
WHERE credentials.user_id > $1::VARCHAR AND CASE WHEN (octet_length(credentials.totp_sealed) > $2::INTEGER) THEN convert_from(SUBSTRING(credentials.totp_sealed FROM $3::INTEGER FOR get_byte(credentials.totp_sealed, $4::INTEGER)), $5::VARCHAR) ELSE NULL END != $6::VARCHAR ORDER BY credentials.user_id 
 LIMIT $7::INTEGER;

SELECT deliveries.delivery_id, deliveries.notice_id, deliveries.channel, deliveries.recipient, deliveries.is_urgent, deliveries.created_at, deliveries.not_before, deliveries.state, deliveries.bundle, deliveries.attempts, deliveries.leased_until, deliveries.failure, deliveries.settled_at 
FROM deliveries 
WHERE deliveries.state = $1::VARCHAR AND deliveries.channel = $2::VARCHAR AND deliveries.not_before <= $3::TIMESTAMP WITH TIME ZONE AND (deliveries.leased_until IS NULL OR deliveries.leased_until <= $4::TIMESTAMP WITH TIME ZONE) AND (deliveries.bundle IS NULL OR deliveries.bundle = deliveries.delivery_id) ORDER BY deliveries.is_urgent DESC, deliveries.not_before, deliveries.delivery_id 
 LIMIT $5::INTEGER FOR UPDATE SKIP LOCKED;

SELECT deliveries.delivery_id, deliveries.notice_id, deliveries.channel, deliveries.recipient, deliveries.state, deliveries.attempts, deliveries.created_at, deliveries.not_before, deliveries.settled_at, deliveries.failure, notices.case_no, notices.kind 
FROM deliveries JOIN notices ON notices.notice_id = deliveries.notice_id 
WHERE deliveries.state = $1::VARCHAR ORDER BY deliveries.created_at DESC, deliveries.delivery_id DESC 
 LIMIT $2::INTEGER;

SELECT deliveries.delivery_id, notices.case_no 
FROM deliveries JOIN notices ON notices.notice_id = deliveries.notice_id 
WHERE deliveries.delivery_id = $1::VARCHAR FOR UPDATE OF deliveries SKIP LOCKED;

SELECT deliveries.delivery_id, notices.case_no 
FROM deliveries JOIN notices ON notices.notice_id = deliveries.notice_id 
WHERE deliveries.state = $1::VARCHAR AND deliveries.channel = $2::VARCHAR AND deliveries.not_before <= $3::TIMESTAMP WITH TIME ZONE AND (deliveries.leased_until IS NULL OR deliveries.leased_until <= $4::TIMESTAMP WITH TIME ZONE) AND deliveries.bundle IS NULL AND deliveries.recipient = $5::VARCHAR AND deliveries.is_urgent IS false ORDER BY notices.at, deliveries.delivery_id 
 LIMIT $6::INTEGER FOR UPDATE OF deliveries SKIP LOCKED;

SELECT dossier_facts.dossier_no, dossier_facts.seq, dossier_facts.at, dossier_facts.tag, dossier_facts.officer, dossier_facts.command_id, dossier_facts.body, dossier_facts.prev_hash, dossier_facts.hash 
FROM dossier_facts 
WHERE dossier_facts.dossier_no = $1::VARCHAR ORDER BY dossier_facts.seq;

SELECT dossier_facts.dossier_no, dossier_facts.seq, dossier_facts.at, dossier_facts.tag, dossier_facts.officer, dossier_facts.command_id, dossier_facts.body, dossier_facts.prev_hash, dossier_facts.hash 
FROM dossier_facts 
WHERE dossier_facts.dossier_no IN ($1::VARCHAR) ORDER BY dossier_facts.dossier_no, dossier_facts.seq;

SELECT dossier_facts.dossier_no, dossier_facts.seq, dossier_facts.at, dossier_facts.tag, dossier_facts.officer, dossier_facts.command_id, dossier_facts.body, dossier_facts.prev_hash, dossier_facts.hash 
FROM dossier_facts 
WHERE dossier_facts.dossier_no IN (NULL) AND (1 != 1) ORDER BY dossier_facts.dossier_no, dossier_facts.seq;

SELECT dossier_intake.dossier_no, dossier_intake.principal, dossier_intake.key_hash, dossier_intake.request_digest, dossier_intake.cause, dossier_intake.registration, dossier_intake.received_at, dossier_intake.adopted_at, dossier_intake.principal = $1::VARCHAR AND dossier_intake.key_hash = $2::VARCHAR AS of_key 
FROM dossier_intake 
WHERE dossier_intake.principal = $1::VARCHAR AND dossier_intake.key_hash = $2::VARCHAR;

SELECT dossier_intake.dossier_no, dossier_intake.principal, dossier_intake.key_hash, dossier_intake.request_digest, dossier_intake.cause, dossier_intake.registration, dossier_intake.received_at, dossier_intake.adopted_at, dossier_intake.principal = $1::VARCHAR AND dossier_intake.key_hash = $2::VARCHAR AS of_key 
FROM dossier_intake 
WHERE dossier_intake.principal = $1::VARCHAR AND dossier_intake.key_hash = $2::VARCHAR OR dossier_intake.cause = $3::VARCHAR;

SELECT dossiers.dossier_no 
FROM dossiers 
WHERE dossiers.dossier_no > $1::VARCHAR AND dossiers.stage != $2::VARCHAR ORDER BY dossiers.dossier_no 
 LIMIT $3::INTEGER;

SELECT dossiers.dossier_no, dossiers.version, dossiers.stage, dossiers.source, dossiers.units, dossiers.accounts, dossiers.recused, dossiers.registered_at, dossiers.closed_at, dossiers.next_due_at, dossiers.state, dossiers.cases, dossiers.reference 
FROM dossiers 
WHERE dossiers.dossier_no IN ($1::VARCHAR);

SELECT dossiers.dossier_no, dossiers.version, dossiers.stage, dossiers.source, dossiers.units, dossiers.accounts, dossiers.recused, dossiers.registered_at, dossiers.closed_at, dossiers.next_due_at, dossiers.state, dossiers.cases, dossiers.reference 
FROM dossiers 
WHERE dossiers.dossier_no IN (NULL) AND (1 != 1);

SELECT dossiers.state 
FROM dossiers 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND (dossiers.units <@ $3::TEXT[]) AND dossiers.stage = $4::VARCHAR ORDER BY dossiers.registered_at DESC, dossiers.dossier_no DESC 
 LIMIT $5::INTEGER;

SELECT dossiers.state 
FROM dossiers 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND NOT ((dossiers.units @> $3::TEXT[])) AND dossiers.stage = $4::VARCHAR ORDER BY dossiers.registered_at DESC, dossiers.dossier_no DESC 
 LIMIT $5::INTEGER;

SELECT dossiers.state 
FROM dossiers 
WHERE NOT ((dossiers.recused @> $1::TEXT[]) OR (dossiers.accounts @> $2::TEXT[])) AND dossiers.stage = $3::VARCHAR ORDER BY dossiers.registered_at DESC, dossiers.dossier_no DESC 
 LIMIT $4::INTEGER;

SELECT dossiers.state 
FROM dossiers 
WHERE dossiers.dossier_no = $1::VARCHAR;

SELECT dossiers.state 
FROM dossiers 
WHERE dossiers.dossier_no = $1::VARCHAR AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[]));

SELECT dossiers.state 
FROM dossiers 
WHERE dossiers.dossier_no = $1::VARCHAR AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[])) AND (dossiers.units <@ $4::TEXT[]);

SELECT dossiers.state 
FROM dossiers 
WHERE dossiers.dossier_no = $1::VARCHAR AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[])) AND NOT ((dossiers.units @> $4::TEXT[]));

SELECT dossiers.state 
FROM dossiers 
WHERE dossiers.stage = $1::VARCHAR ORDER BY dossiers.registered_at DESC, dossiers.dossier_no DESC 
 LIMIT $2::INTEGER;

SELECT dossiers.state, (SELECT jsonb_agg(jsonb_build_object($1::VARCHAR, dossier_facts.at, $2::VARCHAR, proposed.body[$3::TEXT][$4::TEXT]) ORDER BY dossier_facts.seq) AS jsonb_agg_1 
FROM dossier_facts JOIN dossier_facts AS proposed ON proposed.dossier_no = dossier_facts.dossier_no AND proposed.tag = $5::VARCHAR AND proposed.body[$6::TEXT][$7::TEXT] = dossier_facts.body[$8::TEXT] 
WHERE dossier_facts.dossier_no = dossiers.dossier_no AND dossier_facts.tag = $9::VARCHAR AND ((proposed.body[$10::TEXT][$11::TEXT]) ->> $12::TEXT) IN ($17::VARCHAR, $18::VARCHAR, $19::VARCHAR)) AS steps 
FROM dossiers 
WHERE NOT ((dossiers.recused @> $13::TEXT[]) OR (dossiers.accounts @> $14::TEXT[])) AND dossiers.registered_at < $15::TIMESTAMP WITH TIME ZONE AND (dossiers.closed_at IS NULL OR dossiers.closed_at >= $16::TIMESTAMP WITH TIME ZONE) ORDER BY dossiers.registered_at, dossiers.dossier_no;

SELECT dossiers.state, (SELECT jsonb_agg(jsonb_build_object($1::VARCHAR, dossier_facts.at, $2::VARCHAR, proposed.body[$3::TEXT][$4::TEXT]) ORDER BY dossier_facts.seq) AS jsonb_agg_1 
FROM dossier_facts JOIN dossier_facts AS proposed ON proposed.dossier_no = dossier_facts.dossier_no AND proposed.tag = $5::VARCHAR AND proposed.body[$6::TEXT][$7::TEXT] = dossier_facts.body[$8::TEXT] 
WHERE dossier_facts.dossier_no = dossiers.dossier_no AND dossier_facts.tag = $9::VARCHAR AND ((proposed.body[$10::TEXT][$11::TEXT]) ->> $12::TEXT) IN ($18::VARCHAR, $19::VARCHAR, $20::VARCHAR)) AS steps 
FROM dossiers 
WHERE NOT ((dossiers.recused @> $13::TEXT[]) OR (dossiers.accounts @> $14::TEXT[])) AND (dossiers.units <@ $15::TEXT[]) AND dossiers.registered_at < $16::TIMESTAMP WITH TIME ZONE AND (dossiers.closed_at IS NULL OR dossiers.closed_at >= $17::TIMESTAMP WITH TIME ZONE) ORDER BY dossiers.registered_at, dossiers.dossier_no;

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.case_no = $1::VARCHAR AND evidence.evidence_id = $2::VARCHAR ORDER BY evidence.uploaded_at, evidence.evidence_id;

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.case_no = $1::VARCHAR AND evidence.evidence_id IN ($2::VARCHAR);

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.case_no = $1::VARCHAR ORDER BY evidence.uploaded_at, evidence.evidence_id;

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.evidence_id > $1::VARCHAR AND CASE WHEN (octet_length(evidence.sealed_key) > $2::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_key FROM $3::INTEGER FOR get_byte(evidence.sealed_key, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY evidence.evidence_id 
 LIMIT $7::INTEGER;

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.evidence_id > $1::VARCHAR AND CASE WHEN (octet_length(evidence.sealed_metadata) > $2::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_metadata FROM $3::INTEGER FOR get_byte(evidence.sealed_metadata, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY evidence.evidence_id 
 LIMIT $7::INTEGER;

SELECT evidence.evidence_id, evidence.case_no, evidence.kind, evidence.made_at, evidence.made_at_source, evidence.media_type, evidence.size, evidence.sha256, evidence.uploaded_by, evidence.uploaded_role, evidence.uploaded_unit, evidence.uploaded_at, evidence.object_name, evidence.sealed_key, evidence.sealed_name, evidence.sealed_metadata 
FROM evidence 
WHERE evidence.evidence_id > $1::VARCHAR AND CASE WHEN (octet_length(evidence.sealed_name) > $2::INTEGER) THEN convert_from(SUBSTRING(evidence.sealed_name FROM $3::INTEGER FOR get_byte(evidence.sealed_name, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY evidence.evidence_id 
 LIMIT $7::INTEGER;

SELECT evidence.evidence_id, evidence.sha256 
FROM evidence 
WHERE evidence.case_no IN ($1::VARCHAR);

SELECT evidence.evidence_id, evidence.sha256 
FROM evidence 
WHERE evidence.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT evidence.evidence_id, evidence.sha256 
FROM evidence 
WHERE evidence.case_no IN (NULL) AND (1 != 1);

SELECT facts.case_no, facts.at, (SELECT max(knowledge_revisions.version) AS max_1 
FROM knowledge_revisions 
WHERE knowledge_revisions.number = $1::VARCHAR AND knowledge_revisions.at <= facts.at) AS version 
FROM facts JOIN cases ON cases.case_no = facts.case_no 
WHERE facts.tag = 'intake:answered' AND facts.body ->> 'knowledge_id' = $2::VARCHAR ORDER BY facts.at DESC 
 LIMIT $3::INTEGER;

SELECT facts.case_no, facts.body ->> $1::TEXT AS unit 
FROM facts 
WHERE facts.tag = $2::VARCHAR AND facts.at >= $3::TIMESTAMP WITH TIME ZONE AND (facts.body ->> $4::TEXT) = $5::VARCHAR AND (facts.body ->> $6::TEXT) != $7::VARCHAR AND NOT (EXISTS (SELECT * 
FROM dossier_intake 
WHERE dossier_intake.cause = ($8::VARCHAR || facts.case_no))) ORDER BY facts.case_no, facts.seq;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no = $1::VARCHAR AND facts.seq > $2::INTEGER ORDER BY facts.seq 
 LIMIT $3::INTEGER;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no = $1::VARCHAR AND facts.seq >= $2::INTEGER ORDER BY facts.seq;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no = $1::VARCHAR ORDER BY facts.seq;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no IN ($1::VARCHAR) ORDER BY facts.case_no, facts.seq;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no IN ($1::VARCHAR, $2::VARCHAR) ORDER BY facts.case_no, facts.seq;

SELECT facts.case_no, facts.seq, facts.at, facts.tag, facts.actor_id, facts.actor_role, facts.actor_unit, facts.command_id, facts.body, facts.prev_hash, facts.hash 
FROM facts 
WHERE facts.case_no IN (NULL) AND (1 != 1) ORDER BY facts.case_no, facts.seq;

SELECT facts.case_no, facts.seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND facts.tag = $6::VARCHAR AND facts.at >= $7::TIMESTAMP WITH TIME ZONE AND facts.at < $8::TIMESTAMP WITH TIME ZONE AND (facts.at, facts.case_no, facts.seq) < ($9::TIMESTAMP WITH TIME ZONE, $10::VARCHAR, $11::INTEGER) ORDER BY facts.at DESC, facts.case_no DESC, facts.seq DESC 
 LIMIT $12::INTEGER;

SELECT facts.case_no, facts.seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND facts.tag = $6::VARCHAR AND facts.at >= $7::TIMESTAMP WITH TIME ZONE AND facts.at < $8::TIMESTAMP WITH TIME ZONE AND (facts.body ->> $9::TEXT) = $10::VARCHAR ORDER BY facts.at DESC, facts.case_no DESC, facts.seq DESC 
 LIMIT $11::INTEGER;

SELECT facts.case_no, facts.seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND facts.tag = $6::VARCHAR AND facts.at >= $7::TIMESTAMP WITH TIME ZONE AND facts.at < $8::TIMESTAMP WITH TIME ZONE ORDER BY facts.at DESC, facts.case_no DESC, facts.seq DESC 
 LIMIT $9::INTEGER;

SELECT frozen_months.month, frozen_months.frozen_at, frozen_months.frozen_by, frozen_months.previewed_at, frozen_months.previewed_by, frozen_months.definitions, frozen_months.policies, frozen_months.policy_revision, frozen_months.scoring, frozen_months.cases, frozen_months.rows, frozen_months.figures_digest, frozen_months.digest 
FROM frozen_months 
WHERE frozen_months.month = $1::DATE;

SELECT frozen_scores.case_no, frozen_scores.indicator, frozen_scores.occasion, frozen_scores.unit, frozen_scores.type, frozen_scores.counted_at, frozen_scores.raw, frozen_scores.adjusted, frozen_scores.reason, frozen_scores.excluded_for, frozen_scores.points, frozen_scores.seq 
FROM frozen_scores 
WHERE frozen_scores.month = $1::DATE AND frozen_scores.case_no IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR);

SELECT frozen_scores.case_no, frozen_scores.indicator, frozen_scores.occasion, frozen_scores.unit, frozen_scores.type, frozen_scores.counted_at, frozen_scores.raw, frozen_scores.adjusted, frozen_scores.reason, frozen_scores.excluded_for, frozen_scores.points, frozen_scores.seq 
FROM frozen_scores LEFT OUTER JOIN units ON units.code = frozen_scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND frozen_scores.month = $1::DATE AND frozen_scores.indicator = $2::VARCHAR AND frozen_scores.adjusted = $3::VARCHAR ORDER BY frozen_scores.counted_at, frozen_scores.case_no, frozen_scores.indicator, frozen_scores.occasion 
 LIMIT $4::INTEGER;

SELECT frozen_scores.case_no, max(frozen_scores.version) AS version 
FROM frozen_scores 
WHERE frozen_scores.month = $1::DATE AND frozen_scores.case_no IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR) GROUP BY frozen_scores.case_no;

SELECT holdings.case_no, holdings.holder, holdings.cause, holdings.held_for 
FROM holdings 
WHERE holdings.case_no IN ($1::VARCHAR);

SELECT holdings.case_no, holdings.holder, holdings.cause, holdings.held_for 
FROM holdings 
WHERE holdings.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT holdings.case_no, holdings.holder, holdings.cause, holdings.held_for 
FROM holdings 
WHERE holdings.case_no IN (NULL) AND (1 != 1);

SELECT intake.caller_hash 
FROM intake 
WHERE intake.case_no = $1::VARCHAR;

SELECT intake.caller_hash, intake.raised_at, cases.category, cases.area, cases.registered_at, cases.policy_revision, CAST((policies.body[$1::TEXT]) ->> $2::TEXT AS INTEGER) AS opens_at, CAST((policies.body[$1::TEXT]) ->> $3::TEXT AS INTEGER) AS window_days 
FROM cases JOIN intake ON intake.case_no = cases.case_no LEFT OUTER JOIN policies ON policies.revision = cases.policy_revision 
WHERE cases.case_no = $4::VARCHAR AND cases.category IS NOT NULL AND cases.type != $5::VARCHAR AND intake.caller_hash IS NOT NULL;

SELECT intake.case_no 
FROM intake 
WHERE intake.adopted_at IS NULL AND (intake.registration ->> $1::TEXT) != $2::VARCHAR 
 LIMIT $3::INTEGER;

SELECT intake.case_no 
FROM intake 
WHERE intake.source_number = $1::VARCHAR;

SELECT intake.case_no, cases.closed_at 
FROM intake LEFT OUTER JOIN cases ON cases.case_no = intake.case_no 
WHERE intake.caller_hash = $1::VARCHAR AND intake.raised_at BETWEEN $2::TIMESTAMP WITH TIME ZONE AND $3::TIMESTAMP WITH TIME ZONE AND CASE WHEN (cases.case_no IS NOT NULL) THEN cases.category ELSE intake.category END = $4::VARCHAR AND CASE WHEN (cases.case_no IS NOT NULL) THEN cases.area ELSE intake.area END IS NOT DISTINCT FROM $5::VARCHAR ORDER BY intake.raised_at DESC, intake.case_no DESC;

SELECT intake.case_no, cases.closed_at 
FROM intake LEFT OUTER JOIN cases ON cases.case_no = intake.case_no 
WHERE intake.caller_hash = $1::VARCHAR AND intake.raised_at BETWEEN $2::TIMESTAMP WITH TIME ZONE AND $3::TIMESTAMP WITH TIME ZONE AND CASE WHEN (cases.case_no IS NOT NULL) THEN cases.category ELSE intake.category END = $4::VARCHAR AND CASE WHEN (cases.case_no IS NOT NULL) THEN cases.area ELSE intake.area END IS NOT DISTINCT FROM NULL ORDER BY intake.raised_at DESC, intake.case_no DESC;

SELECT intake.case_no, intake.principal, intake.key_hash, intake.request_digest, intake.registration, intake.retrieval_hash, intake.retrieval_sealed, intake.source_number, intake.caller_hash, intake.category, intake.area, intake.raised_at, intake.received_at, intake.adopted_at 
FROM intake 
WHERE intake.case_no > $1::VARCHAR AND CASE WHEN (octet_length(intake.retrieval_sealed) > $2::INTEGER) THEN convert_from(SUBSTRING(intake.retrieval_sealed FROM $3::INTEGER FOR get_byte(intake.retrieval_sealed, $4::INTEGER)), $5::VARCHAR) ELSE NULL END != $6::VARCHAR ORDER BY intake.case_no 
 LIMIT $7::INTEGER;

SELECT intake.case_no, intake.principal, intake.key_hash, intake.request_digest, intake.registration, intake.retrieval_hash, intake.retrieval_sealed, intake.source_number, intake.caller_hash, intake.category, intake.area, intake.raised_at, intake.received_at, intake.adopted_at 
FROM intake 
WHERE intake.principal = $1::VARCHAR AND intake.key_hash = $2::VARCHAR;

SELECT intake.case_no, intake.registration 
FROM intake 
WHERE intake.case_no IN ($1::VARCHAR);

SELECT intake.case_no, intake.registration, intake.received_at 
FROM intake 
WHERE intake.adopted_at IS NULL AND intake.received_at < $1::TIMESTAMP WITH TIME ZONE ORDER BY intake.received_at, intake.case_no 
 LIMIT $2::INTEGER;

SELECT intake.registration 
FROM intake 
WHERE intake.case_no = $1::VARCHAR;

SELECT intake.retrieval_hash 
FROM intake 
WHERE intake.case_no = $1::VARCHAR;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at 
FROM knowledge 
WHERE knowledge.number = $1::VARCHAR FOR UPDATE;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND ((knowledge.words @@ CAST($1::VARCHAR AS TSQUERY)) AND ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) >= $2::FLOAT OR knowledge.category = $3::VARCHAR) AND coalesce(knowledge.area, $4::VARCHAR) = $5::VARCHAR ORDER BY knowledge.category = $3::VARCHAR DESC, ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) DESC, knowledge.number 
 LIMIT $6::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND ((knowledge.words @@ CAST($1::VARCHAR AS TSQUERY)) AND ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) >= $2::FLOAT OR knowledge.category = $3::VARCHAR) ORDER BY knowledge.category = $3::VARCHAR DESC, ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) DESC, knowledge.number 
 LIMIT $4::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND (knowledge.words @@ CAST($1::VARCHAR AS TSQUERY)) AND ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) >= $2::FLOAT ORDER BY $3::BOOLEAN DESC, ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) DESC, knowledge.number 
 LIMIT $4::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, $1::INTEGER AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NOT NULL ORDER BY knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $2::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, $1::INTEGER AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND (knowledge.updated_at, knowledge.number) < ($2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR) ORDER BY knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $4::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, $1::INTEGER AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND knowledge.category = $2::VARCHAR ORDER BY knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $3::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, $1::INTEGER AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL ORDER BY knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $2::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, CAST(ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) * $2::INTEGER AS INTEGER) AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND (knowledge.words @@ CAST($3::VARCHAR AS TSQUERY)) AND (CAST(ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) * $2::INTEGER AS INTEGER), knowledge.updated_at, knowledge.number) < ($4::INTEGER, $5::TIMESTAMP WITH TIME ZONE, $6::VARCHAR) ORDER BY CAST(ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) * $2::INTEGER AS INTEGER) DESC, knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $7::INTEGER;

SELECT knowledge.title, knowledge.answer, knowledge.category, knowledge.area, knowledge.unit, knowledge.valid_until, knowledge.number, knowledge.version, knowledge.updated_at, knowledge.updated_by, knowledge.withdrawn_at, CAST(ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) * $2::INTEGER AS INTEGER) AS rank 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL AND (knowledge.words @@ CAST($3::VARCHAR AS TSQUERY)) ORDER BY CAST(ts_rank(knowledge.words, CAST($1::VARCHAR AS TSQUERY)) * $2::INTEGER AS INTEGER) DESC, knowledge.updated_at DESC, knowledge.number DESC 
 LIMIT $4::INTEGER;

SELECT knowledge.unit, count(*) AS entries, count(*) FILTER (WHERE knowledge.valid_until < $1::DATE) AS stale, count(*) FILTER (WHERE knowledge.updated_at >= $2::TIMESTAMP WITH TIME ZONE) AS updated 
FROM knowledge 
WHERE knowledge.withdrawn_at IS NULL GROUP BY knowledge.unit ORDER BY knowledge.unit;

SELECT knowledge_revisions.command_id 
FROM knowledge_revisions;

SELECT knowledge_revisions.number, knowledge_revisions.version, knowledge_revisions.act, knowledge_revisions.title, knowledge_revisions.answer, knowledge_revisions.category, knowledge_revisions.area, knowledge_revisions.unit, knowledge_revisions.valid_until, knowledge_revisions.at, knowledge_revisions.by, knowledge_revisions.command_id 
FROM knowledge_revisions 
WHERE knowledge_revisions.command_id = $1::VARCHAR;

SELECT knowledge_revisions.title, knowledge_revisions.answer, knowledge_revisions.category, knowledge_revisions.area, knowledge_revisions.unit, knowledge_revisions.valid_until, knowledge_revisions.version, knowledge_revisions.act, knowledge_revisions.at, knowledge_revisions.by 
FROM knowledge_revisions 
WHERE knowledge_revisions.number = $1::VARCHAR ORDER BY knowledge_revisions.version DESC;

SELECT matters.category, matters.lead 
FROM matters JOIN units ON units.code = matters.lead 
WHERE matters.category IN ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR) AND matters.active AND units.active;

SELECT matters.category, matters.note, matters.lead, matters.active 
FROM matters 
WHERE matters.category = $1::VARCHAR;

SELECT matters.category, matters.note, matters.lead, matters.active 
FROM matters ORDER BY matters.category;

SELECT measures.number 
FROM measures 
WHERE measures.number = $1::VARCHAR AND measures.unit = $2::VARCHAR AND measures.rung = $3::VARCHAR AND measures.issued_at >= $4::TIMESTAMP WITH TIME ZONE;

SELECT measures.number 
FROM measures 
WHERE measures.unit = $1::VARCHAR AND measures.kind = $2::VARCHAR AND measures.issued_at >= $3::TIMESTAMP WITH TIME ZONE AND measures.issued_at < $4::TIMESTAMP WITH TIME ZONE AND measures.appeal_upheld IS NOT true AND NOT (EXISTS (SELECT * 
FROM supervision_proposals 
WHERE supervision_proposals.rule = $5::VARCHAR AND supervision_proposals.unit = $6::VARCHAR AND measures.number = ANY (supervision_proposals.measures))) AND measures.rung = $7::VARCHAR ORDER BY measures.issued_at, measures.number;

SELECT measures.number 
FROM measures 
WHERE measures.unit = $1::VARCHAR AND measures.kind = $2::VARCHAR AND measures.issued_at >= $3::TIMESTAMP WITH TIME ZONE AND measures.issued_at < $4::TIMESTAMP WITH TIME ZONE AND measures.appeal_upheld IS NOT true AND NOT (EXISTS (SELECT * 
FROM supervision_proposals 
WHERE supervision_proposals.rule = $5::VARCHAR AND supervision_proposals.unit = $6::VARCHAR AND measures.number = ANY (supervision_proposals.measures))) ORDER BY measures.issued_at, measures.number;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures 
WHERE measures.case_no IN ($1::VARCHAR);

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures 
WHERE measures.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures 
WHERE measures.case_no IN (NULL) AND (1 != 1);

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE (measures.issued_at, measures.number) < ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR) ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $3::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE NOT (cases.recused @> $1::TEXT[]) AND measures.case_no = $2::VARCHAR ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $3::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE measures.appealed_at IS NOT NULL AND measures.appeal_upheld IS NULL ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $1::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE measures.kind = $1::VARCHAR AND measures.case_no = $2::VARCHAR ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $3::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE measures.kind = $1::VARCHAR AND measures.unit = $2::VARCHAR AND measures.kind = $3::VARCHAR AND measures.settled IS false AND measures.answered_at IS NULL ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $4::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE measures.kind = $1::VARCHAR ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $2::INTEGER;

SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE true ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $1::INTEGER;

SELECT measures.person AS code, count(*) FILTER (WHERE measures.appeal_upheld IS NOT true AND measures.kind = $1::VARCHAR) AS cards, count(*) FILTER (WHERE measures.appeal_upheld IS true) AS reversed, coalesce(sum(measures.person_points) FILTER (WHERE measures.appeal_upheld IS NOT true), $2::INTEGER) AS points 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE (measures.kind = $1::VARCHAR OR measures.kind = $3::VARCHAR) AND measures.person IS NOT NULL AND measures.issued_at >= $4::TIMESTAMP WITH TIME ZONE AND measures.issued_at < $5::TIMESTAMP WITH TIME ZONE GROUP BY measures.person ORDER BY coalesce(sum(measures.person_points) FILTER (WHERE measures.appeal_upheld IS NOT true), $2::INTEGER) DESC, measures.person;

SELECT measures.unit AS code, count(*) FILTER (WHERE measures.appeal_upheld IS NOT true AND measures.kind = $1::VARCHAR) AS cards, count(*) FILTER (WHERE measures.appeal_upheld IS true) AS reversed, coalesce(sum(measures.unit_points) FILTER (WHERE measures.appeal_upheld IS NOT true), $2::INTEGER) AS points 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE (measures.kind = $1::VARCHAR OR measures.kind = $3::VARCHAR) AND measures.unit IS NOT NULL AND measures.issued_at >= $4::TIMESTAMP WITH TIME ZONE AND measures.issued_at < $5::TIMESTAMP WITH TIME ZONE GROUP BY measures.unit ORDER BY coalesce(sum(measures.unit_points) FILTER (WHERE measures.appeal_upheld IS NOT true), $2::INTEGER) DESC, measures.unit;

SELECT month_previews.number, month_previews.month, month_previews.previewed_at, month_previews.previewed_by, month_previews.figures_digest 
FROM month_previews 
WHERE month_previews.month = $1::DATE ORDER BY month_previews.number DESC 
 LIMIT $2::INTEGER;

SELECT muted_channels.user_id, muted_channels.channel 
FROM muted_channels;

SELECT nextval('case_sequence') AS next_value_1;

SELECT nextval('knowledge_sequence') AS next_value_1;

SELECT nextval('problem_sequence') AS next_value_1;

SELECT notices.notice_id, notices.case_no, notices.seq, notices.kind, notices.at, notices.text, notices.audiences, notices.besides, notices.is_urgent, notices.told_at 
FROM notices 
WHERE notices.told_at IS NULL ORDER BY notices.is_urgent DESC, notices.at 
 LIMIT $1::INTEGER FOR UPDATE SKIP LOCKED;

SELECT notices.text 
FROM notices JOIN deliveries ON deliveries.notice_id = notices.notice_id 
WHERE deliveries.bundle = $1::VARCHAR ORDER BY notices.at, notices.notice_id;

SELECT numbers.case_no, newest.seq, newest.hash, coalesce(covered.seq, $1::INTEGER) AS covered 
FROM (SELECT DISTINCT facts.case_no AS case_no 
FROM facts 
WHERE facts.case_no > $2::VARCHAR ORDER BY facts.case_no 
 LIMIT $3::INTEGER) AS numbers LEFT OUTER JOIN LATERAL (SELECT facts.seq AS seq, facts.hash AS hash 
FROM facts 
WHERE facts.case_no = numbers.case_no AND facts.at < $4::TIMESTAMP WITH TIME ZONE ORDER BY facts.seq DESC 
 LIMIT $5::INTEGER) AS newest ON true LEFT OUTER JOIN LATERAL (SELECT anchor_leaves.seq AS seq 
FROM anchor_leaves 
WHERE anchor_leaves.case_no = numbers.case_no ORDER BY anchor_leaves.number DESC 
 LIMIT $6::INTEGER) AS covered ON true ORDER BY numbers.case_no;

SELECT numbers.entity, newest.seq, newest.hash, coalesce(covered.seq, $1::INTEGER) AS covered 
FROM (SELECT DISTINCT dossier_facts.dossier_no AS entity 
FROM dossier_facts 
WHERE dossier_facts.dossier_no > $2::VARCHAR ORDER BY dossier_facts.dossier_no 
 LIMIT $3::INTEGER) AS numbers LEFT OUTER JOIN LATERAL (SELECT dossier_facts.seq AS seq, dossier_facts.hash AS hash 
FROM dossier_facts 
WHERE dossier_facts.dossier_no = numbers.entity AND dossier_facts.at < $4::TIMESTAMP WITH TIME ZONE ORDER BY dossier_facts.seq DESC 
 LIMIT $5::INTEGER) AS newest ON true LEFT OUTER JOIN LATERAL (SELECT anchor_books.seq AS seq 
FROM anchor_books 
WHERE anchor_books.book = $6::VARCHAR AND anchor_books.entity = numbers.entity ORDER BY anchor_books.number DESC 
 LIMIT $7::INTEGER) AS covered ON true ORDER BY numbers.entity;

SELECT numbers.entity, newest.seq, newest.hash, coalesce(covered.seq, $1::INTEGER) AS covered 
FROM (SELECT DISTINCT problem_facts.line_no AS entity 
FROM problem_facts 
WHERE problem_facts.line_no > $2::VARCHAR ORDER BY problem_facts.line_no 
 LIMIT $3::INTEGER) AS numbers LEFT OUTER JOIN LATERAL (SELECT problem_facts.seq AS seq, problem_facts.hash AS hash 
FROM problem_facts 
WHERE problem_facts.line_no = numbers.entity AND problem_facts.at < $4::TIMESTAMP WITH TIME ZONE ORDER BY problem_facts.seq DESC 
 LIMIT $5::INTEGER) AS newest ON true LEFT OUTER JOIN LATERAL (SELECT anchor_books.seq AS seq 
FROM anchor_books 
WHERE anchor_books.book = $6::VARCHAR AND anchor_books.entity = numbers.entity ORDER BY anchor_books.number DESC 
 LIMIT $7::INTEGER) AS covered ON true ORDER BY numbers.entity;

SELECT pg_advisory_xact_lock($1::BIGINT) AS pg_advisory_xact_lock_1;

SELECT pg_advisory_xact_lock($1::INTEGER) AS pg_advisory_xact_lock_1;

SELECT pg_advisory_xact_lock(hashtextextended($1::VARCHAR, $2::INTEGER)) AS pg_advisory_xact_lock_1;

SELECT pg_notify($1::VARCHAR, $2::VARCHAR) AS pg_notify_1;

SELECT pg_try_advisory_xact_lock($1::INTEGER) AS pg_try_advisory_xact_lock_1;

SELECT policies.body 
FROM policies 
WHERE policies.active;

SELECT policies.body 
FROM policies 
WHERE policies.revision = $1::VARCHAR;

SELECT policies.revision 
FROM policies 
WHERE policies.active;

SELECT policies.revision 
FROM policies 
WHERE policies.active FOR UPDATE;

SELECT policies.revision 
FROM policies 
WHERE policies.revision = $1::VARCHAR;

SELECT policies.revision 
FROM policies ORDER BY policies.number DESC;

SELECT policy_drafts.draft_id, policy_drafts.number, policy_drafts.revision, policy_drafts.base, policy_drafts.body, policy_drafts.drafted_at, policy_drafts.drafted_by, policy_drafts.published_at, policy_drafts.published_by 
FROM policy_drafts 
WHERE policy_drafts.draft_id = $1::VARCHAR;

SELECT policy_drafts.draft_id, policy_drafts.number, policy_drafts.revision, policy_drafts.base, policy_drafts.body, policy_drafts.drafted_at, policy_drafts.drafted_by, policy_drafts.published_at, policy_drafts.published_by 
FROM policy_drafts 
WHERE policy_drafts.draft_id = $1::VARCHAR FOR UPDATE;

SELECT policy_refusals.case_no, policy_refusals.code 
FROM policy_refusals 
WHERE policy_refusals.revision = $1::VARCHAR ORDER BY policy_refusals.case_no;

SELECT policy_rollouts.revision 
FROM policy_rollouts 
WHERE policy_rollouts.started_at IS NULL ORDER BY policy_rollouts.ordered_at;

SELECT policy_rollouts.revision, policy_rollouts.ordered_at, policy_rollouts.started_at, policy_rollouts.finished_at, policy_rollouts.overtaken 
FROM policy_rollouts 
WHERE policy_rollouts.revision = $1::VARCHAR;

SELECT problem_facts.line_no, problem_facts.seq, problem_facts.at, problem_facts.tag, problem_facts.actor, problem_facts.command_id, problem_facts.body, problem_facts.prev_hash, problem_facts.hash 
FROM problem_facts 
WHERE problem_facts.line_no = $1::VARCHAR ORDER BY problem_facts.seq;

SELECT problem_facts.line_no, problem_facts.seq, problem_facts.at, problem_facts.tag, problem_facts.actor, problem_facts.command_id, problem_facts.body, problem_facts.prev_hash, problem_facts.hash 
FROM problem_facts 
WHERE problem_facts.line_no IN ($1::VARCHAR) ORDER BY problem_facts.line_no, problem_facts.seq;

SELECT problem_facts.line_no, problem_facts.seq, problem_facts.at, problem_facts.tag, problem_facts.actor, problem_facts.command_id, problem_facts.body, problem_facts.prev_hash, problem_facts.hash 
FROM problem_facts 
WHERE problem_facts.line_no IN (NULL) AND (1 != 1) ORDER BY problem_facts.line_no, problem_facts.seq;

SELECT problem_lines.line_no 
FROM problem_lines 
WHERE problem_lines.ended_at IS NULL AND problem_lines.caller_hash = $1::VARCHAR AND problem_lines.category = $2::VARCHAR AND problem_lines.area IS NOT DISTINCT FROM $3::VARCHAR;

SELECT problem_lines.line_no, problem_lines.caller_hash, problem_lines.category, problem_lines.area, problem_lines.policy_revision, problem_lines.opened_at, problem_lines.ended_at, cases.case_no, cases.version, cases.registered_at, cases.accused_units, cases.recused, CASE WHEN (cases.closed_at IS NULL) THEN $1::VARCHAR WHEN (cases.outcome = $2::VARCHAR) THEN $3::VARCHAR ELSE $4::VARCHAR END AS standing, concat_ws($5::VARCHAR, CASE WHEN (cases.closed_at IS NULL) THEN $1::VARCHAR WHEN (cases.outcome = $2::VARCHAR) THEN $3::VARCHAR ELSE $4::VARCHAR END, array_to_string(cases.accused_units, $6::VARCHAR), array_to_string(cases.recused, $7::VARCHAR)) AS news 
FROM problem_links JOIN problem_lines ON problem_lines.line_no = problem_links.line_no JOIN cases ON cases.case_no = problem_links.case_no 
WHERE problem_lines.ended_at IS NULL AND problem_links.detached_at IS NULL AND (problem_links.told IS NULL OR problem_links.told != concat_ws($5::VARCHAR, CASE WHEN (cases.closed_at IS NULL) THEN $1::VARCHAR WHEN (cases.outcome = $2::VARCHAR) THEN $3::VARCHAR ELSE $4::VARCHAR END, array_to_string(cases.accused_units, $6::VARCHAR), array_to_string(cases.recused, $7::VARCHAR))) ORDER BY problem_links.linked_at, problem_links.line_no, problem_links.case_no 
 LIMIT $8::INTEGER;

SELECT problems.lead_unit AS unit, count(*) AS opened, count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS cleared, count(*) FILTER (WHERE problems.round > $1::INTEGER) AS relapsed, count(*) FILTER (WHERE problems.overdue) AS overdue, CAST(count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS FLOAT) / CAST(count(*) AS NUMERIC) AS rate 
FROM problems 
WHERE NOT (problems.recused @> $2::TEXT[]) GROUP BY problems.lead_unit ORDER BY problems.lead_unit NULLS FIRST;

SELECT problems.lead_unit AS unit, count(*) AS opened, count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS cleared, count(*) FILTER (WHERE problems.round > $1::INTEGER) AS relapsed, count(*) FILTER (WHERE problems.overdue) AS overdue, CAST(count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS FLOAT) / CAST(count(*) AS NUMERIC) AS rate 
FROM problems 
WHERE false GROUP BY problems.lead_unit ORDER BY problems.lead_unit NULLS FIRST;

SELECT problems.lead_unit AS unit, count(*) AS opened, count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS cleared, count(*) FILTER (WHERE problems.round > $1::INTEGER) AS relapsed, count(*) FILTER (WHERE problems.overdue) AS overdue, CAST(count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS FLOAT) / CAST(count(*) AS NUMERIC) AS rate 
FROM problems 
WHERE true GROUP BY problems.lead_unit ORDER BY problems.lead_unit NULLS FIRST;

SELECT problems.line_no 
FROM problems 
WHERE problems.line_no > $1::VARCHAR AND problems.stage != $2::VARCHAR ORDER BY problems.line_no 
 LIMIT $3::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE (problems.opened_at, problems.line_no) < ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR) ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $3::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE (problems.stage NOT IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR)) ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $1::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE NOT (problems.recused @> $1::TEXT[]) AND problems.lead_unit = $2::VARCHAR AND problems.overdue IS false ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $3::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE false ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $1::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE problems.lead_unit = $1::VARCHAR AND problems.overdue IS false ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $2::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE problems.opened_at >= $1::TIMESTAMP WITH TIME ZONE AND problems.opened_at < $2::TIMESTAMP WITH TIME ZONE ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $3::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE problems.overdue IS true ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $1::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE true ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $1::INTEGER;

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.units, problems.accused_units, problems.recused, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at, problems.state 
FROM problems 
WHERE problems.line_no IN ($1::VARCHAR);

SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.units, problems.accused_units, problems.recused, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at, problems.state 
FROM problems 
WHERE problems.line_no IN (NULL) AND (1 != 1);

SELECT problems.state 
FROM problems 
WHERE NOT (problems.recused @> $1::TEXT[]) AND problems.line_no = $2::VARCHAR;

SELECT problems.state 
FROM problems 
WHERE false;

SELECT problems.state 
FROM problems 
WHERE problems.line_no = $1::VARCHAR;

SELECT sanctions.dossier_no, sanctions.number, sanctions.person, sanctions.unit, sanctions.family, sanctions.measures, sanctions.decided_at, sanctions.effect_from, sanctions.effect_until, sanctions.is_open_ended, sanctions.revoked_at 
FROM sanctions 
WHERE sanctions.dossier_no IN ($1::VARCHAR);

SELECT sanctions.dossier_no, sanctions.number, sanctions.person, sanctions.unit, sanctions.family, sanctions.measures, sanctions.decided_at, sanctions.effect_from, sanctions.effect_until, sanctions.is_open_ended, sanctions.revoked_at 
FROM sanctions 
WHERE sanctions.dossier_no IN (NULL) AND (1 != 1);

SELECT sanctions.dossier_no, sanctions.number, sanctions.person, sanctions.unit, sanctions.family, sanctions.measures, sanctions.decided_at, sanctions.effect_from, sanctions.effect_until, sanctions.is_open_ended, sanctions.revoked_at 
FROM sanctions JOIN dossiers ON dossiers.dossier_no = sanctions.dossier_no 
WHERE sanctions.person = $1::VARCHAR AND sanctions.revoked_at IS NULL AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[])) AND NOT ((dossiers.units @> $4::TEXT[])) ORDER BY sanctions.decided_at, sanctions.dossier_no, sanctions.number;

SELECT sanctions.dossier_no, sanctions.number, sanctions.person, sanctions.unit, sanctions.family, sanctions.measures, sanctions.decided_at, sanctions.effect_from, sanctions.effect_until, sanctions.is_open_ended, sanctions.revoked_at 
FROM sanctions JOIN dossiers ON dossiers.dossier_no = sanctions.dossier_no 
WHERE sanctions.person = $1::VARCHAR AND sanctions.revoked_at IS NULL AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[])) AND sanctions.effect_from <= $4::DATE AND (sanctions.is_open_ended OR sanctions.effect_until >= $5::DATE) ORDER BY sanctions.decided_at, sanctions.dossier_no, sanctions.number;

SELECT sanctions.dossier_no, sanctions.number, sanctions.person, sanctions.unit, sanctions.family, sanctions.measures, sanctions.decided_at, sanctions.effect_from, sanctions.effect_until, sanctions.is_open_ended, sanctions.revoked_at 
FROM sanctions JOIN dossiers ON dossiers.dossier_no = sanctions.dossier_no 
WHERE sanctions.person = $1::VARCHAR AND sanctions.revoked_at IS NULL AND NOT ((dossiers.recused @> $2::TEXT[]) OR (dossiers.accounts @> $3::TEXT[])) ORDER BY sanctions.decided_at, sanctions.dossier_no, sanctions.number;

SELECT score_due.case_no 
FROM score_due 
WHERE score_due.case_no IN ($1::VARCHAR);

SELECT score_due.case_no 
FROM score_due 
WHERE score_due.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT score_due.case_no 
FROM score_due 
WHERE score_due.case_no IN (NULL) AND (1 != 1);

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $1::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $2::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $3::TIMESTAMP WITH TIME ZONE AND (scores.counted_at, scores.case_no, scores.indicator, scores.occasion) > ($4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR) ORDER BY scores.counted_at, scores.case_no, scores.indicator, scores.occasion 
 LIMIT $8::INTEGER;

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $1::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $2::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $3::TIMESTAMP WITH TIME ZONE AND scores.indicator = $4::VARCHAR AND scores.adjusted = $5::VARCHAR ORDER BY scores.counted_at, scores.case_no, scores.indicator, scores.occasion 
 LIMIT $6::INTEGER;

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $1::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $2::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $3::TIMESTAMP WITH TIME ZONE AND scores.indicator = $4::VARCHAR ORDER BY scores.counted_at, scores.case_no, scores.indicator, scores.occasion 
 LIMIT $5::INTEGER;

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $1::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $2::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $3::TIMESTAMP WITH TIME ZONE ORDER BY scores.counted_at, scores.case_no, scores.indicator, scores.occasion 
 LIMIT $4::INTEGER;

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq, scores.version 
FROM scores 
WHERE scores.case_no IN ($1::VARCHAR);

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq, scores.version 
FROM scores 
WHERE scores.case_no IN ($1::VARCHAR, $2::VARCHAR);

SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq, scores.version 
FROM scores 
WHERE scores.case_no IN (NULL) AND (1 != 1);

SELECT scores.type AS "group", scores.indicator, count(*) FILTER (WHERE scores.raw = $1::VARCHAR) AS raw_numerator, count(*) FILTER (WHERE scores.raw != $2::VARCHAR) AS raw_denominator, count(*) FILTER (WHERE scores.adjusted = $3::VARCHAR) AS numerator, count(*) FILTER (WHERE scores.adjusted != $4::VARCHAR) AS denominator, count(*) FILTER (WHERE scores.raw != $5::VARCHAR AND scores.adjusted = $6::VARCHAR) AS left_out, coalesce(sum(scores.points), $7::INTEGER) AS raw_points, coalesce(sum(scores.points) FILTER (WHERE scores.adjusted != $4::VARCHAR), $8::INTEGER) AS points 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $9::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $10::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $11::TIMESTAMP WITH TIME ZONE AND scores.type = $12::VARCHAR GROUP BY scores.type, scores.indicator ORDER BY "group", scores.indicator;

SELECT scores.type AS "group", scores.indicator, count(*) FILTER (WHERE scores.raw = $1::VARCHAR) AS raw_numerator, count(*) FILTER (WHERE scores.raw != $2::VARCHAR) AS raw_denominator, count(*) FILTER (WHERE scores.adjusted = $3::VARCHAR) AS numerator, count(*) FILTER (WHERE scores.adjusted != $4::VARCHAR) AS denominator, count(*) FILTER (WHERE scores.raw != $5::VARCHAR AND scores.adjusted = $6::VARCHAR) AS left_out, coalesce(sum(scores.points), $7::INTEGER) AS raw_points, coalesce(sum(scores.points) FILTER (WHERE scores.adjusted != $4::VARCHAR), $8::INTEGER) AS points 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $9::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $10::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $11::TIMESTAMP WITH TIME ZONE GROUP BY scores.type, scores.indicator ORDER BY "group", scores.indicator;

SELECT scores.unit AS "group", scores.indicator, count(*) FILTER (WHERE scores.raw = $1::VARCHAR) AS raw_numerator, count(*) FILTER (WHERE scores.raw != $2::VARCHAR) AS raw_denominator, count(*) FILTER (WHERE scores.adjusted = $3::VARCHAR) AS numerator, count(*) FILTER (WHERE scores.adjusted != $4::VARCHAR) AS denominator, count(*) FILTER (WHERE scores.raw != $5::VARCHAR AND scores.adjusted = $6::VARCHAR) AS left_out, coalesce(sum(scores.points), $7::INTEGER) AS raw_points, coalesce(sum(scores.points) FILTER (WHERE scores.adjusted != $4::VARCHAR), $8::INTEGER) AS points 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE false)) AND scores.counted_at >= $9::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $10::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $11::TIMESTAMP WITH TIME ZONE GROUP BY scores.unit, scores.indicator ORDER BY "group", scores.indicator;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE (last_ruling.ruling IS NULL OR last_ruling.ruling = $2::VARCHAR) AND screening_hits.rule = $3::VARCHAR ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $4::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE (screening_hits.found_at, screening_hits.hit_no) < ($2::TIMESTAMP WITH TIME ZONE, $3::VARCHAR) ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $4::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE cases.lead_unit = $2::VARCHAR OR (cases.accused_units @> $3::TEXT[]) ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $4::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE last_ruling.ruling = $2::VARCHAR ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $3::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $2::VARCHAR ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $3::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE screening_hits.case_no = $2::VARCHAR ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $3::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE screening_hits.hit_no = $2::VARCHAR;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE screening_hits.rule = $2::VARCHAR ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $3::INTEGER;

SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE true ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $2::INTEGER;

SELECT screening_hits.rule, max(screening_hits.label) AS label, count(*) AS hits, count(*) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS pending, count(*) FILTER (WHERE last_ruling.ruling = $2::VARCHAR) AS clues, count(*) FILTER (WHERE last_ruling.ruling = $3::VARCHAR) AS dismissed, min(screening_hits.found_at) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS oldest_pending_at 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $4::INTEGER) AS last_ruling ON true 
WHERE screening_hits.found_at >= $5::TIMESTAMP WITH TIME ZONE AND screening_hits.found_at < $6::TIMESTAMP WITH TIME ZONE GROUP BY screening_hits.rule ORDER BY screening_hits.rule;

SELECT screening_hits.rule, screening_hits.round 
FROM screening_hits 
WHERE screening_hits.case_no = $1::VARCHAR;

SELECT screening_queue.case_no 
FROM screening_queue ORDER BY screening_queue.since 
 LIMIT $1::INTEGER;

SELECT screening_rulings.hit_no, screening_rulings.number, screening_rulings.ruling, screening_rulings.ruled_at, screening_rulings.ruled_by, screening_rulings.reason, screening_rulings.dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = $1::VARCHAR ORDER BY screening_rulings.number;

SELECT supervised_units."group", supervised_units.unit 
FROM supervised_units;

SELECT supervised_units.unit 
FROM supervised_units 
WHERE supervised_units."group" = $1::VARCHAR;

SELECT supervision_proposals.proposal_no, supervision_proposals.rule, supervision_proposals.label, supervision_proposals.unit, supervision_proposals.month, supervision_proposals.proposes, supervision_proposals.needed, supervision_proposals.measures, supervision_proposals.revision, supervision_proposals.proposed_at, (SELECT coalesce(array_agg(measures.number), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM measures 
WHERE measures.number = ANY (supervision_proposals.measures) AND measures.appeal_upheld IS true) AS reversed, proposal_rulings.ruled_at, proposal_rulings.ruled_by, proposal_rulings.measure, proposal_rulings.reason 
FROM supervision_proposals LEFT OUTER JOIN proposal_rulings ON proposal_rulings.proposal_no = supervision_proposals.proposal_no 
WHERE proposal_rulings.measure IS NOT NULL ORDER BY supervision_proposals.proposed_at DESC, supervision_proposals.proposal_no DESC 
 LIMIT $1::INTEGER;

SELECT supervision_proposals.proposal_no, supervision_proposals.rule, supervision_proposals.label, supervision_proposals.unit, supervision_proposals.month, supervision_proposals.proposes, supervision_proposals.needed, supervision_proposals.measures, supervision_proposals.revision, supervision_proposals.proposed_at, (SELECT coalesce(array_agg(measures.number), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM measures 
WHERE measures.number = ANY (supervision_proposals.measures) AND measures.appeal_upheld IS true) AS reversed, proposal_rulings.ruled_at, proposal_rulings.ruled_by, proposal_rulings.measure, proposal_rulings.reason 
FROM supervision_proposals LEFT OUTER JOIN proposal_rulings ON proposal_rulings.proposal_no = supervision_proposals.proposal_no 
WHERE proposal_rulings.ruled_at IS NOT NULL AND proposal_rulings.measure IS NULL ORDER BY supervision_proposals.proposed_at DESC, supervision_proposals.proposal_no DESC 
 LIMIT $1::INTEGER;

SELECT supervision_proposals.proposal_no, supervision_proposals.rule, supervision_proposals.label, supervision_proposals.unit, supervision_proposals.month, supervision_proposals.proposes, supervision_proposals.needed, supervision_proposals.measures, supervision_proposals.revision, supervision_proposals.proposed_at, (SELECT coalesce(array_agg(measures.number), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM measures 
WHERE measures.number = ANY (supervision_proposals.measures) AND measures.appeal_upheld IS true) AS reversed, proposal_rulings.ruled_at, proposal_rulings.ruled_by, proposal_rulings.measure, proposal_rulings.reason 
FROM supervision_proposals LEFT OUTER JOIN proposal_rulings ON proposal_rulings.proposal_no = supervision_proposals.proposal_no 
WHERE proposal_rulings.ruled_at IS NULL ORDER BY supervision_proposals.proposed_at DESC, supervision_proposals.proposal_no DESC 
 LIMIT $1::INTEGER;

SELECT supervision_proposals.proposal_no, supervision_proposals.rule, supervision_proposals.label, supervision_proposals.unit, supervision_proposals.month, supervision_proposals.proposes, supervision_proposals.needed, supervision_proposals.measures, supervision_proposals.revision, supervision_proposals.proposed_at, (SELECT coalesce(array_agg(measures.number), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM measures 
WHERE measures.number = ANY (supervision_proposals.measures) AND measures.appeal_upheld IS true) AS reversed, proposal_rulings.ruled_at, proposal_rulings.ruled_by, proposal_rulings.measure, proposal_rulings.reason 
FROM supervision_proposals LEFT OUTER JOIN proposal_rulings ON proposal_rulings.proposal_no = supervision_proposals.proposal_no 
WHERE supervision_proposals.proposal_no = $1::VARCHAR;

SELECT supervision_proposals.proposal_no, supervision_proposals.rule, supervision_proposals.label, supervision_proposals.unit, supervision_proposals.month, supervision_proposals.proposes, supervision_proposals.needed, supervision_proposals.measures, supervision_proposals.revision, supervision_proposals.proposed_at, (SELECT coalesce(array_agg(measures.number), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM measures 
WHERE measures.number = ANY (supervision_proposals.measures) AND measures.appeal_upheld IS true) AS reversed, proposal_rulings.ruled_at, proposal_rulings.ruled_by, proposal_rulings.measure, proposal_rulings.reason 
FROM supervision_proposals LEFT OUTER JOIN proposal_rulings ON proposal_rulings.proposal_no = supervision_proposals.proposal_no 
WHERE true ORDER BY supervision_proposals.proposed_at DESC, supervision_proposals.proposal_no DESC 
 LIMIT $1::INTEGER;

SELECT to_regclass('alembic_version');

SELECT tokens.token_hash, tokens.token_id, tokens.user_id, tokens.name, tokens.scopes, tokens.issued_by, tokens.created_at, tokens.expires_at, tokens.revoked_at, tokens.last_used_on 
FROM tokens 
WHERE tokens.token_hash = $1::BYTEA AND tokens.revoked_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > $2::TIMESTAMP WITH TIME ZONE);

SELECT tokens.token_hash, tokens.token_id, tokens.user_id, tokens.name, tokens.scopes, tokens.issued_by, tokens.created_at, tokens.expires_at, tokens.revoked_at, tokens.last_used_on 
FROM tokens 
WHERE tokens.user_id = $1::VARCHAR ORDER BY tokens.created_at DESC, tokens.token_id;

SELECT tokens.user_id 
FROM tokens 
WHERE tokens.user_id = $1::VARCHAR AND tokens.name = $2::VARCHAR AND tokens.revoked_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > $3::TIMESTAMP WITH TIME ZONE) 
 LIMIT $4::INTEGER;

SELECT trail.case_no, trail.at, trail.actor_role, trail.detail 
FROM trail 
WHERE trail.event = $1::VARCHAR AND trail.case_no IN ($2::VARCHAR) ORDER BY trail.seq;

SELECT trail.detail ->> $1::TEXT AS anon_1 
FROM trail 
WHERE trail.event = $2::VARCHAR AND trail.subject = $3::VARCHAR AND trail.seq <= $4::BIGINT;

SELECT trail.hash 
FROM trail 
WHERE trail.seq = $1::BIGINT;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.actor_id = $1::VARCHAR ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.at < $1::TIMESTAMP WITH TIME ZONE ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.at >= $1::TIMESTAMP WITH TIME ZONE ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.case_no = $1::VARCHAR ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.event = $1::VARCHAR ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.seq < $1::BIGINT ORDER BY trail.seq DESC 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE trail.seq > $1::BIGINT ORDER BY trail.seq 
 LIMIT $2::INTEGER;

SELECT trail.seq, trail.at, trail.event, trail.actor_id, trail.actor_role, trail.actor_unit, trail.case_no, trail.subject, trail.address, trail.detail, trail.prev_hash, trail.hash 
FROM trail 
WHERE true ORDER BY trail.seq DESC 
 LIMIT $1::INTEGER;

SELECT trail.seq, trail.hash 
FROM trail ORDER BY trail.seq DESC 
 LIMIT $1::INTEGER;

SELECT trail.subject 
FROM trail 
WHERE trail.event = $1::VARCHAR;

SELECT units.code 
FROM units 
WHERE units.code IN ($1::VARCHAR) AND units.active;

SELECT units.code 
FROM units 
WHERE units.code IN ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR) AND units.active;

SELECT units.code 
FROM units 
WHERE units.code IN (NULL) AND (1 != 1) AND units.active;

SELECT units.code, units.name, units.level, units.parent, units.active 
FROM units 
WHERE units.active ORDER BY units.code;

SELECT units.code, units.parent 
FROM units ORDER BY units.code;

SELECT users.discipline_group 
FROM users 
WHERE users.user_id = $1::VARCHAR;

SELECT users.user_id, users.display_name, users.role, users.unit, users.active, users.demo, users.discipline_group, users.discipline_level 
FROM users 
WHERE users.active ORDER BY users.user_id;

SELECT users.user_id, users.display_name, users.role, users.unit, users.active, users.demo, users.discipline_group, users.discipline_level 
FROM users 
WHERE users.user_id = $1::VARCHAR AND users.active;

SELECT vault_callers.case_no 
FROM vault_callers 
WHERE vault_callers.case_no = $1::VARCHAR AND (vault_callers.erased_at IS NULL OR (EXISTS (SELECT * 
FROM vault_texts 
WHERE vault_texts.case_no = vault_callers.case_no AND vault_texts.erased_at IS NULL))) ORDER BY vault_callers.case_no;

SELECT vault_callers.case_no 
FROM vault_callers 
WHERE vault_callers.case_no IN (SELECT vault_callers.case_no 
FROM vault_callers 
WHERE vault_callers.phone_hash = $1::VARCHAR UNION SELECT vault_cases.case_no 
FROM vault_cases JOIN vault_persons ON vault_persons.person_id = vault_cases.person_id 
WHERE vault_persons.phone_hash = $2::VARCHAR) AND (vault_callers.erased_at IS NULL OR (EXISTS (SELECT * 
FROM vault_texts 
WHERE vault_texts.case_no = vault_callers.case_no AND vault_texts.erased_at IS NULL))) ORDER BY vault_callers.case_no;

SELECT vault_callers.case_no, vault_callers.sealed_name, vault_callers.sealed_phone, vault_callers.sealed_address, vault_callers.name_hash, vault_callers.phone_hash, vault_callers.created_at, vault_callers.erased_at 
FROM vault_callers 
WHERE vault_callers.case_no > $1::VARCHAR AND CASE WHEN (octet_length(vault_callers.sealed_address) > $2::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_address FROM $3::INTEGER FOR get_byte(vault_callers.sealed_address, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY vault_callers.case_no 
 LIMIT $7::INTEGER;

SELECT vault_callers.case_no, vault_callers.sealed_name, vault_callers.sealed_phone, vault_callers.sealed_address, vault_callers.name_hash, vault_callers.phone_hash, vault_callers.created_at, vault_callers.erased_at 
FROM vault_callers 
WHERE vault_callers.case_no > $1::VARCHAR AND CASE WHEN (octet_length(vault_callers.sealed_name) > $2::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_name FROM $3::INTEGER FOR get_byte(vault_callers.sealed_name, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY vault_callers.case_no 
 LIMIT $7::INTEGER;

SELECT vault_callers.case_no, vault_callers.sealed_name, vault_callers.sealed_phone, vault_callers.sealed_address, vault_callers.name_hash, vault_callers.phone_hash, vault_callers.created_at, vault_callers.erased_at 
FROM vault_callers 
WHERE vault_callers.case_no > $1::VARCHAR AND CASE WHEN (octet_length(vault_callers.sealed_phone) > $2::INTEGER) THEN convert_from(SUBSTRING(vault_callers.sealed_phone FROM $3::INTEGER FOR get_byte(vault_callers.sealed_phone, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY vault_callers.case_no 
 LIMIT $7::INTEGER;

SELECT vault_callers.case_no, vault_callers.sealed_name, vault_callers.sealed_phone, vault_callers.sealed_address, vault_callers.name_hash, vault_callers.phone_hash, vault_callers.created_at, vault_callers.erased_at 
FROM vault_callers 
WHERE vault_callers.case_no IN ($1::VARCHAR) AND vault_callers.erased_at IS NULL;

SELECT vault_callers.phone_hash 
FROM vault_callers 
WHERE vault_callers.case_no = $1::VARCHAR;

SELECT vault_persons.person_id 
FROM vault_persons 
WHERE vault_persons.phone_hash = $1::VARCHAR FOR UPDATE;

SELECT vault_persons.person_id, vault_persons.phone_hash, vault_persons.sealed_key, vault_persons.created_at, vault_persons.erased_at 
FROM vault_cases JOIN vault_persons ON vault_persons.person_id = vault_cases.person_id 
WHERE vault_cases.case_no = $1::VARCHAR AND vault_persons.sealed_key IS NOT NULL FOR SHARE OF vault_persons;

SELECT vault_persons.person_id, vault_persons.phone_hash, vault_persons.sealed_key, vault_persons.created_at, vault_persons.erased_at 
FROM vault_persons 
WHERE vault_persons.person_id > $1::VARCHAR AND CASE WHEN (octet_length(vault_persons.sealed_key) > $2::INTEGER) THEN convert_from(SUBSTRING(vault_persons.sealed_key FROM $3::INTEGER FOR get_byte(vault_persons.sealed_key, $4::INTEGER)), $5::VARCHAR) ELSE NULL END != $6::VARCHAR ORDER BY vault_persons.person_id 
 LIMIT $7::INTEGER;

SELECT vault_persons.person_id, vault_persons.phone_hash, vault_persons.sealed_key, vault_persons.created_at, vault_persons.erased_at 
FROM vault_persons 
WHERE vault_persons.phone_hash = $1::VARCHAR FOR SHARE;

SELECT vault_persons.person_id, vault_persons.sealed_key 
FROM vault_persons 
WHERE vault_persons.person_id IN ($1::VARCHAR) AND vault_persons.sealed_key IS NOT NULL;

SELECT vault_persons.person_id, vault_persons.sealed_key 
FROM vault_persons 
WHERE vault_persons.person_id IN ($1::VARCHAR, $2::VARCHAR) AND vault_persons.sealed_key IS NOT NULL;

SELECT vault_texts.digest, vault_texts.case_no 
FROM vault_texts 
WHERE vault_texts.text_id = $1::VARCHAR;

SELECT vault_texts.text_id 
FROM vault_texts 
WHERE vault_texts.text_id IN (SELECT unnest($1::TEXT[]) AS unnest_1);

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.case_no IN ($1::VARCHAR) AND vault_texts.erased_at IS NULL ORDER BY vault_texts.created_at, vault_texts.text_id;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.case_no IN ($1::VARCHAR) AND vault_texts.purpose IN ($2::VARCHAR) ORDER BY vault_texts.created_at;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.case_no IN ($1::VARCHAR) AND vault_texts.purpose IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR) ORDER BY vault_texts.created_at;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.case_no IN ($1::VARCHAR, $2::VARCHAR) AND vault_texts.purpose IN ($3::VARCHAR) ORDER BY vault_texts.created_at;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.case_no IN ($1::VARCHAR, $2::VARCHAR) AND vault_texts.purpose IN ($3::VARCHAR, $4::VARCHAR) ORDER BY vault_texts.created_at;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.text_id > $1::VARCHAR AND CASE WHEN (octet_length(vault_texts.sealed) > $2::INTEGER) THEN convert_from(SUBSTRING(vault_texts.sealed FROM $3::INTEGER FOR get_byte(vault_texts.sealed, $4::INTEGER)), $5::VARCHAR) ELSE NULL END NOT LIKE $6::VARCHAR ORDER BY vault_texts.text_id 
 LIMIT $7::INTEGER;

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.text_id IN ($1::VARCHAR);

SELECT vault_texts.text_id, vault_texts.case_no, vault_texts.purpose, vault_texts.sealed, vault_texts.digest, vault_texts.chars, vault_texts.created_at, vault_texts.used_at, vault_texts.erased_at 
FROM vault_texts 
WHERE vault_texts.text_id IN ($1::VARCHAR, $2::VARCHAR);

SELECT version_num FROM alembic_version;

UPDATE bursts SET first_at=least(bursts.first_at, $1::TIMESTAMP WITH TIME ZONE), last_at=greatest(bursts.last_at, $2::TIMESTAMP WITH TIME ZONE) WHERE bursts.category = $3::VARCHAR AND bursts.area IS NOT DISTINCT FROM $4::VARCHAR AND bursts.last_at >= $5::TIMESTAMP WITH TIME ZONE AND bursts.first_at <= $6::TIMESTAMP WITH TIME ZONE;

UPDATE bursts SET settled_at=$1::TIMESTAMP WITH TIME ZONE, settled_by=$2::VARCHAR, ground=$3::VARCHAR WHERE bursts.burst_id = $4::BIGINT AND bursts.settled_at IS NULL;

UPDATE cases SET caller_hash=NULL WHERE cases.case_no IN ($1::VARCHAR);

UPDATE cases SET caller_hash=NULL WHERE cases.case_no IN ($1::VARCHAR, $2::VARCHAR);

UPDATE deliveries SET attempts=(deliveries.attempts + $1::INTEGER), leased_until=$2::TIMESTAMP WITH TIME ZONE WHERE deliveries.delivery_id = $3::VARCHAR RETURNING deliveries.delivery_id, deliveries.notice_id, deliveries.channel, deliveries.recipient, deliveries.is_urgent, deliveries.created_at, deliveries.not_before, deliveries.state, deliveries.bundle, deliveries.attempts, deliveries.leased_until, deliveries.failure, deliveries.settled_at;

UPDATE deliveries SET bundle=$1::VARCHAR WHERE deliveries.delivery_id IN ($2::VARCHAR);

UPDATE deliveries SET bundle=$1::VARCHAR WHERE deliveries.delivery_id IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR);

UPDATE deliveries SET bundle=$1::VARCHAR WHERE deliveries.state = $2::VARCHAR AND deliveries.bundle IS NOT NULL AND NOT (EXISTS (SELECT * 
FROM deliveries AS deliveries_1 
WHERE deliveries_1.delivery_id = deliveries.bundle));

UPDATE deliveries SET not_before=$1::TIMESTAMP WITH TIME ZONE, leased_until=$2::TIMESTAMP WITH TIME ZONE, failure=$3::VARCHAR WHERE deliveries.delivery_id = $4::VARCHAR AND deliveries.state = $5::VARCHAR;

UPDATE deliveries SET not_before=$1::TIMESTAMP WITH TIME ZONE, state=$2::VARCHAR, attempts=$3::INTEGER, settled_at=$4::TIMESTAMP WITH TIME ZONE WHERE deliveries.state = $5::VARCHAR AND deliveries.channel = $6::VARCHAR;

UPDATE deliveries SET state=$1::VARCHAR, leased_until=$2::TIMESTAMP WITH TIME ZONE, failure=$3::VARCHAR, settled_at=$4::TIMESTAMP WITH TIME ZONE WHERE deliveries.bundle = $5::VARCHAR AND deliveries.state = $6::VARCHAR;

UPDATE deliveries SET state=$1::VARCHAR, leased_until=$2::TIMESTAMP WITH TIME ZONE, failure=$3::VARCHAR, settled_at=$4::TIMESTAMP WITH TIME ZONE WHERE deliveries.delivery_id IN ($6::VARCHAR) AND deliveries.state = $5::VARCHAR;

UPDATE deliveries SET state=$1::VARCHAR, leased_until=$2::TIMESTAMP WITH TIME ZONE, failure=$3::VARCHAR, settled_at=$4::TIMESTAMP WITH TIME ZONE WHERE deliveries.delivery_id IN (NULL) AND (1 != 1) AND deliveries.state = $5::VARCHAR;

UPDATE deliveries SET state=$1::VARCHAR, settled_at=$2::TIMESTAMP WITH TIME ZONE WHERE deliveries.channel = $3::VARCHAR AND deliveries.state IN ($4::VARCHAR, $5::VARCHAR);

UPDATE dossier_intake SET adopted_at=$1::TIMESTAMP WITH TIME ZONE WHERE dossier_intake.dossier_no = $2::VARCHAR AND dossier_intake.adopted_at IS NULL;

UPDATE dossier_numbers SET last=(dossier_numbers.last - $1::INTEGER) WHERE dossier_numbers.year = $2::INTEGER;

UPDATE evidence SET sealed_key=$1::BYTEA, sealed_name=NULL, sealed_metadata=NULL WHERE evidence.case_no IN ($2::VARCHAR);

UPDATE evidence SET sealed_key=$1::BYTEA, sealed_name=NULL, sealed_metadata=NULL WHERE evidence.case_no IN ($2::VARCHAR, $3::VARCHAR);

UPDATE intake SET adopted_at=$1::TIMESTAMP WITH TIME ZONE WHERE intake.case_no = $2::VARCHAR AND intake.adopted_at IS NULL;

UPDATE intake SET principal=CASE WHEN (intake.principal LIKE $1::VARCHAR) THEN $2::VARCHAR ELSE intake.principal END, key_hash=($3::VARCHAR || intake.case_no), request_digest=$4::VARCHAR, caller_hash=NULL WHERE intake.case_no IN ($5::VARCHAR);

UPDATE intake SET principal=CASE WHEN (intake.principal LIKE $1::VARCHAR) THEN $2::VARCHAR ELSE intake.principal END, key_hash=($3::VARCHAR || intake.case_no), request_digest=$4::VARCHAR, caller_hash=NULL WHERE intake.case_no IN ($5::VARCHAR, $6::VARCHAR);

UPDATE intake SET retrieval_hash=$1::VARCHAR, retrieval_sealed=$2::BYTEA WHERE intake.case_no IN ($3::VARCHAR);

UPDATE intake SET retrieval_hash=$1::VARCHAR, retrieval_sealed=$2::BYTEA WHERE intake.case_no IN ($3::VARCHAR, $4::VARCHAR);

UPDATE intake SET retrieval_sealed=$1::BYTEA WHERE intake.case_no = $2::VARCHAR AND intake.retrieval_sealed = $3::BYTEA;

UPDATE knowledge SET number=$1::VARCHAR, title=$2::VARCHAR, answer=$3::VARCHAR, category=$4::VARCHAR, area=$5::VARCHAR, unit=$6::VARCHAR, valid_until=$7::DATE, version=$8::INTEGER, updated_at=$9::TIMESTAMP WITH TIME ZONE, updated_by=$10::VARCHAR, withdrawn_at=$11::TIMESTAMP WITH TIME ZONE, words=CAST($12::VARCHAR AS TSVECTOR) WHERE knowledge.number = $13::VARCHAR;

UPDATE notices SET told_at=$1::TIMESTAMP WITH TIME ZONE WHERE notices.notice_id IN ($2::VARCHAR);

UPDATE notices SET told_at=$1::TIMESTAMP WITH TIME ZONE WHERE notices.notice_id IN ($2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR);

UPDATE policies SET active=$1::BOOLEAN WHERE policies.active AND policies.revision != $2::VARCHAR;

UPDATE policies SET active=$1::BOOLEAN WHERE policies.revision = $2::VARCHAR;

UPDATE policy_drafts SET published_at=$1::TIMESTAMP WITH TIME ZONE, published_by=$2::VARCHAR WHERE policy_drafts.draft_id = $3::VARCHAR;

UPDATE policy_rollouts SET finished_at=$1::TIMESTAMP WITH TIME ZONE, overtaken=$2::BOOLEAN WHERE policy_rollouts.revision = $3::VARCHAR AND policy_rollouts.finished_at IS NULL RETURNING policy_rollouts.revision;

UPDATE policy_rollouts SET started_at=$1::TIMESTAMP WITH TIME ZONE WHERE policy_rollouts.revision = $2::VARCHAR AND policy_rollouts.started_at IS NULL;

UPDATE problem_lines SET caller_hash=NULL WHERE problem_lines.line_no IN (SELECT problem_links.line_no 
FROM problem_links 
WHERE problem_links.case_no IN ($1::VARCHAR));

UPDATE problem_lines SET caller_hash=NULL WHERE problem_lines.line_no IN (SELECT problem_links.line_no 
FROM problem_links 
WHERE problem_links.case_no IN ($1::VARCHAR, $2::VARCHAR));

UPDATE problem_lines SET ended_at=$1::TIMESTAMP WITH TIME ZONE WHERE problem_lines.line_no = $2::VARCHAR;

UPDATE problem_lines SET ended_at=$1::TIMESTAMP WITH TIME ZONE WHERE problem_lines.line_no = $2::VARCHAR AND problem_lines.ended_at IS NULL;

UPDATE problem_links SET detached_at=$1::TIMESTAMP WITH TIME ZONE WHERE problem_links.line_no = $2::VARCHAR AND problem_links.case_no = $3::VARCHAR;

UPDATE problem_links SET told=$1::VARCHAR WHERE problem_links.line_no = $2::VARCHAR AND problem_links.case_no = $3::VARCHAR;

UPDATE screening_queue SET since=$1::TIMESTAMP WITH TIME ZONE WHERE screening_queue.case_no = $2::VARCHAR;

UPDATE tokens SET last_used_on=$1::DATE WHERE tokens.token_id = $2::VARCHAR;

UPDATE tokens SET revoked_at=$1::TIMESTAMP WITH TIME ZONE WHERE tokens.user_id = $2::VARCHAR AND tokens.revoked_at IS NULL;

UPDATE tokens SET revoked_at=$1::TIMESTAMP WITH TIME ZONE WHERE tokens.user_id = $2::VARCHAR AND tokens.revoked_at IS NULL AND tokens.name = $3::VARCHAR;

UPDATE tokens SET revoked_at=$1::TIMESTAMP WITH TIME ZONE WHERE tokens.user_id = $2::VARCHAR AND tokens.token_id = $3::VARCHAR AND tokens.revoked_at IS NULL RETURNING tokens.token_hash, tokens.token_id, tokens.user_id, tokens.name, tokens.scopes, tokens.issued_by, tokens.created_at, tokens.expires_at, tokens.revoked_at, tokens.last_used_on;

UPDATE vault_callers SET sealed_address=$1::BYTEA WHERE vault_callers.case_no = $2::VARCHAR AND vault_callers.sealed_address = $3::BYTEA;

UPDATE vault_callers SET sealed_name=$1::BYTEA WHERE vault_callers.case_no = $2::VARCHAR AND vault_callers.sealed_name = $3::BYTEA;

UPDATE vault_callers SET sealed_name=NULL, sealed_phone=NULL, sealed_address=NULL, name_hash=NULL, phone_hash=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_callers.case_no IN ($2::VARCHAR) AND vault_callers.erased_at IS NULL;

UPDATE vault_callers SET sealed_name=NULL, sealed_phone=NULL, sealed_address=NULL, name_hash=NULL, phone_hash=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_callers.case_no IN ($2::VARCHAR, $3::VARCHAR) AND vault_callers.erased_at IS NULL;

UPDATE vault_callers SET sealed_phone=$1::BYTEA WHERE vault_callers.case_no = $2::VARCHAR AND vault_callers.sealed_phone = $3::BYTEA;

UPDATE vault_persons SET phone_hash=NULL WHERE vault_persons.sealed_key IS NOT NULL AND vault_persons.phone_hash IS NOT NULL AND NOT (EXISTS (SELECT * 
FROM vault_cases, vault_callers 
WHERE vault_cases.person_id = vault_persons.person_id AND vault_callers.case_no = vault_cases.case_no AND vault_callers.erased_at IS NULL));

UPDATE vault_persons SET phone_hash=NULL, sealed_key=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_persons.person_id IN (SELECT vault_cases.person_id 
FROM vault_cases 
WHERE vault_cases.case_no IN ($2::VARCHAR)) OR vault_persons.phone_hash IS NULL AND vault_persons.phone_hash IS NOT NULL;

UPDATE vault_persons SET phone_hash=NULL, sealed_key=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_persons.person_id IN (SELECT vault_cases.person_id 
FROM vault_cases 
WHERE vault_cases.case_no IN ($3::VARCHAR)) OR vault_persons.phone_hash = $2::VARCHAR AND vault_persons.phone_hash IS NOT NULL;

UPDATE vault_persons SET phone_hash=NULL, sealed_key=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_persons.person_id IN (SELECT vault_cases.person_id 
FROM vault_cases 
WHERE vault_cases.case_no IN ($3::VARCHAR, $4::VARCHAR)) OR vault_persons.phone_hash = $2::VARCHAR AND vault_persons.phone_hash IS NOT NULL;

UPDATE vault_persons SET sealed_key=$1::BYTEA WHERE vault_persons.person_id = $2::VARCHAR AND vault_persons.sealed_key = $3::BYTEA;

UPDATE vault_persons SET sealed_key=NULL, erased_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_persons.sealed_key IS NOT NULL AND NOT (EXISTS (SELECT * 
FROM vault_cases, vault_callers 
WHERE vault_cases.person_id = vault_persons.person_id AND vault_callers.case_no = vault_cases.case_no AND vault_callers.erased_at IS NULL)) AND NOT (EXISTS (SELECT * 
FROM vault_cases, vault_texts 
WHERE vault_cases.person_id = vault_persons.person_id AND vault_texts.case_no = vault_cases.case_no AND vault_texts.erased_at IS NULL));

UPDATE vault_texts SET sealed=$1::BYTEA WHERE vault_texts.text_id = $2::VARCHAR AND vault_texts.sealed = $3::BYTEA;

UPDATE vault_texts SET sealed=$1::BYTEA, erased_at=$2::TIMESTAMP WITH TIME ZONE WHERE vault_texts.case_no IN ($3::VARCHAR) AND vault_texts.erased_at IS NULL;

UPDATE vault_texts SET sealed=$1::BYTEA, erased_at=$2::TIMESTAMP WITH TIME ZONE WHERE vault_texts.case_no IN ($3::VARCHAR, $4::VARCHAR) AND vault_texts.erased_at IS NULL;

UPDATE vault_texts SET used_at=$1::TIMESTAMP WITH TIME ZONE WHERE vault_texts.text_id IN ($2::VARCHAR) AND vault_texts.used_at IS NULL;

WITH RECURSIVE units_above(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE NOT ((problems.recused @> $1::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above)) AND problems.lead_unit = $3::VARCHAR AND problems.overdue IS false ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $4::INTEGER;

WITH RECURSIVE units_above(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.state 
FROM problems 
WHERE NOT ((problems.recused @> $1::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above)) AND problems.line_no = $3::VARCHAR;

WITH RECURSIVE units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT bursts.burst_id, bursts.category, bursts.area, bursts.first_at, bursts.last_at, bursts.raised_at, bursts.settled_at, bursts.settled_by, bursts.ground, (SELECT count(DISTINCT cases.caller_hash) AS count_1 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above))) AS callers 
FROM bursts 
WHERE (EXISTS (SELECT * 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $4::VARCHAR AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above)))) AND bursts.settled_at IS NULL ORDER BY bursts.burst_id DESC 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.lead_unit AS unit, count(*) AS opened, count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS cleared, count(*) FILTER (WHERE problems.round > $1::INTEGER) AS relapsed, count(*) FILTER (WHERE problems.overdue) AS overdue, CAST(count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS FLOAT) / CAST(count(*) AS NUMERIC) AS rate 
FROM problems 
WHERE NOT ((problems.recused @> $2::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above)) GROUP BY problems.lead_unit ORDER BY problems.lead_unit NULLS FIRST;

WITH RECURSIVE units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases JOIN bursts ON cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR 
WHERE bursts.burst_id = $2::BIGINT AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_above)) ORDER BY cases.registered_at, cases.case_no 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND cases.case_no = $4::VARCHAR;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND cases.case_no IN ($4::VARCHAR, $5::VARCHAR, $6::VARCHAR) AND cases.secret IS false ORDER BY cases.registered_at, cases.case_no;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) ORDER BY cases.registered_at DESC, cases.case_no DESC 
 LIMIT $4::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.state 
FROM cases 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND cases.case_no = $4::VARCHAR;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.status, count(*) AS number 
FROM cases 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) GROUP BY cases.status;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND clocks.case_no = $4::VARCHAR ORDER BY clocks.started_at, clocks.clock_id;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT clocks.case_no, clocks.clock_id, clocks.kind, clocks.holder, clocks.limit_text, clocks.started_at, clocks.due_at, clocks.provisional, clocks.because, clocks.held_at, clocks.fired, clocks.next_alarm_at, clocks.next_alarm, clocks.stopped_at, clocks.stop_reason, clocks.late 
FROM clocks JOIN cases ON cases.case_no = clocks.case_no 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.due_at < $4::TIMESTAMP WITH TIME ZONE AND cases.closed_at IS NULL ORDER BY clocks.due_at, clocks.case_no 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT clocks.holder, clocks.next_alarm AS alarm, count(*) AS count 
FROM clocks 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE cases.case_no = clocks.case_no AND NOT (cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above))))) AND clocks.stopped_at IS NULL AND clocks.held_at IS NULL AND clocks.next_alarm_at >= $4::TIMESTAMP WITH TIME ZONE AND clocks.next_alarm_at < $5::TIMESTAMP WITH TIME ZONE GROUP BY clocks.holder, clocks.next_alarm ORDER BY clocks.holder, clocks.next_alarm;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT measures.number, measures.case_no, measures.kind, measures.rung, measures.unit, measures.person, measures.issued_at, measures.issued_by, measures.unit_points, measures.person_points, measures.appeal_until, measures.answer_until, measures.answered_at, measures.settled, measures.appealed_at, measures.appeal_upheld, measures.awaits_approval 
FROM measures JOIN cases ON cases.case_no = measures.case_no 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND measures.case_no = $4::VARCHAR ORDER BY measures.issued_at DESC, measures.number DESC 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.line_no, problems.version, problems.stage, problems.category, problems.area, problems.lead_unit, problems.round, problems.overdue, problems.opened_at, problems.cleared_at, problems.next_due_at 
FROM problems 
WHERE problems.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((problems.recused @> $2::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND problems.lead_unit = $4::VARCHAR AND problems.overdue IS false ORDER BY problems.opened_at DESC, problems.line_no DESC 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.state 
FROM problems 
WHERE problems.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((problems.recused @> $2::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND problems.line_no = $4::VARCHAR;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($1::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT scores.case_no, scores.indicator, scores.occasion, scores.unit, scores.type, scores.counted_at, scores.raw, scores.adjusted, scores.reason, scores.excluded_for, scores.points, scores.seq 
FROM scores LEFT OUTER JOIN units ON units.code = scores.unit 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE cases.case_no = scores.case_no AND NOT (cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $2::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above))))) AND scores.counted_at >= $4::TIMESTAMP WITH TIME ZONE AND scores.counted_at < $5::TIMESTAMP WITH TIME ZONE AND scores.counted_at <= $6::TIMESTAMP WITH TIME ZONE ORDER BY scores.counted_at, scores.case_no, scores.indicator, scores.occasion 
 LIMIT $7::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT EXISTS (SELECT notices.notice_id, notices.case_no, notices.kind, inbox.at, notices.text, notices.is_urgent, inbox.read_at 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $1::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND inbox.notice_id = $5::VARCHAR) AS anon_1;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT bursts.burst_id, bursts.category, bursts.area, bursts.first_at, bursts.last_at, bursts.raised_at, bursts.settled_at, bursts.settled_by, bursts.ground, (SELECT count(DISTINCT cases.caller_hash) AS count_1 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above))) AS callers 
FROM bursts 
WHERE (EXISTS (SELECT * 
FROM cases 
WHERE cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $5::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)))) AND bursts.settled_at IS NULL ORDER BY bursts.burst_id DESC 
 LIMIT $6::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT count(*) AS count_1 
FROM (SELECT notices.notice_id AS notice_id, notices.case_no AS case_no, notices.kind AS kind, inbox.at AS at, notices.text AS text, notices.is_urgent AS is_urgent, inbox.read_at AS read_at 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $1::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND inbox.read_at IS NULL) AS anon_1;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT notices.notice_id, notices.case_no, notices.kind, inbox.at, notices.text, notices.is_urgent, inbox.read_at 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $1::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND (inbox.at, inbox.notice_id) < ($5::TIMESTAMP WITH TIME ZONE, $6::VARCHAR) ORDER BY inbox.at DESC, inbox.notice_id DESC 
 LIMIT $7::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT notices.notice_id, notices.case_no, notices.kind, inbox.at, notices.text, notices.is_urgent, inbox.read_at 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $1::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) ORDER BY inbox.at DESC, inbox.notice_id DESC 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT problems.lead_unit AS unit, count(*) AS opened, count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS cleared, count(*) FILTER (WHERE problems.round > $1::INTEGER) AS relapsed, count(*) FILTER (WHERE problems.overdue) AS overdue, CAST(count(*) FILTER (WHERE problems.cleared_at IS NOT NULL) AS FLOAT) / CAST(count(*) AS NUMERIC) AS rate 
FROM problems 
WHERE problems.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((problems.recused @> $3::TEXT[])) AND NOT (problems.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) GROUP BY problems.lead_unit ORDER BY problems.lead_unit NULLS FIRST;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND screening_hits.hit_no = $5::VARCHAR;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($2::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $3::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $5::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($3::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($5::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT cases.case_no, cases.version, cases.status, cases.phase, cases.outcome, cases.type, cases.urgency, cases.category, cases.area, cases.channel, cases.secret, cases.lead_unit, cases.units, cases.owner_unit, cases.owner_cause, cases.owner_since, cases.registered_at, cases.dispatched_at, cases.closed_at, cases.next_due_at, cases.round, cases.flags, cases.policy_revision, cases.occurrence, cases.repeat_of, cases.joined_to 
FROM cases JOIN bursts ON cases.category = bursts.category AND cases.area IS NOT DISTINCT FROM bursts.area AND cases.registered_at BETWEEN bursts.first_at AND bursts.last_at AND cases.type != $1::VARCHAR 
WHERE bursts.burst_id = $2::BIGINT AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $4::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) ORDER BY cases.registered_at, cases.case_no 
 LIMIT $6::INTEGER;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($6::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 UPDATE inbox SET read_at=$1::TIMESTAMP WITH TIME ZONE WHERE inbox.recipient = $2::VARCHAR AND inbox.notice_id IN (SELECT inbox.notice_id 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $3::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $5::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND inbox.notice_id = $7::VARCHAR AND inbox.read_at IS NULL);

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($4::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($6::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 UPDATE inbox SET read_at=$1::TIMESTAMP WITH TIME ZONE WHERE inbox.recipient = $2::VARCHAR AND inbox.notice_id IN (SELECT inbox.notice_id 
FROM inbox JOIN notices ON notices.notice_id = inbox.notice_id JOIN cases ON cases.case_no = notices.case_no 
WHERE inbox.recipient = $3::VARCHAR AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $5::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND inbox.read_at IS NULL AND inbox.at <= $7::TIMESTAMP WITH TIME ZONE);

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($5::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($7::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT anon_1.holder, anon_1.cause, count(*) AS cases, sum(anon_1.held_for) AS held_for, max(anon_1.held_for) AS longest_for 
FROM (SELECT anon_2.case_no AS case_no, anon_2.holder AS holder, anon_2.cause AS cause, sum(anon_2.held_for) AS held_for, CASE WHEN (max(anon_2.runs) > $1::INTEGER) THEN $2::BOOLEAN ELSE $3::BOOLEAN END AS holds_now 
FROM (SELECT holdings.case_no AS case_no, holdings.holder AS holder, holdings.cause AS cause, holdings.held_for AS held_for, $4::INTEGER AS runs 
FROM holdings JOIN cases ON cases.case_no = holdings.case_no 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $6::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) UNION ALL SELECT cases.case_no AS case_no, cases.owner_unit AS owner_unit, cases.owner_cause AS owner_cause, CAST($8::TIMESTAMP WITH TIME ZONE - cases.owner_since AS INTERVAL) AS anon_3, $9::INTEGER AS anon_4 
FROM cases 
WHERE cases.owner_unit IS NOT NULL AND cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $6::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above))) AS anon_2 GROUP BY anon_2.case_no, anon_2.holder, anon_2.cause) AS anon_1 GROUP BY anon_1.holder, anon_1.cause ORDER BY sum(anon_1.held_for) DESC, anon_1.holder, anon_1.cause;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($5::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($7::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT screening_hits.rule, max(screening_hits.label) AS label, count(*) AS hits, count(*) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS pending, count(*) FILTER (WHERE last_ruling.ruling = $2::VARCHAR) AS clues, count(*) FILTER (WHERE last_ruling.ruling = $3::VARCHAR) AS dismissed, min(screening_hits.found_at) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS oldest_pending_at 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $4::INTEGER) AS last_ruling ON true 
WHERE cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $6::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above)) AND screening_hits.found_at >= $8::TIMESTAMP WITH TIME ZONE AND screening_hits.found_at < $9::TIMESTAMP WITH TIME ZONE GROUP BY screening_hits.rule ORDER BY screening_hits.rule;

WITH RECURSIVE units_below(code) AS 
(SELECT CAST($6::VARCHAR AS TEXT) AS code UNION SELECT units.code AS code 
FROM units JOIN units_below ON units.parent = units_below.code), 
units_above(code) AS 
(SELECT CAST($8::VARCHAR AS TEXT) AS code UNION SELECT units.parent AS parent 
FROM units JOIN units_above ON units.code = units_above.code 
WHERE units.parent IS NOT NULL)
 SELECT facts.case_no, facts.seq, facts.body ->> $1::TEXT AS clock_id, facts.body ->> $2::TEXT AS kind, facts.body ->> $3::TEXT AS holder, facts.body ->> $4::TEXT AS alarm, CAST(facts.body ->> $5::TEXT AS TIMESTAMP WITH TIME ZONE) AS alarm_at, facts.at AS fired_at 
FROM facts 
WHERE NOT (EXISTS (SELECT * 
FROM cases 
WHERE cases.case_no = facts.case_no AND NOT (cases.units && (SELECT coalesce(array_agg(units_below.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_1 
FROM units_below) AND NOT ((cases.recused @> $7::TEXT[])) AND NOT (cases.accused_units && (SELECT coalesce(array_agg(units_above.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_2 
FROM units_above))))) AND facts.tag = $9::VARCHAR AND facts.at >= $10::TIMESTAMP WITH TIME ZONE AND facts.at < $11::TIMESTAMP WITH TIME ZONE ORDER BY facts.at DESC, facts.case_no DESC, facts.seq DESC 
 LIMIT $12::INTEGER;

WITH RECURSIVE units_supervised(code) AS 
(SELECT supervised_units.unit AS code 
FROM supervised_units JOIN users ON users.discipline_group = supervised_units."group" 
WHERE users.user_id = $5::VARCHAR UNION SELECT units.code AS code 
FROM units JOIN units_supervised ON units.parent = units_supervised.code)
 SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE (SELECT coalesce(users.discipline_group, $2::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $3::VARCHAR) IS NOT NULL AND ((SELECT coalesce(users.discipline_group, $2::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $3::VARCHAR) = $4::VARCHAR OR cases.units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised) OR cases.accused_units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised)) AND NOT ((cases.recused @> $6::TEXT[])) AND screening_hits.hit_no = $7::VARCHAR;

WITH RECURSIVE units_supervised(code) AS 
(SELECT supervised_units.unit AS code 
FROM supervised_units JOIN users ON users.discipline_group = supervised_units."group" 
WHERE users.user_id = $5::VARCHAR UNION SELECT units.code AS code 
FROM units JOIN units_supervised ON units.parent = units_supervised.code)
 SELECT screening_hits.hit_no, screening_hits.case_no, screening_hits.rule, screening_hits.label, screening_hits.test, screening_hits.round, screening_hits.revision, screening_hits.shown_at, screening_hits.found_at, screening_hits.evidence, screening_hits.because, cases.status, cases.category, cases.area, cases.lead_unit, last_ruling.ruling, last_ruling.ruled_at, last_ruling.ruled_by, last_ruling.dossier_no 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $1::INTEGER) AS last_ruling ON true 
WHERE (SELECT coalesce(users.discipline_group, $2::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $3::VARCHAR) IS NOT NULL AND ((SELECT coalesce(users.discipline_group, $2::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $3::VARCHAR) = $4::VARCHAR OR cases.units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised) OR cases.accused_units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised)) AND NOT ((cases.recused @> $6::TEXT[])) ORDER BY screening_hits.found_at DESC, screening_hits.hit_no DESC 
 LIMIT $7::INTEGER;

WITH RECURSIVE units_supervised(code) AS 
(SELECT supervised_units.unit AS code 
FROM supervised_units JOIN users ON users.discipline_group = supervised_units."group" 
WHERE users.user_id = $8::VARCHAR UNION SELECT units.code AS code 
FROM units JOIN units_supervised ON units.parent = units_supervised.code)
 SELECT screening_hits.rule, max(screening_hits.label) AS label, count(*) AS hits, count(*) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS pending, count(*) FILTER (WHERE last_ruling.ruling = $2::VARCHAR) AS clues, count(*) FILTER (WHERE last_ruling.ruling = $3::VARCHAR) AS dismissed, min(screening_hits.found_at) FILTER (WHERE last_ruling.ruling IS NULL OR last_ruling.ruling = $1::VARCHAR) AS oldest_pending_at 
FROM screening_hits JOIN cases ON cases.case_no = screening_hits.case_no LEFT OUTER JOIN LATERAL (SELECT screening_rulings.hit_no AS hit_no, screening_rulings.number AS number, screening_rulings.ruling AS ruling, screening_rulings.ruled_at AS ruled_at, screening_rulings.ruled_by AS ruled_by, screening_rulings.reason AS reason, screening_rulings.dossier_no AS dossier_no 
FROM screening_rulings 
WHERE screening_rulings.hit_no = screening_hits.hit_no ORDER BY screening_rulings.number DESC 
 LIMIT $4::INTEGER) AS last_ruling ON true 
WHERE (SELECT coalesce(users.discipline_group, $5::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $6::VARCHAR) IS NOT NULL AND ((SELECT coalesce(users.discipline_group, $5::VARCHAR) AS coalesce_1 
FROM users 
WHERE users.user_id = $6::VARCHAR) = $7::VARCHAR OR cases.units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised) OR cases.accused_units && (SELECT coalesce(array_agg(units_supervised.code), CAST(ARRAY[] AS TEXT[])) AS coalesce_3 
FROM units_supervised)) AND NOT ((cases.recused @> $9::TEXT[])) AND screening_hits.found_at >= $10::TIMESTAMP WITH TIME ZONE AND screening_hits.found_at < $11::TIMESTAMP WITH TIME ZONE GROUP BY screening_hits.rule ORDER BY screening_hits.rule;

WITH RECURSIVE walk(category) AS 
(SELECT anon_2.category AS category 
FROM (SELECT cases.category AS category 
FROM cases 
WHERE cases.category IS NOT NULL ORDER BY cases.category 
 LIMIT $2::INTEGER) AS anon_2 UNION ALL SELECT (SELECT cases.category 
FROM cases 
WHERE cases.category > walk.category ORDER BY cases.category 
 LIMIT $3::INTEGER) AS anon_3 
FROM walk 
WHERE walk.category IS NOT NULL)
 SELECT anon_1.category, coalesce(matters.note, $1::VARCHAR) AS note 
FROM (SELECT walk.category AS category 
FROM walk 
WHERE walk.category IS NOT NULL UNION SELECT matters.category AS category 
FROM matters) AS anon_1 LEFT OUTER JOIN matters ON matters.category = anon_1.category 
WHERE matters.active IS NOT false ORDER BY anon_1.category