/** The keys that sign an app's tokens, for operators. */
import type { KeyView, RotationOrder } from '../../oidc/keys/signing-keys';
import { recordEvent } from '../audit/record-event';
import type { Actor, ApplianceServices, Visitor } from '../services';

type Needs = Pick<ApplianceServices, 'signingKeys' | 'clock'>;

/** @throws Refusal app/not-found */
export async function listSigningKeys(services: Needs, app: number): Promise<KeyView[]> {
	return services.signingKeys.list(app);
}

/** A new key is published first and used later, unless `order` says otherwise. @throws Refusal app/not-found */
export async function rotateSigningKeys(
	services: Needs,
	{ app, order, actor }: { app: number; order?: RotationOrder; actor: Actor },
	visitor: Visitor,
): Promise<KeyView[]> {
	return services.signingKeys.rotate(app, order, (tx) =>
		recordEvent(
			tx,
			{ action: 'key.rotate', actor, target: `app:${app}` },
			{ clock: services.clock, visitor },
		),
	);
}
