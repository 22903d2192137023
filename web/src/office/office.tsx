// What is not an alert: lists, operations, stations, administration, oversight. Loaded only by those who have such a role.
import type { Part } from '../work';
import { Operations } from '../control/operations';
import { Amend } from './amend';
import { Audit } from './audit';
import { Cameras } from './cameras';
import { Copies } from './copies';
import { Entries } from './entries';
import { Imports } from './imports';
import { Listed } from './listed';
import { Measured } from './measured';
import { OperationList } from './operation-list';
import { RequestOperation } from './operation';
import { Offences } from './offences';
import { Officers } from './officers';
import { Passes } from './passes';
import { Propose } from './propose';
import { Places } from './places';
import { PublicRecords } from './records';
import { Redress } from './redress';
import { SetUp } from './set-up';
import { Station } from './station';
import { Statuses } from './statuses';

const lists = ['watch_officer', 'authoriser'] as const;
export const parts: Part[] = [
    { id: 'handovers', words: 'tab_handovers', roles: ['station'], body: Station },
    { id: 'statuses', words: 'tab_statuses', roles: ['station'], body: Statuses },
    { id: 'redress', words: 'tab_redress', roles: ['station'], body: Redress },
    { id: 'log', words: 'log', roles: ['auditor'], body: Audit },
    { id: 'records', words: 'tab_records', roles: ['auditor'], body: PublicRecords },
    { id: 'measured', words: 'tab_measured', roles: ['auditor'], body: Measured },
    { id: 'running', words: 'tab_running', roles: ['inspector'], body: Operations },
    { id: 'copies', words: 'tab_copies', roles: ['inspector'], body: Copies },
    { id: 'listed', words: 'tab_listed', roles: ['inspector'], body: Listed },
    { id: 'complaints', words: 'tab_redress', roles: ['inspector'], body: Redress },
    { id: 'entries', words: 'entries', roles: lists, body: Entries },
    { id: 'propose', words: 'propose', roles: ['watch_officer'], body: Propose },
    { id: 'imports', words: 'tab_imports', roles: ['watch_officer'], body: Imports },
    { id: 'operations', words: 'operations', roles: [...lists, 'outside_signer'], body: OperationList },
    { id: 'request', words: 'request_operation', roles: ['watch_officer'], body: RequestOperation },
    { id: 'places', words: 'tab_places', roles: [...lists, 'outside_signer'], body: Places },
    { id: 'offences', words: 'tab_offences', roles: [...lists, 'outside_signer'], body: Offences },
    { id: 'amend', words: 'tab_amend', roles: ['authoriser'], body: Amend },
    { id: 'requests', words: 'tab_redress', roles: ['authoriser'], body: Redress },
    { id: 'set-up', words: 'tab_set_up', roles: ['admin'], body: SetUp },
    { id: 'cameras', words: 'cameras', roles: ['admin'], body: Cameras },
    { id: 'officers', words: 'tab_officers', roles: ['admin'], body: Officers },
    { id: 'passes', words: 'tab_passes', roles: ['admin', 'authoriser', 'inspector'], body: Passes },
];
