/** Linking by another device: among the pages that need no client code, at an address of the account centre. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { linkScanned } from '$lib/server/flows/account/link-by-scan';
import { watchScan } from '$lib/server/flows/scan/scan';
import { requireUser } from '../../../../account/owner.server';
import { guarded, submitted } from '../../../../answer.server';
import { leaveNote } from '../../../../note.server';
import { readScan, requireScanNote } from '../../../scan.server';
import type { Actions, PageServerLoad } from './$types';

const begunAt = ({ params }: RequestEvent) => ({
	links: true,
	back: `/apps/${params['app'] ?? ''}/account/security`,
});

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		await requireUser(event);
		return readScan(event, begunAt(event));
	});

/** What became of it is told where it began. */
async function link(event: RequestEvent, { connector, secret }: { connector: string; secret: string }) {
	const current = await requireUser(event);
	try {
		await linkScanned(await event.locals.app(), { ...current, secret }, event.locals.visitor);
		leaveNote(event, { at: 'told', connector, what: 'linked' });
	} catch (thrown) {
		if (!(thrown instanceof Refusal) || thrown.code.startsWith('interaction/')) throw thrown;
		leaveNote(event, { at: 'told', connector, what: thrown.code });
	}
}

export const actions: Actions = {
	default: (event) =>
		submitted(event, [], async () => {
			const begun = begunAt(event);
			const note = requireScanNote(event, begun);
			const { status } = await watchScan(await event.locals.app(), note);
			if (status !== 'confirmed') redirect(303, event.url.pathname);
			await link(event, note);
			redirect(303, begun.back);
		}),
};
