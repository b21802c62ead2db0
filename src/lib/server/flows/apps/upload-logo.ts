/** An app's logo. Only pictures that browsers draw without running anything: PNG, JPEG, WebP. */
import { createHash } from 'node:crypto';
import { Refusal } from '../../../contract/errors';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

const mostKilobytes = 512;

/** By the first bytes, never by what the upload says of itself. */
function mimeOf(bytes: Buffer): string | undefined {
	if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])))
		return 'image/png';
	if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
	const isRiff = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
	return isRiff ? 'image/webp' : undefined;
}

/** @returns the image's id, for `theme.logo` @throws Refusal image/not-supported */
export async function uploadLogo(
	services: Pick<AppServices, 'id' | 'store' | 'clock'>,
	{ bytes, actor }: { bytes: Buffer; actor: Actor },
	visitor: Visitor,
): Promise<string> {
	const mime = bytes.length <= mostKilobytes * 1024 ? mimeOf(bytes) : undefined;
	if (!mime)
		throw new Refusal('image/not-supported', {
			params: { max: mostKilobytes },
			fields: { logo: 'image/not-supported' },
		});
	const id = createHash('sha256').update(bytes).digest('hex');
	await services.store.write(
		async (tx) => {
			await tx.images.save({ id, mime, bytes }, services.clock.now());
			await recordEvent(
				tx,
				{ action: 'app.upload-logo', actor, target: `app:${services.id}` },
				{ clock: services.clock, visitor },
			);
		},
		{ grows: true },
	);
	return id;
}
