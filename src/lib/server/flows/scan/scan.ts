/**
 * Signing in by another device: this browser shows what to scan, the device confirms with its vendor's
 * ticket. The scanned key leads the device to the sign-in and to nothing else: what collects the sign-in is
 * a secret that only the waiting browser holds. In the same way somebody who is signed in links an account.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { externalSubjectSchema, type Drawing } from '../../../plugin-kit';
import { limits, sourceOf } from '../../limits/rules';
import { minute } from '../../runtime/clock';
import { newId, randomDigits, randomToken } from '../../runtime/random';
import { digest } from '../../runtime/vault';
import type { Verification } from '../../storage/shared/verifications';
import type { OwnSession } from '../account/hold-owner';
import { nobody, recordEvent } from '../audit/record-event';
import { enterExternal, type Arrived, type Entered } from '../external/enter-external';
import { redeemTicket } from '../external/redeem-ticket';
import type { AppServices, Visitor } from '../services';
import type { OpenNote } from '../verify/sealed-note';
import { codeLimits } from '../verify/send-limits';
import { keepDrawing } from './drawing';
import { wordFor } from './matching-word';

const purpose = 'scan';
const life = 3 * minute;
/** What a mini-program code may carry besides `appId=&signinKey=`: app id and key together (contracts, A.6). */
const wireDigits = 15;

const scanSchema = z.object({
	connector: z.string(),
	word: z.string(),
	/** The other device has opened it. */
	seen: z.boolean().default(false),
	external: externalSubjectSchema.optional(),
	/** Somebody said no on the device. */
	denied: z.boolean().default(false),
	/** It links to the account of the person who began it, in the session that began it; absent: somebody signs in. */
	link: z.object({ userId: z.string(), session: z.string() }).optional(),
});
type Scan = z.output<typeof scanSchema>;

export interface BegunScan {
	/** Collects the sign-in; for the waiting browser only. */
	secret: string;
	/** Shown beside the code, and offered to the device, so that people see that both are one. */
	word: string;
	drawing: Drawing;
	/** Milliseconds until it is over. */
	life: number;
}

const keyOfScan = (services: Pick<AppServices, 'vault'>, key: string) => services.vault.hmac(key, 'scan-key');

/** A key that no sign-in under way has. */
async function freeKey(services: AppServices): Promise<string> {
	for (;;) {
		const key = newKey(services);
		const taken = await services.store.read.verifications.findNewest(keyOfScan(services, key), purpose);
		if (!taken || taken.usedAt !== null || taken.expiresAt <= services.clock.now()) return key;
	}
}

/** The whole space that the wire leaves: the longer the app's id, the shorter the key. */
function newKey({ id }: Pick<AppServices, 'id'>): string {
	const digits = randomDigits(wireDigits - String(id).length);
	// Read as a number over there: a leading zero would be lost.
	return digits.startsWith('0') ? `${1 + (Number(digits.at(-1)) % 9)}${digits.slice(1)}` : digits;
}

const sealed = (services: Pick<AppServices, 'vault'>, id: string, scan: Scan) =>
	services.vault.seal(JSON.stringify(scan), `scan:${id}`);

function opened(services: Pick<AppServices, 'vault'>, row: Verification): Scan {
	return scanSchema.parse(JSON.parse(services.vault.open(row.data ?? '', `scan:${row.id}`)));
}

/** @param order.link of the person who links, instead of signing in @throws Refusal plugin/*, auth/too-many-attempts */
export async function beginScan(
	services: AppServices,
	{ connector, link }: { connector: string; link?: Scan['link'] },
	visitor: Visitor,
): Promise<BegunScan & { key: string }> {
	await services.limiter.spend({ on: [[limits.scanAddress, sourceOf(visitor.address)]], by: visitor });
	const [id, key, secret] = [newId(), await freeKey(services), randomToken(32)];
	const now = services.clock.now();
	const word = wordFor(key, visitor.locale);
	const drawing = await services.plugins.scan(connector, visitor.locale).draw({
		key: `appId=${services.id}&signinKey=${key}`,
		url: `${services.origin}/apps/${services.id}/scan?key=${key}`,
	});
	await services.store.write(async (tx) => {
		await keepDrawing(services, tx, { secret, drawing, life });
		await tx.verifications.create({
			id,
			purpose,
			target: keyOfScan(services, key),
			userId: link?.userId ?? null,
			data: sealed(services, id, { connector, word, seen: false, denied: false, ...(link ? { link } : {}) }),
			code: '',
			link: digest(secret),
			createdAt: now,
			expiresAt: now + life,
		});
	});
	return { key, secret, word, drawing, life };
}

async function requireScan(
	services: AppServices,
	find: () => Promise<Verification | undefined>,
): Promise<{ row: Verification; scan: Scan }> {
	const row = await find();
	if (!row || row.usedAt !== null || row.expiresAt <= services.clock.now())
		throw new Refusal('interaction/expired');
	return { row, scan: opened(services, row) };
}

/** Wrong keys count: the space is large, and nobody may search it. */
const byKey = (services: AppServices, key: string, visitor: Visitor) =>
	services.limiter.guard(
		codeLimits(visitor),
		() =>
			requireScan(services, () =>
				services.store.read.verifications.findNewest(keyOfScan(services, key), purpose),
			),
		(refusal) => refusal.code === 'interaction/expired',
	);

export interface ScannedSignIn {
	app: { name: string; website: string };
	word: string;
	connector: string;
	/** What the device's account is wanted for: to sign the waiting screen in, or to sign in to its account from now on. */
	purpose: 'sign-in' | 'link';
	/** Who waits, so that a stranger's browser looks strange. */
	createdAt: number;
}

/** The device has read the code. It does not take the sign-in for itself. @throws Refusal interaction/expired, auth/too-many-attempts */
export async function openScan(
	services: AppServices,
	{ key }: { key: string },
	visitor: Visitor,
): Promise<ScannedSignIn> {
	const { row, scan } = await byKey(services, key, visitor);
	await services.limiter.spend({
		on: [[limits.scanOpen, `${sourceOf(visitor.address)} ${row.id}`]],
		by: visitor,
	});
	await change(services, row, (now) => (now.seen ? now : { ...now, seen: true }));
	const { name, website } = await services.settings();
	const { word, connector, link } = scan;
	const wanted = link ? 'link' : 'sign-in';
	return { app: { name, website }, word, connector, purpose: wanted, createdAt: row.createdAt };
}

/**
 * Of two changes at once the second looks again at what it changes: whoever opens the code again and again cannot
 * spoil what its owner confirms meanwhile. @throws Refusal interaction/expired, and what `turn` throws
 */
async function change(
	services: AppServices,
	{ id }: Pick<Verification, 'id'>,
	turn: (now: Scan) => Scan,
): Promise<void> {
	for (;;) {
		const { row, scan } = await requireScan(services, () => services.store.read.verifications.find(id));
		const next = turn(scan);
		if (next === scan) return;
		const to = sealed(services, id, next);
		if (await services.store.write((tx) => tx.verifications.replaceData(id, { from: row.data, to }))) return;
	}
}

/** What was confirmed or denied already is not confirmed again. @throws Refusal interaction/expired */
function requireOpen(scan: Scan): Scan {
	if (scan.external || scan.denied) throw new Refusal('interaction/expired');
	return scan;
}

export interface ScanConfirmation {
	key: string;
	ticket: string;
	params?: Readonly<Record<string, string>>;
}

/** The person agrees on the device; its ticket says who they are. @throws Refusal interaction/expired, auth/not-accepted, plugin/* */
export async function confirmScan(
	services: AppServices,
	{ key, ticket, params }: ScanConfirmation,
	visitor: Visitor,
): Promise<void> {
	const { row, scan } = await byKey(services, key, visitor);
	requireOpen(scan);
	const { external } = await redeemTicket(
		services,
		{ connector: scan.connector, ticket, ...(params ? { params } : {}) },
		visitor,
	);
	await change(services, row, (now) => ({ ...requireOpen(now), seen: true, external }));
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{ action: 'user.scan-confirm', actor: nobody, detail: { connector: scan.connector } },
			{ clock: services.clock, visitor },
		),
	);
}

/** The person says no on the device. @throws Refusal interaction/expired */
export async function denyScan(
	services: AppServices,
	{ key }: { key: string },
	visitor: Visitor,
): Promise<void> {
	const { row } = await byKey(services, key, visitor);
	await change(services, row, (now) => {
		if (now.external) throw new Refusal('interaction/expired');
		return { ...now, denied: true };
	});
}

export type ScanState =
	| { status: 'waiting'; seen: boolean; word: string; connector: string; expiresAt: number }
	| { status: 'denied' }
	| { status: 'over' }
	| { status: 'confirmed' };

/** What the waiting browser asks again and again. It changes nothing. */
export async function watchScan(services: AppServices, { secret }: { secret: string }): Promise<ScanState> {
	const row = await services.store.read.verifications.findByLink(digest(secret), purpose);
	if (!row || row.usedAt !== null || row.expiresAt <= services.clock.now()) return { status: 'over' };
	const scan = opened(services, row);
	if (scan.denied) return { status: 'denied' };
	if (scan.external) return { status: 'confirmed' };
	const { seen, word, connector } = scan;
	return { status: 'waiting', seen, word, connector, expiresAt: row.expiresAt };
}

/** The waiting browser takes the sign-in, once. @throws Refusal interaction/expired, auth/* */
export async function collectScan(
	services: AppServices,
	{ secret, replaces }: { secret: string; replaces?: string | undefined },
	visitor: Visitor,
): Promise<Entered> {
	const { row, scan } = await requireScan(services, () =>
		services.store.read.verifications.findByLink(digest(secret), purpose),
	);
	if (!scan.external || scan.link) throw new Refusal('interaction/expired');
	const used = await services.store.write((tx) => tx.verifications.use(row.id, services.clock.now()));
	if (!used) throw new Refusal('interaction/expired');
	const { connector, external } = scan;
	return enterExternal(services, { connector, external, replaces }, visitor);
}

/**
 * What was confirmed for linking, for the session that began it; whoever links uses it up.
 * @throws Refusal interaction/expired, interaction/not-yours (another person, another session)
 */
export async function takeLink(
	services: AppServices,
	{ secret, session }: { secret: string; session: OwnSession },
): Promise<Arrived & { uses: [OpenNote<Scan>] }> {
	const { row, scan } = await requireScan(services, () =>
		services.store.read.verifications.findByLink(digest(secret), purpose),
	);
	const { external, link, connector } = scan;
	if (!external || !link) throw new Refusal('interaction/expired');
	if (link.userId !== session.userId || link.session !== session.id)
		throw new Refusal('interaction/not-yours');
	return { connector, external, uses: [{ row, data: scan }] };
}
