// The public record of one operation, counted from the verified log alone and to the letter of src/govern/report.c. Runs in the page and in
// Node, unbuilt.

const outcomes = ['contact_declined', 'custody', 'found_safe', 'identity_not_established', 'lapsed', 'lost', 'no_unit', 'not_found', 'not_stopped', 'other_custody',
    'recalled', 'rejected', 'right_person_no_action', 'right_person_not_wanted', 'wrong_person'];
const byGravity = ['none', 'resistance', 'injury', 'firearm', 'death'];
const steps = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'closed'];
const terms = ['site_kind', 'purpose', 'why_here', 'why_dated', 'reasons', 'list_size', 'threshold_e6', 'pack_hash', 'report_hash', 'starts_at', 'ends_at'];
const measures = ['same_pairs', 'different_pairs'].flatMap((pairs) => [pairs, `${pairs}_answers`, `${pairs}_cannot_tell`]);

const text = (value) => (typeof value === 'string' ? value : '');
const number = (value) => (typeof value === 'number' ? value : 0);
const zeros = (names) => Object.fromEntries(names.map((name) => [name, 0]));
const add = (counts, name, more = 1) => {
    counts[name] = (counts[name] ?? 0) + more;
};

const termsOf = (leaf) => ({ ...Object.fromEntries(terms.filter((name) => name in leaf).map((name) => [name, leaf[name]])), cameras: Array.isArray(leaf.cameras) ? leaf.cameras.length : 0 });

/** Of planted pairs, which are no alerts: how many there were, and the answers, wrong ones apart. */
function notePair(planted, leaf) {
    if (leaf.pair !== 'same' && leaf.pair !== 'different') return;
    const [pairs, wrong] = leaf.pair === 'same' ? ['same_pairs', 'different'] : ['different_pairs', 'same'];
    add(planted, pairs);
    add(planted, `${pairs}_answers`, number(leaf.same) + number(leaf.different) + number(leaf.cannot_tell));
    add(planted, `${pairs}_cannot_tell`, number(leaf.cannot_tell));
    add(planted, `${pairs}_said_${wrong}`, number(leaf[wrong]));
}

function noteReviews(reviews, leaf) {
    for (const answer of ['same', 'different', 'cannot_tell']) add(reviews, answer, number(leaf[answer]));
    add(reviews, 'alerts_disagreed', Number(number(leaf.same) > 0 && number(leaf.different) > 0));
}

/** Of a step that is taken again the first time counts; of harm the gravest; of outcomes the one that holds. */
function noteAlert(alert, leaf) {
    const step = leaf.kind.replace(/^alert_/, '');
    if (leaf.kind.startsWith('alert_') && steps.includes(step) && !(step in alert.at)) {
        alert.at[step] = leaf.at;
        if (step === 'closed') alert.first = alert.holds = text(leaf.outcome);
    }
    if (leaf.kind === 'outcome_given' || leaf.kind === 'concurrence_asked') alert.harm = Math.max(alert.harm, byGravity.indexOf(leaf.harm));
    if (leaf.kind === 'outcome_amended') Object.assign(alert, { amended: true, holds: text(leaf.outcome) });
}

/** Nearest rank. */
const percentile = (sorted, percent) => sorted[Math.max(1, Math.ceil((sorted.length * percent) / 100)) - 1];

function stageOf(alerts, from, to) {
    const seconds = alerts.filter(({ at }) => from in at && to in at).map(({ at }) => at[to] - at[from]).sort((a, b) => a - b);
    if (seconds.length === 0) return { from, to, alerts: 0 };
    return { from, to, alerts: seconds.length, median_s: percentile(seconds, 50), p90_s: percentile(seconds, 90), longest_s: seconds.at(-1) };
}

function finish(record, alerts) {
    for (const { first, holds, harm, amended } of alerts) {
        if (holds) add(record.outcomes, holds);
        if (harm >= 0) add(record.harm, byGravity[harm]);
        if (amended) add(record.amended, `${first}_to_${holds}`);
    }
    return { ...record, alerts: alerts.length, stops: alerts.filter(({ at }) => 'stopped' in at).length, wrong_stops: record.outcomes.wrong_person,
        outcomes_amended: alerts.filter(({ amended }) => amended).length, stages: steps.slice(1).map((to, i) => stageOf(alerts, steps[i], to)) };
}

/** What `mizan audit report --operation` writes as JSON, of these leaves. */
export function reportOf(leaves, operation) {
    const alerts = new Map();
    const record = { report: 'operation', site: leaves[0].site, operation, first_record: -1, last_record: -1, terms: null, events: [], outcomes_not_recorded: 0, outcomes: zeros(outcomes),
        amended: {}, harm: zeros(byGravity), planted: zeros([...measures, 'same_pairs_said_different', 'different_pairs_said_same']), sightings_muted: 0, passages_waiting: 0,
        reviews: zeros(['same', 'different', 'cannot_tell', 'alerts_disagreed']) };
    for (const leaf of leaves) {
        const own = leaf.operation === operation;
        if (own && leaf.kind === 'alert_raised') alerts.set(leaf.alert, { at: {}, first: '', holds: '', harm: -1, amended: false });
        const alert = alerts.get(leaf.alert);
        if (!own && !alert) continue;
        record.last_record = leaf.seq;
        if (record.first_record < 0) record.first_record = leaf.seq;
        add(record, 'sightings_muted', Number(leaf.kind === 'sighting_muted') + (leaf.kind === 'more_sightings_unraised' ? number(leaf.muted) : 0));
        add(record, 'passages_waiting', Number(leaf.kind === 'passage_waits') + (leaf.kind === 'more_passages_waited' ? number(leaf.passages) : 0));
        if (own && leaf.kind === 'pair_reviewed') notePair(record.planted, leaf);
        if (alert) {
            noteAlert(alert, leaf);
            if (leaf.kind === 'reviews_counted') noteReviews(record.reviews, leaf);
            add(record, 'outcomes_not_recorded', Number(leaf.kind === 'outcome_not_recorded'));
        } else if (leaf.kind === 'operation_terms') record.terms = termsOf(leaf);
        else if (leaf.kind.startsWith('operation_')) record.events.push({ at: leaf.at, event: leaf.kind.slice('operation_'.length), why: text(leaf.why) });
    }
    return finish(record, [...alerts.values()]);
}
