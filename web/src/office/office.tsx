// What is not an alert: lists, operations, stations, the log. Loaded only by those who have such a role.
import { Operations } from '../control/operations';
import type { Me } from '../desk';
import { Audit } from './audit';
import { Entries } from './entries';
import { OperationList, RequestOperation } from './operation';
import { Propose } from './propose';
import { Station } from './station';

export function Office({ me, kind }: { me: Me; kind: string }) {
    const is = (role: string) => me.roles.includes(role);
    return (
        <>
            {is('station') && <Station me={me} />}
            {is('auditor') && <Audit me={me} />}
            {is('inspector') && <Operations me={me} />}
            {(is('authoriser') || is('watch_officer')) && <Entries me={me} />}
            {(is('authoriser') || is('watch_officer') || is('outside_signer')) && <OperationList me={me} />}
            {is('watch_officer') && <RequestOperation me={me} kind={kind} />}
            {is('watch_officer') && <Propose me={me} />}
        </>
    );
}
