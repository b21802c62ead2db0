/**
 * The redirect to a vendor and back (OAuth 2.0 §4.1, RFC 9700 §4.7). The state that went out with the browser is
 * sealed here and opened once, by the same browser, for the same connector of the same app.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { createClaims } from '../../runtime/claims';
import { minute } from '../../runtime/clock';
import { randomHex, randomToken } from '../../runtime/random';
import { digest, sameSecret } from '../../runtime/vault';
import { whyNotMethod } from '../../domain/sign-in-policy';
import type { AppServices, Visitor } from '../services';
import { limits, sourceOf } from '../../limits/rules';
import { keepNote, openNote, type OpenNote } from '../verify/sealed-note';
import type { Arrived } from './enter-external';
import { noteRefused } from './note-refused';

const life = 10 * minute;

const departureSchema = z.object({
	connector: z.string(),
	nonce: z.string(),
	kept: z.string(),
	/** Digest of what the browser's cookie holds. */
	browser: z.string(),
	/** Our page where the redirect began. */
	back: z.string(),
	/** The user to link the identity to; absent: a sign-in. */
	link: z.string().optional(),
});

export interface RedirectOrder {
	connector: string;
	/** What the browser's cookie holds: only that browser may return. */
	browser: string;
	/** A path of ours to go on at. */
	back: string;
	/** Id of the signed-in user who links an account. */
	link?: string | undefined;
	/** What the person typed, where the connector asks first. */
	hint?: string | undefined;
	inside?: 'wechat' | 'dingtalk' | 'alipay' | undefined;
}

export const callbackOf = ({ origin, id }: Pick<AppServices, 'origin' | 'id'>, connector: string): string =>
	`${origin}/apps/${id}/connect/${connector}/callback`;

/** @returns the vendor's address @throws Refusal plugin/*, auth/too-many-attempts, auth/not-accepted (field identifier where one is asked) */
export async function beginRedirect(
	services: AppServices,
	order: RedirectOrder,
	visitor: Visitor,
): Promise<string> {
	const closed = whyNotMethod(await services.settings(), { method: 'external' });
	if (closed) throw new Refusal(closed);
	const tries = { on: [[limits.redirectAddress, sourceOf(visitor.address)]], by: visitor } as const;
	return services.limiter.spend(tries, () => depart(services, order, visitor));
}

/** Where the person typed something first, a refusal is about that input: the vendor has seen nothing else yet. */
function asTyped({ plugins }: AppServices, connector: string, error: unknown): unknown {
	const code = 'auth/not-accepted';
	if (!(error instanceof Refusal) || error.code !== code || !plugins.manifestOf(connector).asks) return error;
	return new Refusal(code, { fields: { identifier: code }, detail: error.detail, cause: error });
}

async function depart(services: AppServices, order: RedirectOrder, visitor: Visitor): Promise<string> {
	const { connector, browser, back, link, hint, inside } = order;
	const [state, nonce] = [randomHex(32), randomToken(16)];
	const departure = await services.plugins
		.redirect(connector, visitor.locale)
		.begin({
			redirectUri: callbackOf(services, connector),
			state,
			nonce,
			...(hint ? { hint } : {}),
			...(inside ? { inside } : {}),
		})
		.catch((error: unknown) => {
			throw asTyped(services, connector, error);
		});
	const data: z.input<typeof departureSchema> = {
		connector,
		nonce,
		kept: departure.kept,
		browser: digest(browser),
		back,
		...(link ? { link } : {}),
	};
	await services.store.write((tx) =>
		keepNote(services, tx, { purpose: 'redirect', data, life, userId: link, token: state }),
	);
	return departure.url;
}

function refusalOf(error: unknown): { refusal: Refusal } {
	if (!(error instanceof Refusal)) throw error;
	return { refusal: error };
}

export interface Returned {
	/** Where the redirect began. */
	back: string;
	/** The user to link; absent: a sign-in. */
	link: string | undefined;
	/** The vendor's answer, or why there is none. */
	outcome: { arrived: Arrived } | { refusal: Refusal };
	/** The note of this redirect. A refusal has used it up; otherwise the caller that accepts the outcome has to. */
	note: OpenNote<unknown>;
}

interface ReturnInput {
	connector: string;
	/** What the vendor appended. */
	query: Readonly<Record<string, string>>;
	/** What the browser's cookie holds. */
	browser: string | undefined;
}

/**
 * One return is handled at a time, however many come at once: a vendor that is asked twice may revoke its first
 * answer.
 */
const returning = createClaims(life);

/**
 * A second return with the same state finds nothing, whatever the vendor says. To hold for other processes and
 * after a restart too, a refusal uses the note up here; an accepted person's note is returned, to be used up in the
 * transaction that signs them in; where that one refuses, `closeReturn` does it.
 * @throws Refusal interaction/expired (unknown, used or over), interaction/not-yours (another browser, connector or app)
 */
export async function finishRedirect(
	services: AppServices,
	{ connector, query, browser }: ReturnInput,
	visitor: Visitor,
): Promise<Returned> {
	const note = await openNote(
		services,
		{ token: query['state'] ?? '', purpose: 'redirect' },
		departureSchema,
	);
	const { nonce, kept, back, link, ...sent } = note.data;
	if (sent.connector !== connector || !browser || !sameSecret(sent.browser, digest(browser)))
		throw new Refusal('interaction/not-yours');
	if (!returning.take(note.row.id, services.clock)) throw new Refusal('interaction/expired');
	const said = await services.plugins
		.redirect(connector, visitor.locale)
		.finish({ redirectUri: callbackOf(services, connector), query, nonce, kept })
		.then((external) => ({ external }), refusalOf);
	if ('external' in said) {
		const arrived: Arrived = { connector, external: said.external, uses: [note] };
		return { back, link, note, outcome: { arrived } };
	}
	await noteRefused(services, { connector, link, refusal: said.refusal, uses: [note] }, visitor);
	return { back, link, note, outcome: said };
}

/**
 * Called when a person whom the vendor accepted is refused here: the same return cannot be used again. Never
 * throws.
 */
export async function closeReturn(
	{ store, clock, log }: Pick<AppServices, 'store' | 'clock' | 'log'>,
	{ note }: Pick<Returned, 'note'>,
): Promise<void> {
	await store
		.write((tx) => tx.verifications.close(note.row.id, clock.now()))
		.catch((error: unknown) => log.error({ err: error }, 'a way back could not be closed'));
}
