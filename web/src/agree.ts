// The outcome that a crew signed and somebody else agrees with: what is read is its statement, and what is signed for is that one's hash.
import { hashOfShown } from '../statement.js';
import type { Alert } from './alerts';
import { act, type Me } from './desk';
import { rosterAtHand } from './sign-in';

export interface SignedOutcome { outcome: string; harm: string; force?: string; case?: string; matter?: string; matter_reference?: string }

/** Null while the desk shows none. */
export const outcomeOf = (alert: Alert): SignedOutcome | null =>
    (alert.outcome_statement ? JSON.parse(alert.outcome_statement.statement) as SignedOutcome : null);

export async function agree(me: Me, alert: Alert, signed: SignedOutcome): Promise<void> {
    const outcome_hash = await hashOfShown(alert.outcome_statement, { type: 'outcome', site: me.site, about: { alert: alert.alert, outcome: signed.outcome },
        stated: alert.outcome_hash ?? '', role: 'crew', roster: await rosterAtHand(me) });
    await act(me, `/alerts/${alert.alert}/concurrence`, 'concurrence', { alert: alert.alert, outcome: signed.outcome, outcome_hash });
}
