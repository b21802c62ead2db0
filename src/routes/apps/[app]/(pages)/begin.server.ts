/** The forms of the sign-in page: one post, whichever way in was chosen. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { phoneOf } from '$lib/forms/phone-of';
import type { Typed } from '$lib/forms/read-form';
import { sendCode } from '$lib/server/flows/codes/send-code';
import { markGuest } from '$lib/server/edge/cookies';
import { enterExternal } from '$lib/server/flows/external/enter-external';
import { redeemTicket } from '$lib/server/flows/external/redeem-ticket';
import { beginRedirect } from '$lib/server/flows/external/redirect';
import { signInByPasskey } from '$lib/server/flows/passkeys/ceremony';
import { beginScan } from '$lib/server/flows/scan/scan';
import { insideOf, wayOfConnector, type Way } from '$lib/server/flows/sign-in/list-methods';
import { submitSignIn } from '$lib/server/flows/sign-in/submit-sign-in';
import { submitted } from '../answer.server';
import { dropNote, leaveNote } from '../note.server';
import {
	arrive,
	bindingOf,
	enter,
	presentBinding,
	presentSession,
	type Begin,
	type Journey,
} from './journey.server';
import { readCredential } from './read-credential';

const fields = [
	'connector',
	'identifier',
	'password',
	'email',
	'phone',
	'country',
	'ceremony',
	'response',
	'step',
] as const;
type Sent = Typed<(typeof fields)[number]>;
type Act = (event: RequestEvent, journey: Journey, sent: Sent) => Promise<never>;

const byPassword: Act = async (event, journey, { identifier, password, connector }) => {
	const replaces = await presentSession(event);
	const input = { identifier, password, replaces, ...(connector ? { connector } : {}) };
	return arrive(event, journey, await submitSignIn(await event.locals.app(), input, event.locals.visitor));
};

const byCode: Act = async (event, journey, sent) => {
	const app = await event.locals.app();
	const { connector } = sent;
	const page = journey.href('code');
	const order = {
		connector,
		to: sent.phone ? phoneOf(sent) : sent.email,
		purpose: 'sign-in',
		browser: await bindingOf(event),
		linkTo: `/apps/${app.id}/code`,
	} as const;
	const { verification, to } = await sendCode(app, order, event.locals.visitor);
	leaveNote(event, { at: 'code', connector, verification, to, page });
	redirect(303, page);
};

const byRedirect: Act = async (event, journey, { connector, identifier }) => {
	const { visitor } = event.locals;
	const order = {
		connector,
		browser: await bindingOf(event),
		back: journey.href('sign-in'),
		hint: identifier || undefined,
		inside: insideOf(visitor),
	};
	redirect(303, await beginRedirect(await event.locals.app(), order, visitor));
};

export const startScan = async (
	event: RequestEvent,
	journey: Journey,
	{ connector }: Pick<Sent, 'connector'>,
): Promise<never> => {
	const { secret } = await beginScan(await event.locals.app(), { connector }, event.locals.visitor);
	leaveNote(event, { at: 'scan', connector, secret });
	redirect(303, journey.href('scan'));
};

const byPasskey: Act = async (event, journey, { ceremony, response }) => {
	const answer = {
		ceremony,
		response: readCredential(response),
		browser: await presentBinding(event),
		replaces: await presentSession(event),
	};
	const { visitor } = event.locals;
	const signedIn = await signInByPasskey(await event.locals.app(), answer, visitor).catch(
		(thrown: unknown) => {
			// The page was open for long; its form can still be submitted again.
			const over = thrown instanceof Refusal && thrown.code.startsWith('interaction/');
			throw over ? new Refusal('auth/code-invalid', { cause: thrown }) : thrown;
		},
	);
	return arrive(event, journey, signedIn);
};

const byGuest: Act = async (event, journey, { connector }) => {
	const app = await event.locals.app();
	const { visitor } = event.locals;
	const ticket = markGuest(event.cookies, app.id, app.origin.startsWith('https:'));
	const arrived = await redeemTicket(app, { connector, ticket }, visitor);
	const entered = await enterExternal(app, { ...arrived, replaces: await presentSession(event) }, visitor);
	return enter(event, journey, { entered, connector });
};

const acts: Readonly<Record<Way, Act>> = {
	password: byPassword,
	code: byCode,
	redirect: byRedirect,
	scan: startScan,
	passkey: byPasskey,
	guest: byGuest,
};

export function signIn(event: RequestEvent, begin: Begin) {
	return submitted(event, fields, async (sent) => {
		if (sent.step === 'alone') return signInAlone(event, await begin());
		const app = await event.locals.app();
		const way = sent.connector ? wayOfConnector(app, sent.connector) : 'password';
		return acts[way](event, await begin(), sent);
	});
}

/** The person decided not to link an account. */
function signInAlone(event: RequestEvent, journey: Journey): never {
	dropNote(event, 'linking');
	redirect(303, journey.href('sign-in'));
}
