/**
 * The client behind the console's "Try sign-in". It is public, first-party, and made when an operator first tries.
 * Its redirect leads back to the console; any change made to it is undone before each trial.
 */
import { Refusal } from '../../../contract/errors';
import type { Actor, AppServices, Visitor } from '../services';
import { createClient, updateClient } from './manage-clients';

export const trialClientId = 'menshen-try';

type Needs = Pick<AppServices, 'id' | 'origin' | 'store' | 'vault' | 'engine' | 'clock'>;

export interface TrialClient {
	clientId: string;
	redirectUri: string;
	issuer: string;
}

const fixed = {
	name: 'Menshen: try sign-in',
	website: '',
	confidential: false,
	applicationType: 'web',
	firstParty: true,
	pkceRequired: true,
	postLogoutRedirectUris: [] as string[],
	backchannelLogoutUri: '',
	idTokenAlg: 'RS256',
} as const;

/** @throws Refusal client/redirect-invalid where ORIGIN is http on another machine than this one */
export async function prepareTrialClient(
	services: Needs,
	actor: Actor,
	visitor: Visitor,
): Promise<TrialClient> {
	const redirectUri = `${services.origin}/admin/apps/${services.id}/try/callback`;
	const settings = { ...fixed, postLogoutRedirectUris: [], redirectUris: [redirectUri] };
	const found = await services.store.read.clients.find(trialClientId);
	const isRight =
		found?.secret === null &&
		found.firstParty &&
		found.pkceRequired &&
		found.redirectUris.length === 1 &&
		found.redirectUris[0] === redirectUri;
	if (!found) {
		await createClient(services, { settings: { ...settings, id: trialClientId }, actor }, visitor).catch(
			(error: unknown) => {
				// Two operators pressed the button at once.
				if (!(error instanceof Refusal) || error.code !== 'client/id-taken') throw error;
			},
		);
	} else if (!isRight) await updateClient(services, { id: trialClientId, change: settings, actor }, visitor);
	return { clientId: trialClientId, redirectUri, issuer: `${services.origin}/apps/${services.id}` };
}
