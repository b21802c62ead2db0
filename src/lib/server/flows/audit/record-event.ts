/**
 * Security events, written in the transaction of the action that they record: no event without its action, no
 * action without its event.
 */
import type { Clock } from '../../runtime/clock';
import type { AuditEntry } from '../../storage/shared/audit';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { Visitor } from '../services';

export interface SecurityEvent {
	action: string;
	outcome?: AuditEntry['outcome'];
	actor: AuditEntry['actor'];
	/** `kind:id` of the object of the action. */
	target?: string;
	/** Further facts. Never a secret, never a typed password or code. */
	detail?: Readonly<Record<string, unknown>>;
}

export const nobody: AuditEntry['actor'] = { kind: 'nobody', id: '' };

export async function recordEvent(
	tx: Pick<SharedRepositories, 'audit'>,
	event: SecurityEvent,
	context: { clock: Clock; visitor: Pick<Visitor, 'address' | 'requestId'> },
): Promise<void> {
	await tx.audit.add({
		at: context.clock.now(),
		action: event.action,
		outcome: event.outcome ?? 'ok',
		actor: { kind: event.actor.kind, id: event.actor.id },
		target: event.target ?? '',
		address: context.visitor.address,
		requestId: context.visitor.requestId,
		detail: event.detail ?? {},
	});
}
